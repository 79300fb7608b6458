"""US Department of State, Office of the Historian: visits, journeys and chiefs of mission.

To pack the archive again: check the three repositories out at the commits named below and put
into one folder, without renaming a file, `visits/` (the six files of visits/data), the folders
`president-travels/` and `secretary-travels/` of travels, and from pocom's `missions-countries/`
the 25 files of Latin American and Caribbean states (of the small islands only Cuba, the Dominican
Republic, Haiti, Jamaica, and Trinidad and Tobago). Then `tar -czf historyatstate-xml.tar.gz *` in
that folder. The checksum is taken over the names and contents of the files, so their order and
dates don't matter.
"""

import tarfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd

from americas.datasets.sources import codes

ORIGINALS = {
    "official_visits/historyatstate-xml.tar.gz": "e2664f6a4f03119b8607f51ed5d7ebf2d404910e623bc5902fa5c4817735de1b",
}
DOWNLOAD = (
    "https://github.com/HistoryAtState/visits, commit 869ca4f0e8d15521bc3c094b846e6b1d3c7d8f1d; "
    "https://github.com/HistoryAtState/travels, commit 3170c773f22c99dadc8ec93da070f8ff6259d6d8; "
    "https://github.com/HistoryAtState/pocom, commit 44d2226df6b26f8f5807215ec40e3a6c4d706bbb. How "
    "they are packed into one archive stands at the top of "
    "datasets/sources/us_office_of_the_historian.py."
)
_SINCE = "1977-01-01"
_JOURNEYS = {"president-travels": "President", "secretary-travels": "Secretary"}
# What the one line of remarks says where several states met, or where a ceremony was the
# reason to come; "Summit meeting with President X" and an embassy's inauguration are neither.
_GATHERING = (
    r"summit(?! meeting with (?:the )?(?:\w+ )?(?:president|prime minister)\b)"
    r"|(?<!press )conference(?! of mayors)|ministerial|\bAPEC\b|asia.pacific economic"
    r"|\bG.?20\b|\bOAS\b|organization of american states|caricom|caribbean community"
    r"|heads of (?:state|government)|central american (?:presidents|leaders|republics|countries)"
    r"|caribbean (?:leaders|states)|regional leaders|foreign ministers"
    r"|inauguration|funeral"
)
_ASSEMBLY = r"\bU\.?N\.? general assembly|united nations general assembly"
_RANKS = {
    "ambassador-e-p": "ambassador",
    "charge-daffaires": "chargé d'affaires",
    "charge-daffaires-ad-interim": "chargé d'affaires",
    "principal-officer": "principal officer",
}
_ENDINGS = {
    "persona non grata": "expelled",
    "departure requested": "expelled",
    "recalled": "recalled",
    "died": "died",
    "left post": "left",
}


def visits(originals: Path) -> pd.DataFrame:
    """Return visits of leaders to the United States, and of its presidents and secretaries of state."""
    rows = pd.DataFrame(_visits(originals))
    # Names vary from file to file, the place's id does not.
    by_id = rows.assign(iso3=codes(rows["country"])).groupby("id")["iso3"].transform("first")
    remarks = rows["remarks"]
    return (
        rows.assign(
            iso3=by_id,
            summit=remarks.str.contains(_GATHERING, case=False),
            un_assembly=remarks.str.contains(_ASSEMBLY, case=False),
        )
        .dropna(subset="iso3")
        .query("date >= @_SINCE")
        .drop(columns=["id", "country", "remarks"])
    )


def ambassadors(originals: Path) -> pd.DataFrame:
    """Return chiefs of US missions in the region, from when and until when they served."""
    rows = pd.DataFrame(_chiefs(originals))
    country = rows["country"].str.replace("-", " ").str.title().str.replace(" And ", " and ")
    days = pd.DataFrame(
        {
            "started": rows["started"].fillna(rows["arrived"]).fillna(rows["appointed"]),
            "ended": rows["ended"],
        }
    )
    # "1992-09": no day is known, and the first of the month stands for it.
    to_month = days.apply(lambda column: column.str.len().eq(7)).any(axis=1)
    return (
        days.where(days.apply(lambda column: column.str.len().ne(7)), days + "-01")
        .assign(
            iso3=codes(country),
            chief=rows["chief"],
            rank=rows["rank"].map(_RANKS),
            precision=to_month.map({True: "month", False: "day"}),
            ending=_ending(rows["note"]),
        )
        .dropna(subset="started")
        .query("ended >= @_SINCE or (ended.isna() and started >= @_SINCE)")
    )


def _ending(notes: pd.Series) -> pd.Series:
    found = notes.str.lower().str.extract(f"({'|'.join(_ENDINGS)})", expand=False)
    return found.map(_ENDINGS)


def _visits(originals: Path) -> Iterator[dict[str, str]]:
    for folder, root in _documents(originals):
        for visit in root.iter("visit"):
            place = visit.find("from")
            yield _row(visit, "leader to US", place) | {
                "person": _text(visit.find("visitor")),
                "place": "",
                "remarks": _text(visit.find("description")),
            }
        for trip in root.iter("trip"):
            yield _row(trip, _JOURNEYS[folder], trip.find("country")) | {
                "person": _text(trip.find("name")),
                "place": _text(trip.find("locale")),
                "remarks": _text(trip.find("remarks")),
            }


def _row(event: ElementTree.Element, kind: str, place: ElementTree.Element) -> dict[str, str]:
    return {
        "date": _text(event.find("start-date")),
        "until": _text(event.find("end-date")),
        "kind": kind,
        "id": place.get("id"),
        "country": _text(place),
    }


def _chiefs(originals: Path) -> Iterator[dict[str, str | None]]:
    for folder, root in _documents(originals):
        if folder != "missions-countries":
            continue
        for chief in root.find("chiefs").iter("chief"):
            days = {
                event: _text(chief.find(f"{event}/date")) or None
                for event in ("appointed", "arrived", "started", "ended")
            }
            yield days | {
                "country": _text(root.find("territory-id")),
                "chief": _text(chief.find("person-id")),
                "rank": _text(chief.find("role-title-id")),
                "note": _text(chief.find("ended/note")),
            }


def _documents(originals: Path) -> Iterator[tuple[str, ElementTree.Element]]:
    (name,) = ORIGINALS
    with tarfile.open(originals / name) as archive:
        for member in archive:
            if member.isfile() and member.name.endswith(".xml"):
                yield (
                    member.name.split("/")[0],
                    ElementTree.parse(archive.extractfile(member)).getroot(),
                )


def _text(element: ElementTree.Element | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).split())


TABLES = {"ambassadors": ambassadors, "visits": visits}
