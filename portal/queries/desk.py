"""What waits at a clerk's desk, in numbers: each is what a page of the queue or of contacts shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.models.cases import Case
from portal.models.contact import CALL_BACK, Contact, ContactQuestion
from portal.queries.contact import reached
from portal.queries.queue import COUNT_CAP, FREE, ME, SUSPENDED, QueueFilter, filtered, shape_of, values_of


@dataclass(frozen=True)
class Desk:
    """Each counted up to COUNT_CAP + 1, which is "more than that"."""

    queue: int
    mine: int
    suspended: int
    late: int
    soon: int
    calls: int


MINE, STILL = QueueFilter(assignee=ME), QueueFilter(assignee=ME, age=SUSPENDED)
LATE, SOON = QueueFilter(assignee=FREE, age="late"), QueueFilter(assignee=FREE, age="soon")


def desk_of(session: Session, viewer: Viewer, at: datetime) -> Desk:
    """What waits for this clerk: on their own desk, free and urgent, and whom to call back. One statement."""
    calls = (
        select(ContactQuestion.id)
        .join(Contact, Contact.id == ContactQuestion.contact_id)
        .where(ContactQuestion.due.is_not(None), ContactQuestion.state == CALL_BACK, reached(viewer))
    )
    waiting = [
        select(Case.id).where(filtered(shape_of(viewer, wanted))) for wanted in (QueueFilter(), MINE, STILL, LATE, SOON)
    ]
    query = select(*(_counted(ids) for ids in (*waiting, calls)))
    return Desk(*session.execute(query, values_of(viewer, QueueFilter(), at)).one())


def _counted(ids: Select[int]) -> Any:
    return select(func.count()).select_from(ids.limit(COUNT_CAP + 1).subquery()).scalar_subquery()
