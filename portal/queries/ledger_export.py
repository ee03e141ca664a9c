"""Putting the journal of a municipality over some months together, to be written to a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.i18n import gettext, reading_in
from portal.interfaces import ledger_files as files
from portal.models.ledger import JournalEntry, JournalLine, LedgerClose
from portal.models.people import Municipality
from portal.models.suppliers import Supplier
from portal.queries.chart import chart_of
from portal.queries.journal import first_of, next_month
from workflows import CASE_TYPES
from workflows.bookings import BANK, PAID_BACK, RECLAIMABLE, relation_id
from workflows.chart import ACCOUNT, BALANCE, POSTING, Chart


def span(text: str) -> tuple[date, date] | None:
    """The first and last month of a period, `2026-10` or a whole year `2026`; None when it is neither."""
    try:
        if len(text) == 4:
            year = int(text)
            return date(year, 1, 1), date(year, 12, 1)
        if len(text) == 7:
            month = date.fromisoformat(f"{text}-01")
            return month, month
    except ValueError:
        pass
    return None


def journal_of(session: Session, place: Municipality, first: date, last: date) -> files.Journal:
    """The journal of these whole months, with the accounts and suppliers that it names."""
    chart = chart_of(session, place.id)
    entries, made_on = _entries(session, place, first, last)
    used = {line.account for entry in entries for line in entry.lines}
    relations = {line.relation for entry in entries for line in entry.lines if line.relation}
    end = next_month(last)
    closes = session.scalars(
        select(LedgerClose.closed_at).where(
            LedgerClose.municipality_id == place.id, LedgerClose.month.between(first, last)
        )
    )  # fmt: skip
    reclaim = chart.at(POSTING, RECLAIMABLE, first)
    accounts = tuple(_accounts(chart, used, first, end))
    return files.Journal(
        place.code, place.name, first, last, max((first, *made_on, *(local_date(at) for at in closes))), accounts,
        tuple(entries), tuple(_relations(session, relations)),
        reclaimed_on=reclaim.account if reclaim and reclaim.account in {one.code for one in accounts} else "",
    )  # fmt: skip


def _accounts(chart: Chart, used: set[str], first: date, end: date) -> Iterator[files.Account]:
    """Every account that holds in these months or was booked on, as it was last."""
    rows = {row.code: row for row in chart.of(ACCOUNT) if row.valid_from < end}
    for code, row in sorted(rows.items()):
        if code in used or row.valid_to is None or row.valid_to >= first:
            yield files.Account(code, row.label, "B" if row.side == BALANCE else "P", row.category)


def _relations(session: Session, codes: set[str]) -> Iterator[files.Relation]:
    ids = {relation_id(code): code for code in codes}
    for one in session.scalars(select(Supplier).where(Supplier.id.in_(ids)).order_by(Supplier.id)):
        yield files.Relation(ids[one.id], one.name, one.kvk, one.vat)


def _entries(
    session: Session, place: Municipality, first: date, last: date
) -> tuple[Sequence[files.Entry], Sequence[date]]:
    there = (JournalEntry.municipality_id == place.id) & JournalEntry.period.between(first, last)
    rows = session.execute(
        select(JournalEntry, JournalLine)
        .join(JournalLine, JournalLine.entry_id == JournalEntry.id)
        .where(there)
        .order_by(JournalEntry.number, JournalLine.place)
    )
    found: dict[int, tuple[JournalEntry, list[JournalLine]]] = {}
    for entry, line in rows:
        found.setdefault(entry.id, (entry, []))[1].append(line)
    with reading_in("nl"):
        entries = [_entry(entry, lines) for entry, lines in found.values()]
    return entries, [local_date(entry.posted_at) for entry, _ in found.values()]


def _entry(entry: JournalEntry, lines: Sequence[JournalLine]) -> files.Entry:
    keys = {line.key for line in lines}
    bought = any(line.relation for line in lines)
    journal = files.BANK if BANK in keys else files.PURCHASES if bought else files.MEMORIAL
    return files.Entry(
        entry.number, journal, first_of(entry.period), entry.booked_on, entry.case_number,
        label_of(entry.case_type, entry.action),
        tuple(files.Line(line.account, line.debit_cents, line.credit_cents, line.cost_centre, line.task, line.relation)
              for line in lines),
    )  # fmt: skip


def label_of(case_type: str, action: str) -> str:
    """What people call the step that was booked, in the language being read in."""
    steps = {one.key: one.done for one in CASE_TYPES[case_type].actions} if case_type in CASE_TYPES else {}
    return gettext(steps.get(action, PAID_BACK.get(action, action)))
