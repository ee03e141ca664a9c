"""A chart of accounts to book by in tests, as the file that a municipality would hand in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commands import chart, journal
from portal.commands.changes import Author
from portal.interfaces.csv_files import written
from portal.models.ledger import JournalEntry, JournalLine
from portal.models.people import Municipality
from tests.cast import Cast
from workflows import posting_keys

HEADER = ("Soort", "Code", "Naam", "Balans of resultaat", "Categorie", "Rekening", "Taakveld", "BTW", "Van",
          "Tot en met", "Bron")  # fmt: skip
FIRST, SOURCE = "2020-01-01", "Schema 2020"
Row = tuple[str, ...]
RECLAIMED = ("cost.parking", "cost.other", "cost.purchase")
"""Of which costs the chart of these tests reclaims the VAT."""


def account(code: str, label: str = "Rekening", side: str = "balans", **more: str) -> Row:
    return ("rekening", code, label, side, more.get("category", ""), "", "", "", more.get("first", FIRST),
            more.get("last", ""), SOURCE)  # fmt: skip


def task(code: str, label: str = "Taakveld", first: str = FIRST, last: str = "") -> Row:
    return ("taakveld", code, label, "", "", "", "", "", first, last, SOURCE)


def cost_centre(code: str, label: str = "Team", taakveld: str = "", first: str = FIRST, last: str = "") -> Row:
    return ("kostenplaats", code, label, "", "", "", taakveld, "", first, last, SOURCE)


def posting(key: str, on: str, taakveld: str = "", vat: str = "", first: str = FIRST, last: str = "") -> Row:
    return ("boeking", key, "", "", "", on, taakveld, vat, first, last, SOURCE)


SHARED = {"bank": "1100", "advances": "1310", "recoveries": "1320", "vat": "1330", "credits": "1340",
          "suppliers": "1600", "employees": "1610"}  # fmt: skip


def whole_chart(first: str = FIRST) -> list[Row]:
    """A chart by which everything can be booked."""
    costs = [key for key in posting_keys() if key not in SHARED]
    return [
        task("0.4", "Overhead", first), task("8.3", "Wonen en bouwen", first),
        *(account(code, key, first=first) for key, code in SHARED.items()),
        *(account(str(4000 + place), key, "resultaat", first=first, category="3.8") for place, key in enumerate(costs)),
        cost_centre("1000", "Directie", first=first), cost_centre("1100", "Team", "8.3", first=first),
        *(posting(key, code, first=first) for key, code in SHARED.items() if key in posting_keys()),
        *(posting(key, str(4000 + place), "0.4", "bcf" if key in RECLAIMED else "kosten", first)
          for place, key in enumerate(costs)),
    ]  # fmt: skip


def chart_file(*rows: Sequence[str]) -> bytes:
    return written(HEADER, rows)


def given_chart(session: Session, cast: Cast, *rows: Sequence[str], code: str = "waterveen") -> None:
    """Take in this chart, else the whole one, for a municipality."""
    place, now = session.get_one(Municipality, cast.municipalities[code]), cast.world.clock.now()
    author, today = Author(cast.people["hanna"], None), date(2026, 11, 24)
    content = chart_file(*(rows or whole_chart()))
    plan = chart.plan_of(session, author, place, content, today)
    assert not plan.problems, plan.problems
    chart.take_in(session, author, place, content, plan.digest, now, today)


def begun(session: Session, cast: Cast, code: str = "waterveen", month: date = date(2026, 11, 1)) -> Municipality:
    """A municipality with the whole chart, of which the journal is kept from this month on."""
    given_chart(session, cast, code=code)
    place = session.get_one(Municipality, cast.municipalities[code])
    journal.open_book(session, Author(cast.people["hanna"], None), place, month, cast.world.clock.now())
    return place


def balances(session: Session, municipality_id: int) -> dict[str, int]:
    """Debit less credit of each posting rule; without those that come to nothing."""
    rows = session.execute(
        select(JournalLine.key, JournalLine.debit_cents, JournalLine.credit_cents)
        .join(JournalEntry, JournalEntry.id == JournalLine.entry_id)
        .where(JournalEntry.municipality_id == municipality_id)
    )
    found: Counter[str] = Counter()
    for key, debit, credit in rows:
        found[key] += debit - credit
    return {key: cents for key, cents in found.items() if cents}
