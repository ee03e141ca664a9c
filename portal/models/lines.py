"""Lines of cases, beside their content: what others must be able to look up by an index."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class CaseLine(Base):
    """One line of what was handed in, as far as lines of other cases are held against it. Written with the content.

    `alike` is category, day, amount and description as one folded text, for lines that are paid by a receipt: what two
    people would hardly both have. `stands` is false once the line was refused or sent back.
    """

    __tablename__ = "case_line"
    __table_args__ = (
        UniqueConstraint("case_id", "line_key"),
        Index("ix_case_line_person", "person_id", "day"),
        Index("ix_case_line_day", "day", "cents"),
        Index("ix_case_line_alike", "alike", sqlite_where=text("alike IS NOT NULL"),
              postgresql_where=text("alike IS NOT NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    line_key: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    category: Mapped[str]
    day: Mapped[date]
    cents: Mapped[int]
    granted_cents: Mapped[int]
    days: Mapped[int]
    alike: Mapped[str | None]
    stands: Mapped[bool]


class CodedLine(Base):
    """On what a line was coded by hand, to suggest it for the next of the same supplier. Written with the content.

    `alike` is its description, folded.
    """

    __tablename__ = "coded_line"
    __table_args__ = (
        UniqueConstraint("case_id", "line_key"),
        Index("ix_coded_line_supplier", "supplier_id", "municipality_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    line_key: Mapped[str]
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    alike: Mapped[str]
    account: Mapped[str]
    cost_centre: Mapped[str]
    task: Mapped[str]
