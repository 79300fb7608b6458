"""Says in one sentence that a library is too old, before an import fails somewhere inside it."""

import re
from importlib.metadata import PackageNotFoundError, requires, version

from americas.errors import CourseError

_COURSE = "crime-and-cooperation"
_NEEDED = ("pandas", "altair")


def refuse_old_libraries() -> None:
    """Raise a CourseError if pandas or Altair is older than this package asks for.

    Where the package isn't installed, a checkout on Python's path for example, nothing is asked.
    """
    try:
        asked = requires(_COURSE) or []
    except PackageNotFoundError:
        return
    floors = dict(re.findall(r"^([\w-]+)>=([\d.]+)$", "\n".join(asked), re.MULTILINE))
    old = {}
    for name in _NEEDED:
        try:
            here = version(name)
        except PackageNotFoundError:
            continue  # The import that follows says that it is missing.
        if name in floors and _numbers(here) < _numbers(floors[name]):
            old[f'"{name}>={floors[name]}"'] = f"{name} {floors[name]} or newer and finds {here}"
    if old:
        raise CourseError(
            f"The course needs {' and '.join(old.values())}. "
            f"Run  %pip install {' '.join(old)}  in a cell, then restart the kernel."
        )


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.match(r"[\d.]*\d", text)[0].split("."))
