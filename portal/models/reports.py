"""Reports as they were published."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base

BOARD = "*"
"""The scope of a report on all municipalities together."""


class Report(Base):
    """Figures of a period as they were published, for one municipality or for the board (`BOARD`): never changed.

    A correction is another edition, with why; both stay.
    """

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("scope", "period", "edition"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str]
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipality.id"), index=True)
    period: Mapped[str]
    edition: Mapped[int]
    figures: Mapped[dict[str, Any]]
    sha256: Mapped[str]
    published_at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    reason: Mapped[str] = mapped_column(default="")
