"""The log of administration: who changed what of the organisation, when, from what to what, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, refers
from portal.models.people import Person


class Change(Base):
    """One change. Rows are added and never changed, which triggers in both databases guard.

    `by_id` NULL is the command line. `what` is a code such as `role.granted`; `about` names what was changed, as it was
    called then. `old` and `new` hold only what differs, as plain text by field. `person_id` and `municipality_id` say
    whom and which municipality it concerns, so that it is found.
    """

    __tablename__ = "change"
    __table_args__ = (Index("ix_change_person_id", "person_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    what: Mapped[str] = mapped_column(index=True)
    about: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipality.id"), index=True)
    old: Mapped[dict[str, Any]]
    new: Mapped[dict[str, Any]]
    reason: Mapped[str]

    by: Mapped[Person | None] = refers(by_id)
