"""Foreign Military Training reports: places on US courses for soldiers of the region.

The file of courses was read by the authors of this course from the repository named below, since
its finished files are kept elsewhere (Git LFS). To read it again, take
the newest run in the folder 4_xml_dedup of each report FY1999-FY2020, the files whose name has
`Western_Hemisphere` (or `All_Regions` where a report has no other), and for FY2006 the State
Department's page Western_Hemisphere of that report. Each course is one row with country, program,
course_title, quantity and total_cost as printed. Then

- drop rows that print a programme's total, and the planned year of a report of two years;
- `fy` is the first year in the report's name (report 2010_2011 is fiscal year 2010);
- `students` and `cost_usd` are quantity and total_cost as numbers, empty where none is legible;
- `programme_group` joins the spellings of a programme: IMET, FMF, CTFP, PKO and GPOI, INL and
  INCLE, the Regional Centers, the Pentagon's counter-drug money (sections 1004, 284, 1033) and
  its train-and-equip money (1206, 2282, 333), and Other.

Only country, fy, programme_group, students and cost_usd are used. The sums equal the printed
totals for FY2006 (5,817), FY2007 (11,443), FY2008 and FY2010-FY2020.
"""

from pathlib import Path

import pandas as pd

from americas.datasets.sources import codes

ORIGINALS = {
    "us_military_training/fmtrpt_wh_events.csv.gz": "934d2db022a04682b4b4572c1eb65cc2f4e8480641a2c093610fba18bf0625f5",
}
DOWNLOAD = (
    "State and Defense Departments, Foreign Military Training reports, FY1999-FY2020, as XML by "
    "the Security Force Monitor: https://github.com/security-force-monitor/fmtrpt_data, commit "
    "203d73f. How the file of courses is packed from it stands at the top of "
    "datasets/sources/us_military_training.py."
)

# Territories, which the table `countries` does not hold.
_TERRITORIES = {
    "Aruba": "ABW",
    "Cayman Islands": "CYM",
    "Netherlands Antilles": "ANT",
    "Sint Maarten": "SXM",
    "Turks and Caicos": "TCA",
}


def training(originals: Path) -> pd.DataFrame:
    """Return places on courses and their cost in dollars, by recipient, fiscal year and programme."""
    return (
        pd.read_csv(
            originals / "us_military_training/fmtrpt_wh_events.csv.gz",
            usecols=["country", "fy", "programme_group", "students", "cost_usd"],
        )
        .rename(columns={"country": "name", "fy": "fiscal_year", "programme_group": "programme"})
        .assign(iso3=lambda rows: codes(rows["name"]).fillna(rows["name"].map(_TERRITORIES)))
        .groupby(["iso3", "name", "fiscal_year", "programme"], as_index=False, dropna=False)[
            ["students", "cost_usd"]
        ]
        # A programme none of whose courses has a number stays without one.
        .sum(min_count=1)
        .astype({"students": "Int64"})
        .assign(cost_usd=lambda rows: rows["cost_usd"].round().astype("Int64"))
    )


TABLES = {"training": training}
