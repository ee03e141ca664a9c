"""Setting on which days of the week somebody works for how long, from a day on. Every change is written down.

A pattern holds until the next one begins. What was worked before is never rewritten: another pattern begins.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from portal.commands import mail
from portal.commands.changes import FIRST_DAY, OWN_RIGHTS, Author, because, write_down
from portal.commands.pattern_rows import keep, monday_of, remove
from portal.models.people import Employment
from portal.models.work_patterns import EmploymentPattern
from portal.queries.leave_hours import OtherHours, other_hours_from
from portal.queries.work_patterns import own_patterns
from workflows.hours import hours_text
from workflows.kernel import Refusal, Refused
from workflows.parties import N_
from workflows.work_patterns import Week, WorkPattern, wrong_weeks

WEEKS_WRONG = Refusal("pattern_weeks_wrong", N_("Fill in the hours of at least one day, 24 hours a day at most."))
OUTSIDE_EMPLOYMENT = Refusal("pattern_outside_employment", N_("Choose a day within this employment."))
PATTERN_LONG_AGO = Refusal("pattern_long_ago", N_("A pattern can begin a year ago at most."))
SAME_PATTERN = Refusal("pattern_same", N_("This pattern holds on that day already."))
NOT_COMING = Refusal("pattern_not_coming", N_("Only a pattern that has not begun can be taken back. Set another one."))

BACK = timedelta(days=366)
DAYS = ("ma", "di", "wo", "do", "vr", "za", "zo")


def set_pattern(session: Session, author: Author, employment: Employment, weeks: Sequence[Week], anchor: date | None,
                first: date | None, reason: str, at: datetime, today: date) -> EmploymentPattern:  # fmt: skip
    """Let somebody work so from a day on; what held before ends the day before.

    `anchor` is any day of a first week, and when not given the first day is. A pattern that began on the same day is
    replaced. Raises Refused with all that is wrong.
    """
    _may_change(author, employment)
    wrong = [
        refusal
        for bad, refusal in (
            (any(wrong_weeks(weeks)), WEEKS_WRONG),
            (first is None, FIRST_DAY),
            (first is not None and not _within(employment, first), OUTSIDE_EMPLOYMENT),
            (first is not None and first < today - BACK and first != employment.valid_from, PATTERN_LONG_AGO),
        )
        if bad
    ]
    why = _reason(reason, wrong)
    if wrong or first is None:
        raise Refused(*wrong)
    known = own_patterns(session, {employment.id}).get(employment.id, ())
    before = next((one for one in known if one.holds(first)), None)
    new = WorkPattern(tuple(tuple(week) for week in weeks), first, before.valid_to if before else None,
                      monday_of(anchor or first))  # fmt: skip
    if before is not None and _same(before, new):
        raise Refused(SAME_PATTERN)
    if before is not None and before.valid_from == first:
        remove(session, employment.id, first)
    known_already = set(other_hours_from(session, employment.person_id, first))
    made = keep(session, employment.id, new, at)
    write_down(
        session, author, at, "pattern.set", employment.person.name, person_id=employment.person_id,
        municipality_id=employment.unit.municipality_id, old=said(before) if before else {},
        new={**said(new), "unit": employment.unit.name}, reason=why,
    )  # fmt: skip
    _tell(session, employment, known_already, first, at)
    return made


def take_back_pattern(session: Session, author: Author, employment: Employment, first: date | None, reason: str,
                      at: datetime, today: date) -> None:  # fmt: skip
    """Take back a pattern that has not begun; the one before it goes on."""
    _may_change(author, employment)
    why = because(reason)
    known = own_patterns(session, {employment.id}).get(employment.id, ())
    found = next((one for one in known if one.valid_from == first), None)
    if found is None or found.valid_from <= today:
        raise Refused(NOT_COMING)
    known_already = set(other_hours_from(session, employment.person_id, found.valid_from))
    remove(session, employment.id, found.valid_from)
    write_down(
        session, author, at, "pattern.withdrawn", employment.person.name, person_id=employment.person_id,
        municipality_id=employment.unit.municipality_id, old={**said(found), "unit": employment.unit.name},
        new={"hours": "", "valid_from": ""}, reason=why,
    )  # fmt: skip
    _tell(session, employment, known_already, found.valid_from, at)


def _tell(session: Session, employment: Employment, known: Collection[OtherHours], first: date, at: datetime) -> None:
    """Tell the employee of which leave the hours are right no more since this change; nobody else changes it."""
    days = [one for one in other_hours_from(session, employment.person_id, first) if one not in known]
    if days:
        mail.write_to(session, employment.person, "leave_other_hours", at, days=days, first=first)


def said(pattern: WorkPattern) -> Mapping[str, Any]:
    """A pattern as the log of changes has it."""
    return {"hours": " / ".join(map(_week_said, pattern.weeks)), "valid_from": pattern.valid_from}


def _week_said(week: Week) -> str:
    return " ".join(f"{day} {hours_text(each)}" for day, each in zip(DAYS, week, strict=True) if each) or "-"


def _same(one: WorkPattern, other: WorkPattern) -> bool:
    """Whether both give the same minutes on every day of two weeks."""
    fortnight = [other.valid_from + timedelta(days=day) for day in range(14)]
    return all(one.minutes(day) == other.minutes(day) for day in fortnight)


def _may_change(author: Author, employment: Employment) -> None:
    if author.person_id == employment.person_id:
        raise Refused(OWN_RIGHTS)
    author.reaches(employment.unit.municipality_id)


def _within(employment: Employment, day: date) -> bool:
    return employment.valid_from <= day and (employment.valid_to is None or day <= employment.valid_to)


def _reason(reason: str, wrong: list[Refusal]) -> str:
    try:
        return because(reason)
    except Refused as refused:
        wrong += refused.refusals
        return ""
