"""Filling in for somebody else: who may for whom, and what somebody filled in for others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from portal.access import Role, Viewer
from portal.db import overlaps
from portal.models.cases import Case
from portal.models.consents import PreparerConsent
from portal.models.people import Employment, Person
from portal.queries.cases import HEADLINES
from portal.queries.led import led_by
from portal.queries.people import employers_of, employments_of
from workflows.kernel import CaseType

LATELY = 25


def given_by(session: Session, person_id: int, on: date) -> Sequence[tuple[PreparerConsent, Person]]:
    """Whom somebody lets fill in for them, now or later."""
    rows = session.execute(
        select(PreparerConsent, Person)
        .join(Person, Person.id == PreparerConsent.preparer_id)
        .where(
            PreparerConsent.person_id == person_id,
            or_(PreparerConsent.valid_to.is_(None), PreparerConsent.valid_to >= on),
        )
        .order_by(PreparerConsent.valid_from, PreparerConsent.id)
    )
    return [(row[0], row[1]) for row in rows]


def fills_in_for(session: Session, preparer_id: int, on: date) -> Sequence[Person]:
    """Who lets this person fill in for them today, by name."""
    return session.scalars(
        select(Person)
        .join(PreparerConsent, PreparerConsent.person_id == Person.id)
        .where(
            PreparerConsent.preparer_id == preparer_id,
            overlaps(on, PreparerConsent.valid_from, PreparerConsent.valid_to),
        )
        .distinct()
        .order_by(Person.family_name, Person.given_name, Person.id)
    ).all()


def has_consent(session: Session, person_id: int, preparer_id: int, on: date) -> bool:
    """Whether somebody lets another fill in for them on this day."""
    found = select(PreparerConsent.id).where(
        PreparerConsent.person_id == person_id,
        PreparerConsent.preparer_id == preparer_id,
        overlaps(on, PreparerConsent.valid_from, PreparerConsent.valid_to),
    )
    return session.scalars(found.limit(1)).first() is not None


def employers_to_fill_in_for(
    session: Session, viewer: Viewer, person_id: int, on: date, case_type: CaseType
) -> list[Employment]:
    """For which employers of somebody this person may fill this in: all with consent, as a clerk those they serve, and
    as their manager the one for whom they lead them."""
    if person_id == viewer.person_id:
        return []
    employers = employers_of(employments_of(session, person_id), on)
    if employers and has_consent(session, person_id, viewer.person_id, on):
        return employers
    leads = {one.id for one in led_by(session, viewer, on, person_id)} if case_type.by_manager else frozenset()
    return [one for one in employers if one.id in leads or viewer.has(Role.CLERK, one.unit.municipality_id)]


def filled_in_by(session: Session, person_id: int) -> Sequence[Case]:
    """What somebody filled in for others lately, the newest first."""
    return session.scalars(
        select(Case)
        .where(
            Case.preparer_id == person_id,
            Case.initiator_id != person_id,
            or_(Case.number.is_not(None), Case.closed_at.is_(None)),
        )
        .options(*HEADLINES, joinedload(Case.initiator), joinedload(Case.approver), joinedload(Case.assignee))
        .order_by(Case.id.desc())
        .limit(LATELY)
    ).all()
