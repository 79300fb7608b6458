"""Files in any state: graded where they can be, and else named for what they are."""

import io
import json
import zipfile

import pytest

from americas.grade.archives import MOST_BYTES
from americas.grade.parse import Unreadable, read

ALL = 8


def zipped():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    return stream.getvalue()


def truncated(handed):
    return handed.raw()[: len(handed.raw()) // 2]


BROKEN = [
    ("empty", lambda handed: b"", "is empty"),
    ("blank", lambda handed: b" \n\n", "is empty"),
    ("truncated", truncated, "cut short"),
    ("a PDF", lambda handed: b"%PDF-1.7 ...", "but a PDF"),
    ("a web page", lambda handed: b"<!doctype html><html>", "but a web page"),
    ("a Word file", lambda handed: zipped(), "but a zip or an Office file"),
    ("Python", lambda handed: b"import pandas as pd\n", "but Python code"),
    ("a picture", lambda handed: b"\x89PNG\r\n\x1a\n", "but a picture"),
    ("noise", lambda handed: bytes(range(256)) * 9, "not JSON"),
    ("a list", lambda handed: b"[1, 2]", "no notebook"),
    ("a table", lambda handed: b'{"a": 1}', "has no cells"),
    ("git's pointer", lambda handed: b"version https://git-lfs.github.com/spec/v1", "pointer"),
    ("a conflict", lambda handed: b"{\n<<<<<<< HEAD\n}\n=======\n>>>>>>> x\n", "two versions"),
    ("brackets without end", lambda handed: b"[" * 10**6, "not JSON"),
    ("200 MB", lambda handed: b" " * (200 * 2**20), f"larger than {MOST_BYTES >> 20} MB"),
]


@pytest.mark.parametrize(
    ("make", "reason"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN]
)
def test_what_is_no_notebook_is_named(handed, make, reason):
    with pytest.raises(Unreadable, match=reason):
        read(make(handed))


def as_format_3(book):
    cells = [
        {
            **{k: v for k, v in cell.items() if k not in ("source", "id", "execution_count")},
            ("input" if cell["cell_type"] == "code" else "source"): cell["source"],
            **({"language": "python", "outputs": []} if cell["cell_type"] == "code" else {}),
        }
        for cell in book["cells"]
    ]
    return {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [{"cells": cells, "metadata": {}}],
    }


def without_ids(book):
    for cell in book["cells"]:
        cell.pop("id", None)
        cell["metadata"] = {}
    return book


def saved_by_colab(book):
    for position, cell in enumerate(book["cells"]):
        cell["metadata"] = {"id": f"Xy{position}", "colab": {"base_uri": "https://localhost"}}
        cell["id"] = f"Xy{position}"
        cell["source"] = "".join(cell["source"])
    return book | {"metadata": {"colab": {"provenance": []}, "kernelspec": {"name": "python3"}}}


def saved_by_vs_code(book):
    for position, cell in enumerate(book["cells"]):
        cell["id"] = f"{position:08x}"
        cell["metadata"] = {"vscode": {"languageId": "python"}}
        cell["source"] = "".join(cell["source"]).splitlines(keepends=True)
    return book


def as_windows_writes(book):
    for cell in book["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")
    return book


def dumped(book):
    return json.dumps(book, ensure_ascii=False).encode()


ODD = [
    ("format 3", lambda book: dumped(as_format_3(book)), "old notebook"),
    ("no ids", lambda book: dumped(without_ids(book)), ""),
    ("Colab", lambda book: dumped(saved_by_colab(book)), ""),
    ("VS Code", lambda book: dumped(saved_by_vs_code(book)), ""),
    ("Windows", lambda book: dumped(as_windows_writes(book)), ""),
    (
        "an unknown kernel",
        lambda book: dumped(book | {"metadata": {"kernelspec": {"name": "ir"}}}),
        "",
    ),
    ("metadata that is none", lambda book: dumped(book | {"metadata": 7}), ""),
    ("UTF-16", lambda book: json.dumps(book, ensure_ascii=False).encode("utf-16"), "UTF-16"),
    ("a mark at the start", lambda book: b"\xef\xbb\xbf" + dumped(book), ""),
    (
        "Latin letters",
        lambda book: json.dumps(book, ensure_ascii=False).encode("cp1252", errors="replace"),
        "not UTF-8",
    ),
    (
        "cells that are none",
        lambda book: dumped(book | {"cells": [7, None, *book["cells"], []]}),
        "",
    ),
    ("half a letter", lambda book: dumped(book).replace(b"Manta", b"\\ud800"), ""),
]


@pytest.mark.parametrize(("make", "note"), [case[1:] for case in ODD], ids=[c[0] for c in ODD])
def test_what_still_is_a_notebook_is_graded(handed, mark, notes, points, make, note):
    result = mark(make(handed.solve().book))
    assert points(result) == ALL
    assert note in notes(result)
