"""Opening the world of a trial: a pseudonymised part of the real one, with seats for who does the work in it.

It is a practice world as those of workshops are, and its story stands still until the trainer lets it go on. No cards
fall: what there is to do is what lay in the real world.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import migrations
from portal.access import Role
from portal.clock import local_date
from portal.db import overlaps
from portal.models.cases import Case
from portal.models.people import Account, ManagerRelation, RoleGrant
from portal.workshop import opening, reading
from portal.workshop.fitting import fit
from portal.workshop.folders import Workshop
from portal.workshop.pace import USUAL
from portal.workshop.pseudonymised import Part, copy
from portal.workshop.tables import Seat, Segment
from portal.workshop.worlds import world_of
from portal.worlds import World

SCENARIO = "claim-from-paper-to-portal"
"""Whose roles are played, with their words."""
EMPLOYEE, MANAGER, CLERK, TREASURER = "employee", "manager", "clerk", "treasurer"
MOST_SEATS, MOST_OF_ROLE = 30, 6
UNIT = 'unit = "Team Vergunningen"'
DAY, SEAT = re.compile(r"^day = \d+$", re.MULTILINE), re.compile(r"^seat = .*$", re.MULTILINE)


def open_trial(home: World, part: Part, *, title: str, trainer: str, wall: datetime) -> Workshop:
    """Open a world for a trial. It takes as long as copying the part does; nobody waits for the database meanwhile."""
    shipped = reading.files(home.settings)[SCENARIO].read_text()
    new = Workshop("", title, SCENARIO, 1, wall, trainer, Path(), MOST_SEATS)

    def fill(making: Workshop) -> None:
        making.instance.mkdir(parents=True)
        world = world_of(home, making)
        try:
            migrations.upgrade(world.db)
            fit(world.db)
            with home.db.snapshot() as source:
                copy(source, part, world.db, world.files, wall)
            with world.db.transaction() as session:
                seated = _lay(session, wall)
            making.script.write_text(_script(shipped, title, seated))
        finally:
            world.db.dispose()  # whoever closes the last connection writes the journal into the file

    return opening.placed(home, new, fill)


def _script(shipped: str, title: str, seated: Mapping[str, str]) -> str:
    """The scenario of a trial: roles of one that came along, seats of our own, and a round in which no card falls."""
    first, last = (f"\n{place}" for place in ("[[seats]]", "[[cards]]"))
    roles, _, rest = shipped.partition(first)
    card = f"{last}{rest.partition(last)[2].partition(last)[0]}"
    card = SEAT.sub(f'seat = "{next(iter(seated))}"', DAY.sub("day = 0", card))  # by an inject alone, and there is none
    seats = "".join(
        f'{first}\nkey = "{key}"\nrole = "{role}"\nname = "Deelnemer {number}"\ntitle = "Deelnemer"\n{UNIT}\n'
        for number, (key, role) in enumerate(seated.items(), start=1)
    )
    named = json.dumps(title, ensure_ascii=False)
    return f'{roles}{seats}\n[[rounds]]\ntitle = {named}\nabout = "Met werk uit de echte wereld."\n{card}'


def _lay(session: Session, wall: datetime) -> Mapping[str, str]:
    """Seats for who does the work, each with an account without a password, and the clock, standing still. Returns the
    role of each seat."""
    seated: dict[int, str] = {}
    for role, person_id in _who(session, local_date(wall)):
        if len(seated) < MOST_SEATS:
            seated.setdefault(person_id, role)
    seats = {f"{role}-{number}": person_id for number, (person_id, role) in enumerate(seated.items(), start=1)}
    for key, person_id in seats.items():
        role = seated[person_id]
        session.add(Account(person_id=person_id, username=key, password_hash=""))
        session.add(Seat(key=key, role=role, person_id=person_id, played_by="bot"))
        session.flush()  # so that they are numbered in the order in which they are taken
    session.add(Segment(wall=wall, at=wall, speed=USUAL, paused=True, office_only=True))
    return {key: seated[person_id] for key, person_id in seats.items()}


def _who(session: Session, on: date) -> Iterator[tuple[str, int]]:
    """Who is needed first: one of each, then more of each; those with the most work first."""
    grants = select(RoleGrant.person_id).where(overlaps(on, RoleGrant.valid_from, RoleGrant.valid_to))
    often = func.count().desc()
    asked = select(Case.approver_id).where(Case.approver_id.is_not(None)).group_by(Case.approver_id)
    leads = select(ManagerRelation.manager_id).where(overlaps(on, ManagerRelation.valid_from, ManagerRelation.valid_to))
    queries = {
        EMPLOYEE: select(Case.initiator_id).group_by(Case.initiator_id).order_by(often, Case.initiator_id),
        CLERK: grants.where(RoleGrant.role == Role.CLERK.value).order_by(RoleGrant.id),
        MANAGER: asked.where(Case.approver_id.in_(leads)).order_by(often, Case.approver_id),
        TREASURER: grants.where(RoleGrant.role == Role.TREASURER.value).order_by(RoleGrant.id),
    }
    found: dict[str, list[int]] = {}
    for role, query in queries.items():
        listed = dict.fromkeys(one for one in session.scalars(query.limit(MOST_SEATS)) if one is not None)
        found[role] = list(listed)[:MOST_OF_ROLE]
    busy = {person_id for role in (CLERK, MANAGER, TREASURER) for person_id in found[role]}
    found[EMPLOYEE] = [person_id for person_id in found[EMPLOYEE] if person_id not in busy]
    for place in range(MOST_OF_ROLE):
        yield from ((role, people[place]) for role, people in found.items() if place < len(people))
