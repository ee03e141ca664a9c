"""What municipalities and the SSC agreed: signed by both for every year until now, and a draft for the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.access import Role, Viewer
from portal.commands import agreements
from portal.models.catalogue import Service
from portal.models.people import Employment, Municipality, RoleGrant, Unit
from portal.queries.catalogue import services_on
from seed.office import moment
from seed.organisation import Branch
from seed.people import Staff
from seed.sources import source
from workflows.agreements import DAP, DFA, DVO, MUNICIPALITY, SSC
from workflows.services import CASE, EMPLOYEE

ONE_DAY = timedelta(days=1)
STEP_CENTS = 50_00
"""Advances are rounded to this."""


def build(session: Session, staff: Staff, branches: Iterable[Branch], begin: date, today: date) -> None:
    """Let director and contract managers agree on every municipality."""
    director = _viewer(staff.named["ilse"], staff, Role.DIRECTOR, None)
    for branch in branches:
        place = branch.municipality
        manager = _viewer(_manager(session, place), staff, Role.CONTRACT_MANAGER, place.id)
        for year in range(begin.year, today.year + 1):
            for kind in (DVO, DAP, DFA) if year == begin.year else (DFA,):
                _agree(session, director, manager, place, kind, date(year, 1, 1))
        if staff.named["farid"] == manager.person_id:
            _propose(session, director, place, today)


def _viewer(person_id: int, staff: Staff, role: Role, place: int | None) -> Viewer:
    return Viewer(person_id, staff.members[person_id].person.name, "nl", frozenset({(role, place)}))


def _manager(session: Session, place: Municipality) -> int:
    held = (RoleGrant.role == Role.CONTRACT_MANAGER.value) & (RoleGrant.municipality_id == place.id)
    return session.scalars(select(RoleGrant.person_id).where(held)).one()


def _agree(session: Session, director: Viewer, manager: Viewer, place: Municipality, kind: str, first: date) -> None:
    """Draft, fill in and sign, in the weeks before it begins."""
    on = [first - timedelta(days=days) for days in (40, 21, 9)]
    at = [moment(day, 10) for day in on]
    row = agreements.draft(session, director, place, kind, first, at[0], on[0])
    content = _content(session, place, kind, first, row.content)
    agreements.change(session, director, row, content, first, None, at[0], on[0])
    agreements.sign(session, director, row, SSC, row.digest, at[1], on[1])
    agreements.sign(session, manager, row, MUNICIPALITY, row.digest, at[2], on[2])


def _propose(session: Session, director: Viewer, place: Municipality, today: date) -> None:
    """A new DVO for next year, that waits for the other side."""
    plan, first = source("agreements")["next"], date(today.year + 1, 1, 1)
    before = max(today - timedelta(days=6), date(today.year, 1, 2))
    at: datetime = moment(before, 11)
    row = agreements.draft(session, director, place, DVO, first, at, before)
    content = deepcopy(row.content)
    content["targets"] |= plan["targets"]
    content["texts"] |= _texts(plan["texts"])
    agreements.change(session, director, row, content, first, None, at, before)
    agreements.sign(session, director, row, SSC, row.digest, at + timedelta(hours=1), before)


def _texts(plan: Mapping[str, str]) -> dict[str, str]:
    return {key: text.strip() for key, text in plan.items()}


def _content(
    session: Session, place: Municipality, kind: str, first: date, drafted: Mapping[str, Any]
) -> dict[str, Any]:  # fmt: skip
    plan = source("agreements")
    said = deepcopy(dict(drafted)) | {"texts": _texts(plan[kind]["texts"])}
    match kind:
        case "dvo":
            employees = _employees(session, place)
            said["services"] = {one.key: _volume(one, employees) for one in services_on(session, first)}
            said["targets"] = plan["dvo"]["targets"] | plan["own"].get(place.code, {}).get("targets", {})
            said["steps"] = plan["dvo"]["steps"]
        case "dfa":
            total = sum(row["cents"] * row["volume"] for row in said["prices"].values())
            said["variant"] = plan["dfa"]["variant"]
            said["advance_cents"] = total // (4 * STEP_CENTS) * STEP_CENTS
        case _:
            said["procedures"] = plan["dap"]["procedures"]
    return said


def _employees(session: Session, place: Municipality) -> int:
    query = select(func.count(Employment.id)).join(Unit, Unit.id == Employment.unit_id)
    return int(session.scalar(query.where(Unit.municipality_id == place.id)) or 1)


def _volume(service: Service, employees: int) -> int:
    if service.unit == CASE:
        a_year: float = source("agreements")["a_year"].get(service.key, 1)
        return round(employees * a_year)
    return employees if service.unit == EMPLOYEE else 12
