"""Bookkeeping: the chart of accounts of each municipality, as dated lists with where they are laid down."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class ChartEntry(Base):
    """One row of a chart: a ledger account, a cost centre, a taakveld (Iv3), or what is booked on which of them.

    `account` and `task` of a posting rule, and the `task` of a cost centre, are codes of the same chart. A code has
    one row at a time: the next begins when the one before has ended.
    """

    __tablename__ = "chart_entry"
    __table_args__ = (
        UniqueConstraint("municipality_id", "kind", "code", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
        CheckConstraint("kind IN ('account', 'cost_centre', 'task', 'posting')", name="kind"),
        CheckConstraint("(kind = 'account') = (side <> '')", name="side"),
        CheckConstraint("(kind = 'posting') = (account <> '')", name="account"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    kind: Mapped[str]
    code: Mapped[str]
    label: Mapped[str]
    side: Mapped[str] = mapped_column(default="")
    category: Mapped[str] = mapped_column(default="")
    account: Mapped[str] = mapped_column(default="")
    task: Mapped[str] = mapped_column(default="")
    vat: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str]
