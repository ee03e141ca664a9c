"""Destruction as it is looked at: the lists, what is on them, and which cases are due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from portal.models.cases import Case
from portal.models.contact import ANSWERED, Contact, ContactEntry, ContactQuestion
from portal.models.destruction import DestructionContact, DestructionItem, DestructionList
from portal.queries.outstanding import still_needed

PAGE = 50
LIST_SIZE = 200
"""How many cases one list holds at most: as many as a person can look through."""


def due_cases(session: Session, today: date, limit: int = LIST_SIZE) -> Sequence[Case]:
    """Closed cases of one municipality whose day has come, that are on no open list; those that ended first, first.

    A case from which another followed stays until that one is gone, and what is owed until all settled with it is.
    """
    child = aliased(Case)
    listed = (
        exists()
        .where(DestructionItem.case_id == Case.id, DestructionItem.kept_at.is_(None))
        .where(DestructionItem.list_id == DestructionList.id, DestructionList.executed_at.is_(None))
    )
    due = (
        Case.destroy_on <= today, Case.closed_at.is_not(None), ~listed, ~exists().where(child.parent_id == Case.id),
        ~still_needed(),
    )  # fmt: skip
    first = session.scalar(select(Case.municipality_id).where(*due).order_by(Case.destroy_on, Case.id).limit(1))
    if first is None:
        return ()
    query = select(Case).where(*due, Case.municipality_id == first).order_by(Case.destroy_on, Case.id).limit(limit)
    return session.scalars(query).all()


KEPT_LONGER = timedelta(days=365)
"""For how long is left alone what a person took out of a list."""


def due_contacts(
    session: Session, municipality_id: int, before: datetime, at: datetime, limit: int = LIST_SIZE
) -> Sequence[Contact]:
    """Contacts of this municipality about which nothing was done since then, and that belong to no case.

    Those of nobody known are of no municipality, and go with whichever comes first. All was answered, and none is on
    an open list or was taken out of one in the last year.
    """
    mine = ContactQuestion.contact_id == Contact.id
    of_entry = ContactEntry.question_id == ContactQuestion.id
    listed = (
        exists()
        .where(DestructionContact.contact_id == Contact.id, DestructionContact.kept_at.is_(None))
        .where(DestructionContact.list_id == DestructionList.id, DestructionList.executed_at.is_(None))
    )
    kept = exists().where(DestructionContact.contact_id == Contact.id, DestructionContact.kept_at > at - KEPT_LONGER)
    query = (
        select(Contact)
        .where(
            or_(Contact.municipality_id == municipality_id, Contact.municipality_id.is_(None)), Contact.at < before,
            ~exists().where(mine, or_(ContactQuestion.case_id.is_not(None), ContactQuestion.state != ANSWERED)),
            ~exists().where(mine, of_entry, ContactEntry.at >= before), ~listed, ~kept,
        )
        .order_by(Contact.id)
        .limit(limit)
    )  # fmt: skip
    return session.scalars(query).all()


def open_list_of(session: Session, municipality_id: int) -> DestructionList | None:
    """A list of this municipality that nobody approved yet, with room for more; the last one."""
    there = select(func.count()).where(DestructionContact.list_id == DestructionList.id).scalar_subquery()
    query = (
        select(DestructionList)
        .where(
            DestructionList.municipality_id == municipality_id, DestructionList.approved_at.is_(None),
            there < LIST_SIZE,
        )
        .order_by(DestructionList.id.desc())
        .limit(1)
    )  # fmt: skip
    return session.scalars(query).first()


def contacts_on(session: Session, list_id: int) -> Sequence[DestructionContact]:
    """The contacts on a list, what was taken out as well."""
    return session.scalars(
        select(DestructionContact)
        .where(DestructionContact.list_id == list_id)
        .options(joinedload(DestructionContact.kept_by))
        .order_by(DestructionContact.id)
    ).all()


def lists(
    session: Session, places: frozenset[int] | None, after: int | None = None
) -> tuple[Sequence[tuple[DestructionList, int]], int | None]:
    """The lists of these municipalities (None: all) with how much is on each, the last first; the next key."""
    count = (
        select(func.count())
        .where(DestructionItem.list_id == DestructionList.id, DestructionItem.kept_at.is_(None))
        .scalar_subquery()
    )
    contacts = (
        select(func.count())
        .where(DestructionContact.list_id == DestructionList.id, DestructionContact.kept_at.is_(None))
        .scalar_subquery()
    )
    query = (
        select(DestructionList, count + contacts)
        .options(joinedload(DestructionList.municipality), joinedload(DestructionList.approved_by))
        .order_by(DestructionList.id.desc())
        .limit(PAGE + 1)
    )
    if places is not None:
        query = query.where(DestructionList.municipality_id.in_(places))
    if after is not None:
        query = query.where(DestructionList.id < after)
    found = [(row[0], row[1]) for row in session.execute(query)]
    return found[:PAGE], found[PAGE - 1][0].id if len(found) > PAGE else None


def list_within(session: Session, list_id: int, places: frozenset[int] | None) -> DestructionList | None:
    """One list, if it is of one of these municipalities (None: any)."""
    query = (
        select(DestructionList)
        .where(DestructionList.id == list_id)
        .options(joinedload(DestructionList.municipality), joinedload(DestructionList.approved_by))
    )
    if places is not None:
        query = query.where(DestructionList.municipality_id.in_(places))
    return session.scalars(query).first()


def items_of(session: Session, list_id: int) -> Sequence[DestructionItem]:
    """What is on a list, what was taken out as well."""
    return session.scalars(
        select(DestructionItem)
        .where(DestructionItem.list_id == list_id)
        .options(joinedload(DestructionItem.kept_by))
        .order_by(DestructionItem.id)
    ).all()
