"""Booking by itself: whatever is not in the journal of a municipality yet, some hundreds of steps at a time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from portal.commands import journal
from portal.jobs.telling import Told, told
from portal.models.ledger import LedgerBook
from portal.models.people import Municipality
from portal.worlds import World


def run(world: World, at: datetime) -> Told:
    """Book for each municipality of which a journal is kept; what is booked stays booked when another fails."""
    with world.db.session(writes=False) as session:
        places = session.execute(
            select(Municipality.id, Municipality.name)
            .join(LedgerBook, LedgerBook.municipality_id == Municipality.id)
            .order_by(Municipality.id)
        ).all()
    done: Told = []
    for place_id, name in places:
        count, round_ = 0, journal.Posted()
        while True:
            with world.db.transaction() as session:
                round_ = journal.post(session, place_id, at, round_.after)
            count += round_.entries
            if round_.after is None:
                break
        if count:
            done += told("booked", name=name, count=count)
        if missing := round_.missing:
            done += told("booking_held_up", name=name, what=missing.what, day=missing.day.isoformat(),
                         number=missing.number)  # fmt: skip
    return done
