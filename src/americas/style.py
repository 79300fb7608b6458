"""How charts look and how a notebook shows them: one call, `style()`, sets both."""

import json
import math
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from americas.checks import ipython_hooks

if TYPE_CHECKING:
    import altair as alt

# One colour for each party, the same in every lesson. Chosen by search for the largest
# smallest distance between any two, as seen with normal sight and with the three common
# kinds of colour blindness, at a contrast of 3:1 or more against white; a test measures both.
colours: Mapping[str, str] = MappingProxyType(
    {
        "Plan Colombia": "#DC7612",
        "Mérida": "#0A6345",
        "CARSI": "#7431B4",
        "none": "#949494",
        "United States": "#101028",
    }
)

_INK = "#26262B"
_FAINT = "#5C5C66"
_GRID = "#E4E4E8"
# For what is not a party: found by the same search, and unlike any of the five.
_CATEGORIES = ["#0072B2", "#879600", "#B42D4B", "#1E1EA5", "#D27887", "#2D3C00", "#691E4B"]

_VEGALITE = "application/vnd.vegalite.v5+json"
# A name, never fetched. JupyterLab 4.6 draws with 5.6 and complains of any closer version.
_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
# Vega's own style, but for two things: a chart shrinks to a narrow window instead of being cut
# off, and its menu lies over the corner instead of taking room beside every chart.
_CSS = """
.vega-embed { position: relative; display: inline-block; max-width: 100%; }
.vega-embed svg.marks { max-width: 100%; height: auto; }
.vega-embed details:not([open]) > :not(summary) { display: none; }
.vega-embed summary { position: absolute; top: 0; right: 0; z-index: 10; list-style: none;
  padding: 6px; line-height: 0; cursor: pointer; color: #26262b; background: white;
  border: 1px solid #949494; border-radius: 50%; opacity: 0; }
.vega-embed summary::-webkit-details-marker { display: none; }
.vega-embed summary svg { width: 14px; height: 14px; }
.vega-embed:hover summary, .vega-embed:focus-within summary { opacity: 1; }
.vega-embed .vega-actions { position: absolute; top: 34px; right: 0; z-index: 11; padding: 6px 0;
  background: white; border: 1px solid #949494; border-radius: 4px; }
.vega-embed .vega-actions a { display: block; padding: 6px 14px; font: 14px sans-serif;
  color: #26262b; text-decoration: none; white-space: nowrap; }
.vega-embed .vega-actions a:hover, .vega-embed .vega-actions a:focus { background: #e4e4e8; }
"""
_EMBED = {
    "renderer": "svg",
    "actions": {"export": True, "source": True, "compiled": False, "editor": False},
    "defaultStyle": _CSS,
}


def style() -> None:
    """Give every chart of this notebook the course's look, draw it without a network, and have errors explained."""
    # Here and not above: `import americas` waits for no library.
    import altair as alt

    ipython_hooks.prepare()
    alt.theme.register("americas", enable=True)(_theme)
    alt.renderers.register("americas", _render)
    # Colab draws only HTML; everywhere else one output serves nbval, JupyterLab and VS Code.
    alt.renderers.enable("html" if "google.colab" in sys.modules else "americas")
    if sys.platform == "emscripten":
        _keep_nulls()


def _keep_nulls() -> None:
    """In the browser, let a chart's `null` reach JupyterLab.

    Why: the kernel there turns Python's None into JavaScript's undefined, which is dropped, so
    that `legend=None` would show a legend. An object that JavaScript has parsed stays as it is.
    """
    import js
    from IPython import get_ipython

    hook = getattr(get_ipython(), "displayhook", None)
    if hook is None or hasattr(hook, "write_format_data_dropping_nulls"):
        return
    hook.write_format_data_dropping_nulls = hook.write_format_data

    def write_format_data(data: dict[str, Any], metadata: dict[str, Any] | None = None) -> None:
        hook.write_format_data_dropping_nulls(data, metadata)
        if _VEGALITE in data:
            hook.data = {**hook.data, _VEGALITE: js.JSON.parse(json.dumps(data[_VEGALITE]))}

    hook.write_format_data = write_format_data


def _theme() -> "alt.theme.ThemeConfig":
    axis = {
        "labelColor": _INK,
        "labelFontSize": 13,
        # Saint Vincent and the Grenadines needs more than Vega's 180.
        "labelLimit": 240,
        "titleColor": _INK,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
        "titlePadding": 10,
        "gridColor": _GRID,
        "domainColor": _FAINT,
        "tickColor": _FAINT,
    }
    return {
        "config": {
            # Else JupyterLab's dark theme puts these dark letters on a dark ground.
            "background": "white",
            "font": "Helvetica, Arial, 'DejaVu Sans', sans-serif",
            # Width and height of the plot; with axes and labels a chart stays under 700 pixels,
            # also one of thirty years taken as names, which would otherwise grow with each year.
            "view": {
                "continuousWidth": 490,
                "discreteWidth": 490,
                "continuousHeight": 300,
                "discreteHeight": {"step": 24},
                "stroke": None,
            },
            "title": {
                "anchor": "start",
                "frame": "group",
                "color": _INK,
                "fontSize": 17,
                "fontWeight": 600,
                "lineHeight": 22,
                "subtitleColor": _FAINT,
                "subtitleFontSize": 13,
                "subtitleLineHeight": 18,
                "subtitlePadding": 6,
                "offset": 14,
            },
            "axis": axis,
            # Flushed, the first and the last label move in and crowd their neighbours.
            "axisX": {"grid": False, "labelFlush": False},
            "axisY": {"domain": False, "ticks": False, "labelPadding": 6},
            "legend": {
                "labelFontSize": 13,
                "titleFontSize": 13,
                "titleFontWeight": "normal",
                "labelColor": _INK,
                "titleColor": _INK,
                "symbolStrokeWidth": 3,
            },
            "header": {
                "labelFontSize": 13,
                "titleFontSize": 13,
                "titleFontWeight": "normal",
                "labelColor": _INK,
                "titleColor": _INK,
            },
            "line": {"strokeWidth": 2.5},
            "point": {"size": 55, "filled": True},
            "mark": {"color": _CATEGORIES[0]},
            "text": {"fontSize": 13, "color": _INK},
            "rule": {"color": _FAINT},
            "geoshape": {"stroke": _FAINT, "strokeWidth": 0.4},
            "range": {
                "category": _CATEGORIES,
                # On white, readers take dark for more. The lightest tenth is left for the paper.
                "ramp": {"scheme": "yellowgreenblue", "extent": [0.1, 1]},
                "heatmap": {"scheme": "yellowgreenblue", "extent": [0.1, 1]},
                "diverging": {"scheme": "purpleorange"},
            },
        }
    }


def _render(spec: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a chart as JupyterLab, VS Code and nbval can use it, with its description as text.

    Altair's own renderers write a random id, or a type that notebooks can't hold yet.
    """
    text = spec.get("description") or "A chart."
    # Altair names data by a hash of their every bit; a count is the same on every machine.
    names = {name: f"data-{i}" for i, name in enumerate(spec.get("datasets", {}), start=1)}
    drawn = _steady(spec, names) | {"$schema": _SCHEMA}
    if "labelAngle" not in json.dumps({**drawn, "datasets": None}):
        drawn = _upright(drawn)
    return {_VEGALITE: drawn, "text/plain": text}, {_VEGALITE: {"embed_options": _EMBED}}


def _upright(value: Any, key: str = "") -> Any:
    """Set years (`year:O`) upright and leave out those without room; names stay as they are.

    The theme can't do this: it knows years and names alike as discrete.
    """
    if isinstance(value, list):
        return [_upright(item) for item in value]
    if not isinstance(value, dict) or key == "datasets":
        return value
    value = {name: _upright(item, name) for name, item in value.items()}
    if key == "x" and value.get("type") == "ordinal" and value.get("axis", {}) is not None:
        value["axis"] = {"labelAngle": 0, "labelOverlap": "greedy", **value.get("axis", {})}
    return value


def _steady(value: Any, names: dict[str, str]) -> Any:
    """Return the same chart on every processor: numbers to ten digits, data sets counted.

    Some versions of Altair write a missing value as NaN, which JSON doesn't have.
    """
    if isinstance(value, float):
        return float(f"{value:.10g}") if math.isfinite(value) else None
    if isinstance(value, dict):
        return {names.get(key, key): _steady(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_steady(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value
