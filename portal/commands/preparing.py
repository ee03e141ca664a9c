"""Filling in for somebody else: giving consent, taking it back, and whether it still stands."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from portal.access import Role, Viewer
from portal.models.cases import Case
from portal.models.consents import PreparerConsent
from portal.models.people import Person
from portal.queries.led import led_by
from portal.queries.preparing import has_consent
from workflows import CASE_TYPES
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

PREPARER_SELF = Refusal("preparer_self", N_("You need no consent for yourself. Choose somebody else."))
PREPARER_UNKNOWN = Refusal("preparer_unknown", N_("Choose a colleague from the list, and a first day."))
PREPARER_PERIOD = Refusal("preparer_period", N_("The last day must be today or later, and not before the first day."))
CONSENT_OVER = Refusal(
    "consent_over", N_("You may not fill in for this employee any more. Ask them for their consent.")
)


def let_fill_in(
    session: Session, person_id: int, preparer_id: int, first: date, last: date | None, at: datetime, today: date
) -> PreparerConsent:
    """Let a colleague fill in requests for somebody, who confirms each of them. Raises Refused."""
    if person_id == preparer_id:
        raise Refused(PREPARER_SELF)
    if session.get(Person, preparer_id) is None:
        raise Refused(PREPARER_UNKNOWN)
    if last is not None and last < max(first, today):
        raise Refused(PREPARER_PERIOD)
    new = PreparerConsent(
        person_id=person_id, preparer_id=preparer_id, valid_from=first, valid_to=last, given_at=at
    )  # fmt: skip
    session.add(new)
    return new


def take_back(session: Session, person_id: int, consent_id: int, today: date) -> None:
    """Take back a consent of one's own, from today on. That it was given stays known."""
    found = session.get(PreparerConsent, consent_id)
    if found is None or found.person_id != person_id:
        return
    if found.valid_from >= today:
        session.delete(found)
    else:
        found.valid_to = today - timedelta(days=1)


def expect_may_fill_in(session: Session, viewer: Viewer, case: Case, today: date) -> None:
    """Refuse whoever filled in for another and may not any more."""
    if viewer.person_id != case.preparer_id or viewer.person_id == case.initiator_id:
        return
    if viewer.has(Role.CLERK, case.municipality_id) or has_consent(session, case.initiator_id, viewer.person_id, today):
        return
    if CASE_TYPES[case.type].by_manager and led_by(session, viewer, today, case.initiator_id):
        return
    raise Refused(CONSENT_OVER)
