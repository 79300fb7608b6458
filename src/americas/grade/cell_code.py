"""A student's cell as Python: without what only Jupyter understands, its checks asking us."""

import ast
import re
from collections.abc import Callable, Iterable
from typing import Any

CHECK, LATER = "__americas_check__", "__americas_later__"
# In a regular expression: a blank that is no line break.
BLANK = r"[^\S\n]"
NO_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)
_MAGIC = re.compile(r"^\s*(?:[%!].*|\?.*|[\w.]+\?{1,2})\s*$")
# What these cell magics stand above is Python; below any other it is something else.
_TRANSPARENT = ("%%time", "%%timeit", "%%capture", "%%prun")
# `files = !ls` and `taken = %timeit …`: the name gets nothing.
_MAGIC_VALUE = re.compile(r"^(\s*\w[\w, ]*=)\s*[%!].*$")


def python(source: str) -> tuple[ast.Module, bool]:
    """Return a cell as Python, and whether lines for Jupyter were left out of it.

    Raise OtherLanguage where its first line says that it is none, and one of NO_PYTHON where it
    can't be read.
    """
    first = source.lstrip().partition("\n")
    if first[0].startswith("%%"):
        if not first[0].startswith(_TRANSPARENT):
            raise OtherLanguage
        source = first[2]
    try:
        return ast.parse(source), False
    except NO_PYTHON as error:
        kept = [_without_magic(line) for line in source.split("\n")]
        try:
            return ast.parse("\n".join(kept)), True
        except NO_PYTHON:
            raise error from None


class OtherLanguage(Exception):
    """A cell for another program, such as %%bash."""


def asking(tree: ast.Module) -> ast.Module:
    """Return the code with each `check` on a line of its own asking CHECK, whatever `check` is."""
    found: ast.Module = _Checks().visit(tree)
    return found


def _without_magic(line: str) -> str:
    return "" if _MAGIC.match(line) else _MAGIC_VALUE.sub(r"\1 None", line)


class Later:
    """What a check line was given: how to compute it, and its name where it is one."""

    def __init__(self, value: Callable[[], Any], name: str) -> None:
        """value: computes it; name: "" where it is an expression."""
        self.value, self.name = value, name


class _Checks(ast.NodeTransformer):
    """Makes `check("4.2", answer)` ask us, whatever became of `check` and of the answer."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        """Rewrite a check that stands on a line of its own."""
        call = node.value
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name | ast.Attribute)):
            return node
        name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr
        if name != "check" or not call.args:
            return node
        answer = call.args[1] if len(call.args) > 1 else ast.Constant(...)
        named = answer.id if isinstance(answer, ast.Name) else ""
        lazy = ast.Lambda(ast.arguments([], [], None, [], [], None, []), answer)
        later = ast.Call(ast.Name(LATER, ast.Load()), [lazy, ast.Constant(named)], [])
        node.value = ast.Call(ast.Name(CHECK, ast.Load()), [call.args[0], later], [])
        return ast.fix_missing_locations(ast.copy_location(node, call))


def makes(tree: ast.AST) -> set[str]:
    """Return the names that a piece of code gives a value to."""
    return {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def assigned(source: str, names: Iterable[str]) -> set[str]:
    """Return those of some names that a text gives a value to, Python or not."""
    # Spaces are looked for within a line: across lines they would be counted again from each.
    one = "|".join(map(re.escape, names)) or "(?!)"
    return set(re.findall(rf"^{BLANK}*({one}){BLANK}*(?::[^=\n]+)?=(?!=)", source, re.MULTILINE))
