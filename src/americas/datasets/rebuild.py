"""Make the tables again from the publishers' files, and report what changed."""

import gzip
import hashlib
import io
import json
import pkgutil
import tarfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd

from americas import data
from americas.course.progress import track
from americas.datasets import codebook, sources
from americas.errors import CourseError


@dataclass(frozen=True)
class _Recipe:
    """How one table or map is made, and from what."""

    make: Callable[[Path], Any]
    originals: dict[str, str]
    download: str


@dataclass(frozen=True)
class _Result:
    """What came out for one table: a sentence, and whether all is well."""

    text: str
    fine: bool = True
    stored: bool = False


def rebuild(tables: list[str], originals: Path, write: bool) -> int:
    """Make tables anew (all that have an original, if none is named) and report on each.

    With `write`, a table that came out different replaces the committed one; without, nothing
    is touched. Returns 0 where every table is unchanged or was stored, else 1.
    """
    recipes = _recipes()
    names = list(dict.fromkeys(tables)) or sorted(recipes)
    # A misspelt name is told before any table is made, which takes seconds.
    for name in names:
        data.resource(name)
    results = []
    for name in track(names, "Tables"):
        results.append(_one(name, recipes.get(name), originals, write))
        print(f"{name}: {results[-1].text}", flush=True)
    if any(result.stored for result in results):
        codebook.write()
    return 0 if all(result.fine for result in results) else 1


def _recipes() -> dict[str, _Recipe]:
    modules = [
        import_module(f"{sources.__name__}.{found.name}")
        for found in pkgutil.iter_modules(sources.__path__)
    ]
    return {
        name: _Recipe(make, module.ORIGINALS, module.DOWNLOAD)
        for module in modules
        for name, make in (module.TABLES | getattr(module, "MAPS", {})).items()
    }


def _one(name: str, recipe: _Recipe | None, originals: Path, write: bool) -> _Result:
    if recipe is None:
        return _Result("read one by one and edited by hand; there is nothing to rebuild it from")
    if fault := _fault(recipe, originals):
        return _Result(fault, fine=False)
    entry = data.resource(name)
    try:
        made = _bytes(recipe.make(originals), entry)
    except ImportError as error:
        # A package that reads spreadsheets or R files, which students do not install.
        raise CourseError(
            f"Rebuilding {name!r} needs the test tools (tests/requirements.txt): {error}"
        ) from None
    path = data.folder() / entry["path"]
    committed = path.read_bytes() if path.exists() else b""
    if made == committed:
        return _Result(f"unchanged ({len(made):,} bytes)")
    difference = _difference(committed, made, entry)
    if not write:
        text = f"changed: {difference}. Nothing was stored; add --write to store it"
        return _Result(text, fine=False)
    _store(path, made)
    return _Result(f"stored: {difference}", stored=True)


def _fault(recipe: _Recipe, originals: Path) -> str:
    """Say what is wrong with a table's originals, or nothing."""
    for relative, expected in recipe.originals.items():
        path = originals / relative
        if not path.is_file():
            return f"original not found: {path}. Get it here: {recipe.download}"
        found = _digest(path)
        if found != expected:
            return (
                f"original changed or cut short: {path} has {path.stat().st_size:,} bytes and "
                f"SHA-256 {found[:12]}..., expected {expected[:12]}.... The table was left as it "
                f"is. Get the file here: {recipe.download}"
            )
    return ""


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file; of an archive or a gzip file, that of what is in it.

    Why: whoever packs the same files anew gets other dates and another order, and could never
    match a checksum of the archive itself. Empty where a file can't be unpacked.
    """
    try:
        if path.name.endswith(".tar.gz"):
            return _members(path)
        if path.suffix == ".gz":
            with gzip.open(path) as file:
                return hashlib.sha256(file.read()).hexdigest()
    except (OSError, EOFError, tarfile.TarError, zlib.error):
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _members(path: Path) -> str:
    """Return the SHA-256 over the names and contents of an archive's files, sorted by name."""
    total = hashlib.sha256()
    with tarfile.open(path) as archive:
        files = [member for member in archive if member.isfile()]
        for member in sorted(files, key=lambda member: member.name):
            total.update(f"{member.name}\0{member.size}\0".encode())
            if content := archive.extractfile(member):
                total.update(content.read())
    return total.hexdigest()


def _bytes(made: Any, entry: dict[str, Any]) -> bytes:
    """Turn a table into the CSV that is committed, sorted by its key, or a map into JSON."""
    if "schema" not in entry:
        return (json.dumps(made, ensure_ascii=False, separators=(",", ":")) + "\n").encode("utf-8")
    columns = [field["name"] for field in entry["schema"]["fields"]]
    key = entry["schema"]["primaryKey"]
    if set(columns) != set(made.columns):
        odd = sorted(set(columns) ^ set(made.columns))
        raise CourseError(f"Table {entry['name']!r}: code and datapackage.json disagree on {odd}.")
    keys = made[key]
    if keys.isna().any(axis=None) or keys.duplicated().any():
        raise CourseError(f"Table {entry['name']!r}: its key {key} has empty or repeated values.")
    text = (
        made[columns]
        .sort_values(key)
        .to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d")
    )
    return text.encode("utf-8")


def _difference(old: bytes, new: bytes, entry: dict[str, Any]) -> str:
    """Count the rows that differ between two versions of a table, and show one."""
    if "schema" not in entry:
        return f"the map has {len(new):,} bytes where it had {len(old):,}"
    key = entry["schema"]["primaryKey"]
    before, after = _cells(old, key), _cells(new, key)
    if list(before.columns) != list(after.columns):
        return f"the columns are {', '.join(after.reset_index().columns)}"
    gone, added = before.index.difference(after.index), after.index.difference(before.index)
    both = before.index.intersection(after.index)
    unequal = before.loc[both].ne(after.loc[both])
    changed = both[unequal.any(axis=1).to_numpy()]
    counts = f"{len(added):,} rows new, {len(gone):,} gone, {len(changed):,} changed"
    if len(changed):
        row = changed[0]
        column = unequal.columns[unequal.loc[row].to_numpy()][0]
        example = f"{column} was {before.at[row, column]!r}, is {after.at[row, column]!r}"
        return f"{counts}; at {_place(key, row)} {example}"
    if len(added) or len(gone):
        return f"{counts}; for example {_place(key, (added if len(added) else gone)[0])}"
    return "the same rows, written or sorted in another way"


def _place(key: list[str], row: tuple) -> str:
    values = row if isinstance(row, tuple) else (row,)
    return ", ".join(f"{name} {value}" for name, value in zip(key, values, strict=True))


def _cells(raw: bytes, key: list[str]) -> pd.DataFrame:
    try:
        table = pd.read_csv(io.BytesIO(raw), dtype=str, keep_default_na=False, encoding="utf-8")
        return table.set_index(key)
    except (pd.errors.EmptyDataError, KeyError):
        return pd.DataFrame(columns=key, dtype=str).set_index(key)


def _store(path: Path, raw: bytes) -> None:
    # Written beside it and renamed, so that nobody reads half a table.
    half = path.with_name(path.name + ".part")
    half.write_bytes(raw)
    half.replace(path)
