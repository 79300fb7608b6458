"""The data package: valid, described, made again from the originals, and clear when broken."""

import hashlib
import json
import re
import shutil
import tarfile
import time
import tomllib
from importlib import import_module
from pkgutil import iter_modules
from urllib.parse import urlsplit

import pandas as pd
import pytest
from frictionless import Package

from americas import about, data, load
from americas.cli import main
from americas.course.paths import Course
from americas.datasets import codebook, sources
from americas.errors import CourseError

ROOT = Course.of_this_package().root
DATA = ROOT / "data"
ENTRIES = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))["resources"]
TABLES = [entry for entry in ENTRIES if "schema" in entry]
NAMES = [entry["name"] for entry in ENTRIES]
MODULES = [
    import_module(f"{sources.__name__}.{found.name}") for found in iter_modules(sources.__path__)
]
MADE = {name: module for module in MODULES for name in module.TABLES | getattr(module, "MAPS", {})}

each = pytest.mark.parametrize("entry", ENTRIES, ids=NAMES)
each_table = pytest.mark.parametrize("entry", TABLES, ids=[entry["name"] for entry in TABLES])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A copy of the data that a test may break."""
    copy = shutil.copytree(DATA, tmp_path / "data")
    monkeypatch.setattr(data, "folder", lambda: copy)
    data.package.cache_clear()
    yield copy
    data.package.cache_clear()


def names(fields):
    return [fields] if isinstance(fields, str) else fields


# What is stored


def test_frictionless_finds_nothing_wrong():
    report = Package(DATA / "datapackage.json").validate()
    faults = [f"{task.name}: {error.message}" for task in report.tasks for error in task.errors]
    assert not faults + [error.message for error in report.errors]
    assert [task.name for task in report.tasks] == NAMES


def test_files_and_entries_are_the_same_in_number_and_order():
    files = {path.name for path in DATA.iterdir()} - {"datapackage.json", "README.md"}
    assert files == {entry["path"] for entry in ENTRIES}
    assert ["countries", *sorted(set(NAMES) - {"countries"})] == NAMES


@each
def test_checksum_and_size_are_those_of_the_file(entry):
    raw = (DATA / entry["path"]).read_bytes()
    assert entry["hash"] == f"sha256:{hashlib.sha256(raw).hexdigest()}"
    assert entry["bytes"] == len(raw)


@each
def test_an_entry_says_all_that_a_reader_needs(entry):
    for text in ("title", "description", "how_made"):
        assert entry[text].strip()
    assert entry["reading_notes"] and all(entry["reading_notes"])
    assert entry["licenses"] and all(item["path"].startswith("http") for item in entry["licenses"])
    for source in entry["sources"]:
        assert source["title"] and source["version"]
        assert source["path"].startswith("http")
    if module := MADE.get(entry["name"]):
        assert f"`{module.__name__.rpartition('.')[2]}`" in entry["how_made"]
        assert "https://" in module.DOWNLOAD


@each_table
def test_a_table_is_written_the_one_way(entry):
    raw = (DATA / entry["path"]).read_bytes()
    assert b"\r" not in raw and not raw.startswith(b"\xef\xbb\xbf") and raw.endswith(b"\n")
    cells = pd.read_csv(DATA / entry["path"], dtype=str, keep_default_na=False, encoding="utf-8")
    assert not cells.isin(["NA", "NaN", "nan", "None", "NULL", "<NA>"]).any(axis=None)
    assert not cells.apply(lambda column: column.str.strip().ne(column)).any(axis=None)
    key = names(entry["schema"]["primaryKey"])
    table = load(entry["name"])
    assert table[key].equals(table[key].sort_values(key, ignore_index=True))


@each_table
def test_columns_are_described_and_typed_as_they_load(entry):
    table = load(entry["name"])
    fields = entry["schema"]["fields"]
    assert list(table.columns) == [field["name"] for field in fields]
    assert table.attrs["table"] == entry["name"] and table.attrs["source"]
    for field in fields:
        column, required = table[field["name"]], field.get("constraints", {}).get("required")
        assert field["description"]
        assert required or column.isna().any(), f"{field['name']} is never empty: say so"
        kinds = {
            "string": pd.api.types.is_string_dtype,
            "integer": pd.api.types.is_integer_dtype,
            "number": pd.api.types.is_float_dtype,
            "boolean": pd.api.types.is_bool_dtype,
            "date": pd.api.types.is_datetime64_dtype,
            "year": pd.api.types.is_integer_dtype,
        }
        assert kinds[field["type"]](column.dtype), (field["name"], column.dtype)
        if field["type"] == "number" or field["name"].endswith(("_usd", "_current", "population")):
            assert field["unit"], f"{field['name']} has no unit"


PLACES = [
    (entry, field)
    for entry in TABLES
    for field in entry["schema"]["fields"]
    if field["name"] in ("iso3", "recipient") and entry["name"] != "countries"
]


@pytest.mark.parametrize(("entry", "field"), PLACES, ids=[entry["name"] for entry, _ in PLACES])
def test_a_place_is_tied_to_countries_or_its_code_is_explained(entry, field):
    codes = {code for cell in load(entry["name"])[field["name"]] for code in cell.split(";")}
    strange = codes - set(load("countries")["iso3"])
    tied = {
        name
        for key in entry["schema"].get("foreignKeys", [])
        if key["reference"]["resource"] == "countries"
        for name in names(key["fields"])
    }
    text = " ".join([field["description"], *entry["reading_notes"]])
    assert all(code in text for code in strange)
    assert strange or field["name"] in tied


def test_the_whole_folder_is_small_and_a_table_loads_at_once():
    assert sum(path.stat().st_size for path in DATA.iterdir()) < 8_000_000
    for entry in TABLES:
        # The best of some tries: the machine may be busy with other tests.
        assert min(_seconds(entry["name"]) for _ in range(5)) < 0.1, entry["name"]


def _seconds(name):
    start = time.perf_counter()
    load(name)
    return time.perf_counter() - start


# What is made


def test_counts_and_codebook_are_what_their_command_makes(folder, capsys):
    assert main(["codebook"]) == 0
    for file in ("datapackage.json", "README.md"):
        assert (folder / file).read_text(encoding="utf-8") == (DATA / file).read_text(
            encoding="utf-8"
        ), f"data/{file} is out of date: run `americas codebook`"


def test_codebook_shows_gaps():
    page = codebook.page()
    assert page.index("## Contents") < page.index("## countries") < page.index("## aid\n")
    assert "| LCA | 1981–2013, 2015–2020 |" in page
    assert "| NIC | 1980–1984, 1988–2020 |" in page
    assert "| CUB | none |" in page.partition("## training")[2].partition("## ")[0]
    assert "| requested | " in page.partition("## aid_stages")[2].partition("## ")[0]
    for entry in ENTRIES:
        assert f"| [{entry['name']}](#{entry['name']}) |" in page


def test_codebook_names_a_file_that_is_missing_or_disagrees(folder, capsys):
    path = folder / "troops.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("troops", "soldiers", 1), encoding="utf-8", newline="\n")
    assert main(["codebook"]) == 1
    assert "soldiers" in capsys.readouterr().err
    path.write_text(text.replace(",30\n", ",thirty\n", 1), encoding="utf-8", newline="\n")
    assert main(["codebook"]) == 1
    told = capsys.readouterr().err
    assert "data/troops.csv, line " in told
    assert "column 'troops': 'thirty' is no integer" in told
    path.unlink()
    assert main(["codebook"]) == 1
    assert "troops.csv is missing" in capsys.readouterr().err


# Adding a table, as a teacher would


NEW = "state,year,seats\nJalisco,2024,12\nColima,2025,\n"


def described(folder, **changes):
    """Put mine.csv into the folder, and its entry with `changes` into datapackage.json."""
    (folder / "mine.csv").write_text(NEW, encoding="utf-8", newline="\n")
    entry = {
        "name": "mine",
        "title": "Seats",
        "description": "Seats by state.",
        "path": "mine.csv",
        "sources": [{"title": "A ministry", "path": "https://example.org", "version": "2025"}],
        "licenses": [{"name": "facts", "title": "Figures", "path": "https://example.org"}],
        "how_made": "Read one by one.",
        "reading_notes": ["Seats are not people."],
        "schema": {
            "fields": [
                {"name": "state", "type": "string", "description": "Name of the state"},
                {"name": "year", "type": "year", "description": "Year"},
                {"name": "seats", "type": "integer", "description": "Seats", "unit": "seats"},
            ],
            "primaryKey": ["state", "year"],
        },
    }
    path = folder / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    package["resources"].append(entry | changes)
    path.write_text(json.dumps(package), encoding="utf-8", newline="\n")


def test_a_file_without_an_entry_gets_a_draft_that_is_one_paste_away(folder, capsys):
    (folder / "mine.csv").write_text(NEW, encoding="utf-8", newline="\n")
    assert main(["codebook"]) == 1
    told = capsys.readouterr().err
    assert 'data/mine.csv is not described. Put this entry into the list "resources"' in told
    draft = json.loads(told[told.index("{") : told.rindex("}") + 1])
    assert [field["type"] for field in draft["schema"]["fields"]] == ["string", "year", "integer"]
    assert "constraints" not in draft["schema"]["fields"][2]

    # Pasted as it is, each "..." is asked for.
    described(folder, **draft)
    assert main(["codebook"]) == 1
    told = capsys.readouterr().err
    for key in ("title", "description", "licenses"):
        assert f"entry 'mine': \"{key}\" is missing. Write there" in told or key == "licenses"
    assert "column 'seats': \"description\" is missing. Write there what the column means" in told
    assert 'a source: "version" is missing' in told


def test_a_described_table_is_counted_and_loads(folder, capsys):
    described(folder)
    assert main(["codebook"]) == 0
    assert "- **File**: [mine.csv](mine.csv), 2 rows, 2024–2025" in codebook.page()
    assert load("mine")["seats"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": ""}, "entry 'mine': \"title\" is missing. Write there a short name"),
        ({"sources": []}, "entry 'mine': \"sources\" is missing. Write there a list"),
        ({"schema": {}}, '"schema": "fields" is missing. Write there a list of the columns'),
        ({"name": ""}, 'An entry of data/datapackage.json has no "name" (its path: mine.csv)'),
        ({"path": "yours.csv"}, "data/mine.csv is not described"),
    ],
)
def test_what_an_entry_lacks_is_said_with_what_to_write(folder, capsys, changes, sentence):
    described(folder, **changes)
    assert main(["codebook"]) == 1
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ("estado\nMéxico\n".encode("cp1252"), "has letters that are not UTF-8"),
        (NEW.replace(",", ";").encode(), "has semicolons where commas belong"),
        (b"", "data/mine.csv is empty"),
        (
            b"state,year\nColima,2025,12,7\nJalisco,2024\n1,2,3,4,5,6\n",
            "lines of different lengths",
        ),
    ],
)
def test_a_file_that_a_spreadsheet_saved_in_its_own_way_is_said_how_to_save(
    folder, capsys, raw, sentence
):
    (folder / "mine.csv").write_bytes(raw)
    assert main(["codebook"]) == 1
    told = capsys.readouterr().err
    assert sentence in told
    assert 'Save it anew, from a spreadsheet as "CSV UTF-8 (comma delimited)"' in told


def test_a_mark_of_byte_order_is_no_part_of_a_columns_name(folder, capsys):
    described(folder)
    (folder / "mine.csv").write_bytes(b"\xef\xbb\xbf" + NEW.encode())
    assert main(["codebook"]) == 0


@pytest.mark.parametrize(
    ("place", "change", "sentence"),
    [
        (0, {"type": "text"}, "column 'state': the type 'text' is unknown. Write one of string"),
        (0, {"type": "integer"}, "line 2, column 'state': 'Jalisco' is no integer. Mend the cell"),
        (2, {"type": "number", "unit": ""}, "column 'seats': \"unit\" is missing"),
        (2, {"constraints": {"required": True}}, "line 3, column 'seats' is empty, though"),
        (0, {"constraints": {"enum": ["Jalisco"]}}, "line 3, column 'state': 'Colima' is none of"),
        (1, {"name": "when"}, '"primaryKey" names year, which is no column'),
        (1, {"description": ""}, "column 'year': \"description\" is missing"),
    ],
)
def test_a_column_that_does_not_fit_is_said_with_its_line(folder, capsys, place, change, sentence):
    described(folder)
    path = folder / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    package["resources"][-1]["schema"]["fields"][place] |= change
    path.write_text(json.dumps(package), encoding="utf-8", newline="\n")
    assert main(["codebook"]) == 1
    assert sentence in capsys.readouterr().err


# Where the figures come from


@each
def test_a_table_says_when_and_by_way_of_whom_it_came(entry):
    own = entry["name"] in {"claims", "indicators", "ledger"}
    assert own != bool(re.fullmatch(r"2026-\d\d-\d\d", entry.get("retrieved", "")))
    section = codebook.page().partition(f"\n## {entry['name']}\n")[2].partition("\n## ")[0]
    assert own or f"- **Retrieved**: {entry['retrieved']}" in section
    for source in entry["sources"]:
        assert source["version"] in section
        if way := source.get("by_way_of"):
            assert f"by way of [`{way['title']}`]({way['path']}), {way['version']}" in section


@pytest.mark.parametrize("module", MODULES, ids=[module.__name__ for module in MODULES])
def test_a_download_from_a_repository_names_the_commit(module):
    repositories = re.findall(r"https://github\.com/[^\s,;)]+", module.DOWNLOAD)
    commits = re.findall(r"commit [0-9a-f]{7,40}\b", module.DOWNLOAD)
    assert len(commits) == len(repositories)


def test_no_address_has_a_host_that_ends_in_a_dot():
    addresses = [
        address
        for path in DATA.iterdir()
        for address in re.findall(r"https?://[^\s\",;)]+", path.read_text(encoding="utf-8"))
    ]
    assert len(addresses) > 1000
    assert not [address for address in addresses if urlsplit(address).netloc.endswith(".")]


def test_the_codebook_ends_with_what_no_table_holds():
    section = codebook.page().partition("## What no table holds")[2]
    for item in data.package()["not_held"]:
        assert f"| {item['what']} | {item['why']} |" in section
    assert "## " not in section


def test_the_package_has_the_projects_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert data.package()["version"] == project["version"]


def test_rates_of_colombia_are_homicides_over_people():
    table = load("homicide_colombia")
    rates = (table["homicides"] / table["population"] * 100_000).round(2)
    assert rates.equals(table["rate_per_100k"])


# Made again


def test_an_archive_packed_anew_is_known_by_what_is_in_it(folder, originals, tmp_path, capsys):
    name = "official_visits/historyatstate-xml.tar.gz"
    with tarfile.open(originals / name) as archive:
        archive.extractall(tmp_path / "files", filter="data")
    (tmp_path / "official_visits").mkdir()
    with tarfile.open(tmp_path / name, "w:gz") as archive:
        for path in sorted((tmp_path / "files").rglob("*.xml"), reverse=True):
            archive.add(path, path.relative_to(tmp_path / "files").as_posix())
    assert (tmp_path / name).read_bytes() != (originals / name).read_bytes()
    assert main(["rebuild", "ambassadors", "--originals", str(tmp_path)]) == 0
    assert "ambassadors: unchanged" in capsys.readouterr().out

    (tmp_path / name).write_bytes((originals / name).read_bytes()[:1000])
    assert main(["rebuild", "ambassadors", "--originals", str(tmp_path)]) == 1
    assert "original changed or cut short" in capsys.readouterr().out


def test_every_table_comes_out_of_its_original_byte_for_byte(capsys, originals):
    assert main(["rebuild", "--originals", str(originals)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == sorted(MADE)
    assert all(": unchanged (" in line for line in lines)


def test_a_table_read_one_by_one_is_said_to_be_so(capsys):
    assert main(["rebuild", "troop_caps"]) == 0
    assert "troop_caps: read one by one" in capsys.readouterr().out


def test_rebuild_tells_where_a_missing_original_can_be_had(tmp_path, capsys):
    assert main(["rebuild", "gdp", "--originals", str(tmp_path)]) == 1
    line = capsys.readouterr().out
    assert line.startswith("gdp: original not found: ")
    assert "gdp.csv" in line and "https://" in line


def test_rebuild_refuses_a_name_that_is_no_table(capsys):
    assert main(["rebuild", "gpd"]) == 1
    assert "Did you mean 'gdp'" in capsys.readouterr().err


@pytest.mark.parametrize("fault", ["cut short", "changed"])
def test_rebuild_leaves_the_table_alone_where_the_original_is_not_the_known_one(
    fault, folder, originals, tmp_path, capsys
):
    copy = shutil.copytree(originals / "gdp_wb", tmp_path / "originals" / "gdp_wb").parent
    shutil.copytree(originals / "population_wb", copy / "population_wb")
    path = copy / "gdp_wb" / "gdp.csv"
    raw = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(raw[: len(raw) // 2] if fault == "cut short" else raw.replace(b"ARG", b"AGR"))
    assert main(["rebuild", "gdp", "--write", "--originals", str(copy)]) == 1
    line = capsys.readouterr().out
    assert "original changed or cut short" in line and f"{path.stat().st_size:,} bytes" in line
    assert f"expected {MADE['gdp'].ORIGINALS['gdp_wb/gdp.csv'][:12]}" in line
    assert (folder / "gdp.csv").read_bytes() == (DATA / "gdp.csv").read_bytes()


def test_rebuild_counts_what_changed_and_stores_it_only_when_asked(folder, capsys, originals):
    path = folder / "gdp.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    assert lines[1] == "ARG,1983,109490000000\n"
    lines[1] = "ARG,1983,1\n"
    spoilt = "".join([*lines[:-2], "VEN,2030,5\n", lines[-2]])
    path.write_text(spoilt, encoding="utf-8", newline="\n")
    where = ["--originals", str(originals)]

    assert main(["rebuild", "gdp", *where]) == 1
    line = capsys.readouterr().out
    assert "gdp: changed: 1 rows new, 1 gone, 1 changed" in line
    assert "at iso3 ARG, year 1983 gdp_usd was '1', is '109490000000'" in line
    assert path.read_text(encoding="utf-8") == spoilt

    assert main(["rebuild", "gdp", "--write", *where]) == 0
    assert "gdp: stored: " in capsys.readouterr().out
    assert path.read_bytes() == (DATA / "gdp.csv").read_bytes()
    assert data.resource("gdp")["hash"] == next(
        entry["hash"] for entry in ENTRIES if entry["name"] == "gdp"
    )


# What a student meets


@pytest.mark.parametrize("wrong", ["ade", "Aid", "aid ", ["aid"]])
def test_a_misspelt_table_gets_the_nearest_names(wrong):
    with pytest.raises(CourseError, match=r"There is no table called .*\. Did you mean .*'aid'"):
        load(wrong)


@pytest.mark.parametrize("wrong", ["zzzzzz", 4])
def test_what_is_near_no_name_gets_all_names(wrong):
    with pytest.raises(CourseError, match=r"There are: countries, .*aid, aid_stages"):
        load(wrong)


def test_a_missing_table_is_named_and_the_others_still_load(folder):
    (folder / "aid.csv").unlink()
    with pytest.raises(CourseError, match=r"table 'aid' is missing: .*aid\.csv.*git restore"):
        load("aid")
    assert len(load("troops")) > 1000


def test_a_truncated_table_is_named_with_its_sizes(folder):
    path = folder / "aid.csv"
    raw = path.read_bytes()
    path.write_bytes(raw[:1000])
    with pytest.raises(CourseError, match=f"cut short .1,000 bytes where {len(raw):,}") as caught:
        load("aid")
    assert "git restore" in str(caught.value)
    path.write_bytes(b"")
    with pytest.raises(CourseError, match=r"cut short .0 bytes"):
        load("aid")


def test_a_changed_table_is_refused(folder):
    path = folder / "aid.csv"
    raw = path.read_bytes()
    path.write_bytes(raw.replace(b"1980", b"1981", 1))
    with pytest.raises(CourseError, match="table 'aid' was changed"):
        load("aid")


@pytest.mark.parametrize("text", [None, '{"resources": ['])
def test_a_broken_list_of_tables_is_named(folder, text):
    path = folder / "datapackage.json"
    path.unlink()
    if text:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(CourseError, match=r"list of tables .*datapackage\.json.*git restore"):
        load("aid")


def test_an_error_is_a_sentence_in_a_notebook_and_not_a_traceback():
    error = CourseError("What is wrong.")
    assert error._render_traceback_() == ["What is wrong."]


@each
def test_about_tells_source_columns_units_and_notes(entry):
    page = about(entry["name"])._repr_markdown_()
    assert repr(about(entry["name"])) == page
    assert all(source["path"] in page for source in entry["sources"])
    assert all(note in page for note in entry["reading_notes"])
    for field in entry.get("schema", {}).get("fields", []):
        assert f"| `{field['name']}` | {field['description']} | {field.get('unit', '')} |" in page


def test_about_a_misspelt_table_is_a_sentence():
    with pytest.raises(CourseError, match="Did you mean 'troops'"):
        about("troop")
