"""Who looked into whose dossier: one row a person, case and day."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, refers
from portal.models.cases import Case
from portal.models.people import Person


class DossierRead(Base):
    """Somebody other than the persons it is about opened a dossier; `at` is the first time that day.

    `capacity` is the part they had in it (the name of a `Party`). Outside one's own work there is a reason, and the
    functional manager sees it. `copied_at` is when they last took a copy of it that day, `copied_as` in which forms.
    """

    __tablename__ = "dossier_read"
    __table_args__ = (
        UniqueConstraint("case_id", "person_id", "day"),
        Index("ix_dossier_read_outside", "id", sqlite_where=text("NOT own_work"),
              postgresql_where=text("NOT own_work")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    day: Mapped[date]
    at: Mapped[datetime]
    channel: Mapped[str]
    capacity: Mapped[str]
    own_work: Mapped[bool]
    reason: Mapped[str] = mapped_column(default="")
    copied_at: Mapped[datetime | None]
    copied_as: Mapped[str] = mapped_column(default="")

    person: Mapped[Person] = refers()
    case: Mapped[Case] = refers()
