"""Leave that is settled because time passes: days on which an office closed, and lots that end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.commands import leave_holidays, leave_lapse
from portal.jobs.telling import Told, unless_idle
from portal.models.people import Municipality
from portal.worlds import World


def _municipalities(world: World) -> list[int]:
    with world.db.session(writes=False) as session:
        return list(session.scalars(select(Municipality.id).order_by(Municipality.id)))


def free_days(world: World, at: datetime) -> Told:
    """Give back leave on days that an office turned out to be closed, each leave in a transaction of its own."""
    people = 0
    for municipality_id in _municipalities(world):
        with world.db.session(writes=False) as session:
            place = session.get_one(Municipality, municipality_id)
            found = leave_holidays.cases_on_free_days(session, place, local_date(at))
        for case_id, days in found.items():
            with world.db.transaction() as session:
                people += bool(leave_holidays.give_back_free_days(session, case_id, days, at))
    return unless_idle("leave_given_back", requests=people)


Some = Callable[[Session, int, datetime, int], tuple[int, int | None]]


def _in_pages(world: World, do: Some, municipality_id: int, at: datetime) -> int:
    """Do something for everybody, some at a time, each time in a transaction of its own."""
    done, after = 0, 0
    while True:
        with world.db.transaction() as session:
            some, last = do(session, municipality_id, at, after)
        done += some
        if last is None:
            return done
        after = last


def lapse(world: World, at: datetime) -> Told:
    """Tell people which hours lapse, and propose what is left of lots that ended."""
    told = proposed = 0
    for place in _municipalities(world):
        told += _in_pages(world, leave_lapse.notify, place, at)
        proposed += _in_pages(world, leave_lapse.propose, place, at)
    return unless_idle("leave_lapse", told=told, proposed=proposed)
