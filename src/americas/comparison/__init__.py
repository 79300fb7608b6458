"""Is an answer right, and if not, why? Compares the fingerprints of an answer and of a key."""

from americas.comparison.asked import Asked, Reason
from americas.comparison.charts import undressed
from americas.comparison.kinds import compare, takes

__all__ = ["Asked", "Reason", "compare", "takes", "undressed"]
