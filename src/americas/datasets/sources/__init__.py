"""One module a publisher: from the file as it was obtained to the tidy tables made of it.

Each module states

- `ORIGINALS`: the files it reads, as paths below the folder of originals, each with the
  SHA-256 of the version that the committed tables were made from (of an archive or a gzip file:
  of what is in it);
- `DOWNLOAD`: where a reader with internet gets them, in one sentence with the address;
- `TABLES`: a function for each table it makes, `table(originals: Path) -> DataFrame`, whose
  columns are the table's and whose rows may stand in any order;
- `MAPS`, if it makes any: likewise, with a TopoJSON object in place of the DataFrame.
"""

import pandas as pd

from americas.data import load


def codes(names: pd.Series) -> pd.Series:
    """Turn publishers' English names into `iso3`; missing where it is no state of the course."""
    states = load("countries").assign(name=lambda rows: _plain(rows["name"]))
    return _plain(names).map(states.set_index("name")["iso3"])


def _plain(names: pd.Series) -> pd.Series:
    """Level the spellings that publishers differ in, such as `St. Lucia` and `Saint Lucia`."""
    return (
        names.str.replace(r" \(.*\)$| of America$", "", regex=True)
        .str.replace(" & ", " and ")
        .str.replace("St. ", "Saint ")
        .str.replace("the Grenadines", "Grenadines")
    )
