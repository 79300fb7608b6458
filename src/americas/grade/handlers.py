"""What the pages of `americas mark` answer: to whom, and what they keep.

Without the token nothing is answered; a page may ask no other address (Content-Security-Policy),
and a request that names another host, as a page elsewhere can be made to send, is refused.
"""

import asyncio
import functools
import hmac
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import tornado.web

from americas.course.notebooks import VEGALITE_VERSION
from americas.errors import CourseError
from americas.grade import marking_page, oral
from americas.grade.assignment import Sets
from americas.grade.marking_page import Queue, answer_page
from americas.grade.standing import AGREED, MOST_ORAL, ORAL, all_entries
from americas.grade.store import Answer, Store, hash_of

_STATIC = Path(__file__).parent / "static"
_COOKIE = "americas-mark"
_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; "
    "style-src 'self' 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_DRAW = (_STATIC / "draw.js").read_text(encoding="utf-8")


def application(
    store: Store, sets: Sets, marker: str, token: str, port: int
) -> tornado.web.Application:
    """Return the application: pages to read, and the few things that can be saved."""
    hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
    shared = {"store": store, "sets": sets, "marker": marker, "token": token, "hosts": hosts}
    exercise = r"(\d\d)/(\d+\.\d+)"
    return tornado.web.Application(
        [
            (r"/", _Overview, shared),
            (rf"/answer/{exercise}(?:/([A-Z]{{10}}))?", _Answer, shared),
            (rf"/names/{exercise}", _Names, shared),
            (r"/oral/(\d\d)", _Oral, shared),
            (r"/save", _Save, shared),
            (r"/remark", _Remark, shared),
            (r"/(mark\.js|mark\.css|vega\.js)", _Static, shared),
        ],
        default_handler_class=_Nothing,
        default_handler_args=shared,
    )


class _Handler(tornado.web.RequestHandler):
    """Answers only whoever has the token, asks for this host and, to change a thing, is a page."""

    def initialize(
        self, store: Store, sets: Sets, marker: str, token: str, hosts: set[str]
    ) -> None:
        self.store, self.sets, self.marker = store, sets, marker
        self.token, self.hosts = token, hosts

    def set_default_headers(self) -> None:
        self.set_header("Content-Security-Policy", _POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")
        self.clear_header("Server")

    def prepare(self) -> None:
        if self.request.host not in self.hosts:
            raise tornado.web.HTTPError(403)
        given = self.get_query_argument("token", "")
        if given and hmac.compare_digest(given, self.token):
            self.set_cookie(_COOKIE, self.token, httponly=True, samesite="Strict")
            self.redirect(self.request.path)
        elif not hmac.compare_digest(self.get_cookie(_COOKIE, "") or "", self.token):
            raise tornado.web.HTTPError(403)
        # A form of another site can send a request, but not one with a header of its own.
        from_a_page = self.request.headers.get("X-Americas") == "mark"
        if self.request.method != "GET" and not from_a_page:
            raise tornado.web.HTTPError(403)

    def write_error(self, status_code: int, **options: Any) -> None:
        told = {
            403: "Open the address that the terminal shows: it holds the key to these pages.",
            404: "There is nothing here.",
        }
        self.finish(told.get(status_code, "That did not work. The terminal says why."))

    def json(self) -> dict[str, Any]:
        """Return what a page sent; refuse anything else."""
        try:
            found = json.loads(self.request.body)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise tornado.web.HTTPError(400)
        return found

    def kept(self, change: Callable[[], None]) -> bool:
        """Make a change in the database; where it can't be written, tell the page and return False."""
        try:
            with self.store.transaction():
                change()
        except CourseError as error:
            self.set_status(507)
            self.finish({"told": str(error)})
            return False
        return True

    def queue(self, lesson: str, number: str) -> Queue:
        """Return the answers to an exercise, or 404."""
        try:
            return Queue.of(self.store, self.sets, lesson, number)
        except (KeyError, CourseError):
            raise tornado.web.HTTPError(404) from None


class _Nothing(_Handler):
    def prepare(self) -> None:
        super().prepare()
        if not self._finished:
            raise tornado.web.HTTPError(404)


class _Overview(_Handler):
    def get(self) -> None:
        self.finish(marking_page.overview(self.store, self.sets, self.marker))


class _Answer(_Handler):
    def get(self, lesson: str, number: str, code: str | None) -> None:
        queue = self.queue(lesson, number)
        if not queue.answers:
            raise tornado.web.HTTPError(404)
        if not code:
            first = queue.open_after(-1, self.marker) or queue.answers[0].answer.code
            self.redirect(f"/answer/{lesson}/{number}/{first}")
            return
        try:
            self.finish(answer_page(self.store, queue, code, self.marker))
        except KeyError:
            raise tornado.web.HTTPError(404) from None


class _Names(_Handler):
    def get(self, lesson: str, number: str) -> None:
        self.queue(lesson, number)
        page = marking_page.names_page(self.store, self.sets, lesson, number, self.marker)
        self.finish(page)


class _Oral(_Handler):
    def get(self, lesson: str) -> None:
        try:
            self.finish(oral.page(self.store, lesson, oral.A_WEEK))
        except CourseError as error:
            self.set_status(404)
            self.finish(str(error))


class _Save(_Handler):
    """Keep a mark: of a written answer, agreed by two markers, or of an oral check."""

    def post(self) -> None:
        found = self.json()
        lesson, number, code = (str(found.get(name, "")) for name in ("lesson", "exercise", "code"))
        points, comment = found.get("points"), str(found.get("comment", ""))[:10_000]
        rubric = {
            str(name): float(value) for name, value in dict(found.get("rubric") or {}).items()
        }
        if number == ORAL:
            answer, most, text_hash = (
                Answer(str(found.get("who", "")), lesson, number),
                MOST_ORAL,
                "",
            )
            if all(one.student.key != answer.who for one in all_entries(self.store, lesson)):
                raise tornado.web.HTTPError(404)
        else:
            queue = self.queue(lesson, number)
            one = next((a for a in queue.answers if a.answer.code == code), None)
            if one is None:
                raise tornado.web.HTTPError(404)
            answer, most, text_hash = one.answer, one.record["possible"], hash_of(one.text)
        if points is not None and not (isinstance(points, int | float) and 0 <= points <= most):
            self.set_status(400)
            self.finish({"told": f"Points go from 0 to {most}."})
            return
        marker = AGREED if found.get("agreed") else self.marker
        if self.kept(lambda: self.store.give(answer, marker, points, comment, text_hash, rubric)):
            self.finish({"told": "Saved."})


class _Remark(_Handler):
    """Keep a comment to use it again, or drop it."""

    def post(self) -> None:
        found = self.json()
        lesson, number, text = (str(found.get(name, "")) for name in ("lesson", "exercise", "text"))
        change = self.store.drop_remark if found.get("drop") else self.store.keep_remark
        text = text.strip()[:2_000]
        if not text or self.kept(lambda: change(lesson, number, text)):
            self.finish({"remarks": self.store.remarks(lesson, number)})


class _Static(_Handler):
    async def get(self, name: str) -> None:
        kind = "text/css" if name.endswith(".css") else "text/javascript"
        self.set_header("Content-Type", f"{kind}; charset=utf-8")
        if name != "vega.js":
            self.finish((_STATIC / name).read_text(encoding="utf-8"))
            return
        bundle: Callable[[], Awaitable[str]] = functools.partial(asyncio.to_thread, charts_script)
        self.finish(await bundle())


@functools.cache
def charts_script() -> str:
    """Return the JavaScript that draws charts, all of it from a package on this computer."""
    try:
        import vl_convert
    except ModuleNotFoundError:
        return "document.querySelectorAll('figure.chart').forEach(one => one.append('For the chart: pip install vl-convert-python'));"  # noqa: E501
    return str(vl_convert.javascript_bundle(_DRAW, vl_version=VEGALITE_VERSION))
