"""How fast a story is told: pausing it, going faster, jumping ahead. The last row of its segments holds.

Nothing is put on another time when the pace changes: what is to happen stands at moments in the story, and whatever a
jump passes over happens when the time is kept next, in its order. Each change stands in the diary.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import Pace, end_of_day, local_date
from portal.db import Database
from portal.queries.people import national_calendar
from portal.workshop.tables import Diary, Segment
from portal.worlds import World

COLUMNS = (Segment.wall, Segment.at, Segment.speed, Segment.paused, Segment.office_only)
LAST = select(*COLUMNS).order_by(Segment.id.desc()).limit(1)

USUAL = 270.0
"""A working day of nine hours in two minutes, when nights and weekends are skipped."""


def state(session: Session) -> Pace:
    """The pace of the story in this database."""
    return Pace(*session.connection().execute(LAST).one())


def told_by(db: Database) -> Pace:
    """The same on a connection of its own: also for who is in the midst of something."""
    with db.session(writes=False) as session:
        return state(session)


def pause(world: World) -> None:
    """Let the story stand still."""
    _change(world, "paused", paused=True)


def end(session: Session, wall: datetime) -> None:
    """Let the story stand still because its last day is over; one that stands still already stays as it is."""
    before = state(session)
    if not before.paused:
        after = before.changed(wall, national_calendar().worked_off, paused=True)
        put(session, after)
        session.add(Diary(wall=wall, at=after.at, kind="ended"))


def resume(world: World) -> None:
    """Let the story go on from where it stands."""
    _change(world, "resumed", paused=False)


def speed(world: World, wanted: float) -> None:
    """Tell the story faster or slower from now on: seconds of the story for each second on the wall.

    ValueError unless it is above 0 and at most MOST_SPEED.
    """
    _change(world, "speed", {"speed": wanted}, speed=wanted)


def office_only(world: World, wanted: bool) -> None:
    """Skip nights and weekends, or tell them too."""
    _change(world, "office_only", {"on": wanted}, office_only=wanted)


def jump(world: World, to: datetime) -> None:
    """Go on at a later moment. ValueError for one that is past: a story never goes back."""
    _change(world, "jumped", {"to": to.isoformat()}, to=to)


def jump_to_next_working_day(world: World) -> None:
    """Go on when the office opens next on another day."""
    seen = world.clock.now()
    morning = national_calendar().next_office_moment(end_of_day(local_date(seen)))
    # Of two who press at once, or where the story is there by now, once is enough.
    with suppress(ValueError):
        jump(world, morning)


def _change(world: World, kind: str, data: dict[str, Any] | None = None, **how: Any) -> None:
    wall = world.wall.now()
    with world.db.transaction() as session:
        before = state(session)
        after = before.changed(wall, national_calendar().worked_off, **how)
        if "to" not in how and all(getattr(before, name) == value for name, value in how.items()):
            return  # two trainers press the same button
        put(session, after)
        session.add(Diary(wall=wall, at=after.at, kind=kind, data=data or {}))


def put(session: Session, pace: Pace) -> None:
    """Let the story go on at this pace."""
    row = Segment(wall=pace.wall, at=pace.at, speed=pace.speed, paused=pace.paused, office_only=pace.office_only)
    session.add(row)
