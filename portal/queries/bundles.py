"""Mail of the day: what waits to go into one, its parts while it is sent, and its page."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.interfaces.letters import PARTS
from portal.models.cases import Case, Document
from portal.models.events import CaseEvent
from portal.models.mail import Bundle, MailLink, OutboxMail
from portal.models.people import Person
from portal.queries.cases import WHOLE


@dataclass(frozen=True)
class DaysMail:
    """The nonce of a day's mail and what it says about each request."""

    nonce: str
    parts: tuple[str, ...]

    def text(self, mail: OutboxMail) -> str:
        """The whole mail, as its reader gets it."""
        return mail.text.replace(PARTS, "\n\n".join(part.strip() for part in self.parts))


def bundles_of(session: Session, mails: Collection[OutboxMail]) -> dict[int, DaysMail]:
    """Of these mails those that are of a day, put together; by the id of the bundle. Two queries, or none."""
    ids = {mail.bundle_id for mail in mails if mail.bundle_id is not None}
    if not ids:
        return {}
    parts: dict[int, list[str]] = {}
    said = select(OutboxMail).where(OutboxMail.bundle_id.in_(ids), OutboxMail.part.is_(True)).order_by(OutboxMail.id)
    for part in session.scalars(said):
        parts.setdefault(part.bundle_id or 0, []).append(f"{part.subject}\n\n{part.text}")
    found = session.scalars(select(Bundle).where(Bundle.id.in_(ids)))
    return {bundle.id: DaysMail(bundle.nonce, tuple(parts.get(bundle.id, ()))) for bundle in found}


def people_with_parts(session: Session) -> Sequence[Person]:
    """Everybody for whom something waits to go into a mail of the day."""
    waiting = select(OutboxMail.person_id).where(OutboxMail.part.is_(True), OutboxMail.bundle_id.is_(None))
    return session.scalars(select(Person).where(Person.id.in_(waiting)).order_by(Person.id)).all()


def parts_for(session: Session, person_id: int) -> Sequence[tuple[OutboxMail, MailLink, Case]]:
    """What waits to go into somebody's mail of the day, each with its link and case; the first asked first."""
    rows = session.execute(
        select(OutboxMail, MailLink, Case)
        .join(MailLink, MailLink.id == OutboxMail.link_id)
        .join(Case, Case.id == MailLink.case_id)
        .where(OutboxMail.part.is_(True), OutboxMail.bundle_id.is_(None), OutboxMail.person_id == person_id)
        .order_by(OutboxMail.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def last_bundle(session: Session, person_id: int) -> datetime | None:
    """When somebody's last mail of the day was made."""
    made = select(Bundle.created_at).where(Bundle.person_id == person_id)
    return session.scalars(made.order_by(Bundle.id.desc()).limit(1)).first()


@dataclass(frozen=True)
class Requests:
    """What is on the page of a day's mail: each link with its case, and the documents by case."""

    asked: Sequence[tuple[MailLink, Case]]
    documents: Mapping[int, Sequence[Document]]
    last: Mapping[int, Sequence[CaseEvent]]


def bundle_by_nonce(session: Session, nonce: str) -> Bundle | None:
    """The mail of the day of this nonce, with its person."""
    query = select(Bundle).where(Bundle.nonce == nonce).options(joinedload(Bundle.person))
    return session.scalars(query).first()


def requests_of(session: Session, bundle: Bundle) -> Requests:
    """All that the page of a day's mail shows. Four queries, whatever its size."""
    links = session.scalars(
        select(MailLink)
        .where(MailLink.bundle_id == bundle.id)
        .options(joinedload(MailLink.person))
        .order_by(MailLink.id)
    ).all()
    ids = [link.case_id for link in links]
    cases = {case.id: case for case in session.scalars(select(Case).where(Case.id.in_(ids)).options(*WHOLE))}
    documents: dict[int, list[Document]] = {}
    for document in session.scalars(select(Document).where(Document.case_id.in_(ids)).order_by(Document.id)):
        documents.setdefault(document.case_id, []).append(document)
    events: dict[int, list[CaseEvent]] = {}
    told = select(CaseEvent).where(CaseEvent.case_id.in_(ids)).order_by(CaseEvent.id)
    for event in session.scalars(told.options(joinedload(CaseEvent.actor), joinedload(CaseEvent.on_behalf_of))):
        events.setdefault(event.case_id, []).append(event)
    return Requests([(link, cases[link.case_id]) for link in links], documents, events)
