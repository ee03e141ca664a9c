"""Files with people that were handed in to be taken in."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, refers
from portal.models.people import Municipality, Person


class PeopleImport(Base):
    """A file from the personnel records of one municipality. `content` is gone once it was taken in.

    `as_of` is from when people are of another unit that the file names.
    """

    __tablename__ = "people_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    name: Mapped[str]
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    as_of: Mapped[date]
    handed_in_at: Mapped[datetime]
    handed_in_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    taken_in_at: Mapped[datetime | None]
    taken_in_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    ended: Mapped[int] = mapped_column(default=0)

    municipality: Mapped[Municipality] = refers()
    handed_in_by: Mapped[Person] = refers(handed_in_by_id)
