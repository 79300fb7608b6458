"""What the course changes in a notebook's kernel, so that no student meets a bare traceback.

Nothing is changed by an import: `style()` and `check` call `prepare`.
"""

import ast
import sys
import tokenize
from collections.abc import Callable
from types import TracebackType
from typing import Any

from americas.checks.error_messages import explain
from americas.checks.messages import say

# A CourseError is none of these: it explains itself.
_STUDENTS_ERRORS = (
    ArithmeticError,
    AttributeError,
    ImportError,
    LookupError,
    MemoryError,
    NameError,
    SyntaxError,
    TypeError,
    ValueError,
    tokenize.TokenError,
)


class FailedAnswer:
    """Stands for an answer whose computation raised."""

    def __init__(self, error: Exception) -> None:
        """Keep the error that was raised."""
        self.error = error


def attempt(answer: Callable[[], Any]) -> Any:
    """Return what `answer()` gives, or the error it raised as a `FailedAnswer`."""
    try:
        return answer()
    except Exception as error:
        return FailedAnswer(error)


def show(line: str, page: str) -> None:
    """Show a line in a notebook with a page of HTML beside it; elsewhere print the line."""
    if _shell() is None:
        print(line)
        return
    from IPython.display import display

    display({"text/plain": line, "text/html": page}, raw=True)


def prepare() -> None:
    """In a notebook, explain errors in plain words and let `check` meet a missing answer."""
    shell = _shell()
    if shell is None or any(isinstance(t, LazyCheckArgument) for t in shell.ast_transformers):
        return
    shell.ast_transformers.append(LazyCheckArgument())
    shell.set_custom_exc(_STUDENTS_ERRORS, _explained)
    shell.showtraceback = _of_charts_too(shell, shell.showtraceback)


class LazyCheckArgument(ast.NodeTransformer):
    """Rewrites `check("4.2", answer)` so that an answer that doesn't exist yet is no error."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        """Return the statement with the answer of a `check` made a lambda."""
        call = node.value
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Name)
            and call.func.id == "check"
            and len(call.args) == 2
        ):
            later = ast.Lambda(ast.arguments([], [], None, [], [], None, []), call.args[1])
            source = f"__import__('{__name__}', fromlist=['attempt']).attempt"
            attempt_ = ast.parse(source, mode="eval").body
            call.args[1] = ast.copy_location(ast.Call(attempt_, [later], []), call)
            ast.fix_missing_locations(node)
        return node


def _explained(
    shell: Any, kind: type, error: BaseException, trace: Any, tb_offset: Any = None
) -> None:
    own = _own(trace, shell.user_ns)
    if own:  # A SyntaxError has none: nothing has run.
        error.__cause__, error.__suppress_context__ = None, True
        trace, tb_offset = own, 0
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
    _tell(kind, error, shell)


def _of_charts_too(shell: Any, plain: Callable[..., None]) -> Callable[..., None]:
    """IPython's own way to show an error; one of a chart, met in drawing it, is explained.

    Altair shows such errors itself, with a screenful of its insides.
    """

    def showtraceback(exc_tuple: Any = None, *args: Any, **options: Any) -> None:
        kind, error, _ = exc_tuple or sys.exc_info()
        if kind is None or error is None or not kind.__module__.startswith("altair."):
            plain(exc_tuple, *args, **options)
            return
        error.__cause__, error.__suppress_context__ = None, True
        plain((kind, error, None), *args, **options)
        _tell(kind, error, shell)

    return showtraceback


def _tell(kind: type, error: Any, shell: Any) -> None:
    print(say("error.in_plain_words", message=explain(kind.__name__, str(error), shell.user_ns)))


def _own(trace: TracebackType | None, names: dict[str, Any]) -> TracebackType | None:
    """Return the student's own lines of a traceback, without the screenful from inside pandas."""
    if trace is None:
        return None
    rest = _own(trace.tb_next, names)
    if trace.tb_frame.f_globals is not names:
        return rest
    return TracebackType(rest, trace.tb_frame, trace.tb_lasti, trace.tb_lineno)


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None
