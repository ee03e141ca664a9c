"""One mail a day with all that waits for somebody's decision: choosing it, and making it."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from portal.i18n import reading_in
from portal.interfaces.letters import PARTS, Place, compose
from portal.models.mail import Bundle, OutboxMail
from portal.models.people import Person
from portal.queries.bundles import parts_for
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

HOURS = range(8, 17)
"""The hours at which a mail of the day can come: those of the office."""
HOUR_WRONG = Refusal("daily_hour_wrong", N_("Choose one of the hours in the list."))


def choose_daily(session: Session, person_id: int, hour: int | None) -> None:
    """Get one mail a day at this hour, or a mail for each request at once."""
    if hour is not None and hour not in HOURS:
        raise Refused(HOUR_WRONG)
    session.get_one(Person, person_id).daily_hour = hour


def make(session: Session, person: Person, at: datetime) -> int:
    """Make the mail of the day of all that waits for it; tells how many requests are in it.

    What was decided or went to somebody else meanwhile is left out: nobody is asked what is not theirs to decide.
    """
    parts = parts_for(session, person.id)
    alive = [
        (part, link)
        for part, link, case in parts
        if link.ended is None and link.case_version == case.version and at < link.expires_at
    ]
    kept = {part.id for part, _ in alive}
    for part, *_ in parts:
        if part.id not in kept:
            session.delete(part)
    if not alive:
        return 0
    bundle = Bundle(nonce=secrets.token_urlsafe(24), person_id=person.id, created_at=at)
    session.add(bundle)
    session.flush()
    for part, link in alive:
        part.bundle_id = link.bundle_id = bundle.id
    with reading_in(person.language):
        subject, text = compose(None, "bundle", person=person, count=len(alive), parts=Place(PARTS))
    session.add(
        OutboxMail(
            message_id=uuid4().hex, person_id=person.id, bundle_id=bundle.id, letter="bundle", address=person.email,
            recipient=person.name, language=person.language, subject=subject, text=text, created_at=at,
            next_try_at=at,
        )
    )  # fmt: skip
    return len(alive)
