"""The database of a marks folder: what was handed in, what came of it, and every hand mark.

One SQLite file, `marks.sqlite`. Hand marks are only ever added: a later one of the same marker
goes before the earlier, and nothing here deletes or changes one. A text that was marked is kept
under its hash, so that a mark always knows the words it was given for.
"""

import datetime
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from americas.grade.database import Database


@dataclass(frozen=True)
class Answer:
    """Whose answer to which written exercise. `who` is a student's key; `lesson` two digits."""

    who: str
    lesson: str
    exercise: str

    @property
    def code(self) -> str:
        """Return ten letters that stand for this answer in any spreadsheet, whatever its language.

        Why no digits or vowels: 1E5 and 9-May are not left as they are.
        """
        letters = "BCDFGHJKLMNPQRSTVWXZ"
        number = int.from_bytes(hashlib.sha256(repr(self).encode()).digest()[:8], "big")
        return "".join(letters[number // 20**place % 20] for place in range(10))


@dataclass(frozen=True)
class HandMark:
    """What one person gave. points: None where they took their mark back."""

    answer: Answer
    marker: str
    points: float | None
    comment: str
    hash: str
    given_at: str
    rubric: dict[str, float]


def hash_of(text: str) -> str:
    """Return the hash of a text; spaces and empty lines make no other text of it."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:24] if text.strip() else ""


def now() -> str:
    """Return the time as it is stored: UTC, to the millisecond."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")


class Store(Database):
    """What the database of a marks folder holds."""

    # Results of notebooks.

    def results(self, keys: list[str]) -> dict[str, Any]:
        """Return the results that are stored under these keys."""
        found = {}
        for key in keys:
            row = self.db.execute("SELECT content FROM result WHERE key = ?", [key]).fetchone()
            if row:
                found[key] = json.loads(row[0])
        return found

    def keep_results(self, results: dict[str, Any]) -> None:
        """Store results under their keys, and the texts they hold."""
        rows = [(key, _json(result)) for key, result in results.items()]
        self.db.executemany("INSERT OR REPLACE INTO result VALUES (?, ?)", rows)
        texts = [text for result in results.values() for text in result["texts"].values() if text]
        pairs = [(hash_of(text), text) for text in texts]
        self.db.executemany("INSERT OR IGNORE INTO words VALUES (?, ?)", pairs)

    def keep_entry(
        self, who: str, lesson: str, content: dict[str, Any], key: str | None, course: str
    ) -> None:
        """Store what one student handed in for one lesson, instead of what stood there."""
        row = (who, lesson, _json(content), key, course, now())
        self.db.execute("INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?, ?)", row)

    def drop_entry(self, who: str, lesson: str) -> None:
        """Forget that a file was handed in; marks given for it stay."""
        self.db.execute("DELETE FROM entry WHERE who = ? AND lesson = ?", [who, lesson])

    def entries(self, lesson: str = "") -> list[tuple[dict[str, Any], Any]]:
        """Return everything handed in so far, or for one lesson, each with its result or None."""
        rows = self.db.execute(
            "SELECT entry.content, result.content FROM entry LEFT JOIN result ON result.key = "
            "entry.result WHERE ? = '' OR entry.lesson = ? ORDER BY entry.lesson, entry.who",
            [lesson, lesson],
        )
        return [(json.loads(one), json.loads(two) if two else None) for one, two in rows]

    # Hand marks.

    def give(
        self, answer: Answer, marker: str, points: float | None, comment: str, text_hash: str,
        rubric: dict[str, float] | None = None,
    ) -> None:  # fmt: skip
        """Add a mark; the earlier ones stay below it."""
        row = (answer.who, answer.lesson, answer.exercise, marker, points, _json(rubric or {}))
        self.db.execute(
            "INSERT INTO mark (who, lesson, exercise, marker, points, rubric, comment, hash, "
            "given_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [*row, comment.strip(), text_hash, now()],
        )

    def marks(self, lesson: str = "", exercise: str = "") -> dict[Answer, list[HandMark]]:
        """Return each marker's latest mark for every answer, the first marker's first.

        A mark that was taken back (points None) is left out.
        """
        rows = self.db.execute(
            "SELECT who, lesson, exercise, marker, points, comment, hash, given_at, rubric FROM "
            "mark WHERE (? = '' OR lesson = ?) AND (? = '' OR exercise = ?) ORDER BY number",
            [lesson, lesson, exercise, exercise],
        )
        latest: dict[Answer, dict[str, HandMark]] = {}
        for who, of, number, marker, points, comment, text_hash, when, rubric in rows:
            answer = Answer(who, of, number)
            mark = HandMark(answer, marker, points, comment, text_hash, when, json.loads(rubric))
            latest.setdefault(answer, {})[marker] = mark
        given = {
            answer: [mark for mark in by.values() if mark.points is not None]
            for answer, by in latest.items()
        }
        return {answer: marks for answer, marks in given.items() if marks}

    def text(self, text_hash: str) -> str:
        """Return the text of a hash, "" where it was never seen."""
        row = self.db.execute("SELECT text FROM words WHERE hash = ?", [text_hash]).fetchone()
        return row[0] if row else ""

    # What else is remembered.

    def shown(self) -> dict[str, tuple[str, str]]:
        """Return code → points and comment, as the table to fill in showed them last."""
        return {code: (points, comment) for code, points, comment in self.db.execute(
            "SELECT code, points, comment FROM shown"
        )}  # fmt: skip

    def show(self, rows: list[tuple[str, str, str]]) -> None:
        """Remember what the table to fill in shows from now on."""
        self.db.executemany("INSERT OR REPLACE INTO shown VALUES (?, ?, ?)", rows)

    def strays(self) -> dict[int, tuple[dict[str, str], str]]:
        """Return the rows that fit nobody: number → cells and why."""
        rows = self.db.execute("SELECT number, cells, why FROM stray WHERE NOT settled")
        return {number: (json.loads(cells), why) for number, cells, why in rows}

    def keep_stray(self, cells: dict[str, str], why: str) -> None:
        """Keep a row that fits nobody."""
        self.db.execute(
            "INSERT INTO stray (cells, why, since) VALUES (?, ?, ?) ON CONFLICT (cells) DO UPDATE "
            "SET why = excluded.why, settled = 0", [_json(cells), why, now()]
        )  # fmt: skip

    def settle(self, number: int) -> None:
        """Set aside a row that fitted nobody: it has found its place, or is of no more use."""
        self.db.execute("UPDATE stray SET settled = 1 WHERE number = ?", [number])

    def remarks(self, lesson: str, exercise: str) -> list[str]:
        """Return the comments kept to be used again."""
        rows = self.db.execute(
            "SELECT text FROM remark WHERE lesson = ? AND exercise = ? ORDER BY rowid",
            [lesson, exercise],
        )
        return [text for (text,) in rows]

    def keep_remark(self, lesson: str, exercise: str, text: str) -> None:
        """Keep a comment to be used again."""
        self.db.execute("INSERT OR IGNORE INTO remark VALUES (?, ?, ?)", [lesson, exercise, text])

    def drop_remark(self, lesson: str, exercise: str, text: str) -> None:
        """Offer a comment no more."""
        self.db.execute("DELETE FROM remark WHERE (lesson, exercise, text) = (?, ?, ?)",
                        [lesson, exercise, text])  # fmt: skip

    def setting(self, name: str) -> Any:
        """Return what was set under a name; None where nothing was."""
        row = self.db.execute("SELECT value FROM setting WHERE name = ?", [name]).fetchone()
        return json.loads(row[0]) if row else None

    def set(self, name: str, value: Any) -> None:
        """Set something under a name."""
        self.db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", [name, _json(value)])

    def keep_week(self, lesson: str, day: str, counts: dict[str, Any]) -> None:
        """Keep a set's numbers of one day."""
        self.db.execute(
            "INSERT OR REPLACE INTO week VALUES (?, ?, ?)", [lesson, day, _json(counts)]
        )

    def weeks(self, lesson: str) -> list[tuple[str, dict[str, Any]]]:
        """Return a set's numbers by day, the earliest first."""
        rows = self.db.execute(
            "SELECT day, counts FROM week WHERE lesson = ? ORDER BY day", [lesson]
        )
        return [(day, json.loads(counts)) for day, counts in rows]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
