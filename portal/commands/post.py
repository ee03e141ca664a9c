"""Post that was scanned: putting each part with its case by the code on its cover sheet, or by a clerk's hand.

Paper is added to a case and never replaces anything; the employee and whoever has the case are told.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.clock import local_date
from portal.commands import mail, registering
from portal.commands.cases import OWN_FROM_QUEUE
from portal.commands.documents import FILE_SENTENCES, add_document, stored
from portal.commands.effects import ask_whoever_decides
from portal.interfaces.cover_codes import is_code_for, number_in
from portal.interfaces.files import FileStore, Intake, Part
from portal.models.cases import Case
from portal.models.events import CaseEvent, record
from portal.models.people import Municipality
from portal.models.post import Scan, ScanPart
from portal.queries.cases import WHOLE
from portal.queries.post import lines_of
from workflows.kernel import REASON_LIMIT, REASON_TOO_LONG, Refusal, Refused
from workflows.parties import N_, Party

POST_ADDED = "post_added"
"""The event of paper that was put with a case: no step, the case stays where it is."""
KIND = "post"
LETTER = "post_added"

WAITS_WHY = {
    "no_code": N_("There is no code on these pages."),
    "code_unknown": N_("The code on the cover sheet is not one of ours."),
    "case_closed": N_("The case on the cover sheet is closed."),
    "page_unread": N_("A page could not be looked at, so it is not certain where these pages belong."),
    "cover_alone": N_("There is nothing behind the cover sheet."),
    "too_many_documents": N_("The case on the cover sheet has 100 documents already."),
    **FILE_SENTENCES,
}
"""Why pages wait for a clerk."""

CASE_CLOSED = Refusal("case_closed", N_("This case is closed: nothing can be put with it."))
PART_SETTLED = Refusal("part_settled", N_("A colleague has seen to these pages already."))
PART_EMPTY = Refusal(
    "part_empty", N_("There are no pages to put with a case. Scan the paper again, and set this aside.")
)
ASIDE_REASON = Refusal("aside_reason", N_("Write down why these pages belong with no case."))


@dataclass(frozen=True)
class Arrived:
    """A file from the folder of scans, with its parts, or with the code why it was refused."""

    name: str
    sha256: str
    pages: int = 0
    parts: Collection[Part] = ()
    refused: str = ""


def is_known(session: Session, sha256: str) -> bool:
    """Whether this very file was taken in before."""
    return session.scalars(select(Scan.id).where(Scan.sha256 == sha256)).first() is not None


def take_in(session: Session, files: FileStore, key: bytes, arrived: Arrived, at: datetime) -> tuple[int, int]:
    """Take in a scan: how many of its parts are with their case, and how many wait for a clerk."""
    scan = Scan(
        name=arrived.name[:200], sha256=arrived.sha256, pages=arrived.pages, taken_at=at, refused=arrived.refused
    )
    session.add(scan)
    session.flush()
    if arrived.refused:
        session.add(ScanPart(scan_id=scan.id, place=0, first_page=0, pages=0, sha256="", why=arrived.refused))
        return 0, 1
    tied = [_place(session, files, key, scan, place, part, at) for place, part in enumerate(arrived.parts)]
    return sum(tied), len(tied) - sum(tied)


def _place(session: Session, files: FileStore, key: bytes, scan: Scan, place: int, part: Part, at: datetime) -> bool:
    """Put a part with its case when all is well; else it waits, with why."""
    row = ScanPart(
        scan_id=scan.id, place=place, first_page=part.first_page, pages=part.pages,
        sha256=stored(files, part.intake.content) if part.intake else "",
    )  # fmt: skip
    case, line_key, why = _meant(session, key, part)
    # Only a true code may name a case: a number that anybody can print says nothing.
    row.number = case.number or "" if case else ""
    if case is not None and part.intake is not None and not why:
        try:
            with session.begin_nested():
                _add(session, files, case, part.intake, line_key, None, at)
            row.case_id, row.settled_at = case.id, at
        except Refused as refused:
            why = refused.refusals[0].code
    row.why = why
    session.add(row)
    return row.case_id is not None


def _meant(session: Session, key: bytes, part: Part) -> tuple[Case | None, str, str]:
    """The case and line that the cover sheet means, and why the pages must wait all the same."""
    if not part.code:
        return None, "", "page_unread" if part.unread else part.refused or "no_code"
    number = number_in(part.code)
    case = session.scalars(select(Case).where(Case.number == number).options(*WHOLE)).first()
    line_key = _line(session, key, part.code, case) if case else None
    if case is None or line_key is None:
        return None, "", "code_unknown"
    for wrong, why in (
        (bool(part.refused), part.refused),
        (part.alone, "cover_alone"),
        (case.closed_at is not None, "case_closed"),
    ):
        if wrong:
            return case, line_key, why
    return case, line_key, ""


def _line(session: Session, key: bytes, code: str, case: Case) -> str | None:
    """For which line of the case a code was made (empty: for none in particular); None when it is no true code."""
    lines = ("", *lines_of(session, case))
    return next((line for line in lines if is_code_for(key, code, case.number or "", line)), None)


def _add(session: Session, files: FileStore, case: Case, intake: Intake, line_key: str, by: Viewer | None,
         at: datetime) -> None:  # fmt: skip
    """Add paper to a case: as what the employee sent, when it came by its code; part of the record at once."""
    sender = by.person_id if by else case.initiator_id
    document = add_document(session, files, case, intake, line_key=line_key, by=sender, at=at, kind=KIND)
    document.frozen_at = at
    event = CaseEvent(
        case_id=case.id, action=POST_ADDED, from_state=case.state, to_state=case.state, enabled_at=at, started_at=at,
        at=at, actor_id=by.person_id if by else None, on_behalf_of_id=None, channel="portal" if by else "job",
        reason="", data={"document": document.id, "sha256": document.sha256, "pages": document.pages},
    )  # fmt: skip
    record(session, event)
    # What somebody was asked to decide on has changed: the case is a version further, and a link to it is a new one.
    case.trail = [*case.trail, [POST_ADDED, event.actor_id, None]]
    session.flush()
    mail.end_links(session, case, "superseded", at)
    _tell(session, case, by, at)


def _tell(session: Session, case: Case, by: Viewer | None, at: datetime) -> None:
    """Tell the employee, and whoever has the case, that paper came in."""
    mail.tell(session, case, case.initiator_id, LETTER, at)
    if case.waits_for == Party.APPROVER.name:
        ask_whoever_decides(session, case, LETTER, at)
    elif case.waits_for == Party.INITIATOR.name or (by is not None and case.assignee_id == by.person_id):
        return
    elif case.assignee_id is not None:
        mail.tell(session, case, case.assignee_id, LETTER, at)
    else:
        mail.tell_ssc(session, case, LETTER, at)


def put_with_case(session: Session, files: FileStore, viewer: Viewer, part: ScanPart, intake: Intake, case: Case,
                  at: datetime) -> None:  # fmt: skip
    """A clerk puts pages with a case by hand. Of two at once the second is told."""
    session.flush()  # what this transaction itself settled is kept
    session.refresh(part, ["settled_at"], with_for_update=True)
    _expect_waiting(part)
    if viewer.person_id in (case.initiator_id, case.preparer_id):
        raise Refused(OWN_FROM_QUEUE)
    if case.closed_at is not None:
        raise Refused(CASE_CLOSED)
    _add(session, files, case, intake, "", viewer, at)
    part.case_id, part.number = case.id, case.number or ""
    part.settled_at, part.settled_by_id = at, viewer.person_id


def register(session: Session, files: FileStore, viewer: Viewer, part: ScanPart, intake: Intake, type_key: str,
             municipality: Municipality, at: datetime) -> Case:  # fmt: skip
    """A clerk begins the registration of what came in on paper, with these pages in it; it came in when it was scanned.

    Of two at once the second is told. Thrown away, the pages wait again (`commands/sources.py`).
    """
    session.flush()
    session.refresh(part, ["settled_at"], with_for_update=True)
    _expect_waiting(part)
    # A part can be registered again after its draft was thrown away, so the moment is part of the key.
    case = registering.start_for(session, viewer, type_key, municipality, f"post-{part.id}-{at:%Y%m%d%H%M%S}", at)
    add_document(session, files, case, intake, line_key="", by=viewer.person_id, at=at, kind="invoice")
    case.draft = {**(case.draft or {}), "received_on": local_date(part.scan.taken_at).isoformat(), "proof": "post"}
    part.case_id, part.settled_at, part.settled_by_id = case.id, at, viewer.person_id
    return case


def expect_pages(part: ScanPart) -> None:
    """Refuse what has no pages to put anywhere."""
    _expect_waiting(part)
    if not part.sha256:
        raise Refused(PART_EMPTY)


def _expect_waiting(part: ScanPart) -> None:
    if part.settled_at is not None:
        raise Refused(PART_SETTLED)


def set_aside(viewer: Viewer, part: ScanPart, reason: str, at: datetime) -> None:
    """Take pages off the list that belong with no case, with the reason."""
    _expect_waiting(part)
    if not reason.strip():
        raise Refused(ASIDE_REASON)
    if len(reason) > REASON_LIMIT:
        raise Refused(REASON_TOO_LONG)
    part.set_aside, part.settled_at, part.settled_by_id = reason.strip(), at, viewer.person_id


def why_words(code: str) -> str:
    """Why pages wait, to be translated."""
    known: dict[str, Any] = WAITS_WHY
    return str(known.get(code, code))
