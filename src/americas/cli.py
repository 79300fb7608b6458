"""The command `americas`: one subcommand for each piece of the project's work."""

import argparse
import sys
from pathlib import Path

from americas.course.paths import Course
from americas.errors import CourseError


def main(arguments: list[str] | None = None, course: Course | None = None) -> int:
    """Run one subcommand; return 0 where all is well, 1 where it is not, 2 for unusable arguments.

    course: the checkout whose notebooks and pages to work on; by default the one that this package
    belongs to. `rebuild` and `codebook` always make this package's own tables.
    """
    options = _parser().parse_args(arguments)
    options.course = course or Course.of_this_package()
    try:
        if options.run not in (_grade, _mark) and not options.course.is_checkout:
            raise CourseError(
                "This command works on the course's own folder, with its notebooks and solutions. "
                "Here only the package is installed: get the folder with `git clone`."
            )
        return options.run(options)
    except ModuleNotFoundError as error:
        # Without a checkout there is only the wheel, with which nothing but marking works.
        checkout = "--no-deps -r tests/requirements.txt"
        how = checkout if options.course.is_checkout else '"crime-and-cooperation[grade]"'
        print(
            f"This command needs the package {error.name}. Install all that it needs with "
            f"`pip install {how}`.",
            file=sys.stderr,
        )
        return 1
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. What was finished is kept.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="americas", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    rebuild = commands.add_parser("rebuild", help="make the tables again from the originals")
    rebuild.add_argument("tables", nargs="*", metavar="TABLE", help="default: all")
    rebuild.add_argument(
        "--originals",
        type=Path,
        default=Path("../shared/originals"),
        metavar="FOLDER",
        help="where the publishers' files are (default: %(default)s)",
    )
    rebuild.add_argument("--write", action="store_true", help="store the tables that changed")
    rebuild.set_defaults(run=_rebuild)

    codebook = commands.add_parser("codebook", help="count the tables and make data/README.md")
    codebook.set_defaults(run=_codebook)

    contents = commands.add_parser(
        "contents", help="gather the README's table, the syllabus, the ledger"
    )
    contents.set_defaults(run=_contents)

    run = commands.add_parser(
        "run", help="run lessons and solutions afresh, store what they show, tell how long it took"
    )
    run.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK", help="default: all")
    run.set_defaults(run=_run)

    build = commands.add_parser("build", help="make exercises and keys from the solutions")
    build.add_argument("sets", nargs="*", metavar="NN-topic", help="default: all")
    build.add_argument("--discard", action="store_true", help="replace edited exercises, too")
    build.set_defaults(run=_build)

    for name, made, run_it in (
        ("slides", "make a deck for the projector from each lesson", _slides),
        ("handouts", "make the sheets to print for a lesson", _handouts),
    ):
        command = commands.add_parser(name, help=made)
        command.add_argument("lessons", nargs="*", metavar="NN-topic", help="default: all")
        command.add_argument(
            "--out",
            type=Path,
            default=Path("dist") / name,
            metavar="FOLDER",
            help="where the files go (default: %(default)s)",
        )
        command.set_defaults(run=run_it)

    quiz = commands.add_parser("quiz", help="make quizzes and weeks for your platform, an exam")
    quiz.add_argument(
        "lessons", nargs="*", metavar="NN", help="the lessons you teach; default: all"
    )
    quiz.add_argument("--out", type=Path, default=Path("dist/quiz"), metavar="FOLDER")
    quiz.add_argument("--seed", type=int, default=1, metavar="N", help="another gives another exam")
    quiz.add_argument(
        "--optional",
        action="store_true",
        help="the exam also asks what lessons mark as for home or if time allows",
    )
    quiz.add_argument("--hub", metavar="ADDRESS", help="lessons open on your hub")
    quiz.set_defaults(run=_quiz)

    site = commands.add_parser(
        "site",
        help="make the reading pages, with slides and handouts, and the course in the browser",
    )
    site.add_argument(
        "--out",
        type=Path,
        default=Path("dist/site"),
        metavar="FOLDER",
        help="where the pages go (default: %(default)s)",
    )
    site.add_argument(
        "--only",
        choices=["pages", "lite"],
        help="only the reading pages, or only the edition that runs in the browser, FOLDER/lite",
    )
    site.add_argument(
        "--pyodide",
        type=Path,
        metavar="FOLDER",
        help="a distribution of Pyodide to put into the edition, for use without the internet",
    )
    site.set_defaults(run=_site)

    _add_grade(commands)
    _add_mark(commands)
    return parser


def _add_grade(commands: argparse._SubParsersAction) -> None:
    grade = commands.add_parser(
        "grade",
        help="mark a class: a folder or a zip of notebooks that students handed in",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=(
            "Marks notebooks as Canvas and Moodle export them (zip or unpacked), as\n"
            "student/NN-topic.ipynb, or as single files; several lessons at once. Students' code\n"
            "runs shut in, without a network and without your files (Linux with bubblewrap)."
        ),
        epilog=(
            "What you get, in FOLDER-marks beside the folder:\n"
            "  class.html      the class on one page: what was misunderstood, who needs help\n"
            "  students/       a page of feedback for each student\n"
            "  records.csv     one line for each student and exercise\n"
            "  written.csv     the written answers; fill in points, run the same command again\n"
            "  canvas.csv, moodle-NN-topic.csv   gradebooks to upload\n"
            "  summary.json    counts and names, for scripts\n"
            "Stopped in the middle? Run it again: what was marked is kept.\n"
            "Ends with 0 where all is marked, 3 where you should look at something (a file that\n"
            "can't be read, a student not in the class list), 1 where nothing could be done."
        ),
    )
    grade.add_argument("place", type=Path, metavar="FOLDER-OR-ZIP", help="what was handed in")
    grade.add_argument("--out", type=Path, metavar="FOLDER", help="default: FOLDER-marks beside it")
    grade.add_argument(
        "--roster",
        type=Path,
        metavar="CSV",
        help="the gradebook exported from Canvas, Moodle's grading worksheet, or a list of names",
    )
    grade.add_argument(
        "--groups",
        type=Path,
        metavar="CSV",
        help="Canvas's list of groups: all members get the mark",
    )
    grade.add_argument(
        "--title",
        action="append",
        default=[],
        metavar="NN=TITLE",
        help='what your gradebook calls a set, such as 04="Homework 4", or its oral check, '
        'such as 04-oral="Interview 4"; said once, kept',
    )
    grade.add_argument(
        "--marks",
        type=Path,
        metavar="CSV",
        help="a copy of written.csv with its points filled in (the one in the output folder is "
        "read anyhow)",
    )
    grade.add_argument(
        "--workers", type=_count, default=0, metavar="N", help="default: one for each processor"
    )
    grade.add_argument(
        "--scheduler", default="", metavar="ADDRESS", help="mark on a Dask cluster instead"
    )
    grade.add_argument(
        "--unsafe", action="store_true", help="run students' code without shutting it in"
    )
    grade.set_defaults(run=_grade)


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError("a number from 0 on")
    return int(text)


def _add_mark(commands: argparse._SubParsersAction) -> None:
    mark = commands.add_parser(
        "mark",
        help="mark written answers in a browser, on this computer alone",
        description="Opens a page for the written answers of a folder that `americas grade` made. "
        "Names are hidden while you mark; every change is saved at once.",
    )
    mark.add_argument("folder", type=Path, metavar="FOLDER", help="such as submissions-marks")
    mark.add_argument("--marker", metavar="NAME", help="a second marker's name")
    mark.add_argument("--port", type=int, default=0, help="default: any that is free")
    mark.add_argument("--no-browser", action="store_true", help="only print the address")
    mark.set_defaults(run=_mark)


# Each command imports its own room, so that none waits for another's libraries.


def _rebuild(options: argparse.Namespace) -> int:
    from americas.datasets.rebuild import rebuild

    return rebuild(options.tables, options.originals, write=options.write)


def _codebook(options: argparse.Namespace) -> int:
    from americas.datasets.codebook import write

    return write()


def _contents(options: argparse.Namespace) -> int:
    from americas.author.contents import write

    return write(options.course)


def _run(options: argparse.Namespace) -> int:
    from americas.course.execute import store

    return store(options.course, options.notebooks)


def _build(options: argparse.Namespace) -> int:
    from americas.author.build import build

    return build(options.course, options.sets, discard=options.discard)


def _slides(options: argparse.Namespace) -> int:
    from americas.publish.slides import make

    return make(options.course, options.lessons, options.out)


def _handouts(options: argparse.Namespace) -> int:
    from americas.publish.handouts import make

    return make(options.course, options.lessons, options.out)


def _quiz(options: argparse.Namespace) -> int:
    from americas.author.quiz import make

    return make(
        options.course,
        options.out,
        options.seed,
        options.hub,
        options.lessons,
        optional=options.optional,
    )


def _site(options: argparse.Namespace) -> int:
    if options.only != "lite":
        from americas.publish.site import write

        write(options.course, options.out)
    if options.only != "pages":
        from americas.publish.browser_edition import build

        size = build(options.course, options.out / "lite", options.pyodide)
        print(f"{options.out / 'lite'}: the course in the browser, {size / 1e6:.0f} MB.")
        print(f"It needs a web server: python -m http.server --directory {options.out}")
    return 0


def _grade(options: argparse.Namespace) -> int:
    from americas.grade.pipeline import Order, grade

    names = ("place", "out", "roster", "groups", "marks", "workers", "scheduler", "unsafe")
    return grade(Order(**{name: getattr(options, name) for name in names}, titles=options.title))


def _mark(options: argparse.Namespace) -> int:
    from americas.grade.server import mark

    mark(options.folder, marker=options.marker, port=options.port, browser=not options.no_browser)
    return 0
