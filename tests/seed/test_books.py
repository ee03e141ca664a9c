"""The journals of a seeded world: all that happened is booked, balances, and months are closed by a treasurer."""

from __future__ import annotations

from sqlalchemy import func, select

from portal.commands import journal
from portal.models.cases import Case
from portal.models.ledger import JournalEntry, JournalLine, LedgerClose
from portal.models.outstanding import Outstanding
from portal.models.payments import BatchLine
from portal.models.people import Municipality
from portal.queries.chart import chart_of
from portal.worlds import World
from workflows import posting_keys
from workflows.chart import POSTING


def test_every_municipality_can_book_everything(seeded: World) -> None:
    with seeded.db.session(writes=False) as session:
        for place in session.scalars(select(Municipality)):
            chart = chart_of(session, place.id)
            today = seeded.clock.now().date()
            assert [key for key in posting_keys() if chart.at(POSTING, key, today) is None] == []


def test_nothing_is_left_to_book_and_it_comes_to_what_was_paid(seeded: World) -> None:
    with seeded.db.session() as session:
        for place in session.scalars(select(Municipality.id)).all():
            assert journal.post_all(session, place, seeded.clock.now()) == journal.Posted()
        sums = {
            row.key: int(row.debit - row.credit)
            for row in session.execute(
                select(JournalLine.key, func.sum(JournalLine.debit_cents).label("debit"),
                       func.sum(JournalLine.credit_cents).label("credit")).group_by(JournalLine.key)
            )
        }  # fmt: skip
        assert sum(sums.values()) == 0
        paid = session.scalar(
            select(func.sum(BatchLine.cents)).where(
                BatchLine.settled_at.is_not(None), BatchLine.returned_at.is_(None)
            )
        )  # fmt: skip
        back = sum(
            line.debit_cents
            for line in session.scalars(
                select(JournalLine).join(JournalEntry, JournalEntry.id == JournalLine.entry_id)
                .where(JournalEntry.action == "paid_back")
            )
        )  # fmt: skip
        assert -sums["bank"] == (paid or 0) - back
        open_now = session.execute(
            select(Outstanding.cents, Outstanding.settled_cents).join(Case, Case.id == Outstanding.case_id)
            .where(Outstanding.kind == "advance", Outstanding.voided_at.is_(None), Outstanding.held_at.is_(None))
        )  # fmt: skip
        assert sums.get("advances", 0) >= sum(row.cents - row.settled_cents for row in open_now)
        session.rollback()


def test_months_are_closed_but_the_last(seeded: World) -> None:
    with seeded.db.session(writes=False) as session:
        places = session.scalar(select(func.count()).select_from(Municipality)) or 0
        months = session.scalars(select(LedgerClose.month)).all()
        assert len(months) == 2 * places
        assert max(months) < seeded.clock.now().date().replace(day=1)
