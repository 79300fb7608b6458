"""The command `quiz`: the bank in solutions/quiz.toml, as learning platforms and printers take it.

All questions are multiple choice with one right answer, the one kind that Moodle's XML and QTI 1.2
(Canvas, Blackboard, Brightspace) have in common. What a wrong answer is told is its mistake.
"""

import html
import random
import re
import tomllib
import zipfile
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from nbformat import NotebookNode

from americas.course.lesson_head import head
from americas.course.minutes import HOME, IF_TIME
from americas.course.notebooks import read
from americas.course.paths import Course
from americas.errors import CourseError

EXAM_QUESTIONS = 2  # of each lesson
# Of each lesson in a cartridge: Moodle's importer takes 4 marks for the sum of any quiz.
WEEK_QUESTIONS = 4
_LETTERS = "ABCD"


@dataclass(frozen=True)
class Question:
    """A question of the bank.

    number: `04-2`, the second of lesson 04; wrong: each answer with what it is told;
    numbers: expressions of the numbers that the lesson does not show, by how they are written;
    outside: `at home` or `if time allows` for a place outside the lesson's core path, else empty.
    """

    number: str
    lesson: str
    place: str
    ask: str
    right: str
    why: str
    wrong: list[list[str]]
    numbers: dict[str, str] = field(default_factory=dict)
    outside: str = ""

    @property
    def reason(self) -> str:
        """Return why the right answer is right, and where the lesson shows it."""
        outside = f", {self.outside}" if self.outside and not self.place.startswith(HOME) else ""
        return f"{self.why} (Lesson {self.lesson}, {self.place}{outside}.)"

    @property
    def answers(self) -> list[tuple[str, str, bool]]:
        """Return each answer, what it is told, and whether it is right; in an order of its own."""
        all_ = [
            (self.right, self.reason, True),
            *((text, told, False) for text, told in self.wrong),
        ]
        return random.Random(self.number).sample(all_, len(all_))

    @property
    def letter(self) -> str:
        """Return the letter of the right answer."""
        return next(x for x, (*_, right) in zip(_LETTERS, self.answers, strict=True) if right)


def bank(course: Course) -> dict[str, list[Question]]:
    """Return the questions by the title of their lesson; raise CourseError for one that is unsound."""
    path = course.root / "solutions" / "quiz.toml"
    lessons = {path.name[:2]: read(path) for path in course.lessons()}
    titles = {number: head(lesson).title for number, lesson in lessons.items()}
    found: dict[str, list[Question]] = {title: [] for title in titles.values()}
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["question"]
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise CourseError(f"solutions/{path.name} can't be read: {error}.") from None
    for entry in entries:
        try:
            ours = found[titles[entry["lesson"]]]
            question = Question(number=f"{entry['lesson']}-{len(ours) + 1}", **entry)
            outside = _outside(lessons[question.lesson], question.place)
            ours.append(replace(question, outside=outside))
            if len({entry["right"], *dict(entry["wrong"])}) != len(_LETTERS):
                raise ValueError(f"it needs {len(_LETTERS)} different answers")
        except (KeyError, TypeError, ValueError) as error:
            raise CourseError(
                f"solutions/{path.name}, the question {entry.get('ask', entry)!r}: {error}."
            ) from None
    return found


def _outside(lesson: NotebookNode, place: str) -> str:
    """Return why a place is outside the core path, `at home` or `if time allows`; empty if it is not."""
    kind, _, number = place.partition(" ")
    marks = {"Figure": f"**Figure {number}.**", "section": f"## {number} · "}
    heading = ""
    for cell in lesson.cells:
        if cell.cell_type == "markdown":
            found = re.match(r"## (.+)", cell.source)
            heading = found[1].strip() if found else heading
            if marks.get(kind, f"## {place}") in cell.source:
                break
    if heading.startswith(HOME):
        return "at home"
    return "if time allows" if heading.endswith(IF_TIME) else ""


def make(
    course: Course,
    out: Path,
    seed: int,
    hub: str | None = None,
    taught: list[str] | None = None,
    *,
    optional: bool = False,
) -> int:
    """Write what platforms import, and an exam, the same for the same seed, to `out`; return 0.

    hub: the address of a JupyterHub that opens the lessons; None for the student's browser.
    taught: the numbers of the lessons to make it for; None or empty for all.
    optional: whether the exam also asks what is outside the core paths.
    Raises CourseError for a lesson that the course does not have, or with too few questions.
    """
    questions = bank(course)
    known = {title[:2]: title for title in questions}
    if unknown := [number for number in taught or [] if number[:2] not in known]:
        raise CourseError(
            f"There is no lesson {', '.join(unknown)}. Name those you teach by their numbers: "
            f"{' '.join(known)}."
        )
    wanted = {number[:2] for number in taught or known}
    questions = {title: ours for title, ours in questions.items() if title[:2] in wanted}
    exam = [
        question
        for title, ours in questions.items()
        for question in _drawn_lots(title, ours, seed, optional=optional)
    ]
    files = {
        "moodle.xml": _drawn("moodle.xml", questions=questions),
        "quiz.txt": _drawn("quiz.txt", questions=questions),
        f"exam-{seed}.html": _drawn("exam.html", exam=exam, seed=seed),
        f"exam-{seed}-answers.html": _drawn("answers.html", exam=exam, seed=seed),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (out / name).write_text(text, encoding="utf-8", newline="\n")
    _pack(out / "qti.zip", qti(questions))
    _pack(out / "course.imscc", cartridge(course, questions, hub))
    total = sum(map(len, questions.values()))
    print(f"{out}: {total} questions, and an exam of {len(exam)}.")
    print("course.imscc: a module a week, with links and its quiz (Common Cartridge 1.1).")
    print("Only the questions: moodle.xml for Moodle, qti.zip for Canvas and others.")
    return 0


def _drawn_lots(title: str, ours: list[Question], seed: int, *, optional: bool) -> list[Question]:
    """Return a lesson's questions of an exam, in order; they don't hang on the other lessons."""
    open_to_it = [question for question in ours if optional or not question.outside]
    if len(open_to_it) < EXAM_QUESTIONS:
        raise CourseError(
            f"Lesson {title} has {len(open_to_it)} questions on its core path in solutions/quiz.toml, "
            f"and an exam takes {EXAM_QUESTIONS}. Write more, or add --optional."
        )
    lots = random.Random(f"{seed} {title[:2]}").sample(open_to_it, EXAM_QUESTIONS)
    return sorted(lots, key=lambda one: one.number)


def qti(questions: dict[str, list[Question]]) -> dict[str, str]:
    """Return the files of a package in QTI 1.2, one assessment a lesson, by their names."""
    quizzes = {f"quiz-{title[:2]}": title for title in questions}
    files = {"imsmanifest.xml": _drawn("imsmanifest.xml", quizzes=quizzes)}
    for name, title in quizzes.items():
        files |= _assessment(name, title, questions[title])
    return files


def cartridge(
    course: Course, questions: dict[str, list[Question]], hub: str | None
) -> dict[str, str]:
    """Return the files of a Common Cartridge, a module a week, by their names."""
    files = {}
    weeks = {
        "Begin here": {"syllabus": _Part("Syllabus", f"{course.pages}/notebooks/syllabus.html")}
    }
    paths = {path.name[:2]: path for path in course.lessons()}
    for week, title in enumerate(questions, 1):
        number = title[:2]
        path = paths[number]
        opened = {
            room: course.hub(f"{room}/{path.name}").replace("https://HUB", hub.rstrip("/"))
            if hub
            else f"{course.pages}/{course.lite(f'{room}/{path.name}')}"
            for room in ("notebooks", "exercises")
        }
        weeks[f"Week {week}: {title.partition(' · ')[2]}"] = {
            f"read-{number}": _Part(
                f"Lesson {number}, to read", f"{course.pages}/notebooks/{path.stem}.html"
            ),
            f"lesson-{number}": _Part(f"Lesson {number}, to run", opened["notebooks"]),
            f"set-{number}": _Part(f"Set {number}", opened["exercises"]),
            f"quiz-{number}": _Part(f"Quiz {number}"),
        }
        files |= _assessment(f"quiz-{number}", title, _of_a_week(questions[title]), cartridge=True)
    for parts in weeks.values():
        for name, part in parts.items():
            if part.link:
                files[f"{name}/{name}.xml"] = _drawn(
                    "weblink.xml", title=part.title, link=part.link
                )
    return {"imsmanifest.xml": _drawn("cartridge.xml", weeks=weeks)} | files


def _of_a_week(ours: list[Question]) -> list[Question]:
    """Return the questions for a lesson's quiz in a cartridge, those on the core path first."""
    first = sorted(ours, key=lambda question: bool(question.outside))[:WEEK_QUESTIONS]
    return [question for question in ours if question in first]


@dataclass(frozen=True)
class _Part:
    """What a module of a week has: a link, or without one a quiz."""

    title: str
    link: str | None = None


def _assessment(
    name: str, title: str, questions: list[Question], *, cartridge: bool = False
) -> dict[str, str]:
    values = {"name": name, "title": title, "questions": questions, "cartridge": cartridge}
    return {f"{name}/{name}.xml": _drawn("assessment.xml", **values)}


def _pack(path: Path, files: dict[str, str]) -> None:
    """Write a zip without the time of day, so that the same bank gives the same file."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in files.items():
            package.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text)


def _drawn(name: str, /, **values: object) -> str:
    return _environment().get_template(f"{name}.j2").render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("americas.author", "templates/quiz"),
        autoescape=lambda name: not name.endswith(".txt.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["html"] = _html
    environment.filters["html_in_xml"] = lambda text: escape(str(_html(text)))
    environment.globals["letters"] = _LETTERS
    return environment


def _html(text: str) -> Markup:
    """Return a text of the bank as HTML: what stands between backticks is code."""
    return Markup(re.sub(r"`(.+?)`", r"<code>\1</code>", html.escape(text, quote=False)))
