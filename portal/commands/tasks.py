"""Dividing the processes of personnel and finance between a municipality and the SSC, each from a day to come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.access import Role, Viewer
from portal.commands.changes import Author, because, write_down
from portal.models.catalogue import Service
from portal.models.people import Municipality
from portal.models.tasks import TaskDivision
from workflows.kernel import Refusal, Refused
from workflows.parties import N_
from workflows.tasks import DOERS, MUNICIPALITY, TASKS

TASK = Refusal("task_unknown", N_("Choose a process from the list."))
STAYS = Refusal("task_stays", N_("This steers what the SSC does, so it stays with the municipality."))
DOER = Refusal("task_doer_unknown", N_("Choose who does this."))
SERVICE = Refusal("task_service_unknown", N_("Choose services from the catalogue."))
NO_PART = Refusal("task_service_without_ssc", N_("The SSC has no part in this, so no service delivers it."))
TO_COME = Refusal("task_day_to_come", N_("Another division begins on a day to come."))
TAKEN = Refusal("task_same_day", N_("A division of this begins on that day already. Take it back first."))
SOURCE = Refusal("task_source_missing", N_("Write down where this was agreed."))
BEGUN = Refusal("task_begun", N_("This holds already. Let another division follow it."))

LONGEST = 300
ONE_DAY = timedelta(days=1)
MAY = (Role.FUNCTIONAL_MANAGER, Role.DIRECTOR)


def author_of(viewer: Viewer) -> Author:
    """Who divides: the functional manager or the SSC's director, within the municipalities of that."""
    return Author(viewer.person_id, viewer.reach(*MAY))


def divide(session: Session, author: Author, place: Municipality, task: str, doer: str, services: Sequence[str],
           note: str, first: date | None, source: str, at: datetime, today: date) -> TaskDivision:  # fmt: skip
    """Let this side do a process from a day to come. Raises Refused with all that is wrong."""
    author.reaches(place.id)
    said, written = (" ".join(text.split())[:LONGEST] for text in (note, source))
    known = set(session.scalars(select(Service.key).where(Service.key.in_(services))))
    wrong = [
        refusal
        for bad, refusal in (
            (task not in TASKS, TASK),
            (task in TASKS and TASKS[task].stays, STAYS),
            (doer not in DOERS, DOER),
            (not set(services) <= known, SERVICE),
            (doer == MUNICIPALITY and bool(services), NO_PART),
            (first is None or first <= today, TO_COME),
            (not written, SOURCE),
        )
        if bad
    ]
    if wrong or first is None:
        raise Refused(*wrong)
    rows = session.scalars(_of(place, task)).all()
    if any(row.valid_from == first for row in rows):
        raise Refused(TAKEN)
    before = next((row for row in reversed(rows) if row.valid_from < first), None)
    following = next((row for row in rows if row.valid_from > first), None)
    if before is not None and (before.valid_to is None or before.valid_to >= first):
        before.valid_to = first - ONE_DAY
    new = TaskDivision(
        municipality_id=place.id, task=task, doer=doer, services=sorted(services), note=said, valid_from=first,
        valid_to=following.valid_from - ONE_DAY if following else None, source=written,
    )  # fmt: skip
    session.add(new)
    session.flush()
    write_down(
        session, author, at, "task.divided", f"{place.name} {task}", municipality_id=place.id,
        old={"doer": before.doer} if before else {}, new={"doer": doer, "valid_from": first, "source": written},
    )  # fmt: skip
    return new


def take_back(session: Session, author: Author, row: TaskDivision, reason: str, at: datetime,
              today: date) -> None:  # fmt: skip
    """Take back a division that is still to come; what it would have ended goes on."""
    author.reaches(row.municipality_id)
    why = because(reason)
    if row.valid_from <= today:
        raise Refused(BEGUN)
    place = session.get_one(Municipality, row.municipality_id)
    for before in session.scalars(_of(place, row.task)):
        if before.valid_to == row.valid_from - ONE_DAY:
            before.valid_to = row.valid_to
    write_down(
        session, author, at, "task.withdrawn", f"{place.name} {row.task}", municipality_id=place.id,
        old={"doer": row.doer, "valid_from": row.valid_from}, new={"doer": "", "valid_from": ""}, reason=why,
    )  # fmt: skip
    session.delete(row)
    session.flush()


def _of(place: Municipality, task: str) -> Select[TaskDivision]:
    query = select(TaskDivision).where(TaskDivision.municipality_id == place.id, TaskDivision.task == task)
    return query.order_by(TaskDivision.valid_from)
