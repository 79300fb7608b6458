"""Is an answer right, and if not, why? Compares the fingerprints of an answer and of a key."""

from americas.checks.compare.kinds import compare, matches_wrong_turn
from americas.checks.compare.options import CheckOptions
from americas.checks.messages import Feedback

__all__ = ["CheckOptions", "Feedback", "compare", "matches_wrong_turn"]
