"""A dossier as data: what its page tells this reader, as plain values, with the chain of its events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal import i18n
from portal.interfaces.dossier_json import written
from portal.models.cases import Document
from portal.models.events import CaseEvent
from portal.queries.dossier import Seen
from portal.words.states import letter_text, state_said
from portal.words.timeline import timeline_of
from workflows import CASE_TYPES
from workflows.iban import masked


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def file_of(seen: Seen, reader: str, at: datetime) -> bytes:
    """The dossier as a JSON file."""
    told = {
        "made_at": _iso(at),
        "made_for": reader,
        "language": i18n.language(),
        "case": _case(seen),
        "content": _content(seen),
        "documents": [_document(document) for document in seen.dossier.documents],
        "payments": [
            {"reference": line.end_to_end_id, "execution_date": line.batch.execution_date.isoformat(),
             "cents": line.cents, "accepted_at": _iso(line.accepted_at), "settled_at": _iso(line.settled_at),
             "returned_at": _iso(line.returned_at), "return_code": line.return_code}
            for line in seen.dossier.payments
        ],
        "settlements": [
            {"by": one.case.number if one.case else None, "from_bank": one.bank_entry_id is not None,
             "owed_because_of": one.outstanding.case.number, "kind": one.outstanding.kind, "cents": one.cents,
             "at": _iso(one.at), "undone_at": _iso(one.undone_at)}
            for one in seen.settlements
        ],
        "related": [{"number": other.number, "state": other.state} for other in seen.kin],
        "contacts": _contacts(seen),
        "mails": _mails(seen),
        "read_by": [
            {"who": read.person.name, "capacity": read.capacity, "own_work": read.own_work, "reason": read.reason,
             "at": _iso(read.at), "copied_as": read.copied_as}
            for read in seen.reads
        ],
    }  # fmt: skip
    words = timeline_of(seen.case, seen.dossier.events)[::-1]
    events = [
        _event(seen, event) | {"told": {"what": one.what, "who": one.who, "reason": one.reason}}
        for event, one in zip(seen.dossier.events, words, strict=True)
    ]
    return written(told, events)


def _case(seen: Seen) -> dict[str, Any]:
    case, account = seen.case, seen.paid.account
    personal = {
        "personnel_number": case.employment.personnel_number,
        "paid_to": masked(account.iban) if account else None,
    }
    return {
        "id": case.id, "number": case.number, "type": case.type, "title": case.title, "state": case.state,
        "state_label": state_said(case, mine=seen.is_theirs(case)), "result": case.result,
        "employee": case.initiator.name, "unit": case.employment.unit.name,
        "municipality": case.municipality.name, "cost_centre": case.cost_centre,
        "approver": case.approver.name if case.approver else None, "claimed_cents": case.claimed_cents,
        "sanctioned_cents": case.sanctioned_cents, "received_at": _iso(case.received_at),
        "target_due": _iso(case.target_due), "legal_due": _iso(case.legal_due), "closed_at": _iso(case.closed_at),
    } | (personal if seen.personal else {})  # fmt: skip


def _content(seen: Seen) -> Any:
    """What was last handed in, without what is not for this reader and with masks where the page has them."""
    case_type = CASE_TYPES[seen.case.type]
    hidden = () if seen.clerk else case_type.for_clerks

    def shown(value: Any, name: str = "") -> Any:
        if isinstance(value, Mapping):
            return {key: shown(each, key) for key, each in value.items() if key not in hidden}
        if isinstance(value, list):
            return [shown(each) for each in value]
        return masked(value) if name in case_type.masked else value

    return shown(seen.case.content)


def _document(document: Document) -> dict[str, Any]:
    return {
        "name": document.name, "sha256": document.sha256, "media_type": document.media_type, "size": document.size,
        "pages": document.pages, "line": document.line_key, "kind": document.kind,
        "added_at": _iso(document.added_at), "frozen_at": _iso(document.frozen_at),
    }  # fmt: skip


def _contacts(seen: Seen) -> list[dict[str, Any]]:
    return [
        {"at": _iso(one.contact.at), "channel": one.contact.channel,
         "clerk": one.contact.clerk.name if one.contact.clerk else None, "question": one.asked, "answer": one.answer}
        for one in (seen.dossier.contacts if seen.personal else ())
    ]  # fmt: skip


def _mails(seen: Seen) -> list[dict[str, Any]]:
    return [
        {"message_id": mail.message_id, "to": mail.recipient, "language": mail.language, "subject": mail.subject,
         "text": letter_text(mail.text), "created_at": _iso(mail.created_at), "sent_at": _iso(mail.sent_at)}
        for mail in (seen.dossier.mails if seen.personal else ())
    ]  # fmt: skip


def _event(seen: Seen, event: CaseEvent) -> dict[str, Any]:
    """All that the event's hash is made of; what was said in it only to who sees all of that."""
    said = {
        "salt": event.salt, "persons": [event.actor_id, event.on_behalf_of_id], "reason": event.reason,
        "data": event.data,
    }  # fmt: skip
    return {
        "id": event.id, "case": event.case_id, "action": event.action,
        "states": [event.from_state, event.to_state],
        "times": [event.enabled_at.isoformat(), event.started_at.isoformat(), event.at.isoformat()],
        "channel": event.channel, "said": event.said, "previous": event.previous_hash, "hash": event.hash,
        "said_in_full": said if seen.sees_all_of(event) else None,
    }  # fmt: skip
