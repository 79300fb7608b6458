"""Who is bound by which treaty: the UN Treaty Collection, and the OAS for one convention.

The file of the OAS was copied by hand from the depositary's page, in alphabetical order down to
the United States (the copy that could be read breaks off there): one row a state with the columns
country, signature, ratification, deposit (dates, YYYY-MM-DD), instrument (RA, ratification; AD,
accession), treaty and source_url.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from americas.data import load
from americas.datasets.sources import codes


@dataclass(frozen=True)
class _Treaty:
    name: str
    subject: str
    opened: str
    # The last day on which the file is known to have shown what the depositary showed. Later
    # visits of its maker left the file as it was, though states had joined meanwhile.
    as_of: str


_UN = {
    "18-11": _Treaty("Terrorist Financing Convention", "terrorism", "2000-01-10", "2014-07-10"),
    "18-12": _Treaty("UNTOC", "organized crime", "2000-12-12", "2014-01-27"),
    "18-12-a": _Treaty("Trafficking Protocol", "organized crime", "2000-12-12", "2014-01-27"),
    "18-12-b": _Treaty("Smuggling Protocol", "organized crime", "2000-12-12", "2014-07-10"),
    "18-12-c": _Treaty("Firearms Protocol", "organized crime", "2001-07-02", "2014-07-10"),
    "18-14": _Treaty("UNCAC", "corruption", "2003-12-09", "2014-07-10"),
    "18-9": _Treaty("Terrorist Bombings Convention", "terrorism", "1998-01-12", "2014-03-19"),
    "6-19": _Treaty("Vienna Convention 1988", "drugs", "1988-12-20", "2014-07-10"),
}
_OAS = _Treaty("OAS Mutual Assistance", "legal assistance", "1992-05-23", "2021-02-26")
# The copy of the OAS page breaks off before these two: nothing is known of them.
_CUT_OFF = ["URY", "VEN"]
_INSTRUMENTS = {
    "": "ratification",
    "a": "accession",
    "A": "acceptance",
    "AA": "approval",
    "d": "succession",
    "RA": "ratification",
    "AD": "accession",
}

ORIGINALS = {
    "oas_treaties/oas_a55_mutual_assistance.csv": "2a0701e777963d8ecb7a1e251ca84b5cebfe40ea975adc13c4b9ee754edd4647",
    "un_treaties/18-11.csv": "faf767828cc246ef0b730379b5ff770cf023ec371886f3cc915d472ccf19febe",
    "un_treaties/18-12.csv": "1226cde511d6768e2401d087fefe83fd55abab5194a7fda872f74b9de5af96b3",
    "un_treaties/18-12-a.csv": "da14e5f8963e3f6b8735e0029e7cc4628f07c4bd4e95033c458d6b69edc60f69",
    "un_treaties/18-12-b.csv": "e9ff044a9b42dd0479f7f85f56063b25c3a3803979627f5aa9eaad0a287aa5a1",
    "un_treaties/18-12-c.csv": "d795413c57b1731b3f0a22623017e0fc519eb10c1d35f755e9fe022198392a48",
    "un_treaties/18-14.csv": "5bbae75100be02605ae220eae59bb3013691bcbb683c9ef5a51252895f32c8c9",
    "un_treaties/18-9.csv": "e8141d92ac7f0e7504a9ad0dc9ea4ef2b86052592f6848db0a990824889bd030",
    "un_treaties/6-19.csv": "9ec5f6c01357a732844afe63847368d9057ee09937d4c687ef22a0bbb5aa0f5e",
}
DOWNLOAD = (
    "the folder treaties of https://github.com/zmjones/untreaties, commit "
    "003ce1309cc2a27a5a3909f39b7e6634550bf173, and the table of "
    "http://www.oas.org/juridico/english/Sigs/a-55.html, copied as the top of "
    "datasets/sources/treaties.py says."
)


def treaties(originals: Path) -> pd.DataFrame:
    """Return one row a state and treaty: when it was opened, signed and became binding, and how."""
    return pd.concat(
        [_un(originals / f"un_treaties/{number}.csv", treaty) for number, treaty in _UN.items()]
        + [_oas(originals / "oas_treaties/oas_a55_mutual_assistance.csv")]
    )


def _un(path: Path, treaty: _Treaty) -> pd.DataFrame:
    raw = pd.read_csv(path, encoding="utf-8")
    # "17 May 2013 a": the day, then how; the last column's heading differs from file to file.
    bound = raw.iloc[:, -1].str.extract(r"^(?P<day>\d+ \w+ \d+) ?(?P<how>\w*)$")
    return _every_state(
        pd.DataFrame(
            {
                "iso3": codes(raw["Participant"]),
                "signed": pd.to_datetime(raw["Signature"], format="%d %b %Y"),
                "bound": pd.to_datetime(bound["day"], format="%d %b %Y"),
                "instrument": bound["how"].map(_INSTRUMENTS),
            }
        ),
        treaty,
    )


def _oas(path: Path) -> pd.DataFrame:
    raw = pd.read_csv(path, encoding="utf-8")
    table = _every_state(
        pd.DataFrame(
            {
                "iso3": codes(raw["country"]),
                "signed": pd.to_datetime(raw["signature"]),
                # A state is bound by handing in its instrument, not by its own parliament's vote.
                "bound": pd.to_datetime(raw["deposit"]),
                "instrument": raw["instrument"].map(_INSTRUMENTS),
            }
        ),
        _OAS,
    )
    return table.query("iso3 not in @_CUT_OFF")


def _every_state(known: pd.DataFrame, treaty: _Treaty) -> pd.DataFrame:
    """Give every state a row: a list of parties leaves out those that did nothing."""
    return (
        load("countries")[["iso3"]]
        .merge(known.dropna(subset="iso3"), on="iso3", how="left", validate="one_to_one")
        .assign(
            treaty=treaty.name,
            subject=treaty.subject,
            opened=pd.Timestamp(treaty.opened),
            as_of=pd.Timestamp(treaty.as_of),
        )
    )


TABLES = {"treaties": treaties}
