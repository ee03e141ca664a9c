"""The tables of the bare stack."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Connection, DateTime, ForeignKey, Index, func, insert, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from portal.clock import SystemClock

LINES = {"lines": [{"description": "Parkeren bij de rechtbank", "cents": 1250}]}


def _now() -> datetime:
    return SystemClock().now()


class Base(DeclarativeBase):
    """Every table."""

    type_annotation_map = {dict[str, Any]: JSON, datetime: DateTime(timezone=True)}  # noqa: RUF012


class Person(Base):
    """Somebody."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Series(Base):
    """The last number given out."""

    __tablename__ = "series"

    id: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


class Claim(Base):
    """A claim."""

    __tablename__ = "claim"
    __table_args__ = (Index("ix_claim_queue", "waits_for", "due", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str | None] = mapped_column(unique=True)
    version: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    assignee_id: Mapped[int | None]
    state: Mapped[str]
    waits_for: Mapped[str]
    title: Mapped[str]
    cents: Mapped[int]
    content: Mapped[dict[str, Any]]
    due: Mapped[datetime] = mapped_column(default=_now)

    person: Mapped[Person] = relationship(lazy="raise")


class Event(Base):
    """A step."""

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), index=True)
    action: Mapped[str]
    state: Mapped[str]
    actor_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=_now)
    data: Mapped[dict[str, Any]]


class Document(Base):
    """A receipt."""

    __tablename__ = "document"

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), index=True)
    name: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]


class Link(Base):
    """A link in a mail."""

    __tablename__ = "link"

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), index=True)
    nonce: Mapped[str] = mapped_column(unique=True)
    ended: Mapped[str | None]

    claim: Mapped[Claim] = relationship(lazy="raise")


class Mail(Base):
    """A mail to be sent."""

    __tablename__ = "mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), index=True)
    letter: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]


class Payable(Base):
    """An amount to be paid."""

    __tablename__ = "payable"

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), index=True)
    payee_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    cents: Mapped[int]
    batch: Mapped[int | None]

    claim: Mapped[Claim] = relationship(lazy="raise")


def rows(connection: Connection, claims: int) -> None:
    """Bulk-load claims; one in twelve waits for a clerk."""
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    for first in range(1, claims + 1, 5000):
        numbers = range(first, min(first + 5000, claims + 1))
        made = [
            {
                "id": n, "number": f"B-{n:07d}", "version": 2, "person_id": n % 100 + 1, "content": LINES,
                "state": "approved" if n % 12 == 0 else "paid", "waits_for": "clerk" if n % 12 == 0 else "",
                "title": f"Zitting {n} in Utrecht", "cents": 1250, "due": begin + timedelta(minutes=n),
            }
            for n in numbers
        ]  # fmt: skip
        connection.execute(insert(Claim), made)
        connection.execute(
            insert(Event),
            [
                {"claim_id": n, "action": a, "state": a, "actor_id": 1, "data": LINES}
                for n in numbers
                for a in ("submit", "approve")
            ],
        )
    if connection.dialect.name == "postgresql":
        last = connection.scalar(select(func.coalesce(func.max(Claim.id), 1)))
        connection.execute(text("SELECT setval(pg_get_serial_sequence('claim', 'id'), :last)"), {"last": last})
