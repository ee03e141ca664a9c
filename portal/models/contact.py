"""Contact moments: what people asked the SSC, by which channel, what was answered, and what was promised."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, event, text
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from portal.db import Base, refers
from portal.models.cases import Case
from portal.models.people import Person

CHANNELS = ("telephone", "e-mail", "counter", "post", "portal")
LINES = (1, 2, 3)
SUBJECTS = ("progress", "payment", "filling_in", "receipts", "rules", "own_data", "portal", "complaint", "other")
OPEN, CALL_BACK, PASSED, ANSWERED = "open", "call_back", "passed", "answered"
"""Nobody has answered yet; somebody promised to call back; a colleague of a higher line finds out; answered."""


class Contact(Base):
    """One contact moment, with one or more questions. `line`: 1 information, 2 support, 3 expertise.

    `person_id` is empty until it is known who it was; until then `caller` says who called and how to reach them.
    `clerk_id` is empty when the person wrote it down themselves, in the portal. `client_key` is made by the page
    that asks: sent twice it is recorded once. `supplier_id`: it was with a supplier.
    """

    __tablename__ = "contact"
    __table_args__ = (Index("ix_contact_person", "person_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    clerk_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipality.id"), index=True)
    supplier_id: Mapped[int | None] = mapped_column(ForeignKey("supplier.id"), index=True)
    at: Mapped[datetime]
    channel: Mapped[str]
    line: Mapped[int]
    caller: Mapped[str] = mapped_column(default="")
    client_key: Mapped[str | None] = mapped_column(unique=True)

    person: Mapped[Person | None] = refers(person_id)
    clerk: Mapped[Person | None] = refers(clerk_id)


class ContactQuestion(Base):
    """One question of a contact. What was asked stays; `answer`, `state`, `line` and `due` are written only together
    with an entry that says who did what. `due` is by when there must be an answer or a call; empty when answered.
    `promised_by_id` is who last promised to call.
    """

    __tablename__ = "contact_question"
    __table_args__ = (
        CheckConstraint("(state = 'answered') = (due IS NULL)", name="due_until_answered"),
        Index("ix_contact_question_open", "due", "id", sqlite_where=text("due IS NOT NULL"),
              postgresql_where=text("due IS NOT NULL")),
        Index("ix_contact_question_complaint", "contact_id", sqlite_where=text("subject = 'complaint'"),
              postgresql_where=text("subject = 'complaint'")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)
    version: Mapped[int] = mapped_column()
    subject: Mapped[str]
    asked: Mapped[str]
    answer: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    line: Mapped[int]
    due: Mapped[datetime | None]
    promised_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    reminded_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]

    contact: Mapped[Contact] = refers(contact_id)
    case: Mapped[Case | None] = refers(case_id)
    promised_by: Mapped[Person | None] = refers(promised_by_id)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own name and shape


class ContactEntry(Base):
    """What was done about a question: written once, never changed. `about` is a case number, a line or a moment."""

    __tablename__ = "contact_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("contact_question.id"), index=True)
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str]
    text: Mapped[str] = mapped_column(default="")
    about: Mapped[str] = mapped_column(default="")

    by: Mapped[Person | None] = refers(by_id)


class ContactDraft(Base):
    """What somebody is typing about a contact, as typed. `about` is the person it is with, 0 for somebody unknown."""

    __tablename__ = "contact_draft"
    __table_args__ = (UniqueConstraint("writer_id", "about"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    writer_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    about: Mapped[int]
    typed: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class EntryFixed(Exception):
    """Somebody tried to change what was written down about a question."""


@event.listens_for(ContactEntry, "before_update")
def _refuse(_mapper: Mapper[ContactEntry], _connection: Any, target: ContactEntry) -> None:
    raise EntryFixed(f"entry {target.id} cannot be changed")
