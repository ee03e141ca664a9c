"""What the functional manager looks at: runs of jobs, the organisation, policies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db import overlaps
from portal.models.jobs import JobRun
from portal.models.people import ManagerRelation, Mandate, Municipality, Person, Policy, Unit


def job_runs(session: Session, limit: int = 40) -> Sequence[JobRun]:
    """The last runs, failed ones too; the newest first."""
    return session.scalars(select(JobRun).order_by(JobRun.id.desc()).limit(limit)).all()


def policies(session: Session) -> Sequence[tuple[Policy, Municipality | None]]:
    """Every dated policy, with the municipality it is of."""
    rows = session.execute(
        select(Policy, Municipality)
        .outerjoin(Municipality, Municipality.id == Policy.municipality_id)
        .order_by(Policy.key, Municipality.name, Policy.valid_from)
    )
    return [(row[0], row[1]) for row in rows]


@dataclass(frozen=True)
class Branch:
    """A municipality with its units (depth and leader) and the mandates in force."""

    municipality: Municipality
    units: Sequence[tuple[int, Unit, str]]
    mandates: Sequence[tuple[Mandate, str]]


def organisation(session: Session, on: date) -> Sequence[Branch]:
    """The whole partnership as it is on this day. Four queries, whatever its size."""
    municipalities = session.scalars(select(Municipality).order_by(Municipality.name)).all()
    units = session.scalars(select(Unit).order_by(Unit.name)).all()
    leaders = session.execute(
        select(ManagerRelation.unit_id, Person)
        .join(Person, Person.id == ManagerRelation.manager_id)
        .where(overlaps(on, ManagerRelation.valid_from, ManagerRelation.valid_to))
    )
    leads = {unit_id: person.name for unit_id, person in leaders}
    mandates = session.execute(
        select(Mandate, Person)
        .join(Person, Person.id == Mandate.person_id)
        .where(overlaps(on, Mandate.valid_from, Mandate.valid_to))
        .order_by(Mandate.maximum_cents.desc(), Person.family_name)
    ).all()
    return [
        Branch(
            municipality=m,
            units=list(_tree([u for u in units if u.municipality_id == m.id], None, 0, leads)),
            mandates=[(mandate, person.name) for mandate, person in mandates if mandate.municipality_id == m.id],
        )
        for m in municipalities
    ]


def _tree(units: Sequence[Unit], parent: int | None, depth: int, leads: dict[int, str]) -> list[tuple[int, Unit, str]]:
    found = []
    for unit in units:
        if unit.parent_id == parent:
            found.append((depth, unit, leads.get(unit.id, "")))
            found += _tree(units, unit.id, depth + 1, leads)
    return found
