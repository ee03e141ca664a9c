"""The service catalogue: what the SSC does for municipalities, by which rules and norms, and what it costs.

A municipality's own terms and price go before those of all. What holds ends when the next begins; no row is rewritten.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, refers
from portal.models.people import Municipality


def _one_for_all(table: str) -> Index:
    """One row a day for all municipalities together: a unique constraint does not see that NULL is the same."""
    common = text("municipality_id IS NULL")
    return Index(f"uq_{table}_for_all", "service_id", "valid_from", unique=True, sqlite_where=common,
                 postgresql_where=common)  # fmt: skip


class Service(Base):
    """A service, known by its key for good. `unit` is what its price is for: a case, an employee for a year, a month.

    `delivered_by` is what in the portal delivers it: `case:expense_claim` for a case type, `contact` for questions put
    to the SSC, empty for what is done beside the portal.
    """

    __tablename__ = "service"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
        CheckConstraint("unit IN ('case', 'employee', 'month')", name="unit"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_en: Mapped[str]
    unit: Mapped[str]
    delivered_by: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str]


class ServiceTerms(Base):
    """What a service is and by which rules it is delivered, from a day on. `municipality_id` NULL is for all.

    `norms` has the target of each indicator as a number in text: {"claims_paid": "95"}.
    """

    __tablename__ = "service_terms"
    __table_args__ = (
        UniqueConstraint("service_id", "municipality_id", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
        _one_for_all("service_terms"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipality.id"), index=True)
    description: Mapped[str]
    description_en: Mapped[str]
    rules: Mapped[str]
    rules_en: Mapped[str]
    norms: Mapped[dict[str, Any]]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str]

    service: Mapped[Service] = refers(service_id)
    municipality: Mapped[Municipality | None] = refers(municipality_id)


class ServicePrice(Base):
    """What one unit of a service costs from a day on, in cents. `municipality_id` NULL is for all."""

    __tablename__ = "service_price"
    __table_args__ = (
        UniqueConstraint("service_id", "municipality_id", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
        CheckConstraint("cents >= 0", name="not_negative"),
        _one_for_all("service_price"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipality.id"), index=True)
    cents: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str]

    service: Mapped[Service] = refers(service_id)
    municipality: Mapped[Municipality | None] = refers(municipality_id)
