"""Contact moments as they are looked at: those of a person, what still waits for an answer or a call, one question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true, tuple_
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from portal.access import Role, Viewer
from portal.models.cases import Case
from portal.models.contact import CALL_BACK, Contact, ContactEntry, ContactQuestion

PAGE = 50
REPEATED_WITHIN = timedelta(days=14)
"""Who asks about the same subject again within this time was not helped well enough the first time."""


def reached(viewer: Viewer) -> ColumnElement[bool]:
    """The SQL condition that a clerk works for where a contact came from; of who is not known yet any clerk may."""
    places = viewer.reach(Role.CLERK)
    return true() if places is None else or_(Contact.municipality_id.is_(None), Contact.municipality_id.in_(places))


def _questions() -> Any:
    """Questions with their contact, who recorded it, and the number of their case."""
    return (
        select(ContactQuestion)
        .join(Contact, Contact.id == ContactQuestion.contact_id)
        .options(
            contains_eager(ContactQuestion.contact).options(joinedload(Contact.clerk), joinedload(Contact.person)),
            joinedload(ContactQuestion.case).load_only(Case.number, Case.title),
        )
    )


def questions_of(session: Session, person_id: int, limit: int = 20) -> Sequence[ContactQuestion]:
    """The last questions of a person, the newest first."""
    query = _questions().where(Contact.person_id == person_id)
    found = session.scalars(query.order_by(Contact.at.desc(), ContactQuestion.id.desc()).limit(limit)).all()
    return list(found)


@dataclass(frozen=True)
class ToDo:
    """One page of what waits, the soonest due first; `after` is the key to ask the next with."""

    questions: Sequence[ContactQuestion]
    after: str | None = None


def to_do(session: Session, viewer: Viewer, *, calls: bool | None = None, line: int | None = None,
          after: str | None = None, limit: int = PAGE) -> ToDo:  # fmt: skip
    """What clerks still have to answer (calls=False), whom to call back (True), or both; of one line or of all.

    ValueError when `after` is no key.
    """
    query = _questions().where(ContactQuestion.due.is_not(None), reached(viewer))
    if calls is not None:
        called = ContactQuestion.state == CALL_BACK
        query = query.where(called if calls else ~called)
    if line is not None:
        query = query.where(ContactQuestion.line == line)
    if after is not None:
        query = query.where(tuple_(ContactQuestion.due, ContactQuestion.id) > tuple_(*_key(after)))
    query = query.order_by(ContactQuestion.due, ContactQuestion.id).limit(limit + 1)
    found = session.scalars(query).all()
    more = len(found) > limit
    return ToDo(found[:limit], _cursor(found[limit - 1]) if more else None)


def _cursor(question: ContactQuestion) -> str:
    return f"{question.due.isoformat() if question.due else ''}_{question.id}"


def _key(after: str) -> tuple[datetime, int]:
    moment, _, number = after.partition("_")
    due = datetime.fromisoformat(moment)
    if due.tzinfo is None or not number.isascii() or not number.isdigit() or len(number) > 18:
        raise ValueError("no key of a page")
    return due, int(number)


def question_of(session: Session, viewer: Viewer, question_id: int) -> ContactQuestion | None:
    """One question, if this clerk works for where it came from."""
    query = _questions().where(ContactQuestion.id == question_id, reached(viewer))
    found: ContactQuestion | None = session.scalars(query).first()
    return found


def beside(session: Session, question: ContactQuestion) -> Sequence[ContactQuestion]:
    """The other questions of the same contact."""
    same = and_(ContactQuestion.contact_id == question.contact_id, ContactQuestion.id != question.id)
    return session.scalars(select(ContactQuestion).where(same).order_by(ContactQuestion.id)).all()


def entries_of(session: Session, questions: Sequence[ContactQuestion]) -> Mapping[int, list[ContactEntry]]:
    """What was done about these questions, the first first, by question. One query."""
    found: dict[int, list[ContactEntry]] = {question.id: [] for question in questions}
    query = (
        select(ContactEntry)
        .where(ContactEntry.question_id.in_(found))
        .options(joinedload(ContactEntry.by))
        .order_by(ContactEntry.id)
    )
    for entry in session.scalars(query):
        found[entry.question_id].append(entry)
    return found


def repeats(session: Session, questions: Sequence[ContactQuestion]) -> Mapping[int, datetime]:
    """Which of these questions were asked again by the same person, about the same subject, within 14 days; and when
    they were asked before. One query.

    Worked out on reading, so that it is right also after a contact was tied to somebody.
    """
    before, again = aliased(Contact), aliased(ContactQuestion)
    earlier = or_(before.at < Contact.at, and_(before.at == Contact.at, before.id < Contact.id))
    rows = session.execute(
        select(ContactQuestion.id, Contact.at, func.max(before.at))
        .join(Contact, Contact.id == ContactQuestion.contact_id)
        .join(before, and_(before.person_id == Contact.person_id, before.id != Contact.id, earlier))
        .join(again, and_(again.contact_id == before.id, again.subject == ContactQuestion.subject))
        .where(ContactQuestion.id.in_([question.id for question in questions]))
        .group_by(ContactQuestion.id, Contact.at)
    )
    return {number: last for number, at, last in rows if at - last <= REPEATED_WITHIN}
