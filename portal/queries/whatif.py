"""What-if questions as they are looked at: what was asked within one's reach, and what was measured for them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session, joinedload, undefer

from portal.clock import local_date
from portal.models.whatif import WhatIfModel, WhatIfRun

ALL = "*"


def scope_of(places: Collection[int] | None) -> str:
    """Of which municipalities, in one word."""
    return ALL if places is None else ",".join(str(one) for one in sorted(places))


def places_in(scope: str) -> frozenset[int] | None:
    """Which municipalities a scope means; None is all."""
    return None if scope == ALL else frozenset(int(one) for one in scope.split(",") if one)


def _seen(scope: str) -> ColumnElement[bool]:
    """Who may look at all municipalities sees every run, others those of just theirs."""
    return true() if scope == ALL else WhatIfRun.scope == scope


def last_model(session: Session, scope: str) -> WhatIfModel | None:
    """The process as it was last measured."""
    query = select(WhatIfModel).where(WhatIfModel.scope == scope).options(undefer(WhatIfModel.model))
    return session.scalars(query.order_by(WhatIfModel.measured_at.desc(), WhatIfModel.id.desc()).limit(1)).first()


def fresh_model(session: Session, scope: str, at: datetime) -> WhatIfModel | None:
    """The process as it was measured today; None when that is to be done anew."""
    found = last_model(session, scope)
    return found if found is not None and local_date(found.measured_at) == local_date(at) else None


def runs(
    session: Session, scope: str, before: int | None = None, limit: int = 20
) -> tuple[Sequence[WhatIfRun], int | None]:
    """The questions that were asked, the last first, and where the next page begins."""
    query = select(WhatIfRun).where(_seen(scope), WhatIfRun.kind == "question").options(joinedload(WhatIfRun.asked_by))
    if before is not None:
        query = query.where(WhatIfRun.id < before)
    found = session.scalars(query.order_by(WhatIfRun.id.desc()).limit(limit + 1)).all()
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def run_within(session: Session, scope: str, run_id: int) -> WhatIfRun | None:
    """One question within one's reach, with its result."""
    query = select(WhatIfRun).where(WhatIfRun.id == run_id, _seen(scope)).options(
        joinedload(WhatIfRun.asked_by), joinedload(WhatIfRun.model), undefer(WhatIfRun.result)
    )  # fmt: skip
    return session.scalars(query).first()


def last_trial(session: Session, scope: str) -> WhatIfRun | None:
    """The last trial of how well the model fits, also one under way; one that was stopped is none."""
    query = select(WhatIfRun).where(
        WhatIfRun.scope == scope, WhatIfRun.kind == "trust", WhatIfRun.stopped_at.is_(None)
    )  # fmt: skip
    whole = (joinedload(WhatIfRun.model).undefer(WhatIfModel.model), undefer(WhatIfRun.result))
    return session.scalars(query.options(*whole).order_by(WhatIfRun.id.desc()).limit(1)).first()


def under_way(session: Session, scope: str) -> Sequence[WhatIfRun]:
    """What waits or is being worked out."""
    query = select(WhatIfRun).where(WhatIfRun.scope == scope, WhatIfRun.finished_at.is_(None))
    return session.scalars(query.order_by(WhatIfRun.id)).all()


def ahead_of(session: Session, run: WhatIfRun) -> int:
    """How many questions come before this one."""
    query = select(WhatIfRun.id).where(WhatIfRun.finished_at.is_(None), WhatIfRun.id < run.id).limit(100)
    return len(session.scalars(query).all())
