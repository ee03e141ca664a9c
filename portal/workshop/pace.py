"""How fast a story is told: pausing it, going faster, jumping ahead. The last row of its segments holds.

Nothing is put on another time when the pace changes: what is to happen stands at moments in the story.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import Pace
from portal.db import Database
from portal.workshop.tables import Segment

COLUMNS = (Segment.wall, Segment.at, Segment.speed, Segment.paused, Segment.office_only)
LAST = select(*COLUMNS).order_by(Segment.id.desc()).limit(1)


def state(session: Session) -> Pace:
    """The pace of the story in this database."""
    return Pace(*session.connection().execute(LAST).one())


def told_by(db: Database) -> Pace:
    """The same on a connection of its own: also for who is in the midst of something."""
    with db.session(writes=False) as session:
        return state(session)
