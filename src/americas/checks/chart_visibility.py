"""Whether a mark can be seen: its opacity, its colours and its size, as Vega-Lite settles them."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from americas.checks.chart_expressions import BrokenExpression, NotFollowed
from americas.checks.chart_transforms import predicate, rows_of

_CLEAR = {"transparent", "none", ""}
_WHITE = {
    "white",
    "#fff",
    "#ffff",
    "#ffffff",
    "#ffffffff",
    "rgb(255,255,255)",
    "rgb(100%,100%,100%)",
}
_OUTLINES = ("line", "trail", "rule", "geoshape")
_SIZED = ("point", "circle", "square")


def hidden(mark: dict[str, Any], encoding: dict[str, Any], config: dict[str, Any]) -> bool:
    """Return whether nobody can see a mark; its definition is a dict with its type."""
    kind = mark["type"]
    look = {**config.get("mark", {}), **config.get(kind, {}), **mark}
    for name, channel in encoding.items():
        if isinstance(channel, dict) and (value := _at_first(channel)) is not None:
            look[name] = value
    if any(_zero(look.get(name)) for name in ("opacity", "fontSize" if kind == "text" else "")):
        return True
    if _zero(look.get("size")) and kind in (*_SIZED, "line", "rule"):
        return True
    ground = str(config.get("background") or "white")
    inside = _seen("fill", look, encoding, ground) and not _zero(look.get("fillOpacity"))
    edge = _seen("stroke", look, encoding, ground) and not (
        _zero(look.get("strokeOpacity")) or _zero(look.get("strokeWidth"))
    )
    if kind in _OUTLINES:
        return not edge
    filled = look.get("filled")
    # A point's inside is filled or not by the theme, so either way of seeing it is enough.
    if kind == "point" and filled is None:
        return not (inside or edge)
    outlined = "stroke" in look or "stroke" in encoding
    return not (edge if filled is False else inside or (outlined and edge))


def without_unseen(
    table: pd.DataFrame, encoding: dict[str, Any], params: Mapping[str, Any]
) -> pd.DataFrame:
    """Return a table without the rows that a condition on a column gives no opacity."""
    opacity = encoding.get("opacity")
    opacity = opacity if isinstance(opacity, dict) else {}
    condition = opacity.get("condition")
    if not isinstance(condition, dict) or "test" not in condition:
        return table
    seen = {True: condition.get("value"), False: opacity.get("value")}
    if not any(map(_zero, seen.values())):
        return table
    try:
        test = predicate(condition["test"], params)
        kept = [not _zero(seen[test(row)]) for row in rows_of(table)]
    except (NotFollowed, BrokenExpression):
        return table
    return table[kept]


def _at_first(channel: dict[str, Any]) -> Any:
    """Return the value of a channel before anybody clicks; None where a column decides."""
    listed = channel.get("condition") or []
    for condition in listed if isinstance(listed, list) else [listed]:
        if "param" not in condition and "selection" not in condition:
            return None
        if condition.get("empty") is not False:
            return condition.get("value")
    return channel.get("value")


def _seen(part: str, look: dict[str, Any], encoding: dict[str, Any], ground: str) -> bool:
    """Return whether the inside or the edge of a mark has a colour other than the ground's."""
    for name in (part, "color"):
        channel = encoding.get(name)
        if isinstance(channel, dict) and _at_first(channel) is None:
            colours = (channel.get("scale") or {}).get("range")
            listed = colours if isinstance(colours, list) and colours else ["blue"]
            return any(_stands_out(colour, ground) for colour in listed)
        if name in look:
            return _stands_out(look[name], ground)
    return True


def _stands_out(colour: Any, ground: str) -> bool:
    if isinstance(colour, dict):
        return True
    text, behind = (str(one or "").replace(" ", "").lower() for one in (colour, ground))
    if text in _CLEAR or (text.startswith(("rgba(", "hsla(")) and text.endswith((",0)", ",0.0)"))):
        return False
    if text.startswith("#") and len(text) in (5, 9) and set(text[-(len(text) // 4) :]) == {"0"}:
        return False
    return text != behind and not (text in _WHITE and behind in _WHITE)


def _zero(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value <= 0
