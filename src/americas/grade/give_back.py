"""Feedback to give back: a zip as Canvas takes it, one as Moodle takes it, and a mail merge.

What each platform reads, by its own pages:

- Canvas, "Re-Upload Submissions": a zip of files that are named as the downloaded submissions were;
  it finds the student by the ids in the name.
- Moodle, "Upload multiple feedback files in a zip" (`mod/assign/feedback/file`): folders
  `Full name_1234_assignsubmission_file_`, as in the downloaded submissions.
- A mail merge (Thunderbird, Word, Outlook): a table with a name, an address and a file.
"""

import io
import zipfile
from pathlib import Path, PurePosixPath

from americas.grade import csv_files
from americas.grade.attempts import Entry
from americas.grade.rosters import Matched, Roster
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
                if ours and result and result["lesson"] == lesson:
                    files[_name(entry)] = (out / "students" / page).read_bytes()
            if files:
                path = out / f"feedback-{platform}-{lesson}.zip"
                csv_files.write_whole(path, _zipped(files))
                written.append(path)
    _mail_merge(class_, pages, roster, matched, out / "mail-merge.csv")
    return written


def _name(entry: Entry) -> str:
    """Return the name under which a platform finds the student again: the submission's own."""
    if entry.student.platform == "moodle":
        start = entry.part.split("_assignsubmission_")[0]
        return f"{start}_assignsubmission_file_/feedback.html"
    return str(PurePosixPath(entry.part).with_suffix(".html"))


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
        members.setdefault(student, []).append(row)
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
