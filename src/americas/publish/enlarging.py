"""A chart made over for a slide: title lifted out, letters larger, as wide as there is room."""

import copy
import json
import struct
from base64 import b64decode
from dataclasses import dataclass
from typing import Any

from americas.publish.figures import VEGALITE
from americas.publish.sentences import plain

# What is left on a slide of 1280 by 720 below a chart's title, in pixels.
_WIDTH, _HEIGHT = 1170, 570
_BESIDE = 800  # the width of a chart that has its prompts beside it
_LINE, _SOURCE_LINE = 37, 28
_LETTERS_OF_A_LINE, _LETTERS_OF_A_SOURCE = 70, 100
# An axis's letters on a slide: as large as this, but no more than so many times what they are on
# a page, where they were seen to have room.
_LETTERS, _PAGE_LETTERS, _MOST_LARGER, _MOST_STRETCHED = 21, 13, 1.45, 1.7
_SIZES = ("labelFontSize", "titleFontSize", "labelLimit", "titleLimit", "fontSize")
# Of a plot that says nothing of its own, by the course's style.
_PAGE_SIZE = {"width": 490, "height": 300}
_MOST_LARGER_IN_PANELS, _LETTERS_OF_A_STEP = 1.15, 0.87
_AROUND = 80  # axis, labels and legend, in either direction
_PAGE_STEP = 24
_TIGHT_STEP = 16  # of a row, where there are many: the whole chart is then larger on the slide


@dataclass
class Enlarged:
    """A chart for a slide: how its prompts stand, its title and source, its stored output."""

    layout: str
    title: str
    source: list[str]
    output: dict[str, Any]


def enlarged(stored: dict[str, Any], prompts: list[str]) -> Enlarged:
    """The chart of a stored output as a slide shows it, together with these prompts."""
    output = copy.deepcopy(stored)
    spec = output["data"][VEGALITE]
    title = spec.pop("title", None)
    title = title if isinstance(title, dict) else {"text": title}
    source = _lines(title.get("subtitle"))
    width, height = _size(output)
    height -= _tighten(spec, height)
    boxes = _boxes(source, prompts)
    scales = {name: min(box[0] / width, box[1] / height) for name, box in boxes.items()}
    layout = max(scales, key=lambda name: scales[name])
    larger = _room_for_letters(spec, scales[layout])
    _grow(spec, larger)
    # What stands around a plot keeps its size, but for its letters; the plot takes the rest.
    around = _AROUND * larger
    across, up = (side / scales[layout] - around for side in boxes[layout])
    _stretch(spec, {"width": across / (width - _AROUND), "height": up / (height - _AROUND)})
    return Enlarged(layout, " ".join(_lines(title.get("text"))), source, output)


def _boxes(source: list[str], prompts: list[str]) -> dict[str, tuple[float, float]]:
    """The room for a chart, by where its prompts stand."""
    free = _HEIGHT - _SOURCE_LINE * -(-len(" · ".join(source)) // _LETTERS_OF_A_SOURCE)
    need = sum(_LINE * -(-len(plain(text)) // _LETTERS_OF_A_LINE) + 10 for text in prompts)
    boxes = {"under": (_WIDTH, free - need), "beside": (_BESIDE, free)}
    return boxes if prompts else {"under": boxes["under"]}


def _room_for_letters(spec: dict[str, Any], scale: float) -> float:
    """How many times larger the letters can be, before the whole chart is enlarged by `scale`."""
    most = [_MOST_LARGER, _LETTERS / _PAGE_LETTERS / scale]
    most += [step * _LETTERS_OF_A_STEP / _PAGE_LETTERS for step in _steps(spec)]
    if _said(spec, "facet", "hconcat", "concat"):
        most.append(_MOST_LARGER_IN_PANELS)
        # The last year of one panel would run into the first of the next.
        spec.setdefault("config", {}).setdefault("axisX", {})["labelFlush"] = True
    return max(1, min(most))


def _lines(words: str | list[str] | None) -> list[str]:
    return words if isinstance(words, list) else [words or ""]


def _size(output: dict[str, Any]) -> tuple[float, float]:
    """Width and height of a chart without its title, from the picture that is stored with it."""
    picture = output["data"].get("image/png")
    if not picture:
        return 560, 360
    width, height = struct.unpack(">II", b64decode(picture)[16:24])
    return width / 2, height / 2 - 75


def _steps(value: Any) -> list[float]:
    """The height of a row, of all plots that give one."""
    if isinstance(value, list):
        return [step for item in value for step in _steps(item)]
    if not isinstance(value, dict):
        return []
    own = value.get("height")
    found = [own["step"]] if isinstance(own, dict) and "step" in own else []
    parts = (item for key, item in value.items() if key not in ("datasets", "config"))
    return found + [step for item in parts for step in _steps(item)]


def _grow(value: Any, larger: float) -> None:
    """Make every size of letters larger, in place."""
    if isinstance(value, list):
        for item in value:
            _grow(item, larger)
    if not isinstance(value, dict):
        return
    sizes = _SIZES
    if value.get("type") == "text":
        # What is written among the marks has less room than what stands at the axes.
        larger = larger**0.5
        sizes = (*_SIZES, "size")
    for key, item in value.items():
        if key == "datasets":
            continue
        if key in sizes and isinstance(item, int | float):
            value[key] = round(item * larger)
        else:
            _grow(item, larger**0.5 if key == "text" else larger)
    if "axis" in value and "view" in value:
        value["axis"]["labelSeparation"] = 8
        value.setdefault("legend", {}).setdefault("labelLimit", 400)


def _said(spec: dict[str, Any], *words: str) -> bool:
    """Whether a chart, beside its data and its style, names one of these."""
    said = json.dumps({k: item for k, item in spec.items() if k not in ("datasets", "config")})
    return any(f'"{word}"' in said for word in words)


def _tighten(spec: dict[str, Any], height: float) -> float:
    """Move many rows closer, in place; by how much lower that makes the chart."""
    own = spec.get("height", {"step": _PAGE_STEP} if _has_rows(spec) else None)
    if not isinstance(own, dict) or own.get("step", 0) <= _TIGHT_STEP or height < _HEIGHT:
        return 0
    rows = (height - _AROUND) / own["step"]
    spec["height"] = {"step": _TIGHT_STEP}
    return rows * (own["step"] - _TIGHT_STEP)


def _stretch(spec: dict[str, Any], larger: dict[str, float]) -> None:
    """Let plots take the room that their slide has; maps keep their shape."""
    if _said(spec, "geoshape", "hconcat", "concat"):
        return
    plots = spec.get("vconcat", [spec.get("spec", spec)])
    for plot in plots:
        for side, times in larger.items():
            rows = side == "height" and _has_rows(plot)
            size = plot.get(side, None if rows else _PAGE_SIZE[side])
            if times > 1 and isinstance(size, int | float):
                plot[side] = round(size * min(times, _MOST_STRETCHED))


def _has_rows(plot: dict[str, Any]) -> bool:
    """Whether names stand along the upright axis, so that their number makes its height."""
    kinds = [part.get("encoding", {}).get("y", {}) for part in [plot, *plot.get("layer", [])]]
    return any(kind.get("type") in ("nominal", "ordinal") for kind in kinds)
