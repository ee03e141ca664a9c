"""Destruction: proposing lists, taking cases out, approving, and destroying what was approved.

Of a destroyed case remain its events without anything anybody said in them, and a certificate in the chain: so the
chain can still be verified, and nobody can be found in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, exists, select, text, update
from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.clock import local_date
from portal.commands import contact_destruction, satisfaction
from portal.commands.contact_destruction import KEEP_REASON
from portal.db import Base
from portal.models.cases import Case, Document
from portal.models.contact import Contact, ContactQuestion
from portal.models.destruction import DestructionContact, DestructionItem, DestructionList
from portal.models.events import REGISTER, CaseEvent, record
from portal.models.payments import BatchLine, Payable, PaymentBatch
from portal.queries.destruction import KEPT_LONGER, contacts_on, due_cases, items_of
from portal.queries.outstanding import still_needed
from portal.sealing import canonical
from workflows import CASE_TYPES
from workflows.kernel import REASON_LIMIT, REASON_TOO_LONG, Refusal, Refused
from workflows.parties import N_
from workflows.retention import retention_of

LIST_CLOSED = Refusal("list_closed", N_("This list was approved already and cannot be changed."))
LIST_EMPTY = Refusal("list_empty", N_("There is nothing left on this list to destroy."))
LIST_DONE = Refusal("list_done", N_("This list was carried out already."))

GONE_TOO = frozenset({"contact_question", "invoice_file", "outbox_mail", "scan_part"})
"""Tables whose rows need not belong to a case, and go with it when they do. What must belong to one always goes."""


def propose(session: Session, at: datetime) -> int:
    """Put every case whose day has come on a list, a list for each municipality and hundreds of cases. How many."""
    proposed = 0
    while cases := due_cases(session, local_date(at)):
        new = DestructionList(municipality_id=cases[0].municipality_id, proposed_at=at)
        session.add(new)
        session.flush()
        session.add_all(_item(new, case) for case in cases)
        session.flush()
        proposed += len(cases)
    return proposed + contact_destruction.propose(session, at)


def _item(on: DestructionList, case: Case) -> DestructionItem:
    closed, result = local_date(case.closed_at or case.created_at), case.result or ""
    held = retention_of(CASE_TYPES[case.type].retention, result, closed)
    return DestructionItem(
        list_id=on.id, case_id=case.id, number=case.number or f"#{case.id}", type=case.type, result=result,
        closed_on=closed, destroy_on=case.destroy_on, article=held.article if held else "",
    )  # fmt: skip


def keep_longer(session: Session, viewer: Viewer, on: DestructionList, item_id: int, reason: str, at: datetime) -> None:
    """Take a case out of a list, with the reason; after a year it is proposed again."""
    if on.approved_at is not None:
        raise Refused(LIST_CLOSED)
    if not reason.strip():
        raise Refused(KEEP_REASON)
    if len(reason) > REASON_LIMIT:
        raise Refused(REASON_TOO_LONG)
    item = session.scalars(
        select(DestructionItem).where(DestructionItem.id == item_id, DestructionItem.list_id == on.id)
    ).one()
    item.kept_at, item.kept_by_id, item.kept_reason = at, viewer.person_id, reason.strip()
    until = local_date(at + KEPT_LONGER)
    session.execute(
        update(Case).where(Case.id == item.case_id).values(destroy_on=until)
        .execution_options(synchronize_session=False)
    )  # fmt: skip


def keep_contact_longer(
    session: Session, viewer: Viewer, on: DestructionList, item_id: int, reason: str, at: datetime
) -> None:
    """Take a contact out of a list, with the reason; after a year it is proposed again."""
    if on.approved_at is not None:
        raise Refused(LIST_CLOSED)
    item = session.scalars(
        select(DestructionContact).where(DestructionContact.id == item_id, DestructionContact.list_id == on.id)
    ).one()
    contact_destruction.keep_longer(item, viewer, reason, at)


def approve(session: Session, viewer: Viewer, on: DestructionList, at: datetime) -> None:
    """Approve a list. It is carried out the night after; until then the approval can be taken back."""
    if on.approved_at is not None:
        raise Refused(LIST_CLOSED)
    left = [item.kept_at for item in items_of(session, on.id)] + [one.kept_at for one in contacts_on(session, on.id)]
    if None not in left:
        raise Refused(LIST_EMPTY)
    on.approved_at, on.approved_by_id = at, viewer.person_id


def take_back(on: DestructionList) -> None:
    """Take back an approval, as long as the list was not carried out."""
    if on.executed_at is not None:
        raise Refused(LIST_DONE)
    on.approved_at = on.approved_by_id = None


def execute(session: Session, on: DestructionList, at: datetime) -> frozenset[str]:
    """Destroy what is on an approved list and put the certificate in the chain. Returns the files that may go."""
    if session.get_bind().dialect.name == "sqlite":
        # What is deleted is overwritten, not merely forgotten.
        session.execute(text("PRAGMA secure_delete = ON"))
    items = [item for item in items_of(session, on.id) if item.kept_at is None]
    ids = [item.case_id for item in items]
    # A case that was reopened, or followed by another, since the list was made is left out.
    ended = set(session.scalars(select(Case.id).where(Case.id.in_(ids), Case.closed_at.is_not(None), ~still_needed())))
    ended -= set(session.scalars(select(Case.parent_id).where(Case.parent_id.in_(ids))))
    items = [item for item in items if item.case_id in ended]
    ids = [item.case_id for item in items]
    files, documents = _files_of(session, ids)
    _batches(session, ids)
    _forget_events(session, ids)
    satisfaction.forget_whose(session, ids)
    asked_of = _contacts_of(session, ids)
    _destroy(session, Case.__table__, ids)  # type: ignore[arg-type]
    _forget_contacts(session, asked_of)
    contacts = contact_destruction.to_destroy(session, on)
    _destroy(session, Contact.__table__, [one.contact_id for one in contacts])  # type: ignore[arg-type]
    on.executed_at, on.documents, on.digest = at, documents, digest_of(items, contacts)
    record(session, _certificate(on, items, contacts, at))
    return files


def digest_of(items: Sequence[DestructionItem], contacts: Sequence[DestructionContact] = ()) -> str:
    """SHA-256 over what is kept of the destroyed cases and contacts."""
    rows: list[list[Any]] = [
        [i.number, i.type, i.result, i.closed_on.isoformat(), i.destroy_on.isoformat(), i.article] for i in items
    ]
    rows += [["contact", one.contact_id, one.channel, one.asked_on.isoformat(), one.article] for one in contacts]
    return hashlib.sha256(canonical(rows)).hexdigest()


def _certificate(
    on: DestructionList, items: Sequence[DestructionItem], contacts: Sequence[DestructionContact], at: datetime
) -> CaseEvent:
    return CaseEvent(
        case_id=REGISTER, action="destroyed", from_state="", to_state="", enabled_at=on.proposed_at,
        started_at=on.approved_at or at, at=at, actor_id=on.approved_by_id, on_behalf_of_id=None, channel="job",
        reason="",
        data={
            "list": on.id, "cases": [item.case_id for item in items], "numbers": [item.number for item in items],
            "count": len(items), "documents": on.documents, "digest": on.digest,
            **({"contacts": [one.contact_id for one in contacts]} if contacts else {}),
        },
    )  # fmt: skip


def _files_of(session: Session, ids: Collection[int]) -> tuple[frozenset[str], int]:
    """The stored files of these cases that no other case names, and the number of their documents."""
    rows = session.execute(select(Document.sha256, Document.thumb_sha256).where(Document.case_id.in_(ids))).all()
    files = {sha256 for row in rows for sha256 in row if sha256}
    others = Document.case_id.not_in(ids)
    named = session.scalars(select(Document.sha256).where(Document.sha256.in_(files), others))
    small = session.scalars(select(Document.thumb_sha256).where(Document.thumb_sha256.in_(files), others))
    return frozenset(files - set(named) - set(small)), len(rows)


def _forget_events(session: Session, ids: Collection[int]) -> None:
    """Empty the events of all that somebody said in them; the triggers allow this one change and no other."""
    session.execute(
        update(CaseEvent)
        .where(CaseEvent.case_id.in_(ids))
        .values(salt=None, reason="", data={}, actor_id=None, on_behalf_of_id=None)
        .execution_options(synchronize_session=False)
    )


def _contacts_of(session: Session, ids: Collection[int]) -> Sequence[int]:
    query = select(ContactQuestion.contact_id).where(ContactQuestion.case_id.in_(ids))
    return session.scalars(query.distinct()).all()


def _forget_contacts(session: Session, contacts: Collection[int]) -> None:
    """A contact goes with the last of its questions."""
    left = exists().where(ContactQuestion.contact_id == Contact.id)
    session.execute(delete(Contact).where(Contact.id.in_(contacts), ~left))


def _batches(session: Session, ids: Collection[int]) -> None:
    """A payment file names everybody who was paid with it: it goes with the last of them."""
    of_cases = select(BatchLine.batch_id).join(Payable).where(Payable.case_id.in_(ids))
    others = select(BatchLine.batch_id).join(Payable).where(Payable.case_id.not_in(ids))
    last = session.scalars(
        select(PaymentBatch.id).where(PaymentBatch.id.in_(of_cases), PaymentBatch.id.not_in(others))
    ).all()
    _destroy(session, PaymentBatch.__table__, last)  # type: ignore[arg-type]


def _destroy(session: Session, table: Table, ids: Collection[Any]) -> None:
    """Delete rows with all that hangs on them: what must refer to them goes, what may refer to them lets go."""
    if not ids:
        return
    (own_key,) = table.primary_key.columns
    for other in Base.metadata.sorted_tables:
        for key in other.foreign_keys:
            # Of a reference by more columns the one to the key is enough.
            if key.column is not own_key:
                continue
            refers = key.parent.in_(ids)
            if key.parent.nullable and other.name not in GONE_TOO:
                session.execute(update(other).where(refers).values({key.parent: None}))
                continue
            own = list(other.primary_key.columns)
            if len(own) == 1 and own[0] is not key.parent:
                _destroy(session, other, session.scalars(select(own[0]).where(refers)).all())
            session.execute(delete(other).where(refers))
    session.execute(delete(table).where(own_key.in_(ids)))
