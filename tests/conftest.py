"""What several test files stand on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from americas import load


@pytest.fixture
def originals() -> Path:
    """The publishers' files, which lie beside the checkout and are no part of it."""
    folder = Path(__file__).parents[2] / "shared" / "originals"
    if not folder.is_dir():
        pytest.skip(f"the publishers' files are not at {folder}")
    return folder


@pytest.fixture
def value() -> Callable[..., Any]:
    """`value("homicide", "rate_per_100k", iso3="HND", year=2011)`: one cell, and only one."""

    def one(table: str, column: str, **key: Any) -> Any:
        rows = load(table)
        for name, wanted in key.items():
            rows = rows[rows[name] == wanted]
        (found,) = rows[column]
        return found

    return one
