"""What becomes due by its date alone, as a substitution or a job that begins or ends: open requests follow."""

from __future__ import annotations

from datetime import datetime

from portal.commands.rerouting import Rerouted, reroute_some
from portal.jobs.telling import Told, unless_idle
from portal.worlds import World


def run(world: World, at: datetime) -> Told:
    """Put every open request to whoever decides now, a page in a transaction."""
    done = Rerouted(last=0)
    while done.last is not None:
        with world.db.transaction() as session:
            done += reroute_some(session, at, done.last)
    return unless_idle("rerouted", moved=done.moved, asked=done.asked, stranded=done.stranded)
