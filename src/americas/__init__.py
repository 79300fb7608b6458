"""Crime and Cooperation: what a notebook of the course needs.

>>> from americas import about, check, colours, load, style
>>> style()
>>> aid = load("aid")
"""

from americas.checks.check import check
from americas.data import about, load
from americas.style import colours, style

__all__ = ["about", "check", "colours", "load", "style"]
