"""Who does which process of personnel and finance for a municipality: the municipality, the SSC, or both."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, refers
from portal.models.people import Municipality


class TaskDivision(Base):
    """Who does one process from a day on. `task` is a key of `workflows/tasks.py`.

    `services` are keys of services of the catalogue, by which the SSC does its part. It holds until the next begins.
    """

    __tablename__ = "task_division"
    __table_args__ = (
        UniqueConstraint("municipality_id", "task", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
        CheckConstraint("doer IN ('municipality', 'ssc', 'shared')", name="doer"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    task: Mapped[str]
    doer: Mapped[str]
    services: Mapped[list[Any]]
    note: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str]

    municipality: Mapped[Municipality] = refers(municipality_id)
