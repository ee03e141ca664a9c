"""Mail: the outbox, and the links in mails by which a manager decides."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, event, insert, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.db import Base, at_commit, refers
from portal.models.people import Person


class Bundle(Base):
    """One mail a day with all that waits for somebody, and its page; `MailLink.bundle_id` says what is in it.

    As with deciding links the token is the nonce with a keyed hash. It lets nobody decide by itself: each request in it
    has a link of its own, which dies as any other.
    """

    __tablename__ = "bundle"

    id: Mapped[int] = mapped_column(primary_key=True)
    nonce: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]

    person: Mapped[Person] = refers()


class MailLink(Base):
    """A link that shows one version of one case to one person for one step, and lets that person decide once.

    The token in the mail is the nonce with a keyed hash of it. The key is not in the database, so whoever reads the
    database has no link that works. `ended` says why a link died: used or superseded.
    """

    __tablename__ = "mail_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    nonce: Mapped[str] = mapped_column(unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    case_version: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    bundle_id: Mapped[int | None] = mapped_column(ForeignKey("bundle.id"), index=True)

    person: Mapped[Person] = refers()


class OutboxMail(Base):
    """A mail to be sent or sent. Written in the transaction that caused it; sent by a job with a fixed Message-ID.

    The text holds `[[link:ID]]` where a deciding link goes; the true address is filled in while sending, so that
    nobody who reads the dossier can decide with it. `failed_at` is set when trying has been given up.

    A `part` is what the mail of the day says about one case. It is not sent by itself: it waits for its bundle, whose
    own mail holds no word of any case, and is put together with its parts while sending.
    """

    __tablename__ = "outbox_mail"
    __table_args__ = (
        Index("ix_outbox_mail_waiting", "next_try_at", "id", sqlite_where=text("sent_at IS NULL AND failed_at IS NULL"),
              postgresql_where=text("sent_at IS NULL AND failed_at IS NULL")),
        Index("ix_outbox_mail_parts", "person_id", "id", sqlite_where=text("part AND bundle_id IS NULL"),
              postgresql_where=text("part AND bundle_id IS NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(unique=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    link_id: Mapped[int | None] = mapped_column(ForeignKey("mail_link.id"), index=True)
    bundle_id: Mapped[int | None] = mapped_column(ForeignKey("bundle.id"), index=True)
    part: Mapped[bool] = mapped_column(default=False)
    letter: Mapped[str]
    address: Mapped[str]
    recipient: Mapped[str]
    language: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(default="")
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]


NOT_SAID: dict[str, Any] = {"case_id": None, "person_id": None, "link_id": None, "part": False}
"""What a mail is when it does not say so. All of a transaction go in together, so each must have the same fields."""


MAILS = "mails"
"""What waits for the commit to be put in the outbox."""


def post(session: Session, **mail: Any) -> None:
    """Put a mail in the outbox when this transaction commits, together with what else it has to say."""
    at_commit(session, MAILS).append(NOT_SAID | mail)


@event.listens_for(Session, "before_commit")
def _post(session: Session) -> None:
    if session.in_nested_transaction():
        return  # a savepoint is no commit
    if unposted := at_commit(session, MAILS):
        session.flush()
        session.connection().execute(insert(Base.metadata.tables["outbox_mail"]), unposted)
        unposted.clear()
