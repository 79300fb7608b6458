"""Is an answer right, and if not, why? Compares the fingerprints of an answer and of a key."""

from americas.checks.compare.charts import undressed
from americas.checks.compare.kinds import compare, takes
from americas.checks.compare.options import Asked, Reason

__all__ = ["Asked", "Reason", "compare", "takes", "undressed"]
