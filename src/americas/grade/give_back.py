"""Feedback to give back: a zip as Canvas takes it, one as Moodle takes it, and a mail merge.

What each platform reads, by its own program:

- Canvas, "Re-Upload Submissions" (`app/models/abstract_assignment.rb`): a zip of files that are named
  as the downloaded submissions were; it finds the student by the ids in the name, and shows the
  file under the name of the student's own. So to a notebook the answer is a notebook.
- Moodle, "Upload feedback files in a zip" (`mod/assign/feedback/file/importziplib.php`): folders
  `Full name_1234_assignsubmission_file_`, as in the downloaded submissions. Who has no number, a
  group called `Default group`, can't be given a file so.
- A mail merge (Thunderbird, Word, Outlook): a table with a name, an address and a file.
"""

import io
import json
import re
import zipfile
from pathlib import Path, PurePosixPath

from americas.grade import csv_files
from americas.grade.attempts import Entry
from americas.grade.matching import Matched
from americas.grade.rosters import Roster
from americas.grade.students import Student
from americas.grade.totals import Class

# A zip says when each file was made; the same feedback is to be the same zip.
_THEN = (2000, 1, 1, 0, 0, 0)


def give_back(
    class_: Class, pages: list[str], roster: Roster | None, matched: Matched, out: Path
) -> list[Path]:
    """Write the zips and the table for a mail merge; return the zips.

    pages: the students' pages in the folder `students`, in the order of the entries.
    """
    written = []
    for platform in ("canvas", "moodle"):
        for lesson in class_.lessons():
            files = {}
            for entry, page in zip(class_.entries, pages, strict=True):
                result = entry.result
                ours = entry.student.platform == platform and entry.part
                if ours and result and result["lesson"] == lesson and entry.student.id:
                    name, content = _file(entry, (out / "students" / page).read_text("utf-8"))
                    files[name] = content
            if files:
                path = out / f"feedback-{platform}-{lesson}.zip"
                csv_files.write_whole(path, _zipped(files))
                written.append(path)
    _mail_merge(class_, pages, roster, matched, out / "mail-merge.csv")
    return written


def _file(entry: Entry, page: str) -> tuple[str, bytes]:
    """Return the file for one student, by the name under which a platform finds them again."""
    name = f"feedback-{entry.lesson}.html"
    if entry.student.platform == "moodle":
        start = entry.part.split("_assignsubmission_")[0]
        return f"{start}_assignsubmission_file_/{name}", page.encode()
    if PurePosixPath(entry.part).suffix.lower() == ".zip":
        return entry.part, _zipped({name: page.encode()})
    return entry.part, _notebook(page)


def _notebook(page: str) -> bytes:
    """Return a page as a notebook of one cell; the student's own text is not repeated in it."""
    main = re.sub(r'<div class="text">.*?</div>', "", page, flags=re.DOTALL)
    main = main.partition("<main>")[2].partition("</main>")[0]
    # In Markdown an empty line ends a piece of HTML, an indented one is code, and $ begins a formula.
    lines = [line.strip().replace("$", "<span>$</span>") for line in main.splitlines()]
    source = "\n".join(["<p><em>Feedback on your notebook</em></p>", *filter(None, lines)])
    cell = {"cell_type": "markdown", "id": "feedback", "metadata": {}, "source": source}
    book = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book, ensure_ascii=False, indent=1).encode()


def _zipped(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            info = zipfile.ZipInfo(name, _THEN)
            info.external_attr = 0o644 << 16
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _mail_merge(
    class_: Class, pages: list[str], roster: Roster | None, matched: Matched, path: Path
) -> None:
    """Write one line for each page: to whom it goes, and what it is."""
    spelling = roster.spelling if roster else csv_files.here()
    members: dict[Student, list[list[str]]] = {}
    for position, student in matched.rows.items():
        row = roster.rows[position] if roster else []
        for one in class_.numbers(student):
            members.setdefault(one, []).append(row)
    rows = []
    for entry, page in zip(class_.entries, pages, strict=True):
        result = entry.result
        if result is None:
            continue
        points, possible = class_.total(entry)
        told = "" if points is None else spelling.number(points)
        # A group's page goes to each of its members.
        for row in members.get(entry.student, [[]]):
            name = roster.called(row) if roster and row else entry.student.name
            address = next((cell.strip() for cell in row if "@" in cell), "")
            title = class_.title(result["lesson"])
            rows.append([name, address, title, told, possible, f"students/{page}"])
    header = ["name", "email", "set", "points", "out_of", "file"]
    csv_files.write(path, header, rows, spelling)
