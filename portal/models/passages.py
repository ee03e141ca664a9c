"""Municipalities that join or leave: what was judged and arranged, what they handed in, and their archives."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, refers
from portal.models.people import Municipality, Person


class Passage(Base):
    """A municipality on its way in or out. `day` is agreed; `ended_at` when it went live, or had left."""

    __tablename__ = "passage"
    __table_args__ = (
        UniqueConstraint("municipality_id", "kind"),
        CheckConstraint("kind IN ('joining', 'leaving')", name="kind"),
        CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="ended"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    kind: Mapped[str]
    day: Mapped[date]
    reason: Mapped[str]
    begun_at: Mapped[datetime]
    begun_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)

    municipality: Mapped[Municipality] = refers()
    begun_by: Mapped[Person] = refers(begun_by_id)
    ended_by: Mapped[Person | None] = refers(ended_by_id)


class PassageStep(Base):
    """What was said of one point, by whom, when and why. Only added to: the last of each point counts."""

    __tablename__ = "passage_step"
    __table_args__ = (Index("ix_passage_step_passage_id", "passage_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    passage_id: Mapped[int] = mapped_column(ForeignKey("passage.id"))
    key: Mapped[str]
    verdict: Mapped[str]
    reason: Mapped[str]
    owner: Mapped[str] = mapped_column(default="")
    due: Mapped[date | None]
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)

    by: Mapped[Person] = refers(by_id)


class OpeningFile(Base):
    """A file with which a municipality begins: people, balances of leave, or what is open.

    Handed in by one person, tried out (nothing is written), and taken in by another. `differences` is what the last
    reconciliation of the file with the portal found.
    """

    __tablename__ = "opening_file"
    __table_args__ = (
        Index("ix_opening_file_passage_id", "passage_id", "id"),
        CheckConstraint("kind IN ('people', 'balances', 'items')", name="kind"),
        CheckConstraint("(taken_in_at IS NULL) = (taken_in_by_id IS NULL)", name="taken_in"),
        CheckConstraint("taken_in_by_id <> handed_in_by_id", name="four_eyes"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    passage_id: Mapped[int] = mapped_column(ForeignKey("passage.id"))
    kind: Mapped[str]
    name: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sha256: Mapped[str]
    as_of: Mapped[date]
    handed_in_at: Mapped[datetime]
    handed_in_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    taken_in_at: Mapped[datetime | None]
    taken_in_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    reconciled_at: Mapped[datetime | None]
    differences: Mapped[int | None]

    passage: Mapped[Passage] = refers()
    handed_in_by: Mapped[Person] = refers(handed_in_by_id)
    taken_in_by: Mapped[Person | None] = refers(taken_in_by_id)


class OpeningItem(Base):
    """What was open elsewhere when a municipality began here: an unpaid invoice, or a claim in progress.

    It is ticked off with the number of the case that it became.
    """

    __tablename__ = "opening_item"
    __table_args__ = (
        UniqueConstraint("municipality_id", "kind", "reference"),
        CheckConstraint("kind IN ('invoice', 'claim')", name="kind"),
        CheckConstraint("cents > 0", name="positive"),
        CheckConstraint("(settled_at IS NULL) = (case_number = '')", name="settled"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    file_id: Mapped[int] = mapped_column(ForeignKey("opening_file.id"), index=True)
    kind: Mapped[str]
    reference: Mapped[str]
    whose: Mapped[str]
    day: Mapped[date]
    due: Mapped[date | None]
    cents: Mapped[int]
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    case_number: Mapped[str] = mapped_column(default="")


class ArchiveRequest(Base):
    """An archive that somebody asked for, and another granted. The file stands in the instance folder.

    `gone_at`: the file was cleared out; what it was is still known by its hash.
    """

    __tablename__ = "archive_request"
    __table_args__ = (
        Index("ix_archive_request_passage_id", "passage_id", "id"),
        CheckConstraint("decided_by_id <> asked_by_id", name="four_eyes"),
        CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name="decided"),
        CheckConstraint("made_at IS NULL OR (granted AND sha256 <> '')", name="made"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    passage_id: Mapped[int] = mapped_column(ForeignKey("passage.id"))
    reason: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    granted: Mapped[bool | None]
    begun_at: Mapped[datetime | None]
    made_at: Mapped[datetime | None]
    sha256: Mapped[str] = mapped_column(default="")
    size: Mapped[int] = mapped_column(default=0)
    files: Mapped[int] = mapped_column(default=0)
    lacking: Mapped[list[Any]] = mapped_column(default=list)
    error: Mapped[str] = mapped_column(default="")
    gone_at: Mapped[datetime | None]

    passage: Mapped[Passage] = refers()
    asked_by: Mapped[Person] = refers(asked_by_id)
    decided_by: Mapped[Person | None] = refers(decided_by_id)
