"""Leave as the ledger has it: what is left of each lot, on which days somebody is away, and the entries themselves.

There is no balance anywhere: it is the sum of entries. What is left of a lot counts all of them, also those for days to
come; a balance on a day counts those up to that day, as they were known at a moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session

from portal.models.cases import Case
from portal.models.leave import LeaveEntry, LeaveLot
from portal.models.people import Employment
from portal.queries.sickness import last_absence
from portal.queries.work_patterns import Hours as WorkedHours
from portal.queries.work_patterns import hours_of
from workflows import CASE_TYPES
from workflows.lots import NO_HOURS, Absent, Booked, Hours, Lot, Schedule, Share
from workflows.work_patterns import Part

NO_CASE = 0
YEAR = timedelta(days=366)
_WHO: BindParameter[int] = bindparam("who")
_WHERE: BindParameter[int] = bindparam("where")
_CASE: BindParameter[int] = bindparam("case")
_OTHERWISE = or_(LeaveEntry.case_id.is_(None), LeaveEntry.case_id != _CASE)

LOTS = (
    select(LeaveLot.id, LeaveLot.kind, LeaveLot.valid_from, LeaveLot.last_day,
           func.coalesce(func.sum(LeaveEntry.minutes), 0))
    .outerjoin(LeaveEntry, and_(LeaveEntry.lot_id == LeaveLot.id, _OTHERWISE))
    .where(LeaveLot.person_id == _WHO, LeaveLot.municipality_id == _WHERE)
    .group_by(LeaveLot.id)
    .order_by(LeaveLot.last_day, LeaveLot.id)
)  # fmt: skip
_COUNTED = case((LeaveEntry.lot_id.is_(None), LeaveEntry.kind), else_="")
ABSENCES = (
    select(LeaveEntry.day, func.sum(LeaveEntry.minutes), LeaveEntry.part, func.max(_COUNTED), Case.number,
           func.max(LeaveEntry.occasion))
    .outerjoin(Case, Case.id == LeaveEntry.case_id)
    .where(
        LeaveEntry.person_id == _WHO, _OTHERWISE, LeaveEntry.what.in_(("reserve", "release", "burn", "give_back")),
        or_(LeaveEntry.day >= bindparam("since"), LeaveEntry.lot_id.is_(None)),
    )
    .group_by(LeaveEntry.case_id, Case.number, LeaveEntry.day, LeaveEntry.part)
    .having(func.sum(LeaveEntry.minutes) < 0)
    .order_by(LeaveEntry.day)
)  # fmt: skip
BOOKED = (
    select(LeaveEntry.day, func.sum(LeaveEntry.minutes), LeaveEntry.part, LeaveEntry.lot_id, LeaveEntry.kind,
           LeaveEntry.occasion)
    .where(LeaveEntry.case_id == _CASE, LeaveEntry.what.in_(("burn", "give_back")))
    .group_by(LeaveEntry.day, LeaveEntry.part, LeaveEntry.lot_id, LeaveEntry.kind, LeaveEntry.occasion)
    .having(func.sum(LeaveEntry.minutes) < 0)
    .order_by(LeaveEntry.day, LeaveEntry.part, LeaveEntry.lot_id)
)  # fmt: skip
HELD = (
    select(LeaveEntry.day, func.sum(LeaveEntry.minutes), LeaveEntry.part, LeaveEntry.lot_id)
    .where(LeaveEntry.case_id == _CASE, LeaveEntry.what.in_(("reserve", "release")))
    .group_by(LeaveEntry.day, LeaveEntry.part, LeaveEntry.lot_id)
    .having(func.sum(LeaveEntry.minutes) < 0)
    .order_by(LeaveEntry.day, LeaveEntry.part, LeaveEntry.lot_id)
)


def lots_of(session: Session, person_id: int, municipality_id: int, besides: int = NO_CASE) -> list[Lot]:
    """What is left of every lot that this employer gave somebody, without what the case `besides` takes."""
    rows = session.connection().execute(LOTS, {"who": person_id, "where": municipality_id, "case": besides})
    return [Lot(row[0], row[1], row[2], row[3], int(row[4])) for row in rows]


def absences_of(session: Session, person_id: int, since: date, besides: int = NO_CASE) -> list[Absent]:
    """On which days somebody is away or asked to be, for whichever employer, without what the case `besides` takes.

    From `since` on; of kinds that are only counted all of them.
    """
    rows: Any = session.connection().execute(ABSENCES, {"who": person_id, "case": besides, "since": since})
    return [Absent(row[0], -int(row[1]), Part(row[2]), row[3], row[4] or "", row[5]) for row in rows]


def held_by(session: Session, case_id: int) -> list[Share]:
    """What this case holds in reserve now, by day and lot."""
    rows: Any = session.connection().execute(HELD, {"case": case_id})
    return [Share(row[0], -int(row[1]), Part(row[2]), row[3]) for row in rows]


def booked_of(session: Session, case_id: int) -> list[Booked]:
    """What this case took and was not given back, by day and lot: the days on which somebody is away because of it."""
    rows: Any = session.connection().execute(BOOKED, {"case": case_id})
    return [Booked(row[0], -int(row[1]), Part(row[2]), row[3], row[4], row[5]) for row in rows]


def schedule_of(session: Session, person_id: int, municipality_id: int, first: date, last: date) -> Schedule:
    """How long somebody works for one employer on (a part of) a day between these; nothing when it is closed.

    Whoever moved to another unit of the same employer has more than one employment with it.
    """
    everywhere = hours_of(session, person_id, first, last)
    return _minutes([one for one in everywhere if _with(one.employment, municipality_id)])


def _minutes(worked: Sequence[WorkedHours]) -> Schedule:
    def minutes(day: date, part: Part = Part.WHOLE) -> int:
        return part.of(sum(one.minutes(day) for one in worked if one.first <= day <= one.last))

    return minutes


def _weekly(worked: Sequence[WorkedHours], day: date) -> Fraction:
    """How many minutes a week are worked as of a day, in all employments with one employer."""
    return sum(
        (spell.weekly for one in worked for spell in one.spells if spell.first <= day <= spell.last), Fraction(0)
    )


def hours_for(session: Session, case: Case, today: date) -> Hours:
    """What the form of a case that takes leave, or gives it back, may know of hours; of others nothing is asked."""
    case_type = CASE_TYPES[case.type]
    if case_type.about and case_type.about.leave and case.parent_id is not None:
        return Hours(booked=tuple(booked_of(session, case.parent_id)))
    if case_type.absent is not None:
        return Hours(ill=last_absence(session, case))
    if case_type.takes is None:
        return NO_HOURS
    person, employer = case.initiator_id, case.municipality_id
    first, last = today - YEAR, today + 4 * YEAR
    worked = [one for one in hours_of(session, person, first, last) if _with(one.employment, employer)]
    return Hours(
        worked=_minutes(worked),
        weekly=lambda day: _weekly(worked, day),
        lots=tuple(lots_of(session, person, employer, case.id)),
        absences=tuple(absences_of(session, person, first, case.id)),
    )


def _with(employment: Employment, municipality_id: int) -> bool:
    return employment.unit.municipality_id == municipality_id


@dataclass(frozen=True)
class LotBalance:
    """A lot with what it held on a day, as known at a moment: booked, and what requests that wait hold in reserve."""

    lot: LeaveLot
    booked: int
    reserved: int

    @property
    def free(self) -> int:
        """What could still be asked for."""
        return self.booked - self.reserved


_RESERVED = case((LeaveEntry.what.in_(("reserve", "release")), LeaveEntry.minutes), else_=0)


def balances(session: Session, person_id: int, on: date, known: datetime) -> Sequence[LotBalance]:
    """What every lot of a person held on a day, as known at a moment; also those that had ended. One query."""
    counted = and_(LeaveEntry.lot_id == LeaveLot.id, LeaveEntry.day <= on, LeaveEntry.recorded_at <= known)
    rows = session.execute(
        select(LeaveLot, func.coalesce(func.sum(LeaveEntry.minutes), 0), func.coalesce(func.sum(_RESERVED), 0))
        .outerjoin(LeaveEntry, counted)
        .where(LeaveLot.person_id == person_id, LeaveLot.created_at <= known)
        .group_by(LeaveLot.id)
        .order_by(LeaveLot.municipality_id, LeaveLot.last_day, LeaveLot.id)
    )
    return [LotBalance(row[0], int(row[1]) - int(row[2]), -int(row[2])) for row in rows]
