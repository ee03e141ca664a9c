"""Leave: lots of hours that were given, and the entries that are made on them. Both are only ever added to.

There is no balance anywhere: it is the sum of entries. Triggers in the database let no row be changed or removed; an
entry lets go of a case that is destroyed, and nothing else.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, refers
from portal.models.cases import Case
from portal.models.people import Municipality, Person


class LeaveLot(Base):
    """Hours of one kind that an employer gave somebody, to be used from a day up to and including `last_day`.

    `ends_as` is what happens then: they lapse (only if the employee was told in time), or they prescribe. `source` is
    where kind and term are agreed. How many hours it holds is what its entries add up to.
    """

    __tablename__ = "leave_lot"
    __table_args__ = (
        UniqueConstraint("person_id", "municipality_id", "kind", "valid_from"),
        CheckConstraint("last_day >= valid_from", name="period"),
        CheckConstraint("ends_as IN ('lapses', 'prescribes')", name="ends_as"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    kind: Mapped[str]
    valid_from: Mapped[date]
    last_day: Mapped[date]
    ends_as: Mapped[str]
    source: Mapped[str]
    created_at: Mapped[datetime]

    municipality: Mapped[Municipality] = refers()


class LeaveEntry(Base):
    """One entry: minutes that were given (above zero) or taken (below), as of `day`, written down at `recorded_at`.

    `what` says why: `grant`; `reserve` for a request that waits and `release` when it does not any more; `burn` for
    leave that was approved and `give_back` for a day of it that is not taken; `lapse`; `correct`, with a reason.
    `kind` is that of the lot; without a lot it is a kind of leave that is only counted, `occasion` the day of what it
    is for. A person's correction is confirmed by a second person. `part` is which part of the day is taken.
    """

    __tablename__ = "leave_entry"
    __table_args__ = (
        CheckConstraint(
            "(what IN ('grant', 'give_back', 'release') AND minutes > 0) OR "
            "(what IN ('burn', 'reserve', 'lapse') AND minutes < 0) OR (what = 'correct' AND minutes <> 0)",
            name="sign",
        ),
        CheckConstraint("lot_id IS NOT NULL OR what NOT IN ('grant', 'lapse')", name="of_a_lot"),
        CheckConstraint("part IN ('whole', 'morning', 'afternoon')", name="part"),
        CheckConstraint("what <> 'correct' OR reason <> ''", name="reason"),
        CheckConstraint("what <> 'correct' OR by_id IS NULL OR second_id IS NOT NULL", name="second_person"),
        CheckConstraint("second_id <> by_id AND second_id <> person_id", name="four_eyes"),
        Index("ix_leave_entry_person", "person_id", "municipality_id", "day", "id"),
        Index("ix_leave_entry_lot", "lot_id", "what", "minutes"),
        Index("ix_leave_entry_case", "case_id", "day"),
        Index("ix_leave_entry_day", "day", "person_id"),
        # What a case took of a day comes back once, from each lot.
        Index(
            "ix_leave_entry_given_back",
            "case_id",
            "day",
            "part",
            "lot_id",
            unique=True,
            sqlite_where=text("what = 'give_back'"),
            postgresql_where=text("what = 'give_back'"),
        ),
        Index(
            "ix_leave_entry_counted_back",
            "case_id",
            "day",
            "part",
            unique=True,
            sqlite_where=text("what = 'give_back' AND lot_id IS NULL"),
            postgresql_where=text("what = 'give_back' AND lot_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("leave_lot.id"))
    kind: Mapped[str]
    what: Mapped[str]
    minutes: Mapped[int]
    day: Mapped[date]
    part: Mapped[str] = mapped_column(default="whole")
    occasion: Mapped[date | None]
    recorded_at: Mapped[datetime]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    second_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    reason: Mapped[str] = mapped_column(default="")

    lot: Mapped[LeaveLot | None] = refers()
    case: Mapped[Case | None] = refers()
    person: Mapped[Person] = refers(person_id)


class LeaveRead(Base):
    """Somebody of the SSC looked at the leave of an employee; `at` is the first time that day. The employee sees it."""

    __tablename__ = "leave_read"
    __table_args__ = (UniqueConstraint("about_id", "person_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    about_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    day: Mapped[date]
    at: Mapped[datetime]

    person: Mapped[Person] = refers(person_id)
