"""Secret addresses at which somebody's own calendar fetches when they, or their team, are away."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base

OPEN = text("ended_at IS NULL")


class CalendarFeed(Base):
    """One address; a person has at most one that works for themselves, and one for their team.

    As with deciding links the token is not in the database: it is the nonce with a keyed hash of it, and who reads the
    table cannot make an address of it.
    """

    __tablename__ = "calendar_feed"
    __table_args__ = (
        Index("uq_calendar_feed_open", "person_id", "team", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_calendar_feed_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    team: Mapped[bool]
    nonce: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
