"""Who does which process for a municipality on a day, and what is still to come."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db import overlaps
from portal.models.tasks import TaskDivision
from workflows.tasks import Divided


def divisions_on(
    session: Session, places: Collection[int], day: date
) -> Mapping[int, Mapping[str, TaskDivision]]:  # fmt: skip
    """What holds on a day, by municipality and process."""
    found: dict[int, dict[str, TaskDivision]] = {place: {} for place in places}
    holds = overlaps(day, TaskDivision.valid_from, TaskDivision.valid_to)
    for row in session.scalars(select(TaskDivision).where(TaskDivision.municipality_id.in_(places), holds)):
        found[row.municipality_id][row.task] = row
    return found


def divided(rows: Mapping[str, TaskDivision]) -> Mapping[str, Divided]:
    """The same as plain values."""
    return {task: Divided(row.doer, tuple(row.services), row.note) for task, row in rows.items()}


def history_of(session: Session, municipality_id: int, task: str) -> Sequence[TaskDivision]:
    """Every division of one process, the latest first."""
    query = select(TaskDivision).where(TaskDivision.municipality_id == municipality_id, TaskDivision.task == task)
    return session.scalars(query.order_by(TaskDivision.valid_from.desc())).all()
