"""Destruction at night: carrying out the lists that were approved, and proposing what is due next."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from portal.clock import local_date
from portal.commands import destruction
from portal.jobs.progress import progress
from portal.jobs.telling import Told, unless_idle
from portal.models.destruction import DestructionList
from portal.worlds import World


def run(world: World, at: datetime) -> Told:
    """Carry out what was approved before today, one list a transaction; then propose new lists."""
    destroyed = 0
    with world.db.session(writes=False) as session:
        open_lists = session.scalars(select(DestructionList).where(DestructionList.executed_at.is_(None)))
        ready = [on.id for on in open_lists if on.approved_at and local_date(on.approved_at) < local_date(at)]
    for place, list_id in enumerate(ready):
        progress(place, len(ready))
        with world.db.transaction() as session:
            on = session.get_one(DestructionList, list_id, with_for_update=True)
            if on.approved_at is None or on.executed_at is not None:
                continue
            files = destruction.execute(session, on, at)
        # Only now: a crash before leaves files that nothing names, and those are cleared out at night.
        for sha256 in files:
            world.files.delete(sha256)
        destroyed += 1
    with world.db.transaction() as session:
        proposed = destruction.propose(session, at)
    return unless_idle("destruction", destroyed=destroyed, proposed=proposed)
