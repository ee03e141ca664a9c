"""Giving leave at night: what everybody is given this year and the next, entered where the ledger lacks it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from portal.commands.leave_grants import Granted, grant_yearly
from portal.jobs.progress import progress
from portal.jobs.telling import Told, unless_idle
from portal.models.people import Municipality
from portal.worlds import World


def run(world: World, at: datetime) -> Told:
    """Each municipality in a transaction of its own, so that what was given stays given."""
    with world.db.session(writes=False) as session:
        municipalities = session.scalars(select(Municipality.id).order_by(Municipality.id)).all()
    done = Granted()
    for place, municipality_id in enumerate(municipalities):
        progress(place, len(municipalities))
        with world.db.transaction() as session:
            done += grant_yearly(session, municipality_id, at)
    return unless_idle("leave", entries=done.entries, people=done.people) if done.entries else []
