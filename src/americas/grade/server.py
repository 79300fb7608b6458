"""`americas mark`: written answers marked in a browser, on this computer and for nobody else.

The server listens on 127.0.0.1 only. Its address holds a token, without which it answers nothing
(see `handlers`). Every change is saved as it is made.
"""

import asyncio
import secrets
import webbrowser
from pathlib import Path

import tornado.httpserver
import tornado.netutil

from americas.errors import CourseError
from americas.grade.assignment import Sets
from americas.grade.database import FILE
from americas.grade.handlers import application, charts_script
from americas.grade.standing import AGREED, FIRST
from americas.grade.store import Store


def mark(
    folder: Path,
    *,
    marker: str | None = None,
    port: int = 0,
    browser: bool = True,
    sets: Sets | None = None,
) -> None:
    """Serve the marking pages of a marks folder until Ctrl-C, which raises KeyboardInterrupt.

    Raise CourseError where the folder holds no marks, or where the port is somebody else's.
    """
    if not (folder / FILE).is_file():
        raise CourseError(
            f"There are no marks in {folder}. Run `americas grade` first, and name the folder that "
            "it makes, such as submissions-marks."
        )
    marker = FIRST if marker is None else marker.strip()
    if marker.casefold() in ("", AGREED):
        raise CourseError("--marker needs a name, and not this one.")
    with Store(folder) as store:
        asyncio.run(_serve(store, sets or Sets(), marker, port, browser))


async def _serve(store: Store, sets: Sets, marker: str, port: int, browser: bool) -> None:
    token = secrets.token_urlsafe(24)
    try:
        if not 0 <= port < 2**16:  # of a larger number only the end would be taken
            raise OSError("ports go up to 65535")
        sockets = tornado.netutil.bind_sockets(port, "127.0.0.1")
    except OSError as error:
        told = f"The pages can't be served on port {port} ({error}). Leave --port out, or name another."
        raise CourseError(told) from None
    port = sockets[0].getsockname()[1]
    server = tornado.httpserver.HTTPServer(application(store, sets, marker, token, port))
    server.add_sockets(sockets)
    address = f"http://127.0.0.1:{port}/?token={token}"
    print(f"Mark here: {address}", flush=True)
    print(
        "Everything is saved as you go. End with Ctrl-C, then run `americas grade` again.",
        flush=True,
    )
    if browser:
        webbrowser.open(address)
    await asyncio.to_thread(
        charts_script
    )  # it takes seconds, and the first chart would wait for it
    await asyncio.Event().wait()
