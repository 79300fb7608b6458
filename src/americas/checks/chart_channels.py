"""The channels of a chart as Vega-Lite reads them: fields, types, summaries, scales and titles."""

from typing import Any

from americas.checks.chart_expressions import iso
from americas.checks.fingerprint_types import Cell, Channel

# They are not drawn, though rows that a summary keeps apart may differ in them alone.
SILENT = ("tooltip", "href", "url", "description", "key")
SYNONYMS = {"average": "mean"}
# Vega-Lite's own scales. What else a position has bends or cuts the picture.
_USUAL = {"linear", "time", "utc", "band", "point", "ordinal"}
_STACKED = ("bar", "area")
_SUMS = ("sum", "count", "distinct", "valid", "missing")
_GROUPING = ("color", "fill", "stroke", "detail", "opacity", "size", "shape", "strokeDash", "order")


def channels_of(encoding: dict[str, Any], mark: str) -> dict[str, Channel]:
    """Return what each channel of an encoding shows, without the silent ones."""
    found: dict[str, Channel] = {}
    for name, channel in encoding.items():
        several = channel if isinstance(channel, list) else [channel]
        for position, one in enumerate(several):
            if isinstance(one, dict) and name not in SILENT:
                found[name if not position else f"{name}{position + 1}"] = _channel(one)
    for name in ("x", "y"):
        if name in found:
            stack = _stack(encoding[name], mark, encoding)
            if stack != "none":
                found[name]["stack"] = stack
    return found


def at_rest(channel: Any) -> Any:
    """Return a channel before anybody clicks: a column that stands in a condition is what it shows."""
    if not isinstance(channel, dict) or "field" in channel:
        return channel
    listed = channel.get("condition") or []
    for condition in listed if isinstance(listed, list) else [listed]:
        if "field" in condition and condition.get("empty") is not False:
            return condition
    return channel


def _channel(spec: dict[str, Any]) -> Channel:
    channel: Channel = {}
    if isinstance(spec.get("field"), str):
        channel["field"] = plain_field(spec["field"])
    aggregate = spec.get("aggregate")
    if aggregate is not None:
        channel["aggregate"] = SYNONYMS.get(str(aggregate), str(aggregate))
    # Vega-Lite takes a count for a quantity, whatever else.
    kind = spec.get("type") or ("quantitative" if aggregate == "count" else None)
    if kind:
        channel["type"] = kind
    if spec.get("bin"):
        channel["bin"] = spec["bin"]
    unit = spec.get("timeUnit")
    if unit:
        channel["timeUnit"] = str(unit.get("unit") if isinstance(unit, dict) else unit)
    if "field" not in channel and "aggregate" not in channel and "datum" not in spec:
        channel["value"] = True
    _scale(spec, channel)
    title = _title(spec)
    if title:
        channel["title"] = title
    return channel


def _scale(spec: dict[str, Any], channel: Channel) -> None:
    scale = spec.get("scale") or {}
    kind = str(scale.get("type", ""))
    if kind and kind not in _USUAL:
        channel["scale"] = kind
    discrete = channel.get("type") in ("ordinal", "nominal")
    # Sorted from the top, a continuous scale runs backwards; a discrete one has an order anyway.
    if not discrete and (scale.get("reverse") is True) != (spec.get("sort") == "descending"):
        channel["reverse"] = True
    if isinstance(scale.get("zero"), bool):
        channel["zero"] = scale["zero"]
    domain = scale.get("domain")
    if isinstance(domain, list):
        channel["domain"] = [_end(value, channel) for value in domain]
    elif scale.get("domainMin") is not None or scale.get("domainMax") is not None:
        channel["domain"] = [_end(scale.get(f"domain{end}"), channel) for end in ("Min", "Max")]
    colours = scale.get("range")
    if isinstance(colours, list):
        channel["colours"] = len({str(colour).lower() for colour in colours})


def _end(value: Any, channel: Channel) -> Cell:
    found = written(value)
    return iso(found) if channel.get("type") == "temporal" and found is not None else found


def _stack(spec: Any, mark: str, encoding: dict[str, Any]) -> str:
    """Return how marks stand on one another along a channel: none, zero, normalize or center."""
    if not isinstance(spec, dict) or spec.get("type", "quantitative") != "quantitative":
        return "none"
    if "stack" in spec:
        stack = spec["stack"]
        return "zero" if stack is True else str(stack) if stack else "none"
    parts = [encoding.get(name) for name in _GROUPING]
    parts = [one for part in parts for one in (part if isinstance(part, list) else [part])]
    grouped = any(isinstance(part, dict) and "field" in part for part in parts)
    summed = spec.get("aggregate", "sum") in _SUMS
    linear = (spec.get("scale") or {}).get("type", "linear") == "linear"
    return "zero" if mark in _STACKED and grouped and summed and linear else "none"


def _title(spec: dict[str, Any]) -> str:
    """Return the title a reader sees on an axis or a legend; a column's name only if it is in words."""
    for guide in ("axis", "legend", "header"):
        if guide in spec:
            if spec[guide] is None:
                return ""
            if isinstance(spec[guide], dict) and "title" in spec[guide]:
                return words(spec[guide]["title"])
    if "title" in spec:
        return words(spec["title"])
    field = spec.get("field")
    return field.strip() if isinstance(field, str) and " " in field.strip() else ""


def written(value: Any) -> Cell:
    """Return a value that is written into a chart; a moment as ISO text, an expression as None."""
    if isinstance(value, dict):
        day = [value.get(part, 1) for part in ("year", "month", "date")]
        known = "year" in value and all(isinstance(part, int) for part in day)
        return "{:04}-{:02}-{:02}".format(*day) if known else None
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def plain_field(field: str) -> str:
    r"""Return a field's name as a column bears it, without the marks of Vega's paths (a\.b, [a])."""
    field = field[1:-1] if field.startswith("[") and field.endswith("]") else field
    return field.replace("\\", "")


def words(title: Any) -> str:
    """Return a title, which may be a dict or a list of lines, as one text; blank is none."""
    if isinstance(title, dict):
        title = title.get("text")
    lines = title if isinstance(title, list) else [title]
    return " ".join(str(line) for line in lines if line).strip()
