"""Naming who leads units from a day on. Who led them before that day stays on record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.commands.changes import FIRST_DAY, OWN_RIGHTS, Author, because, write_down
from portal.db import overlaps
from portal.models.people import Employment, ManagerRelation, Person, Unit
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

NO_UNITS = Refusal("leader_no_units", N_("Tick at least one unit."))
LEADER_PAST = Refusal("leader_past", N_("A leader cannot be named before today."))
LEADER_NOT_THERE = Refusal("leader_not_there", N_("This person does not work here on that day. Choose somebody else."))

ONE_DAY = timedelta(days=1)


def name_leader(session: Session, author: Author, units: Sequence[Unit], leader: Person | None, first: date | None,
                reason: str, at: datetime, today: date) -> None:  # fmt: skip
    """Let somebody lead these units from a day on; nobody leaves them to the unit above.

    What was arranged for that day and later is taken back.
    """
    if not units:
        raise Refused(NO_UNITS)
    for unit in units:
        author.reaches(unit.municipality_id)
    if first is None:
        raise Refused(FIRST_DAY)
    if first < today:
        raise Refused(LEADER_PAST)
    if leader is not None:
        _expect_fit(session, author, leader, first)
    why = because(reason)
    for unit in units:
        _hand_over(session, author, unit, leader, first, why, at)


def _expect_fit(session: Session, author: Author, leader: Person, first: date) -> None:
    if leader.id == author.person_id:
        raise Refused(OWN_RIGHTS)
    works = select(Employment.id).where(
        Employment.person_id == leader.id, overlaps(first, Employment.valid_from, Employment.valid_to)
    )
    if session.scalars(works).first() is None:
        raise Refused(LEADER_NOT_THERE)


def _hand_over(session: Session, author: Author, unit: Unit, leader: Person | None, first: date, why: str,
               at: datetime) -> None:  # fmt: skip
    rows = session.scalars(
        select(ManagerRelation)
        .where(ManagerRelation.unit_id == unit.id,
               or_(ManagerRelation.valid_to.is_(None), ManagerRelation.valid_to >= first))
        .order_by(ManagerRelation.valid_from, ManagerRelation.id)
    ).all()  # fmt: skip
    until = [row for row in rows if row.valid_from < first]
    was = session.get_one(Person, (until or rows)[-1].manager_id).name if rows else ""
    for row in rows:
        if row.valid_from < first:
            row.valid_to = first - ONE_DAY
        else:
            session.delete(row)
    session.flush()
    if leader is not None:
        session.add(ManagerRelation(unit_id=unit.id, manager_id=leader.id, valid_from=first))
        session.flush()
    write_down(
        session, author, at, "leader.named", unit.name, person_id=leader.id if leader else None,
        municipality_id=unit.municipality_id, old={"leader": was, "valid_from": ""},
        new={"leader": leader.name if leader else "", "valid_from": first}, reason=why,
    )  # fmt: skip
