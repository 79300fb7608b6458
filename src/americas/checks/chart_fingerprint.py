"""The fingerprint of an Altair chart, read from the Vega-Lite it compiles to.

A chart is a list of units: one mark each, with its channels and the rows it draws. Layers,
facets, concatenations and repeats are taken apart, so that two spellings of one chart agree.
"""

import copy
import json
from typing import Any

import altair as alt
import pandas as pd

# What a channel can say that changes what a reader sees; the rest is dress.
_KEPT = ("field", "type", "aggregate", "bin", "timeUnit", "sort", "stack", "value", "datum")
_AGGREGATES = {
    "sum": "sum",
    "mean": "mean",
    "average": "mean",
    "median": "median",
    "min": "min",
    "max": "max",
    "distinct": "nunique",
    "stdev": "std",
    "variance": "var",
}
_COMPOSED = ("layer", "hconcat", "vconcat", "concat")
_SILENT = {"tooltip", "href", "url", "description", "key"}


def chart(answer: Any) -> dict[str, Any]:
    """The fingerprint of a chart: its title, its description and its units.

    A chart that Altair can't compile raises what Altair raises.
    """
    with alt.theme.enable("none"):
        spec = answer.to_dict()
    units = _units(spec, spec.get("datasets", {}), {}, None, [])
    titles = [_words(spec.get("title"))] + [unit.pop("title") for unit in units]
    return {
        "kind": "chart",
        "title": next((title for title in titles if title), ""),
        "description": spec.get("description") or "",
        "units": units,
    }


def _units(
    spec: dict[str, Any],
    datasets: dict[str, list],
    encoding: dict[str, Any],
    data: dict[str, Any] | None,
    transforms: list[Any],
) -> list[dict[str, Any]]:
    encoding = encoding | spec.get("encoding", {})
    data = spec.get("data", data)
    transforms = transforms + spec.get("transform", [])
    parts = [part for key in _COMPOSED for part in spec.get(key, [])]
    if "facet" in spec and "spec" in spec:
        facet = spec["facet"]
        channels = facet if {"row", "column"} & set(facet) else {"facet": facet}
        return _units(spec["spec"], datasets, encoding | channels, data, transforms)
    if "repeat" in spec:
        parts = [_filled(spec["spec"], binding) for binding in _bindings(spec["repeat"])]
    if parts:
        return [
            unit for part in parts for unit in _units(part, datasets, encoding, data, transforms)
        ]
    return [_unit(spec, datasets, encoding, data, transforms)]


def _bindings(repeat: Any) -> list[dict[str, str]]:
    if isinstance(repeat, list):
        return [{"repeat": field} for field in repeat]
    bindings: list[dict[str, str]] = [{}]
    for key, fields in repeat.items():
        bindings = [binding | {key: field} for binding in bindings for field in fields]
    return bindings


def _filled(spec: Any, binding: dict[str, str]) -> Any:
    if isinstance(spec, dict):
        if set(spec) == {"repeat"} and spec["repeat"] in binding:
            return binding[spec["repeat"]]
        return {key: _filled(value, binding) for key, value in spec.items()}
    return [_filled(item, binding) for item in spec] if isinstance(spec, list) else spec


def _unit(spec, datasets, encoding, data, transforms) -> dict[str, Any]:
    mark = spec.get("mark", "")
    channels = {
        name: _channel(channel)
        for name, channel in encoding.items()
        if isinstance(channel, dict) and name not in _SILENT
    }
    rows, source = _rows(data, datasets)
    return {
        "mark": mark if isinstance(mark, str) else mark.get("type", ""),
        "channels": channels,
        "transforms": copy.deepcopy(transforms),
        "title": _words(spec.get("title")),
        "source": source,
        "columns": sorted(map(str, rows[0])) if rows and isinstance(rows[0], dict) else [],
        "drawn": _drawn(rows, channels) if source == "rows" and not transforms else None,
    }


def _rows(data: dict[str, Any] | None, datasets: dict[str, list]) -> tuple[list, str]:
    if not isinstance(data, dict):
        return [], "none"
    if "url" in data:
        return [], str(data["url"])
    values = datasets.get(data.get("name", ""), data.get("values", []))
    return (values, "rows") if isinstance(values, list) else ([], "shapes")


def _channel(channel: dict[str, Any]) -> dict[str, Any]:
    kept = {key: channel[key] for key in _KEPT if channel.get(key) is not None}
    scale = channel.get("scale") or {}
    kept |= {key: scale[key] for key in ("zero", "domain") if scale.get(key) is not None}
    if scale.get("type"):
        kept["scale"] = scale["type"]
    title = channel.get("title")
    for guide in ("axis", "legend", "header"):
        title = title or (channel.get(guide) or {}).get("title")
    if title:
        kept["title"] = _words(title)
    return json.loads(json.dumps(kept, default=str))


def _drawn(rows: list, channels: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The marks as rows of channel values; None where only Vega could compute them."""
    fields = {name: c["field"] for name, c in channels.items() if isinstance(c.get("field"), str)}
    computed = any("bin" in c or "timeUnit" in c for c in channels.values())
    if computed or not all(isinstance(row, dict) for row in rows):
        return None
    columns = {name: [row.get(field) for row in rows] for name, field in fields.items()}
    aggregates = {name: c["aggregate"] for name, c in channels.items() if "aggregate" in c}
    if not aggregates:
        return [
            dict(zip(columns, values, strict=True))
            for values in zip(*columns.values(), strict=True)
        ]
    if not all(a == "count" or a in _AGGREGATES for a in map(str, aggregates.values())):
        return None
    return _aggregated(pd.DataFrame(columns, index=range(len(rows))), aggregates)


def _aggregated(frame: pd.DataFrame, aggregates: dict[str, str]) -> list[dict[str, Any]]:
    keys = [name for name in frame.columns if name not in aggregates]
    groups = frame.groupby(keys, dropna=False) if keys else frame.groupby(lambda _: 0)
    drawn = pd.DataFrame(
        {
            name: groups.size() if a == "count" else groups[name].agg(_AGGREGATES[a])
            for name, a in aggregates.items()
        }
    )
    drawn = drawn.reset_index() if keys else drawn
    return json.loads(drawn.to_json(orient="records", double_precision=12))


def _words(title: Any) -> str:
    if isinstance(title, dict):
        title = title.get("text")
    return " ".join(title) if isinstance(title, list) else str(title or "")
