"""Trials as people see them: those of their own municipalities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session, joinedload

from portal.models.trials import TrialCheck, TrialFinding, TrialRun
from workflows.trials import BLOCKING, WEIGHTS

Places = frozenset[int] | None
WITH = (joinedload(TrialRun.municipality), joinedload(TrialRun.begun_by), joinedload(TrialRun.accepted_by))


@dataclass(frozen=True)
class Listed:
    """A trial in the list, with how many findings are open and how many of those are blocking."""

    run: TrialRun
    open: int
    blocking: int


def _mine(places: Places) -> object:
    return true() if places is None else TrialRun.municipality_id.in_(places)


def trials(session: Session, places: Places) -> Sequence[Listed]:
    """The trials of these municipalities, the newest first; those of all together only for who works for all."""
    of_run = TrialFinding.run_id == TrialRun.id
    count = select(func.count()).where(of_run, TrialFinding.resolved_at.is_(None)).correlate(TrialRun)
    blocking = count.where(TrialFinding.severity == BLOCKING)
    query = select(TrialRun, count.scalar_subquery(), blocking.scalar_subquery()).options(*WITH).where(_mine(places))  # type: ignore[arg-type]
    return [Listed(*row) for row in session.execute(query.order_by(TrialRun.id.desc()).limit(100))]


def trial(session: Session, run_id: int, places: Places) -> TrialRun | None:
    """One of these; None for what is of others."""
    query = select(TrialRun).where(TrialRun.id == run_id, _mine(places)).options(*WITH)  # type: ignore[arg-type]
    return session.scalars(query).first()


def findings(session: Session, run: TrialRun) -> Sequence[TrialFinding]:
    """What was found: what is open first, the heaviest first, then by when it must be done."""
    query = select(TrialFinding).where(TrialFinding.run_id == run.id)
    query = query.options(joinedload(TrialFinding.found_by), joinedload(TrialFinding.resolved_by))
    return sorted(
        session.scalars(query),
        key=lambda one: (one.resolved_at is not None, WEIGHTS.index(one.severity), one.due, one.id),
    )


def checks(session: Session, run: TrialRun) -> Mapping[str, Sequence[TrialCheck]]:
    """What was said of each activity, the last first."""
    query = select(TrialCheck).where(TrialCheck.run_id == run.id).options(joinedload(TrialCheck.by))
    found: dict[str, list[TrialCheck]] = {}
    for one in session.scalars(query.order_by(TrialCheck.id.desc())):
        found.setdefault(one.activity, []).append(one)
    return found
