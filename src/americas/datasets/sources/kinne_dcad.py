"""Brandon Kinne, Defense Cooperation Agreement Dataset: treaties between two states."""

from pathlib import Path

import pandas as pd

ORIGINALS = {
    "defense_agreements_dcad/DCAD-v1.0-main.csv": "f7d56e1703ae7cd7395b636210fa5d33a5fc3feafe5686734c212ffd5af7405a",
}
DOWNLOAD = (
    "DCAD-v1.0-main.csv in the zip file of "
    "https://correlatesofwar.org/data-sets/defense-cooperation-agreement-dataset/, or of "
    "https://github.com/QiqiNerd/dcad_mining, commit d3398b0666e4fe49d49f54ec6e5c6869b73d442e."
)
# The data set's names, since one of its country numbers is wrong (Venezuela 2006 is numbered
# as Bolivia). BAH is Bahrain and SLV Slovenia there.
_STATES = {
    "AAB": "ATG",
    "ARG": "ARG",
    "BAR": "BRB",
    "BHM": "BHS",
    "BLZ": "BLZ",
    "BOL": "BOL",
    "BRA": "BRA",
    "CHL": "CHL",
    "COL": "COL",
    "COS": "CRI",
    "CUB": "CUB",
    "DMA": "DMA",
    "DOM": "DOM",
    "ECU": "ECU",
    "GRN": "GRD",
    "GUA": "GTM",
    "GUY": "GUY",
    "HAI": "HTI",
    "HON": "HND",
    "JAM": "JAM",
    "MEX": "MEX",
    "NIC": "NIC",
    "PAN": "PAN",
    "PAR": "PRY",
    "PER": "PER",
    "SAL": "SLV",
    "SKN": "KNA",
    "SLU": "LCA",
    "SUR": "SUR",
    "SVG": "VCT",
    "TRI": "TTO",
    "URU": "URY",
    "USA": "USA",
    "VEN": "VEN",
}


def defence_agreements(originals: Path) -> pd.DataFrame:
    """Return defence agreements of 1980–2010 between two states of the Americas, one a row."""
    (name,) = ORIGINALS
    raw = pd.read_csv(originals / name, encoding="utf-8")
    pairs = pd.DataFrame(
        {
            "one": raw["cowName1"].str.strip().map(_STATES),
            "other": raw["cowName2"].str.strip().map(_STATES),
        }
    ).dropna()
    return pd.DataFrame(
        {
            "agreement": raw["DCAid"],
            # A tie has no direction: the alphabet decides who comes first.
            "iso3_a": pairs.min(axis=1),
            "iso3_b": pairs.max(axis=1),
            "signed": _date(raw, "sign"),
            # No day or month is known for some: such a date is the first of its year.
            "precision": raw["signMonth"].gt(0).map({True: "day", False: "year"}),
            "in_force": _date(raw, "EIF"),
            "kind": raw["type"],
            "category": raw["category1"],
        }
    ).loc[pairs.index]


def _date(raw: pd.DataFrame, event: str) -> pd.Series:
    parts = raw[[f"{event}Year", f"{event}Month", f"{event}Day"]].set_axis(
        ["year", "month", "day"], axis="columns"
    )
    # Negative codes are kinds of "unknown".
    known = parts.where(parts.gt(0))
    return pd.to_datetime(known.assign(month=known["month"].fillna(1), day=known["day"].fillna(1)))


TABLES = {"defence_agreements": defence_agreements}
