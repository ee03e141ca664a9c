"""What is settled about leave besides requests: notices that lots end, proposals to let them lapse, and corrections.

A notice is proof and never changes. A proposal posts nothing by itself: a person settles it, as one does a correction.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, refers
from portal.models.leave import LeaveLot
from portal.models.people import Municipality, Person


class LeaveNotice(Base):
    """Somebody was told by this mail that so many minutes of a lot lapse after its last day. Whether it was sent, and
    when, is what the outbox says of the mail with this id; that it is kept here is the proof."""

    __tablename__ = "leave_notice"
    __table_args__ = (CheckConstraint("minutes > 0", name="minutes"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("leave_lot.id"), unique=True)
    minutes: Mapped[int]
    message_id: Mapped[str] = mapped_column(index=True)
    address: Mapped[str]
    made_at: Mapped[datetime]

    lot: Mapped[LeaveLot] = refers()


class LeaveLapse(Base):
    """A proposal to let lapse what was not used of a lot that ended. Settled by a person: so many minutes `posted`, or
    none where there is a reason to keep them. `told_at` is when the employee was told, copied with the approval.
    """

    __tablename__ = "leave_lapse"
    __table_args__ = (
        CheckConstraint("minutes > 0", name="minutes"),
        CheckConstraint("posted >= 0 AND posted <= minutes", name="posted"),
        CheckConstraint("(settled_at IS NULL) = (settled_by_id IS NULL)", name="settled"),
        CheckConstraint("settled_by_id <> person_id", name="not_own"),
        CheckConstraint("posted = 0 OR (settled_at IS NOT NULL AND kept_because = '')", name="kept"),
        CheckConstraint("posted = 0 OR told_at IS NOT NULL OR ends_as = 'prescribes'", name="told"),
        Index("uq_leave_lapse_open", "lot_id", unique=True, sqlite_where=text("settled_at IS NULL"),
              postgresql_where=text("settled_at IS NULL")),
        Index("ix_leave_lapse_lot", "lot_id"),
        Index("ix_leave_lapse_waiting", "municipality_id", "id", sqlite_where=text("settled_at IS NULL"),
              postgresql_where=text("settled_at IS NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("leave_lot.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    ends_as: Mapped[str]
    minutes: Mapped[int]
    proposed_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    posted: Mapped[int] = mapped_column(default=0)
    told_at: Mapped[datetime | None]
    kept_because: Mapped[str] = mapped_column(default="")

    lot: Mapped[LeaveLot] = refers()
    person: Mapped[Person] = refers(person_id)
    municipality: Mapped[Municipality] = refers()


class LeaveCorrection(Base):
    """A correction of a lot that one clerk asks for and another confirms or not; then it is an entry in the ledger."""

    __tablename__ = "leave_correction"
    __table_args__ = (
        CheckConstraint("minutes <> 0", name="minutes"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("asked_by_id <> person_id", name="not_own"),
        CheckConstraint("decided_by_id <> asked_by_id AND decided_by_id <> person_id", name="four_eyes"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided"),
        CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name="granted"),
        Index("ix_leave_correction_waiting", "municipality_id", "id", sqlite_where=text("decided_at IS NULL"),
              postgresql_where=text("decided_at IS NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("leave_lot.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    minutes: Mapped[int]
    day: Mapped[date]
    reason: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    granted: Mapped[bool | None]

    lot: Mapped[LeaveLot] = refers()
    person: Mapped[Person] = refers(person_id)
    municipality: Mapped[Municipality] = refers()
    asked_by: Mapped[Person] = refers(asked_by_id)
