"""Whom a request for leave meets: who else of the unit is away on its days, and on which too few would be there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from portal.queries.absence import Away, Member, gone, members_of
from portal.queries.occupancy import minimums_of
from workflows.absences import Absence, Span, spans
from workflows.occupancy import Colleague, Shortage, shortages
from workflows.work_patterns import Part


@dataclass(frozen=True)
class Meets:
    """A colleague who is gone, or asked to be, on some of the days."""

    name: str
    spans: Sequence[Span]


@dataclass(frozen=True)
class Beside:
    """Who else is away on the days of a request, and where fewer would be there than there should be."""

    days: int
    colleagues: int
    away: Sequence[Meets]
    short: Sequence[Shortage]


Days = Sequence[tuple[date, Part]]


def beside(session: Session, *, unit_id: int, person_id: int, case_id: int, days: Days,
           waiting: bool, today: date) -> Beside:  # fmt: skip
    """What a request for these days meets. With `waiting` also what colleagues asked for and waits: for who decides.

    Of what waits nothing is counted: it may never be approved. Five queries.
    """
    first, last = days[0][0], days[-1][0]
    members = members_of(session, unit_id, first, last)
    found = gone(session, [one.person.id for one in members], first, last, today, besides=case_id)
    asked = {day for day, _ in days}
    meets = [
        Meets(one.person.name, together)
        for one in members
        if one.person.id != person_id and (together := _spans(one, found, asked, waiting))
    ]
    parts: dict[tuple[int, date], list[Part]] = {}
    for each in found:
        if each.approved:
            parts.setdefault((each.person_id, each.day), []).append(each.part)
    for day, part in days:
        parts.setdefault((person_id, day), []).append(part)
    colleagues = [Colleague(one.person.id, one.title, one.works) for one in members]
    minimums = minimums_of(session, unit_id)
    worked = sorted(asked)
    return Beside(len(worked), len(members) - 1, meets, shortages(worked, minimums, colleagues, parts))


def _spans(member: Member, found: Sequence[Away], days: set[date], waiting: bool) -> list[Span]:
    mine = (
        Absence(one.day, one.part, one.approved)
        for one in found
        if one.person_id == member.person.id and one.day in days and (one.approved or waiting)
    )
    return spans(mine, lambda day: day not in days or member.idle(day))
