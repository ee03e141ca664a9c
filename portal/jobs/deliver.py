"""Sending the outbox. While a mail server is being waited for, no transaction and no connection is held."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from sqlalchemy import ColumnElement, select, update

from portal.commands.mail import SSC
from portal.i18n import reading_in
from portal.interfaces.letters import addressed, as_html
from portal.interfaces.transport import TransportError
from portal.jobs.telling import Told, unless_idle
from portal.models.mail import MailLink, OutboxMail
from portal.queries.bundles import DaysMail, bundles_of
from portal.worlds import BUNDLE, World

log = logging.getLogger("portal.jobs")

AT_ONCE = 50
LEASE = timedelta(minutes=5)
"""How long a mail that is being sent is left alone by other senders, should this one die."""
WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440))
"""How long to wait after each failed try; after the last the mail is given up and an administrator sees it."""


@dataclass(frozen=True)
class Ready:
    """A mail with its true addresses, ready to go."""

    id: int
    message: EmailMessage


def run(world: World, at: datetime) -> Told:
    """Send what is due. Tells how many went and how many did not."""
    sent = failed = 0
    while ready := _next(world, at):
        for mail in ready:
            try:
                world.transport.deliver(mail.message)
            except TransportError as error:
                failed += 1
                _failed(world, mail.id, error, at)
            else:
                sent += 1
                _sent(world, mail.id, world.clock.now())
        if len(ready) < AT_ONCE:
            break
    return unless_idle("mail", sent=sent, failed=failed)


def _next(world: World, at: datetime) -> list[Ready]:
    """Claim the next mails: others leave them alone for the length of the lease."""
    with world.db.session(writes=False) as peek:
        waiting = select(OutboxMail.id).where(*_due(at))
        if peek.execute(waiting.limit(1)).first() is None:
            return []
    with world.db.transaction() as session:
        mails = session.scalars(
            select(OutboxMail)
            .where(*_due(at))
            .order_by(OutboxMail.next_try_at, OutboxMail.id)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True)
        ).all()
        ids = [mail.link_id for mail in mails if mail.link_id]
        nonces = {link.id: link.nonce for link in session.scalars(select(MailLink).where(MailLink.id.in_(ids)))}
        bundles = bundles_of(session, mails)
        ready: list[Ready] = []
        for mail in mails:
            mail.next_try_at, mail.tries = at + LEASE, mail.tries + 1
            try:
                ready.append(Ready(mail.id, _message(world, mail, nonces, bundles)))
            except Exception as error:
                # It cannot be written at all (an address that is none): given up, so that the others go.
                log.exception("mail %s cannot be written", mail.id)
                mail.failed_at, mail.last_error = at, f"{type(error).__name__}: {error}"[:1000]
        return ready


def _due(at: datetime) -> tuple[ColumnElement[bool], ...]:
    """What is to be sent now; a part of a day's mail goes with that, never by itself."""
    unsent = (OutboxMail.sent_at.is_(None), OutboxMail.failed_at.is_(None), OutboxMail.part.is_(False))
    return (*unsent, OutboxMail.next_try_at <= at)


def _message(world: World, mail: OutboxMail, nonces: dict[int, str], bundles: dict[int, DaysMail]) -> EmailMessage:
    settings = world.settings
    day = bundles.get(mail.bundle_id or 0)
    text, bundle = (day.text(mail), world.link_token(day.nonce, BUNDLE)) if day else (mail.text, "")
    # The token of this mail's own link and no other: mails to several people are written together.
    tokens = {mail.link_id: world.link_token(nonces[mail.link_id])} if mail.link_id else {}

    def address(text: str) -> str:
        return addressed(text, settings.base_url, tokens, world.account_token, bundle, world.status_token)

    message = EmailMessage(policy=SMTP)
    sender = settings.mail_from
    message["From"] = Address(settings.partnership, addr_spec=sender)
    to = settings.ssc_mailbox if mail.address == SSC else mail.address
    message["To"] = Address("" if mail.address == SSC else mail.recipient, addr_spec=to)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.created_at)
    # Fixed for good: should a crash make a mail go twice, the reader's mail program sees that it is the same.
    message["Message-ID"] = f"<{mail.message_id}@{sender.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(address(text))
    with reading_in(mail.language):
        message.add_alternative(as_html(text, mail.language, address), subtype="html")
    # Last: making a message of two forms moves such headers to the first of them.
    message["Content-Language"] = mail.language
    return message


def _sent(world: World, mail_id: int, at: datetime) -> None:
    with world.db.transaction() as session:
        mail = session.get_one(OutboxMail, mail_id)
        mail.sent_at, mail.last_error = at, ""
        if mail.bundle_id is not None:
            parts = update(OutboxMail).where(OutboxMail.bundle_id == mail.bundle_id, OutboxMail.part.is_(True))
            session.execute(parts.values(sent_at=at))


def _failed(world: World, mail_id: int, error: TransportError, at: datetime) -> None:
    with world.db.transaction() as session:
        mail = session.get_one(OutboxMail, mail_id)
        mail.last_error = str(error)[:1000]
        if error.final or mail.tries > len(WAITS):
            mail.failed_at = at
        else:
            mail.next_try_at = at + WAITS[mail.tries - 1]
