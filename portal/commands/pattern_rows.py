"""Putting work patterns in the database, and taking them along when somebody moves. Whoever asks judged them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.models.people import Employment
from portal.models.work_patterns import EmploymentPattern, PatternDay
from portal.queries.work_patterns import own_patterns
from workflows.work_patterns import WorkPattern


def keep(session: Session, employment_id: int, pattern: WorkPattern, at: datetime) -> EmploymentPattern:
    """Let a pattern hold for an employment from its first day on."""
    row = EmploymentPattern(
        employment_id=employment_id, valid_from=pattern.valid_from, weeks=len(pattern.weeks),
        anchor=monday_of(pattern.anchor), set_at=at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    minutes = [each for week in pattern.weeks for each in week]
    session.add_all(PatternDay(pattern_id=row.id, day=day, minutes=each) for day, each in enumerate(minutes) if each)
    session.flush()
    return row


def remove(session: Session, employment_id: int, first: date) -> None:
    """Take away the pattern of an employment that begins on this day."""
    those = select(EmploymentPattern.id).where(
        EmploymentPattern.employment_id == employment_id, EmploymentPattern.valid_from == first
    )
    session.execute(delete(PatternDay).where(PatternDay.pattern_id.in_(those)))
    session.execute(delete(EmploymentPattern).where(EmploymentPattern.id.in_(those)))


def carry_over(session: Session, old: Employment, new: Employment, at: datetime) -> None:
    """Let somebody who moves work the same days as before, and as was planned."""
    for pattern in own_patterns(session, {old.id}).get(old.id, ()):
        ends = pattern.valid_to
        if (ends is None or ends >= new.valid_from) and (new.valid_to is None or pattern.valid_from <= new.valid_to):
            first = max(pattern.valid_from, new.valid_from)
            keep(session, new.id, WorkPattern(pattern.weeks, first, ends, pattern.anchor), at)


def monday_of(day: date) -> date:
    """The Monday of the week of a day."""
    return day - timedelta(days=day.weekday())
