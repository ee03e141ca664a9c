"""Destruction: the lists a job proposes, what a person takes out of them or approves, and what is left to tell."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, refers
from portal.models.people import Municipality, Person


class DestructionList(Base):
    """Cases of one municipality whose retention period is over. Approved by a person, then carried out at night.

    `digest` is over the items as they were destroyed; the certificate in the event chain holds it too.
    """

    __tablename__ = "destruction_list"
    __table_args__ = (CheckConstraint("executed_at IS NULL OR approved_by_id IS NOT NULL", name="approved_first"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    proposed_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    executed_at: Mapped[datetime | None]
    documents: Mapped[int] = mapped_column(default=0)
    digest: Mapped[str] = mapped_column(default="")

    municipality: Mapped[Municipality] = refers()
    approved_by: Mapped[Person | None] = refers(approved_by_id)


class DestructionContact(Base):
    """One contact on a list, that belongs to no case, with no more than may be kept of it. No reference: it goes."""

    __tablename__ = "destruction_contact"
    __table_args__ = (UniqueConstraint("list_id", "contact_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("destruction_list.id"))
    contact_id: Mapped[int] = mapped_column(index=True)
    channel: Mapped[str]
    asked_on: Mapped[date]
    article: Mapped[str]
    kept_at: Mapped[datetime | None]
    kept_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    kept_reason: Mapped[str] = mapped_column(default="")

    kept_by: Mapped[Person | None] = refers(kept_by_id)


class DestructionItem(Base):
    """One case on a list, with no more than may be kept of it. `case_id` is no reference: the case will be gone."""

    __tablename__ = "destruction_item"
    __table_args__ = (UniqueConstraint("list_id", "case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("destruction_list.id"))
    case_id: Mapped[int] = mapped_column(index=True)
    number: Mapped[str]
    type: Mapped[str]
    result: Mapped[str]
    closed_on: Mapped[date]
    destroy_on: Mapped[date]
    article: Mapped[str]
    kept_at: Mapped[datetime | None]
    kept_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    kept_reason: Mapped[str] = mapped_column(default="")

    kept_by: Mapped[Person | None] = refers(kept_by_id)
