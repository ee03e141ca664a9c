"""Days on which an office turns out to be closed: who was to be on leave then gets the hours back, and is told.

What is looked at is the calendar as it is now and the ledger as it stands, so a run that comes late catches up, and
one that comes twice gives back nothing more. A closing day that is taken away takes nothing: who got hours back keeps
them, is told that the office is open, and asks for leave again who still wants to be free.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.calendar import municipal_closing_days
from portal.commands import mail
from portal.commands.leave_back import give_back
from portal.models.cases import Case
from portal.models.leave import LeaveEntry
from portal.models.people import Municipality, Person
from portal.queries.cases import WHOLE
from portal.queries.work_patterns import free_days
from workflows.lots import Booked

BACK = timedelta(days=366)
"""How long ago a day may be to be caught up with."""


def cases_on_free_days(session: Session, municipality: Municipality, today: date) -> Mapping[int, Sequence[date]]:
    """The leave of which days stand booked on which this municipality is closed, by case. One query."""
    free = [day for day in free_days(municipality) if day >= today - BACK]
    rows = session.execute(
        select(LeaveEntry.case_id, LeaveEntry.day)
        .where(
            LeaveEntry.municipality_id == municipality.id, LeaveEntry.day.in_(free),
            LeaveEntry.what.in_(("burn", "give_back")), LeaveEntry.case_id.is_not(None),
        )
        .group_by(LeaveEntry.case_id, LeaveEntry.day)
        .having(func.sum(LeaveEntry.minutes) < 0)
        .order_by(LeaveEntry.case_id, LeaveEntry.day)
    )  # fmt: skip
    found: dict[int, list[date]] = {}
    for case_id, day in rows:
        found.setdefault(int(case_id or 0), []).append(day)
    return found


def give_back_free_days(session: Session, case_id: int, days: Iterable[date], at: datetime) -> Sequence[Booked]:
    """Give back these days of one leave, and tell the employee."""
    case = session.get_one(Case, case_id, options=WHOLE)
    names = names_of_days(case.municipality, days)
    given = give_back(session, case, names.keys(), at, names)
    if given:
        by_day: dict[date, int] = {}
        for one in given:
            by_day[one.day] = by_day.get(one.day, 0) + one.minutes
        listed = [(day, names[day], minutes) for day, minutes in sorted(by_day.items())]
        mail.tell(session, case, case.initiator_id, "free_day", at, days=listed)
    return given


def names_of_days(municipality: Municipality, days: Iterable[date]) -> Mapping[date, str]:
    """What these days are called on which a municipality is closed."""
    own = {date.fromisoformat(day): name for day, name in municipality.closing_days.items()}
    return {day: own.get(day) or municipal_closing_days(day.year).get(day, "") for day in days}


def given_back_on(session: Session, municipality_id: int, day: date) -> Sequence[Person]:
    """Who got hours back because the office was to be closed on this day."""
    those = select(LeaveEntry.person_id).where(
        LeaveEntry.municipality_id == municipality_id, LeaveEntry.day == day, LeaveEntry.what == "give_back",
        LeaveEntry.reason != "",
    )  # fmt: skip
    return session.scalars(select(Person).where(Person.id.in_(those)).order_by(Person.id)).all()


def tell_of_opening(session: Session, municipality: Municipality, day: date, at: datetime) -> int:
    """Tell who got hours back for a day that the office is open after all; how many people that are."""
    persons = given_back_on(session, municipality.id, day)
    for person in persons:
        mail.write_to(session, person, "open_after_all", at, day=day, municipality=municipality.name)
    return len(persons)


def away_on(session: Session, municipality_id: int, day: date) -> int:
    """How many people have leave booked on a day. One query."""
    days = (
        select(LeaveEntry.person_id)
        .where(
            LeaveEntry.municipality_id == municipality_id, LeaveEntry.day == day,
            LeaveEntry.what.in_(("burn", "give_back")), LeaveEntry.case_id.is_not(None),
        )
        .group_by(LeaveEntry.person_id, LeaveEntry.case_id)
        .having(func.sum(LeaveEntry.minutes) < 0)
        .subquery()
    )  # fmt: skip
    return session.scalar(select(func.count(func.distinct(days.c.person_id)))) or 0
