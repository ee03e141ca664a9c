"""Destruction of contacts that belong to no case: proposed with the cases of a municipality, and destroyed as they are.

How long they are kept is agreed (`contact_keep_months`), counted from the last thing that was done about them; where
nothing was agreed they are kept. A contact with a question about a case goes with that case.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.clock import AMSTERDAM, local_date
from portal.models.contact import ANSWERED, Contact, ContactQuestion
from portal.models.destruction import DestructionContact, DestructionList
from portal.models.people import Municipality
from portal.queries.destruction import contacts_on, due_contacts, open_list_of
from portal.queries.people import policies_of
from workflows.kernel import REASON_LIMIT, REASON_TOO_LONG, Refusal, Refused
from workflows.parties import N_
from workflows.retention import months_before

KEEP = "contact_keep_months"
KEEP_REASON = Refusal("keep_reason", N_("Write down why this must be kept longer."))


def propose(session: Session, at: datetime) -> int:
    """Put every contact whose period is over on a list of its municipality. How many."""
    proposed = 0
    for municipality_id in session.scalars(select(Municipality.id).order_by(Municipality.id)).all():
        row = policies_of(session, municipality_id).at(KEEP, local_date(at))
        if row is None or not row.number:
            continue
        until = months_before(local_date(at), int(row.number))
        before = datetime.combine(until, time.min, AMSTERDAM)
        while found := due_contacts(session, municipality_id, before, at):
            on = _list_for(session, municipality_id, found, at)
            session.add_all(
                DestructionContact(
                    list_id=on.id, contact_id=contact.id, channel=contact.channel, asked_on=local_date(contact.at),
                    article=", ".join(filter(None, (row.article, row.source))),
                )
                for contact in found
            )  # fmt: skip
            session.flush()
            proposed += len(found)
    return proposed


def _list_for(session: Session, municipality_id: int, found: Sequence[Contact], at: datetime) -> DestructionList:
    """A list that is still open and of which none of these was taken out before; else a new one."""
    on = open_list_of(session, municipality_id)
    if on is not None:
        there = {item.contact_id for item in contacts_on(session, on.id)}
        if there.isdisjoint(contact.id for contact in found):
            return on
    new = DestructionList(municipality_id=municipality_id, proposed_at=at)
    session.add(new)
    session.flush()
    return new


def keep_longer(item: DestructionContact, viewer: Viewer, reason: str, at: datetime) -> None:
    """Take a contact out of a list, with the reason; after a year it is proposed again."""
    if not reason.strip():
        raise Refused(KEEP_REASON)
    if len(reason) > REASON_LIMIT:
        raise Refused(REASON_TOO_LONG)
    item.kept_at, item.kept_by_id, item.kept_reason = at, viewer.person_id, reason.strip()


def to_destroy(session: Session, on: DestructionList) -> Sequence[DestructionContact]:
    """What of an approved list is destroyed: not what was taken out, nor what came to belong to a case meanwhile."""
    items = [item for item in contacts_on(session, on.id) if item.kept_at is None]
    loose = set(session.scalars(select(Contact.id).where(Contact.id.in_([item.contact_id for item in items]))))
    tied = set(_bound(session, [item.contact_id for item in items]))
    return [item for item in items if item.contact_id in loose - tied]


def _bound(session: Session, contacts: Sequence[int]) -> Sequence[int]:
    """Those of these contacts that have a question about a case, or one that still waits for an answer."""
    query = select(ContactQuestion.contact_id).where(
        ContactQuestion.contact_id.in_(contacts),
        ContactQuestion.case_id.is_not(None) | (ContactQuestion.state != ANSWERED),
    )
    return session.scalars(query.distinct()).all()
