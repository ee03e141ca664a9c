"""A random walk with a bookkeeper in it: the journal is what the facts come to, however late and often it is made."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.commands import journal, returned_money
from portal.db import Database
from portal.models.cases import Case
from portal.models.ledger import JournalEntry, JournalLine, LedgerClose
from portal.models.outstanding import Outstanding, Settlement
from portal.models.payments import BankEntry, BatchLine, Payable
from portal.models.people import Municipality
from portal.queries.journal import first_of, next_month
from tests.commands.test_money_machine import RIGHT, people, picks
from tests.commands.test_money_walk import Walk
from tests.ledger import balances, begun

OWED = ("payable", "paying", "unpaid", "paid", "outstanding", "settled")


def naive(session: Session) -> dict[str, int]:
    """What the journal must come to, from where every case stands now: nothing of how it came there."""
    sums: Counter[str] = Counter()
    cases = {case.id: case for case in session.scalars(select(Case).where(Case.type != "account_change"))}
    kinds = {debt.id: debt for debt in session.scalars(select(Outstanding))}
    for case in cases.values():
        if case.state in OWED:
            sums["cost.parking" if case.type == "expense_claim" else "advances"] += case.sanctioned_cents
            sums["employees"] -= case.sanctioned_cents
    of_payable = {payable.id: payable for payable in session.scalars(select(Payable))}
    for line in session.scalars(select(BatchLine).where(BatchLine.settled_at.is_not(None))):
        if line.returned_at is None:
            assert of_payable[line.payable_id].case_id in cases
            sums["bank"] -= line.cents
            sums["employees"] += line.cents
    for part in session.scalars(select(Settlement).where(Settlement.undone_at.is_(None))):
        assert kinds[part.outstanding_id].kind == "advance"
        sums["advances"] -= part.cents
        sums["employees" if part.case_id else "bank"] += part.cents
    return {key: cents for key, cents in sums.items() if cents}


def rows_of(session: Session, *, moved: bool) -> list[tuple[Any, ...]]:
    """Every line with its entry; with `moved` without what may differ when it is booked later."""
    late = () if moved else (JournalEntry.number, JournalEntry.period)
    query = (
        select(JournalEntry.event_id, JournalEntry.settlement_id, JournalEntry.booked_on, JournalEntry.case_number,
               JournalEntry.action, JournalLine.place, JournalLine.key, JournalLine.account, JournalLine.cost_centre,
               JournalLine.task, JournalLine.debit_cents, JournalLine.credit_cents, *late)
        .join(JournalLine, JournalLine.entry_id == JournalEntry.id)
    )  # fmt: skip
    return sorted((tuple(row) for row in session.execute(query)), key=str)


class Booked(Walk):
    """The same hands and the same bank, and somebody who books now and then and closes months."""

    def __init__(self) -> None:
        super().__init__()
        with self.world.db.transaction() as session:
            self.place = begun(session, self.cast).id
        self.closed: dict[date, list[tuple[Any, ...]]] = {}

    @rule()
    def book(self) -> None:
        self.do(lambda s: journal.post(s, self.place, self.world.clock.now()))

    @rule(pick=picks, who=people)
    def take_back_what_was_paid_back(self, pick: int, who: str) -> None:
        def undo(session: Session) -> None:
            booked = session.scalars(
                select(Settlement).where(Settlement.bank_entry_id.is_not(None)).order_by(Settlement.id)
            ).all()
            if booked:
                entry = session.get_one(BankEntry, booked[pick % len(booked)].bank_entry_id)
                viewer = self.cast.viewer(session, "els" if who == RIGHT else who)
                returned_money.undo(session, viewer, entry, "Van een ander", self.world.clock.now())

        self.do(undo)

    @rule(days=st.integers(5, 45))
    def let_weeks_pass(self, days: int) -> None:
        self.world.clock.advance(timedelta(days=days))  # type: ignore[attr-defined]

    @rule(who=people, ahead=st.integers(0, 2))
    def close_a_month(self, who: str, ahead: int) -> None:
        with self.world.db.session(writes=False) as session:
            last = max(session.scalars(select(LedgerClose.month)), default=date(2026, 10, 1))
        month = next_month(last)
        for _ in range(ahead):
            month = next_month(month)

        def close(session: Session) -> None:
            viewer = self.cast.viewer(session, "dirk" if who == RIGHT else who)
            journal.close(session, viewer, session.get_one(Municipality, self.place), month, self.world.clock.now())

        self.do(close)

    @invariant()
    def closed_months_stay_as_they_are(self) -> None:
        with self.world.db.session(writes=False) as session:
            today = local_date(self.world.clock.now())
            months = set(session.scalars(select(LedgerClose.month)))
            for month in months:
                assert month < first_of(today)
                entries = session.scalars(
                    select(JournalEntry).where(JournalEntry.period == month).order_by(JournalEntry.number)
                )
                found = [(one.id, one.number, one.booked_on, one.debit_cents) for one in entries]
                assert self.closed.setdefault(month, found) == found
            assert set(self.closed) == months

    @invariant()
    def every_entry_balances_and_none_is_skipped(self) -> None:
        with self.world.db.session(writes=False) as session:
            entries = session.scalars(select(JournalEntry).order_by(JournalEntry.number)).all()
            assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
            for entry in entries:
                lines = session.scalars(select(JournalLine).where(JournalLine.entry_id == entry.id)).all()
                assert sum(one.debit_cents - one.credit_cents for one in lines) == 0
                assert sum(one.debit_cents for one in lines) == entry.debit_cents > 0
                assert entry.period >= first_of(entry.booked_on)

    def teardown(self) -> None:
        try:
            self.nothing_is_left_out()
            self.booked_at_once_it_is_the_same()
        finally:
            super().teardown()

    def nothing_is_left_out(self) -> None:
        with self.world.db.transaction() as session:
            assert journal.post_all(session, self.place, self.world.clock.now()).missing is None
        with self.world.db.transaction() as session:
            assert balances(session, self.place) == naive(session)
            before = rows_of(session, moved=False)
            assert journal.post_all(session, self.place, self.world.clock.now()).entries == 0
            assert rows_of(session, moved=False) == before

    def booked_at_once_it_is_the_same(self) -> None:
        """A copy in which nothing was booked or closed comes to the same lines when booked now."""
        with self.world.db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        copy = self.folder / "late.sqlite"
        shutil.copy(self.stand.file, copy)
        late = Database(f"sqlite:///{copy}")
        with late.transaction() as session:
            for table in ("journal_line", "journal_entry", "ledger_close"):
                session.execute(text(f"DROP TRIGGER {table}_delete"))
                session.execute(text(f"DELETE FROM {table}"))  # noqa: S608
            journal.post_all(session, self.place, self.world.clock.now())
            found = rows_of(session, moved=True)
        late.dispose()
        with self.world.db.session(writes=False) as session:
            assert found == rows_of(session, moved=True)


TestBooked = Booked.TestCase
TestBooked.settings = settings(
    max_examples=10, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
