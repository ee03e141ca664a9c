"""The tables of a workshop: its clock, seats, cards, timers, messages, findings and diary.

They stand in the database of the practice world beside the portal's own, with a register of tables of their own: a
production database has none of them, and the portal's history of migrations knows nothing of them. `wall` is the time
on the wall, `at` the time in the story.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from portal.db import Base, BigId, Json, UtcDateTime


class WorkshopBase(DeclarativeBase):
    """The base of the tables that only a practice world has."""

    metadata = MetaData(naming_convention=Base.metadata.naming_convention)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: BigId,
        datetime: UtcDateTime(),
        dict[str, Any]: Json,
        list[Any]: Json,
    }


class Segment(WorkshopBase):
    """From this moment on the wall the story goes on from `at`, `speed` story seconds for each second on the wall.

    The last segment holds. While `paused` the story stands still. With `office_only` it runs in office hours alone:
    nights and weekends are skipped.
    """

    __tablename__ = "workshop_segment"

    id: Mapped[int] = mapped_column(primary_key=True)
    wall: Mapped[datetime]
    at: Mapped[datetime]
    speed: Mapped[float]
    paused: Mapped[bool]
    office_only: Mapped[bool]


class EventWall(WorkshopBase):
    """When on the wall an event of a case was written; the event itself has the time in the story."""

    __tablename__ = "workshop_event_wall"

    event_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    wall: Mapped[datetime]


class Seat(WorkshopBase):
    """One place at the table: a person of the story, played by a participant, a bot or the trainer.

    `pin` is hashed. `seen` is when the participant's page last asked for news (on the wall).
    """

    __tablename__ = "workshop_seat"
    __table_args__ = (CheckConstraint("played_by IN ('bot', 'person', 'trainer')", name="played_by"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str] = mapped_column(index=True)
    """The key of a role of the scenario."""
    person_id: Mapped[int] = mapped_column(unique=True)
    nickname: Mapped[str] = mapped_column(default="")
    pin: Mapped[str] = mapped_column(default="")
    played_by: Mapped[str] = mapped_column(default="bot")
    joined: Mapped[datetime | None]
    seen: Mapped[datetime | None]
    away_until: Mapped[datetime | None]
    """Until when in the story the person is ill or away: nobody plays the seat."""
    lent: Mapped[bool] = mapped_column(default=False)
    """A bot plays it for as long as the phone of its player is not heard of."""


class PinTry(WorkshopBase):
    """A personal code that was wrong: after a few of them one waits."""

    __tablename__ = "workshop_pin_try"

    id: Mapped[int] = mapped_column(primary_key=True)
    nickname: Mapped[str] = mapped_column(index=True)
    wall: Mapped[datetime]


class Card(WorkshopBase):
    """A life-like case of the deck, as it fell to a seat. What stands on it is in the scenario, under `key`."""

    __tablename__ = "workshop_card"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("workshop_seat.id"), index=True)
    dealt_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    case_id: Mapped[int | None] = mapped_column(index=True)
    """The case that came of it."""
    contact_id: Mapped[int | None]
    """The contact in which a question was put down."""


class Timer(WorkshopBase):
    """Something that is to happen at a moment in the story. Done once, in order of `at` and then of `id`."""

    __tablename__ = "workshop_timer"
    __table_args__ = (Index("ix_workshop_timer_due", "done", "at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    about: Mapped[dict[str, Any]] = mapped_column(default=dict)
    seat_id: Mapped[int | None] = mapped_column(ForeignKey("workshop_seat.id"), index=True)
    done: Mapped[bool] = mapped_column(default=False)
    task: Mapped[str] = mapped_column(default="", index=True)
    """What a bot does then, by a name that says of which version of what: nothing is planned twice."""
    told: Mapped[str] = mapped_column(default="")
    """What came of it, or why nothing did."""


class Ticked(WorkshopBase):
    """Up to which moment in the story everything that was due is done: one row."""

    __tablename__ = "workshop_ticked"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class Message(WorkshopBase):
    """What the trainer said, to one seat or (no seat) to all."""

    __tablename__ = "workshop_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    seat_id: Mapped[int | None] = mapped_column(ForeignKey("workshop_seat.id"), index=True)
    text: Mapped[str]
    wall: Mapped[datetime]
    at: Mapped[datetime]
    read: Mapped[datetime | None]


class Finding(WorkshopBase):
    """What a participant or the trainer noticed: `severity` is blocking, hindering or awkward; empty until classed."""

    __tablename__ = "workshop_finding"
    __table_args__ = (CheckConstraint("severity IN ('', 'blocking', 'hindering', 'awkward')", name="severity"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    seat_id: Mapped[int | None] = mapped_column(ForeignKey("workshop_seat.id"), index=True)
    round: Mapped[int]
    text: Mapped[str]
    severity: Mapped[str] = mapped_column(default="")
    case_id: Mapped[int | None]
    wall: Mapped[datetime]
    at: Mapped[datetime]


class Diary(WorkshopBase):
    """What the trainer did and what befell the story: paused, faster, jumped, injected, took over, undid."""

    __tablename__ = "workshop_diary"

    id: Mapped[int] = mapped_column(primary_key=True)
    wall: Mapped[datetime]
    at: Mapped[datetime]
    kind: Mapped[str]
    seat_id: Mapped[int | None] = mapped_column(ForeignKey("workshop_seat.id"), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
