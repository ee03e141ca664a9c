"""Bookkeeping through the year: every month is booked, and closed when the next is some days old."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.commands import journal
from portal.models.ledger import LedgerBook
from portal.models.people import Municipality
from portal.queries.journal import first_of, next_month
from portal.worlds import World
from seed.stage import Stage

CLOSES_FROM = 4
"""From which day of the month the one before it is closed."""


def begin(session: Session, first: date, at: datetime) -> None:
    """Keep the journal of every municipality from the first month on."""
    for place in session.scalars(select(Municipality).order_by(Municipality.id)):
        session.add(LedgerBook(municipality_id=place.id, begins_on=first_of(first), opened_at=at))


class Bookkeeper:
    """A treasurer who closes months."""

    def __init__(self, stage: Stage, first: date) -> None:
        self.stage, self.month = stage, first_of(first)

    def morning(self, at: datetime) -> None:
        """Close the month before this one, once this one is some days old."""
        today = local_date(at)
        if next_month(self.month) > today or today.day < CLOSES_FROM:
            return
        viewer = self.stage.viewer(self.stage.staff.treasurers[0])
        for place in self.stage.municipalities.values():
            journal.close(self.stage.session, viewer, place, self.month, at)
        self.stage.session.commit()
        self.month = next_month(self.month)


def rest(world: World) -> None:
    """Book what happened since the last month was closed."""
    with world.db.transaction() as session:
        for place in session.scalars(select(Municipality.id).order_by(Municipality.id)).all():
            journal.post_all(session, place, world.clock.now())
