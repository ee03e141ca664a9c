"""Verifying the event chain at night: a broken chain is a failed job that names the first broken event."""

from __future__ import annotations

from datetime import datetime

from portal.jobs.progress import progress
from portal.jobs.telling import Told, told
from portal.queries.chain import verify
from portal.worlds import World


class ChainIsBroken(Exception):
    """The chain does not hold."""


def run(world: World, at: datetime) -> Told:
    """Verify the whole chain."""
    with world.db.session(writes=False) as session:
        found = verify(session, progress)
    if found.broken:
        raise ChainIsBroken(f"first broken event: {found.broken} ({found.why})")
    return told("chain", count=found.count)
