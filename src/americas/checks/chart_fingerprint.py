"""The fingerprint of an Altair chart: what is drawn, not how it was written.

The chart is compiled to Vega-Lite and taken apart into units: one mark each, with its channels,
and the rows it draws as Vega-Lite would compute them. So two spellings of one chart agree.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import altair as alt
import pandas as pd

from americas.checks.chart_channels import SILENT, at_rest, channels_of, words
from americas.checks.chart_expressions import BrokenExpression, NotFollowed
from americas.checks.chart_rows import Rows, TooManyMarks, rows_drawn
from americas.checks.chart_transforms import added, transformed
from americas.checks.chart_visibility import hidden, without_unseen
from americas.checks.fingerprint_types import Big, Chart, Unit

# Altair draws no more, unless a student lifts its limit; then this is the limit here.
MOST_ROWS = 200_000
_PATHS = ("line", "area", "trail")
_COMPOSED = ("layer", "hconcat", "vconcat", "concat")
_TRANSFORMER = "americas-checks"

# The tables of the chart being read, by the names that stand for them in its specification.
_tables: dict[str, pd.DataFrame] = {}


class MaxRowsError(Exception):
    """The chart has more rows than Altair would draw; named like Altair's own error."""


def chart(answer: Any) -> Chart | Big:
    """Return the fingerprint of a chart: its title, its description and its units.

    Raise what Altair raises for a chart that it can't compile.
    """
    options = alt.data_transformers.options
    limit = options.get("max_rows", 5000) if alt.data_transformers.active == "default" else None
    _tables.clear()
    alt.data_transformers.register(_TRANSFORMER, _kept(limit))
    try:
        with alt.theme.enable("none"), alt.data_transformers.enable(_TRANSFORMER):
            spec = answer.to_dict()
        config = dict(spec.get("config", {}))
        config["background"] = spec.get("background", config.get("background"))
        context = _Context(dict(_tables), spec.get("datasets", {}), config)
        units = [_unit(part) for part in _parts(spec, context, [0])]
    except TooManyMarks as error:
        return {"kind": "big", "what": "chart", "size": error.rows, "columns": []}
    finally:
        _tables.clear()
    titles = [words(spec.get("title"))] + [part[1] for part in units]
    description = str(spec.get("description") or "").strip()
    return {
        "kind": "chart",
        "title": next((title for title in titles if title), ""),
        "description": description,
        "inner": not description and _has_description(spec),
        "units": [unit for unit, _ in units],
    }


def _kept(limit: int | None) -> Any:
    """Return a data transformer that keeps tables as they are, so that nothing is written out."""

    def keep(data: Any = None, **_: Any) -> Any:
        if not isinstance(data, pd.DataFrame):
            return data if isinstance(data, dict) else data.to_dict()
        if limit is not None and len(data) > limit:
            raise MaxRowsError(f"{len(data)} rows")
        if len(data) > MOST_ROWS:
            raise TooManyMarks(len(data))
        name = f"table-{id(data)}"
        _tables[name] = data
        return {"name": name}

    return keep


def _has_description(spec: Any) -> bool:
    if isinstance(spec, list):
        return any(map(_has_description, spec))
    if not isinstance(spec, dict):
        return False
    parts = [spec[key] for key in (*_COMPOSED, "spec") if key in spec]
    return bool(str(spec.get("description") or "").strip()) or any(map(_has_description, parts))


@dataclass(frozen=True)
class _Context:
    """What a part of a chart has from the parts around it."""

    tables: dict[str, pd.DataFrame]
    datasets: dict[str, Any]
    config: dict[str, Any]
    encoding: dict[str, Any] = field(default_factory=dict)
    data: Any = None
    transforms: tuple[Any, ...] = ()
    params: dict[str, Any] = field(default_factory=dict)
    own: tuple[str, ...] = ()
    view: int = 0
    spec: dict[str, Any] = field(default_factory=dict)


def _parts(spec: dict[str, Any], around: _Context, views: list[int]) -> list[_Context]:
    """Return the parts of a specification that have a mark of their own; `views` counts the views."""
    # The transforms around a part change the data around it, not data of its own.
    inherited = () if "data" in spec else around.transforms
    here = replace(
        around,
        encoding=around.encoding | spec.get("encoding", {}),
        data=spec.get("data", around.data),
        transforms=(*inherited, *spec.get("transform", [])),
        params=around.params | _params(spec.get("params", [])),
    )
    if "facet" in spec and "spec" in spec:
        facet = spec["facet"]
        channels = facet if {"row", "column"} & set(facet) else {"facet": facet}
        inside = replace(here, encoding=here.encoding | channels)
        return _parts(spec["spec"], inside, views)
    if "repeat" in spec:
        bindings = _bindings(spec["repeat"])
        inner = [_filled(spec["spec"], binding) for binding in bindings]
        apart = not (isinstance(spec["repeat"], dict) and set(spec["repeat"]) == {"layer"})
    else:
        inner = [part for key in _COMPOSED for part in spec.get(key, [])]
        apart = "layer" not in spec
    if not inner:
        return [replace(here, spec=spec)]
    scales = spec.get("resolve", {}).get("scale", {}) if "layer" in spec else {}
    own = (*here.own, *(name for name in ("x", "y", "color") if scales.get(name) == "independent"))
    found = []
    for position, part in enumerate(inner):
        if apart and position:
            views[0] += 1
        view = views[0] if apart else here.view
        found += _parts(part, replace(here, view=view, own=own), views)
    return found


def _params(listed: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the values that parameters begin with; a selection has none that a check could follow."""
    plain = ("select" not in one and "value" in one for one in listed)
    return {
        one["name"]: one["value"] if known else NotFollowed
        for one, known in zip(listed, plain, strict=True)
    }


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


def _unit(part: _Context) -> tuple[Unit, str]:
    drawn_as = part.spec.get("mark", "")
    look = {"type": drawn_as} if isinstance(drawn_as, str) else drawn_as
    mark = look.get("type", "")
    if mark == "line" and look.get("filled") is True:
        mark = "area"
    encoding = {name: at_rest(channel) for name, channel in part.encoding.items()}
    channels = channels_of(encoding, mark)
    rows = _rows(part, part.data)
    if rows.source == "none" and not any(
        {"field", "aggregate"} & set(c) for c in channels.values()
    ):
        # Vega-Lite draws what needs no data once.
        rows = Rows(pd.DataFrame([{}]), "rows")
    silent = [
        channel["field"]
        for name in SILENT
        for channel in _as_list(part.encoding.get(name))
        if isinstance(channel, dict) and isinstance(channel.get("field"), str)
        and "aggregate" not in channel
    ]  # fmt: skip
    rows, transforms, unread = _transformed(rows, part, channels, silent)
    drawn = None
    if not unread:
        if mark not in _PATHS:
            rows = Rows(without_unseen(rows.table, encoding, part.params), rows.source)
        drawn, unread = rows_drawn(rows, encoding, channels, silent, mark)
    unit: Unit = {
        "mark": mark,
        "view": part.view,
        "channels": channels,
        "transforms": transforms,
        "source": rows.source,
        "columns": sorted(map(str, rows.table.columns)),
        "drawn": drawn,
        "unread": unread,
    }
    if mark and hidden(look, part.encoding, part.config):
        unit["hidden"] = True
    if part.own:
        unit["own"] = list(part.own)
    return unit, words(part.spec.get("title"))


def _as_list(channel: Any) -> list[Any]:
    return channel if isinstance(channel, list) else [channel]


def _idle(
    step: dict[str, Any], later: tuple[Any, ...], channels: dict[str, Any], silent: list[str]
) -> bool:
    """Return whether a transform only adds columns that nothing draws and no later one reads."""
    adding = {"calculate", "window", "joinaggregate", "timeUnit", "bin"} & set(step)
    used = {channel.get("field") for channel in channels.values()} | set(silent)
    names = added(step)
    return bool(adding) and not any(name in used or name in str(later) for name in names)


def _transformed(
    rows: Rows, part: _Context, channels: dict[str, Any], silent: list[str]
) -> tuple[Rows, list[Any], str]:
    """Return the rows after the transforms; else what stopped a check or Vega, and a word for it."""
    table = rows.table
    steps = part.transforms if rows.source == "rows" else ()
    for number, step in enumerate(steps):
        try:
            table = transformed(table, step, lambda data: _rows(part, data).table, part.params)
        except BrokenExpression as error:
            return rows, [str(error)], "expression"
        except NotFollowed:
            if not _idle(step, steps[number + 1 :], channels, silent):
                return rows, list(part.transforms), "transforms"
    return Rows(table, rows.source), [], ""


def _rows(part: _Context, data: Any) -> Rows:
    if not isinstance(data, dict):
        return Rows(pd.DataFrame(), "none")
    if "url" in data:
        return Rows(pd.DataFrame(), "url")
    name = data.get("name", "")
    if name in part.tables:
        return Rows(part.tables[name], "rows")
    values = part.datasets.get(name, data.get("values"))
    if isinstance(values, dict):
        return Rows(pd.DataFrame(), "shapes")
    if not isinstance(values, list) or not all(isinstance(row, dict) for row in values):
        return Rows(pd.DataFrame(), "none")
    # Altair stands one empty row in the place of data that nobody gave.
    return Rows(pd.DataFrame(values), "rows" if any(values) else "none")
