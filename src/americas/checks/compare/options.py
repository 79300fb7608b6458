"""What an exercise asks for, and what a student is told: the words every comparison uses."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from americas.errors import CourseError


@dataclass(frozen=True)
class Feedback:
    """Why an answer is not right yet: the idea first, where to look when asked again."""

    message: str
    hint: str = ""


@dataclass(frozen=True)
class CheckOptions:
    """How strictly answers are compared: the metadata `americas` of an exercise's check cell.

    tolerance: relative difference between two numbers that still counts as equal.
    decimals: digits after the point that the prompt asks for; a rounded answer is right then.
    order: the rows, or the items of a list, have to stand in the order of the solution.
    column_names: the columns have to bear the solution's names.
    extra_columns: columns beyond the solution's are ignored.
    exact_text: capitals and spaces count.
    swapped_axes: a chart may lie on its side.
    title: a chart needs a title where the solution has one.
    """

    tolerance: float = 1e-6
    decimals: int | None = None
    order: bool = False
    column_names: bool = True
    extra_columns: bool = False
    exact_text: bool = False
    swapped_axes: bool = False
    title: bool = True

    @classmethod
    def of(cls, metadata: Mapping[str, Any]) -> "CheckOptions":
        """The options named in a cell's metadata; raises CourseError for one that is unknown."""
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(metadata) - known)
        if unknown:
            raise CourseError(
                f"The check cell's metadata has {', '.join(unknown)}, "
                f"but a check knows only: {', '.join(sorted(known))}."
            )
        return cls(**metadata)
