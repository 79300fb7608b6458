"""Charts: which part of an answer stands for which part of the key, and what is told of them."""

from collections.abc import Iterator
from difflib import get_close_matches

from americas.checks.compare.chart_data import carried
from americas.checks.compare.chart_extras import harmless
from americas.checks.compare.chart_scales import natural
from americas.checks.compare.chart_units import PATHS, SERIES, Fault, likeness, mark_of, unit_faults
from americas.checks.fingerprint_types import Channel, Chart, Unit
from americas.checks.messages import Feedback, feedback, say


def chart_fault(answer: Chart, key: Chart) -> Feedback | None:
    """Return None where two charts show the same, else the fault that matters most."""
    found = _unreadable(answer) or _picture_fault(answer, key, exact=False)
    if found:
        return found
    if key["title"] and not answer["title"]:
        return feedback("chart.no_title")
    if key["description"] and not answer["description"]:
        return feedback("chart.inner_description" if answer["inner"] else "chart.no_description")
    return None


def same_chart(answer: Chart, wrong: Chart, *, words: bool) -> bool:
    """Return whether an answer is the chart that a mistake gives: the very same picture.

    words: the mistake is one of words, so the same titles have to be missing.
    """
    if _unreadable(answer) or _picture_fault(answer, wrong, exact=True):
        return False
    # Nothing drawn is nobody's mistake in particular.
    if any(unit["drawn"] == [] for unit in answer["units"]):
        return False
    return not words or _words(answer) == _words(wrong)


def same_picture(one: Chart, other: Chart) -> bool:
    """Return whether two charts differ in their words at most."""
    return _picture_fault(one, other, exact=True) is None


def _words(chart: Chart) -> list[bool]:
    titled = {
        f"{number} {name}": bool(channel.get("title"))
        for number, unit in enumerate(chart["units"])
        for name, channel in sorted(unit["channels"].items())
    }
    return [bool(chart["title"]), bool(chart["description"]), *titled.values()]


def _unreadable(answer: Chart) -> Feedback | None:
    """Return what keeps a chart from showing anything, whatever was asked for."""
    for unit in answer["units"]:
        if unit["source"] == "url":
            return feedback("chart.url")
    for unit in answer["units"]:
        if unit["unread"] == "expression":
            return feedback("chart.expression", text=str(unit["transforms"][0])[:80])
        if not unit["mark"]:
            return feedback("chart.no_mark")
        fields = [channel["field"] for channel in unit["channels"].values() if "field" in channel]
        if fields and unit["source"] == "none":
            return feedback("chart.no_data")
        absent = [field for field in fields if field not in unit["columns"]]
        if absent and unit["source"] == "rows" and not unit["transforms"]:
            near = get_close_matches(absent[0], unit["columns"], n=1)
            hint = say("chart.no_field_near", near=near[0]) if near else ""
            return feedback("chart.no_field", field=absent[0], near=hint)
    return None


def _picture_fault(answer: Chart, key: Chart, *, exact: bool) -> Feedback | None:
    """Return what is drawn otherwise; words apart, unless this is no mistake's picture (`exact`)."""
    wanted_views, views = _views(key), _views(answer)
    if len(wanted_views) > 1 and len(views) < len(wanted_views):
        return _view_fault(views[0], wanted_views[0], exact=exact)[1] or feedback("chart.no_data")
    apart = len(views) > len(wanted_views)
    for wanted in wanted_views:
        faults = [_view_fault(view, wanted, exact=exact) for view in views]
        best = max(faults, key=lambda fault: fault[0])
        if best[1]:
            # A part that stands in another view is there, but not where it belongs.
            found = _view_fault(answer["units"], wanted, exact=exact)[1]
            return feedback("chart.apart") if apart and not found else best[1]
    return feedback("chart.extra_view") if apart else None


def _views(chart: Chart) -> list[list[Unit]]:
    numbers = sorted({unit["view"] for unit in chart["units"]})
    return [[u for u in chart["units"] if u["view"] == number] for number in numbers]


def _view_fault(
    units: list[Unit], wanted: list[Unit], *, exact: bool
) -> tuple[tuple[int, int], Feedback | None]:
    """Return how near layers come to the wanted ones (the larger, the nearer), and what stops them."""
    candidates = [(unit, [unit]) for unit in units]
    candidates += [(merged, parts) for merged, parts in _merged(units)]
    used: list[Unit] = []
    worst: tuple[tuple[int, int], Feedback | None] = ((99, 99), None)
    for target in wanted:
        found: list[tuple[tuple[int, int], Fault | None, list[Unit]]] = []
        for unit, parts in candidates:
            fault = unit_faults(unit, target, exact=exact)
            found.append(((fault[0] if fault else 99, likeness(unit, target)), fault, parts))
        alike = [one for one in found if mark_of(one[2][0]) == mark_of(target)]
        # Layers that together draw what is asked for go before one that draws a part of it.
        near, fault, parts = max(
            alike if len(wanted) > 1 and alike else found, key=lambda one: (one[0], len(one[2]))
        )
        if fault and len(wanted) > 1 and alike:
            told = say("chart.in_layer", mark=target["mark"], feedback=fault[1].message)
            fault = fault[0], Feedback(told, fault[1].hint)
        used += parts
        if fault and near < worst[0]:
            worst = near, fault[1]
    if worst[1]:
        return (worst[0], _apart_fault(units, wanted) or worst[1])
    for unit in units:
        if not any(unit is one for one in used) and not harmless(unit, wanted, exact=exact):
            return (90, 0), feedback("chart.extra_layer", mark=unit["mark"])
    for name in ("x", "y"):
        carrying = [unit for unit in units if carried(unit["channels"].get(name, {"value": True}))]
        own, due = (any(name in u.get("own", []) for u in part) for part in (carrying, wanted))
        if own and not due and len(carrying) > 1:
            return (95, 0), feedback("chart.own_scale", channel=name)
    coloured = [unit for unit in used if "color" in unit.get("own", [])]
    if len(coloured) > 1 and all("field" in unit["channels"].get("color", {}) for unit in coloured):
        return (95, 0), feedback("chart.own_colours")
    return worst


def _apart_fault(units: list[Unit], wanted: list[Unit]) -> Feedback | None:
    """Return what is told of layers that each draw one series, with nothing to tell them apart."""
    series = [name for name in SERIES if name in wanted[0]["channels"]]
    alike = [unit for unit in units if unit["mark"] == wanted[0]["mark"]]
    told = {tuple(row.get(name) for name in series) for u in alike for row in u["drawn"] or []}
    columns = any("field" in unit["channels"].get(name, {}) for unit in alike for name in series)
    if len(wanted) == 1 and len(alike) > 1 and series and len(told) == 1 and not columns:
        return feedback("chart.layer_each", channel=series[0])
    return None


def _merged(units: list[Unit]) -> Iterator[tuple[Unit, list[Unit]]]:
    """Return layers of one mark and one set of channels, as the one layer that would draw the same."""
    groups: dict[tuple[object, ...], list[Unit]] = {}
    for unit in units:
        shown = sorted(name for name, channel in unit["channels"].items() if carried(channel))
        if unit["drawn"] is not None and unit["source"] == "rows":
            groups.setdefault((unit["mark"], *shown), []).append(unit)
    for parts in groups.values():
        if len(parts) > 1 and _told_apart(parts):
            rows = [row for unit in parts for row in unit["drawn"] or []]
            channels = {
                name: _joined([unit["channels"][name] for unit in parts])
                for name in parts[0]["channels"]
                if all(name in unit["channels"] for unit in parts)
            }
            yield {**parts[0], "channels": channels, "drawn": rows}, parts


def _told_apart(parts: list[Unit]) -> bool:
    """Return whether layers of lines would be the same lines in one layer; other marks always are."""
    if parts[0]["mark"] not in PATHS:
        return True
    lines = [
        {tuple(row.get(name) for name in SERIES) for row in unit["drawn"] or []} for unit in parts
    ]
    return sum(map(len, lines)) == len(set().union(*lines))


def _joined(channels: list[Channel]) -> Channel:
    """Return a channel that layers share: their labels in one order, sorted where each of them is."""
    if not all("order" in channel for channel in channels):
        return channels[0]
    labels = list(dict.fromkeys(label for channel in channels for label in channel["order"]))
    if all(channel["order"] == sorted(channel["order"], key=natural) for channel in channels):
        labels.sort(key=natural)
    return {**channels[0], "order": labels}
