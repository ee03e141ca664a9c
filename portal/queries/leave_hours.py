"""Leave that is booked by other hours than are worked now: a work pattern was changed after it was approved.

Nothing is booked anew by itself: who wants that withdraws those days and asks for them again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.models.cases import Case
from portal.models.leave import LeaveEntry
from portal.queries.work_patterns import Hours, hours_of
from workflows.work_patterns import Part

AHEAD = timedelta(days=3 * 366)


@dataclass(frozen=True)
class OtherHours:
    """(A part of) a day of leave: what was booked for it, what is worked now, and in which request."""

    day: date
    part: Part
    booked: int
    worked: int
    number: str


def by_other_hours(session: Session, person_id: int, worked: Iterable[Hours], first: date, last: date
                   ) -> list[OtherHours]:  # fmt: skip
    """The days of leave in a period that cost other hours than are worked on them; `worked` covers it. One query.

    Days on which the office is closed are left out: their hours come back by themselves.
    """
    rows = session.execute(
        select(LeaveEntry.municipality_id, LeaveEntry.day, LeaveEntry.part, Case.number, func.sum(LeaveEntry.minutes))
        .join(Case, Case.id == LeaveEntry.case_id)
        .where(
            LeaveEntry.person_id == person_id, LeaveEntry.day >= first, LeaveEntry.day <= last,
            LeaveEntry.what.in_(("burn", "give_back")),
        )
        .group_by(LeaveEntry.municipality_id, LeaveEntry.day, LeaveEntry.part, Case.number)
        .having(func.sum(LeaveEntry.minutes) < 0)
        .order_by(LeaveEntry.day, LeaveEntry.part)
    )  # fmt: skip
    found, hours = [], list(worked)
    for place, day, part, number, minutes in rows:
        mine = [
            one for one in hours
            if one.employment.unit.municipality_id == place and one.first <= day <= one.last
        ]  # fmt: skip
        now = Part(part).of(sum(one.minutes(day) for one in mine))
        if now != -int(minutes) and not any(day in one.free for one in mine):
            found.append(OtherHours(day, Part(part), -int(minutes), now, number or ""))
    return found


def other_hours_from(session: Session, person_id: int, first: date) -> list[OtherHours]:
    """The same of somebody from a day on, as far ahead as leave can be asked for."""
    last = first + AHEAD
    return by_other_hours(session, person_id, hours_of(session, person_id, first, last), first, last)
