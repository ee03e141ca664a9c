"""What-if questions: the process as it was measured, and what was asked, simulated and found."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, refers
from portal.models.people import Person

WAITING = text("finished_at IS NULL")


class WhatIfModel(Base):
    """The process as measured from the portal's own events of a period, each input with where it comes from.

    `scope` is of which municipalities: `*` for all, else their keys with commas between. Holds sums and no case.
    """

    __tablename__ = "whatif_model"
    __table_args__ = (UniqueConstraint("scope", "sha256"), Index("ix_whatif_model_scope", "scope", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str]
    first: Mapped[date]
    last: Mapped[date]
    measured_at: Mapped[datetime]
    cases: Mapped[int]
    sha256: Mapped[str]
    model: Mapped[dict[str, Any]] = mapped_column(deferred=True)


class WhatIfRun(Base):
    """One question, with what was simulated for it. `kind`: a question, or a trial of how well the model fits.

    `changes` are the inputs that are otherwise in every scenario, the one of now as well; each of `scenarios` has a
    name and changes of its own. `key` says what was computed: the same key gives the same result. `done` of `of` is how
    far it is, `alive_at` when whoever works on it last said so, `stopped_at` when somebody no longer wanted it.
    """

    __tablename__ = "whatif_run"
    __table_args__ = (
        CheckConstraint("kind IN ('question', 'trust')", name="kind"),
        CheckConstraint("begins IN ('design', 'forecast')", name="begins"),
        CheckConstraint("result IS NULL OR finished_at IS NOT NULL", name="finished"),
        Index("ix_whatif_run_scope", "scope", "kind", "id"),
        Index("ix_whatif_run_waiting", "id", sqlite_where=WAITING, postgresql_where=WAITING),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    scope: Mapped[str]
    question: Mapped[str]
    changes: Mapped[list[Any]] = mapped_column(default=list)
    scenarios: Mapped[list[Any]] = mapped_column(default=list)
    begins: Mapped[str] = mapped_column(default="design")
    seed: Mapped[int] = mapped_column(default=1)
    key: Mapped[str] = mapped_column(default="", index=True)
    model_id: Mapped[int | None] = mapped_column(ForeignKey("whatif_model.id"), index=True)
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    begun_at: Mapped[datetime | None]
    alive_at: Mapped[datetime | None]
    done: Mapped[int] = mapped_column(default=0)
    of: Mapped[int] = mapped_column(default=0)
    stopped_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")
    result: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)

    model: Mapped[WhatIfModel | None] = refers()
    asked_by: Mapped[Person] = refers()
