"""Contact moments: what somebody asked the SSC, by which channel, and what was answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, refers
from portal.models.people import Person

CHANNELS = ("telephone", "e-mail", "counter", "post", "portal")


class Contact(Base):
    """One question and its answer. `line`: 1 information, 2 support, 3 expertise."""

    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    clerk_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    at: Mapped[datetime]
    channel: Mapped[str]
    line: Mapped[int]
    question: Mapped[str]
    answer: Mapped[str]

    person: Mapped[Person] = refers(person_id)
    clerk: Mapped[Person] = refers(clerk_id)
