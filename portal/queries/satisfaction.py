"""What people thought of the SSC: what somebody said of one case, and by municipality and quarter what all said."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, cast, func, select, true
from sqlalchemy import case as either
from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.clock import AMSTERDAM
from portal.models.cases import Case
from portal.models.contact import Contact, ContactQuestion
from portal.models.satisfaction import Satisfaction
from workflows import CASE_TYPES
from workflows.periods import shifted
from workflows.satisfaction import FEWEST, NORM, Said, can_show, is_asked, may_say

COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of whoever asked for a case: a mark and a remark, with what they said before."""

    score: int | None = None
    remark: str = ""


def question_about(session: Session, viewer: Viewer, case: Case, at: datetime) -> Question | None:
    """Whether this viewer can give this case a mark now, and what they said of it before."""
    if case.initiator_id != viewer.person_id or not is_asked(CASE_TYPES[case.type], case.result):
        return None
    said = said_of(session, case.id)
    if not may_say(case.closed_at, said.at if said else None, at):
        return None
    return Question(said.score, said.remark) if said else Question()


def said_of(session: Session, case_id: int) -> Satisfaction | None:
    """What was said of this case."""
    return session.scalars(select(Satisfaction).where(Satisfaction.case_id == case_id)).first()


@dataclass(frozen=True, slots=True)
class Complaints:
    """How many complaints came in during a quarter, and how many of those have no answer yet."""

    asked: int = 0
    open: int = 0


Key = tuple[int | None, date]
"""A municipality and the first day of a quarter."""


def quarters(last: date, count: int) -> list[date]:
    """The first days of so many quarters up to and including that of a day, the oldest first."""
    number = last.year * 4 + (last.month - 1) // 3
    return [date((number - back) // 4, (number - back) % 4 * 3 + 1, 1) for back in range(count - 1, -1, -1)]


def following(quarter: date) -> date:
    """The first day of the next quarter."""
    return date(quarter.year + quarter.month // 10, (quarter.month + 2) % 12 + 1, 1)


def _since(day: date) -> datetime:
    """When a day begins in the Netherlands."""
    return datetime.combine(day, time.min, AMSTERDAM)


def _quarter(column: Any, of: Sequence[date]) -> ColumnElement[int]:
    """The place of a moment in these quarters, or months."""
    later = [(column >= _since(day), place) for place, day in reversed(list(enumerate(of)))]
    return either(*later)


def _within(column: Any, of: Sequence[date]) -> ColumnElement[bool]:
    return and_(column >= _since(of[0]), column < _since(following(of[-1])))


def _there(column: Any, reach: Collection[int] | None) -> ColumnElement[bool]:
    return true() if reach is None else column.in_(reach)


def said_in(session: Session, of: Sequence[date], reach: Collection[int] | None) -> Mapping[Key, Said]:
    """What was said in these quarters that follow each other, by municipality; where none of it, nothing stands.

    Counted by month, as reports show those: so is known what a quarter would tell of a month that they do not show.
    """
    months = [shifted(quarter, later) for quarter in of for later in range(3)]
    place = _quarter(Satisfaction.at, months).label("place")
    rows = session.execute(
        select(
            Satisfaction.municipality_id, place, func.count(), cast(func.sum(Satisfaction.score), Integer),
            cast(func.sum(either((Satisfaction.score >= NORM, 1), else_=0)), Integer),
        )
        .where(_within(Satisfaction.at, of), _there(Satisfaction.municipality_id, reach))
        .group_by(Satisfaction.municipality_id, place)
    )  # fmt: skip
    found: dict[Key, Said] = {}
    for where, at, answers, total, content in rows:
        month = Said(answers, total, content, 0 if can_show(answers) else answers)
        key = where, of[at // 3]
        found[key] = found[key] + month if key in found else month
    return found


def complaints_in(session: Session, of: Sequence[date], reach: Collection[int] | None) -> Mapping[Key, Complaints]:
    """The complaints that came in during these quarters, by municipality; None is of somebody nobody knows yet."""
    place = _quarter(Contact.at, of).label("place")
    rows = session.execute(
        select(Contact.municipality_id, place, func.count(), func.count(ContactQuestion.due))
        .join(Contact, Contact.id == ContactQuestion.contact_id)
        .where(ContactQuestion.subject == COMPLAINT, _within(Contact.at, of), _there(Contact.municipality_id, reach))
        .group_by(Contact.municipality_id, place)
    )
    return {(where, of[at]): Complaints(asked, open_) for where, at, asked, open_ in rows}


def remarks_in(session: Session, quarter: date, reach: Collection[int] | None, most: int) -> list[tuple[int, int, str]]:
    """The remarks of a quarter where enough people said something: municipality, mark and remark.

    In the order of the mark and the text, which says nothing of when and by whom.
    """
    within = _within(Satisfaction.at, [quarter]) & _there(Satisfaction.municipality_id, reach)
    enough = (
        select(Satisfaction.municipality_id)
        .where(within)
        .group_by(Satisfaction.municipality_id)
        .having(func.count() >= FEWEST)
    )
    rows = session.execute(
        select(Satisfaction.municipality_id, Satisfaction.score, Satisfaction.remark)
        .where(within, Satisfaction.remark != "", Satisfaction.municipality_id.in_(enough))
        .order_by(Satisfaction.municipality_id, Satisfaction.score, Satisfaction.remark)
        .limit(most)
    )
    return [(where, score, remark) for where, score, remark in rows]
