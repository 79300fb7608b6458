"""Which sheets to print each lesson has, by its number; `americas handouts` makes them."""

SHEETS = {
    "00": ["cheat-sheet"],
    "01": ["claims", "events", "ledger"],
    "02": ["cards"],
    "04": ["events"],
    "06": ["events"],
    "07": ["events"],
    "09": ["axes"],
    "11": ["readings"],
}
