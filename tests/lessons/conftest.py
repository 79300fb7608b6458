"""What a lesson shows, as its notebook stores it, and regressions to hold it to."""

from collections.abc import Callable, Iterator

import nbformat
import numpy as np
import pandas as pd
import pytest

from americas.course.notebooks import VEGALITE
from americas.course.paths import Course

NOTEBOOKS = Course.of_this_package().root / "notebooks"


class Stored:
    """The cells of one lesson, by its number, and what they show."""

    def __init__(self, number: str) -> None:
        self.path = next(NOTEBOOKS.glob(f"{number}-*.ipynb"))
        self.cells = nbformat.read(self.path, as_version=4).cells

    def output(self, part: str) -> str:
        """Return the text that the code cells with these words in them show."""
        found = [
            o.get("text") or o.get("data", {}).get("text/plain", "")
            for cell in self.cells
            if cell.cell_type == "code" and part in cell.source
            for o in cell.outputs
        ]
        assert found, f"no cell of {self.path.stem} has {part!r}"
        return "\n".join(found)

    def charts_with(self, *columns: str) -> Iterator[tuple[dict, pd.DataFrame]]:
        """Yield each chart that draws rows with these columns: its specification and the rows."""
        for cell in self.cells:
            for o in cell.get("outputs", []):
                spec = o.get("data", {}).get(VEGALITE, {})
                for rows in spec.get("datasets", {}).values():
                    if rows and set(columns) <= set(rows[0]):
                        yield spec, pd.DataFrame(rows)

    def drawn(self, *columns: str) -> pd.DataFrame:
        """Return the rows of the first chart that draws these columns."""
        return next(self.charts_with(*columns))[1]


@pytest.fixture(scope="module")
def lesson(request: pytest.FixtureRequest) -> Stored:
    """The lesson whose number stands in the name of the test's file."""
    return Stored(request.path.name.split("_")[1])


def _design(table: pd.DataFrame, x: str) -> np.ndarray:
    """Return the columns of a regression on `x`: itself, one a state, one a year but the first."""
    dummies = [pd.get_dummies(table[key], dtype=float) for key in ("iso3", "year")]
    return np.column_stack([table[x], dummies[0], dummies[1].iloc[:, 1:]]).astype(float)


def _slope_and_error(table: pd.DataFrame, x: str, y: str) -> tuple[float, float]:
    """Return the slope by least squares on dummies, the error by the sandwich over countries."""
    columns = _design(table, x)
    inverse = np.linalg.pinv(columns.T @ columns)
    fitted = inverse @ columns.T @ table[y].to_numpy(float)
    left = table[y].to_numpy(float) - columns @ fitted
    codes = table["iso3"].astype("category").cat.codes.to_numpy()
    scores = np.array([columns[codes == c].T @ left[codes == c] for c in np.unique(codes)])
    n, k, groups = len(table), np.linalg.matrix_rank(columns), len(scores)
    small = groups / (groups - 1) * (n - 1) / (n - k)
    variance = inverse @ (scores.T @ scores) @ inverse * small
    return fitted[0], np.sqrt(variance[0, 0])


@pytest.fixture(scope="session")
def by_dummies() -> Callable[[pd.DataFrame, str, str], tuple[float, float]]:
    """Slope and clustered error of a regression with country and year effects, in numpy."""
    return _slope_and_error
