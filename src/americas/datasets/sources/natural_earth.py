"""Natural Earth, borders at 1:50 million: the part of the world map that this course draws."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from americas.data import load

ORIGINALS = {
    "world_map/countries-50m.json": "04342cdc1e3016bcd7db1630de95684d67b79fe3c8c460321e87aef469502394",
}
DOWNLOAD = (
    "countries-50m.json of version 2.0.2 of world-atlas: "
    "https://cdn.jsdelivr.net/npm/world-atlas@2.0.2/countries-50m.json."
)
# Territories and Canada, which no table knows but which would leave holes in a map.
_BACKDROP = {
    60: "BMU",
    92: "VGB",
    124: "CAN",
    136: "CYM",
    238: "FLK",
    250: "FRA",
    500: "MSR",
    528: "NLD",
    531: "CUW",
    533: "ABW",
    534: "SXM",
    630: "PRI",
    652: "BLM",
    660: "AIA",
    663: "MAF",
    666: "SPM",
    796: "TCA",
    850: "VIR",
}
# A part is drawn if it starts inside this frame: without Europe, the far Aleutians, whose
# tail across the date line would stretch the map round the globe, and the islands of the Arctic.
_WEST, _EAST, _NORTH = -171, -26, 60


def americas_map(originals: Path) -> dict[str, Any]:
    """Return the states of the course and what lies between them, as a TopoJSON object.

    Each shape has the state's `iso_numeric` as its id, and `iso3` and `name` as properties.
    """
    (name,) = ORIGINALS
    world = json.loads((originals / name).read_text(encoding="utf-8"))
    states = load("countries").set_index("iso_numeric")
    kept: dict[int, int] = {}
    shapes = []
    for shape in world["objects"]["countries"]["geometries"]:
        number = int(shape.get("id", 0))
        if number in states.index:
            properties = states.loc[number, ["iso3", "name"]].to_dict()
        elif number in _BACKDROP:
            properties = {"iso3": _BACKDROP[number], "name": shape["properties"]["name"]}
        else:
            continue
        parts = [part for part in _parts(shape) if _in_frame(part, world)]
        shapes.append(
            {
                "type": "MultiPolygon",
                "id": number,
                "properties": properties,
                "arcs": [[_renumber(ring, kept) for ring in part] for part in parts],
            }
        )
    return {
        "type": "Topology",
        "transform": world["transform"],
        "objects": {
            "countries": {
                "type": "GeometryCollection",
                "geometries": sorted(shapes, key=lambda shape: shape["id"]),
            }
        },
        "arcs": [world["arcs"][arc] for arc in kept],
    }


def _parts(shape: dict[str, Any]) -> list[list[list[int]]]:
    return shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]


def _in_frame(part: list[list[int]], world: dict[str, Any]) -> bool:
    longitudes, latitudes = zip(*_points(part[0], world), strict=True)
    west, east = min(longitudes), max(longitudes)
    return _WEST < west and east < _EAST and min(latitudes) < _NORTH


def _points(ring: list[int], world: dict[str, Any]) -> Iterator[tuple[float, float]]:
    """Yield longitude and latitude of each point; an arc that is walked backwards is written ~arc."""
    (width, height), (left, bottom) = world["transform"]["scale"], world["transform"]["translate"]
    for arc in ring:
        x = y = 0
        for step_x, step_y in world["arcs"][arc if arc >= 0 else ~arc]:
            x, y = x + step_x, y + step_y
            yield x * width + left, y * height + bottom


def _renumber(ring: list[int], kept: dict[int, int]) -> list[int]:
    return [
        kept.setdefault(arc, len(kept)) if arc >= 0 else ~kept.setdefault(~arc, len(kept))
        for arc in ring
    ]


TABLES = {}
MAPS = {"americas_map": americas_map}
