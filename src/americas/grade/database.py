"""The SQLite file of a marks folder: opened, brought to its newest form, changed whole or not at all."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from americas.errors import CourseError

FILE = "marks.sqlite"
_WAIT_SECONDS = 120

# Each change of the file's form is one more entry; before it the file is copied.
FORMS = [
    """
    CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE result (key TEXT PRIMARY KEY, content TEXT NOT NULL);
    CREATE TABLE entry (
        who TEXT, lesson TEXT, content TEXT NOT NULL, result TEXT, course TEXT NOT NULL,
        marked_at TEXT NOT NULL, PRIMARY KEY (who, lesson));
    CREATE TABLE words (hash TEXT PRIMARY KEY, text TEXT NOT NULL);
    CREATE TABLE mark (
        number INTEGER PRIMARY KEY, who TEXT NOT NULL, lesson TEXT NOT NULL,
        exercise TEXT NOT NULL, marker TEXT NOT NULL, points REAL, rubric TEXT NOT NULL,
        comment TEXT NOT NULL, hash TEXT NOT NULL, given_at TEXT NOT NULL);
    CREATE INDEX mark_of ON mark (who, lesson, exercise);
    CREATE TABLE shown (code TEXT PRIMARY KEY, points TEXT NOT NULL, comment TEXT NOT NULL);
    CREATE TABLE stray (
        number INTEGER PRIMARY KEY, cells TEXT NOT NULL UNIQUE, why TEXT NOT NULL,
        since TEXT NOT NULL, settled INTEGER NOT NULL DEFAULT 0);
    CREATE TABLE remark (lesson TEXT, exercise TEXT, text TEXT, PRIMARY KEY (lesson, exercise, text));
    CREATE TABLE week (lesson TEXT, day TEXT, counts TEXT NOT NULL, PRIMARY KEY (lesson, day));
    """
]


class Database:
    """An open database; close it, or use it in a `with`. For one thread."""

    def __init__(self, folder: Path) -> None:
        """Open the database of a marks folder, and make it where there is none.

        Raise CourseError where the folder can't be written or the file is of a newer program.
        """
        self.folder, self.path = folder, folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.db = sqlite3.connect(self.path, timeout=_WAIT_SECONDS, isolation_level=None)
            self._grow()
        except (OSError, sqlite3.Error) as error:
            raise CourseError(
                f"Marks can't be kept in {folder} ({error}). Is the disk full, or the folder "
                "read-only? Nothing was changed. Choose another place with --out FOLDER."
            ) from None

    def __enter__(self) -> Self:
        """Return the database itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the file."""
        self.db.close()

    def _grow(self) -> None:
        (form,) = self.db.execute("PRAGMA user_version").fetchone()
        if form > len(FORMS):
            raise CourseError(
                f"{self.path} was made by a newer version of this program. Update the course "
                "(git pull), then run the command again."
            )
        if 0 < form < len(FORMS):
            with sqlite3.connect(
                self.path.with_name(f"marks-before-form-{form + 1}.sqlite")
            ) as old:
                self.db.backup(old)
            old.close()
        with self.transaction():
            # Another run may have done it meanwhile.
            (form,) = self.db.execute("PRAGMA user_version").fetchone()
            for change in FORMS[form:]:
                for statement in filter(str.strip, change.split(";")):
                    self.db.execute(statement)
            self.db.execute(f"PRAGMA user_version = {len(FORMS)}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Let nobody else write meanwhile; in the end all of it is stored, or nothing.

        Raise CourseError where the disk is full or another program holds the file.
        """
        try:
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.db.execute("COMMIT")
            except BaseException:
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise CourseError(
                f"{self.path} can't be written ({error}). Is the disk full, or the folder "
                "read-only? What it held before is as it was. Mend that, then try again."
            ) from None
