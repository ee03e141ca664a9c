"""Saved views of the queue: a filter with a name, of one clerk or for all; and with which of them a clerk begins."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, refers
from portal.models.people import Person


class QueueView(Base):
    """A filter of the queue under a name. `wanted` is the filter as it stands in an address."""

    __tablename__ = "queue_view"
    __table_args__ = (UniqueConstraint("owner_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str]
    wanted: Mapped[dict[str, Any]] = mapped_column(default=dict)
    shared: Mapped[bool] = mapped_column(default=False, index=True)
    created_at: Mapped[datetime]

    owner: Mapped[Person] = refers()


class FirstView(Base):
    """The view a clerk's queue begins with, their own or one that a colleague shares."""

    __tablename__ = "first_view"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    view_id: Mapped[int] = mapped_column(ForeignKey("queue_view.id"), index=True)
