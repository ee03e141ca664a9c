"""Closing days of a municipality's own, beside those that hold for all.

A term that runs keeps the date that people were told; the next one counts with the new day.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.commands.changes import Author, because, write_down
from portal.commands.leave_holidays import tell_of_opening
from portal.commands.organisation import named
from portal.models.people import Municipality
from portal.queries.people import calendar_of
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

DAY_MISSING = Refusal("closing_day_missing", N_("Fill in the day."))
DAY_PAST = Refusal("closing_day_past", N_("A closing day can be added and taken away up to the day before."))
DAY_FAR = Refusal("closing_day_far", N_("Fill in a day within three years."))
CLOSED_ALREADY = Refusal("closing_day_closed", N_("The office is closed on this day already."))
NOT_THERE = Refusal("closing_day_unknown", N_("This is no closing day of this municipality."))

FAR = 3 * 366


def add_closing_day(session: Session, author: Author, municipality: Municipality, day: date | None, name: str,
                    at: datetime, today: date) -> None:  # fmt: skip
    """Close a municipality's office on a day to come. Raises Refused with all that is wrong."""
    author.reaches(municipality.id)
    wrong = []
    if day is None:
        wrong.append(DAY_MISSING)
    elif day <= today:
        wrong.append(DAY_PAST)
    elif (day - today).days > FAR:
        wrong.append(DAY_FAR)
    elif not calendar_of(municipality).is_working_day(day):
        wrong.append(CLOSED_ALREADY)
    called = ""
    try:
        called = named(name)
    except Refused as refused:
        wrong += refused.refusals
    if wrong or day is None:
        raise Refused(*wrong)
    municipality.closing_days = dict(sorted({**municipality.closing_days, day.isoformat(): called}.items()))
    write_down(
        session, author, at, "closing_day.added", municipality.name, municipality_id=municipality.id,
        new={"day": day, "name": called},
    )  # fmt: skip


def remove_closing_day(session: Session, author: Author, municipality: Municipality, day: date | None, reason: str,
                       at: datetime, today: date) -> int:  # fmt: skip
    """Open the office after all on a closing day to come. Who got hours of leave back for it keeps them and is told;
    how many people that are is answered."""
    author.reaches(municipality.id)
    why = because(reason)
    if day is None or day.isoformat() not in municipality.closing_days:
        raise Refused(NOT_THERE)
    if day <= today:
        raise Refused(DAY_PAST)
    called = municipality.closing_days[day.isoformat()]
    municipality.closing_days = {key: name for key, name in municipality.closing_days.items() if key != day.isoformat()}
    write_down(
        session, author, at, "closing_day.removed", municipality.name, municipality_id=municipality.id,
        old={"day": day, "name": called}, new={"day": "", "name": ""}, reason=why,
    )  # fmt: skip
    return tell_of_opening(session, municipality, day, at)
