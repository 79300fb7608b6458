"""Crime and Cooperation: what a notebook of the course needs.

>>> from americas import about, check, colours, load, style
>>> style()
>>> aid = load("aid")
"""

from americas.versions import refuse_old_libraries

refuse_old_libraries()

from americas.checks.check import check  # noqa: E402
from americas.data import about, load  # noqa: E402
from americas.style import colours, style  # noqa: E402

__all__ = ["about", "check", "colours", "load", "style"]
