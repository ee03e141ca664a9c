"""Exchange rates: how many of a currency one euro was on a day, as it was published."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class PublishedRate(Base):
    """One published rate. `rate` is an exact decimal number as text, `source` who published it, such as ECB.

    Rows are added and never changed: the rate by which a claim was paid can always be found again.
    """

    __tablename__ = "published_rate"
    __table_args__ = (UniqueConstraint("currency", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    currency: Mapped[str]
    day: Mapped[date]
    rate: Mapped[str]
    source: Mapped[str]
    imported_at: Mapped[datetime]
