"""Mail as it is looked at: deciding links, what waits in the outbox, what failed, and the demo's tray."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, joinedload

from portal.models.cases import Case
from portal.models.mail import MailLink, OutboxMail
from portal.queries.cases import WHOLE

BY_NONCE = select(MailLink).where(MailLink.nonce == bindparam("nonce")).options(joinedload(MailLink.person))
OF_LINK = select(Case).where(Case.id == bindparam("case")).options(*WHOLE)


def link_by_nonce(session: Session, nonce: str) -> MailLink | None:
    """The deciding link of this nonce, with its person."""
    return session.scalars(BY_NONCE, {"nonce": nonce}).first()


def case_of_link(session: Session, link: MailLink) -> Case:
    """The case a link is about, with everybody in it."""
    return session.scalars(OF_LINK, {"case": link.case_id}).one()


def failed_mails(session: Session, limit: int = 50) -> Sequence[OutboxMail]:
    """Mails given up or in trouble, the newest first."""
    return session.scalars(
        select(OutboxMail)
        .where(OutboxMail.sent_at.is_(None), OutboxMail.last_error != "")
        .order_by(OutboxMail.id.desc())
        .limit(limit)
    ).all()


def tray(session: Session, after: int | None = None, to: str = "", limit: int = 50) -> Sequence[OutboxMail]:
    """All mail, or that to somebody by part of a name, the newest first: what a demo shows of what it sent to whom."""
    query = select(OutboxMail).order_by(OutboxMail.id.desc()).limit(limit)
    if to:
        query = query.where(func.lower(OutboxMail.recipient).contains(to.lower(), autoescape=True))
    return session.scalars(query if after is None else query.where(OutboxMail.id < after)).all()


def links_of(session: Session, mails: Sequence[OutboxMail]) -> dict[int, MailLink]:
    """The deciding links in these mails, by id."""
    ids = [mail.link_id for mail in mails if mail.link_id is not None]
    return {link.id: link for link in session.scalars(select(MailLink).where(MailLink.id.in_(ids)))} if ids else {}
