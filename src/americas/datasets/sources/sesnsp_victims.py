"""Victims of crime in Mexico by state, from the files of the states' prosecutors (SESNSP)."""

from pathlib import Path

import pandas as pd

from americas.data import load

ORIGINALS = {
    "mexico_sesnsp_victims/db_victimas_delitos_ent_long.csv.bz2": "9a27abb9322d590dbfdbb758fd9525336501bf66ffd2b4ce908064b77a07d86c",
}
DOWNLOAD = (
    "GobiernoMexicano/sesnsp/db_victimas_delitos_ent_long.csv.bz2 of "
    "https://github.com/isaacarroyov/datos_facil_acceso, commit "
    "5f7295ae9f6f5abfb7b12cd10047f5d824bc4fce: the long form of the secretariat's own file, "
    "https://www.gob.mx/sesnsp/acciones-y-programas/datos-abiertos-de-incidencia-delictiva."
)
_CRIMES = {
    "Extorsión": "extortion",
    "Homicidio doloso": "homicide",
    "Secuestro": "kidnapping",
    "Trata de personas": "trafficking in persons",
}
_LAST = 2024  # The file ends in June 2025.


def victims_mexico(originals: Path) -> pd.DataFrame:
    """Return victims of four crimes by state and year, all months, sexes, ages and ways together."""
    (name,) = ORIGINALS
    columns = {
        "cve_ent": "state_code",
        "n_year": "year",
        "subtipo_de_delito": "crime",
        "n_victimas": "victims",
    }
    states = load("homicide_mexico")[["state_code", "state"]].drop_duplicates()
    return (
        pd.read_csv(originals / name, usecols=list(columns))
        .rename(columns=columns)
        .query("year <= @_LAST and crime in @_CRIMES")
        .assign(
            state_code=lambda rows: rows["state_code"].astype(str).str.zfill(2),
            crime=lambda rows: rows["crime"].map(_CRIMES),
        )
        .groupby(["state_code", "year", "crime"], as_index=False)["victims"]
        .sum()
        .merge(states, on="state_code", validate="many_to_one")
    )


TABLES = {"victims_mexico": victims_mexico}
