"""Which of Mexico's states touch, read off the map of their borders."""

import json
from itertools import permutations
from pathlib import Path

import pandas as pd

from americas.data import folder, resource

# The map itself is kept with the tables, since it was thinned out once by hand.
ORIGINALS = {}
DOWNLOAD = "the map stands among the tables; it comes from https://github.com/diegovalle/mxmaps, commit 798708f."


def mexico_neighbours(_originals: Path) -> pd.DataFrame:
    """Return each state beside each state that it shares a border with: every pair stands twice."""
    path = folder() / resource("mexico_map")["path"]
    topology = json.loads(path.read_text(encoding="utf-8"))
    # A border is one arc that two shapes use, the second of them backwards (~arc).
    arcs = pd.DataFrame(
        [
            (arc if arc >= 0 else ~arc, shape["id"])
            for shape in topology["objects"]["states"]["geometries"]
            for part in shape["arcs"]
            for ring in part
            for arc in ring
        ],
        columns=["arc", "state_code"],
    )
    shared = arcs.groupby("arc")["state_code"].agg(set)
    pairs = {pair for states in shared for pair in permutations(states, 2)}
    return pd.DataFrame(sorted(pairs), columns=["state_code", "neighbour_code"])


TABLES = {"mexico_neighbours": mexico_neighbours}
