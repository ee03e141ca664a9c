"""People in a CSV file, as personnel records export them: which columns it may have, and its rows by column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from portal.interfaces.csv_files import by_column
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "number": ("personeelsnummer", "personnel number"),
    "given_name": ("voornaam", "first name"),
    "family_name": ("achternaam", "last name"),
    "email": ("e-mailadres", "e-mail address", "e-mail", "email"),
    "unit": ("afdeling", "unit"),
    "first": ("van", "from", "eerste dag", "first day"),
    "last": ("tot en met", "up to and including", "laatste dag", "last day"),
    "job_title": ("functie", "job title"),
    "phone": ("telefoonnummer", "telephone number"),
    "language": ("taal", "language"),
    "cost_centre": ("kostenplaats", "cost centre"),
    "iban": ("iban", "rekeningnummer"),
}
"""What a column may be called, in small letters: as our own file of people calls it, in both languages."""
NEEDED = ("number", "given_name", "family_name", "email", "unit", "first")

NO_ROWS = Refusal("import_no_rows", N_("The file names columns, but nobody stands under them."))
DAY_UNREADABLE = Refusal(
    "import_day_unreadable", N_("This is not a date: “%(text)s”. Write it as 31-03-2026 or 2026-03-31.")
)

_DUTCH_DAY = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")


def rows_of(content: bytes) -> tuple[list[tuple[int, dict[str, str]]], tuple[str, ...]]:
    """Every row by column, with its line in the file; and the columns that are not used."""
    return by_column(content, COLUMNS, NEEDED, NO_ROWS)


def day_in(text: str) -> date | None:
    """The day in a cell, in Dutch or ISO form; None when the cell is empty. Raises Refused when it is none."""
    text = text.strip()
    if not text:
        return None
    dutch = _DUTCH_DAY.fullmatch(text)
    try:
        found = date(int(dutch[3]), int(dutch[2]), int(dutch[1])) if dutch else date.fromisoformat(text)
    except ValueError:
        found = date.min
    if not 1900 < found.year < 2200:
        raise Refused(replace(DAY_UNREADABLE, values={"text": text[:20]}))
    return found
