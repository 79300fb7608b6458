"""What an exercise asks for beyond its answer."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from americas.errors import CourseError


@dataclass(frozen=True)
class CheckOptions:
    """How strictly answers are compared: the metadata `americas` of an exercise's check cell.

    decimals: digits after the point that the prompt asks for. Answers are compared as digits:
    both rounded to them, and where the next digit is an exact half, rounded either way.
    order: the rows, or the items of a list, have to stand in the order of the solution.
    """

    decimals: int | None = None
    order: bool = False

    def unrounded(self) -> "CheckOptions":
        """Return the same options for answers that nobody has rounded."""
        return replace(self, decimals=None)

    @classmethod
    def of(cls, metadata: Mapping[str, Any]) -> "CheckOptions":
        """Return the options named in a cell's metadata; raise CourseError for an unknown one."""
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(metadata) - known)
        if unknown:
            raise CourseError(
                f"The check cell's metadata has {', '.join(unknown)}, "
                f"but a check knows only: {', '.join(sorted(known))}."
            )
        return cls(**metadata)
