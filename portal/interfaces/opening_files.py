"""What a municipality begins with, in CSV files: balances of leave, and what is open; each row read and judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from portal.interfaces.csv_files import by_column
from portal.interfaces.people_file import day_in
from workflows.hours import read_hours
from workflows.kernel import Refusal, Refused
from workflows.lots import BOUGHT, EXTRA, STATUTORY
from workflows.money import MoneyError, parse_euro
from workflows.parties import N_

BALANCE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "number": ("personeelsnummer", "personnel number"),
    "kind": ("soort", "kind"),
    "year": ("jaar", "year"),
    "hours": ("uren", "hours"),
}
ITEM_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "kind": ("soort", "kind"),
    "reference": ("kenmerk", "reference"),
    "whose": ("van", "naam", "from", "name"),
    "day": ("datum", "date"),
    "amount": ("bedrag", "amount"),
    "due": ("vervaldatum", "due date", "due"),
}
"""What a column may be called, in small letters."""
KINDS_OF_LEAVE: Mapping[str, str] = {
    "wettelijk": STATUTORY, "statutory": STATUTORY, "bovenwettelijk": EXTRA, "extra": EXTRA, "gekocht": BOUGHT,
    "bought": BOUGHT,
}  # fmt: skip
KINDS_OF_ITEMS: Mapping[str, str] = {
    "factuur": "invoice", "invoice": "invoice", "declaratie": "claim", "claim": "claim",
}  # fmt: skip
LONGEST = 100

NO_ROWS = Refusal("opening_no_rows", N_("The file names columns, but nothing stands under them."))
KIND_UNKNOWN = Refusal("opening_kind", N_("This kind is not known: “%(text)s”. Use one of: %(known)s."))
YEAR_WRONG = Refusal("opening_year", N_("This is not a year: “%(text)s”."))
AMOUNT_WRONG = Refusal("opening_amount", N_("This is not an amount above zero: “%(text)s”."))
REFERENCE_MISSING = Refusal("opening_reference", N_("Give each line a reference, 100 signs at most."))
NAME_MISSING = Refusal("opening_name", N_("Say whose it is, 100 signs at most."))
DAY_MISSING = Refusal("opening_day", N_("Give each line a date."))


@dataclass(frozen=True, slots=True)
class Balance:
    """The hours that somebody has left of a kind and a year."""

    line: int
    number: str
    kind: str
    year: int
    minutes: int
    problems: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """An unpaid invoice, or a claim in progress."""

    line: int
    kind: str
    reference: str
    whose: str
    day: date | None
    due: date | None
    cents: int
    problems: tuple[Refusal, ...] = ()


def _about(refusal: Refusal, **values: str) -> Refusal:
    return Refusal(refusal.code, refusal.sentence, {name: text[:40] for name, text in values.items()})


def _one_of(text: str, known: Mapping[str, str], wrong: list[Refusal]) -> str:
    found = known.get(text.strip().casefold(), "")
    if not found:
        wrong.append(_about(KIND_UNKNOWN, text=text, known=", ".join(dict.fromkeys(known))))
    return found


def _day(text: str, wrong: list[Refusal]) -> date | None:
    try:
        return day_in(text)
    except Refused as refused:
        wrong += refused.refusals
        return None


def balances_in(content: bytes) -> list[Balance]:
    """Every row of a file with balances. Raises Refused when it is no such file."""
    rows, _ = by_column(content, BALANCE_COLUMNS, tuple(BALANCE_COLUMNS), NO_ROWS)
    return [_balance(line, cells) for line, cells in rows]


def _balance(line: int, cells: Mapping[str, str]) -> Balance:
    wrong: list[Refusal] = []
    kind = _one_of(cells["kind"], KINDS_OF_LEAVE, wrong)
    text, minutes = cells["hours"].strip().replace("−", "-"), 0
    try:
        # Who took more than they had begins below zero.
        minutes = -read_hours(text[1:]) if text.startswith("-") else read_hours(text)
    except Refused as refused:
        wrong += refused.refusals
    year = int(cells["year"]) if cells["year"].isdecimal() and len(cells["year"]) == 4 else 0
    if not 2000 <= year <= 2199:
        wrong.append(_about(YEAR_WRONG, text=cells["year"]))
    return Balance(line, cells["number"].strip(), kind, year, minutes, tuple(wrong))


def items_in(content: bytes) -> list[Item]:
    """Every row of a file with what is open. Raises Refused when it is no such file."""
    rows, _ = by_column(content, ITEM_COLUMNS, tuple(ITEM_COLUMNS)[:5], NO_ROWS)
    return [_item(line, cells) for line, cells in rows]


def _item(line: int, cells: Mapping[str, str]) -> Item:
    wrong: list[Refusal] = []
    kind = _one_of(cells["kind"], KINDS_OF_ITEMS, wrong)
    try:
        cents = parse_euro(cells["amount"])
    except MoneyError:
        cents = 0
    if cents <= 0:
        wrong.append(_about(AMOUNT_WRONG, text=cells["amount"]))
    reference, whose = " ".join(cells["reference"].split()), " ".join(cells["whose"].split())
    if not 0 < len(reference) <= LONGEST:
        wrong.append(REFERENCE_MISSING)
    if not 0 < len(whose) <= LONGEST:
        wrong.append(NAME_MISSING)
    before = len(wrong)
    day, due = _day(cells["day"], wrong), _day(cells.get("due", ""), wrong)
    if day is None and len(wrong) == before:
        wrong.append(DAY_MISSING)
    return Item(line, kind, reference, whose, day, due, cents, tuple(wrong))
