"""Counting by itself, and the reports of months that are over: once each, also those missed while all was down."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from portal.clock import local_date
from portal.commands import indicators, reports
from portal.jobs.progress import progress
from portal.jobs.telling import Told, unless_idle
from portal.models.people import Municipality
from portal.queries.reports import unpublished
from portal.worlds import World


def count(world: World, at: datetime) -> Told:
    """Count what happened, some thousands of events at a time; what was counted stays counted."""
    looked_at = changed = 0
    more = True
    while more:
        with world.db.transaction() as session:
            caught = indicators.catch_up(session, at)
        looked_at, changed, more = looked_at + caught.looked_at, changed + caught.changed, caught.more
        progress(looked_at, 0)
    return unless_idle("counted", changed=changed, looked_at=looked_at) if changed else []


def report(world: World, at: datetime) -> Told:
    """Publish every month that is over, first of each municipality and then of all together."""
    count(world, at)
    with world.db.session(writes=False) as session:
        waiting = unpublished(session, local_date(at))
        places = session.scalars(select(Municipality.id).order_by(Municipality.id)).all()
    made = 0
    for done, period in enumerate(waiting, 1):
        for place_id in (*places, None):
            with world.db.transaction() as session:
                place = session.get_one(Municipality, place_id) if place_id else None
                made += reports.publish(session, place, period, at) is not None
        progress(done, len(waiting))
    return unless_idle("reported", reports=made, months=len(waiting))
