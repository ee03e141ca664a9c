"""Filling an empty world for a round: the municipalities, the people at the table and around it, what is agreed, the
leave they have, the suppliers they buy from; and the seats, the cards to be dealt and the clock that stands still."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.commands.leave_grants import grant_yearly
from portal.models.people import Account, Municipality, Policy, Unit
from portal.workshop.deck import deck, seats_for
from portal.workshop.scenario import Scenario, SeatPlan
from portal.workshop.tables import Seat, Segment, Timer, WorkshopBase
from portal.worlds import World
from seed import books, chart, occupancy, organisation, people, rates, reports, suppliers
from seed.organisation import Branch
from seed.people import Member, Settling

BEFORE = timedelta(days=120)
"""How long before the story rates, figures and the like are there."""
AFTER = timedelta(days=75)
SINCE = date(2020, 1, 1)
RANKS = {"lead": people.TEAM_LEAD, "director": people.DIRECTOR, "secretary": people.SECRETARY}
DEAL, INJECT, END = "deal", "inject", "end"
"""The kinds of timer that a scenario asks for."""


def build(world: World, scenario: Scenario, round_number: int, people_playing: int | None = None) -> None:
    """Fill an empty, migrated database for this round; without a number as many people play as is usual."""
    playing = scenario.usual_people if people_playing is None else people_playing
    with world.db.transaction() as session:
        WorkshopBase.metadata.create_all(session.connection())
        members = _settle(session, scenario, playing)
        _agree(session, scenario, round_number)
        session.flush()
        for place in session.scalars(select(Municipality.id).order_by(Municipality.id)).all():
            grant_yearly(session, place, scenario.begins)
        _lay(session, scenario, playing, members)


def _settle(session: Session, scenario: Scenario, playing: int) -> dict[str, Member]:
    """Everything that there is before the story begins. Returns who sits where."""
    begin, end, at = scenario.start - BEFORE, scenario.ends.date() + AFTER, scenario.begins
    codes, sizes = zip(*scenario.municipalities, strict=True)
    rates.publish(session, Random(f"rates-{scenario.seed}"), begin, end, at)  # noqa: S311 - stories, not secrets
    branches = organisation.build(session, sizes, range(begin.year - 1, end.year + 2), codes)
    chart.build(session, branches)
    reports.define(session, begin, at, scenario.start)
    books.begin(session, begin, at - BEFORE)
    rng = Random(scenario.seed)  # noqa: S311 - as above
    settling = Settling(session, rng, begin - timedelta(days=400))
    by_code = {branch.municipality.code: branch for branch in branches}
    members = {
        seat.key: _seated(settling, by_code[seat.municipality], seat, scenario) for seat in seats_for(scenario, playing)
    }
    settling.staff.named = {key: member.id for key, member in members.items()}
    for branch, size in zip(branches, sizes, strict=True):
        people.municipality(settling, branch, size, rng)
    if len(branches) > 1:
        people.for_the_top(settling, branches)
    occupancy.minimums(session, begin)
    suppliers.build(session, branches, settling.staff, begin)
    session.add_all(
        Account(person_id=member.id, username=key, password_hash="")  # nobody signs in with a word: seats do
        for key, member in members.items()
    )
    return members


def _seated(settling: Settling, branch: Branch, seat: SeatPlan, scenario: Scenario) -> Member:
    """Whoever sits there, with the roles of the seat."""
    unit = next(unit for unit in _units(branch) if unit.name == seat.unit)
    given, _, family = seat.name.partition(" ")
    member = settling.person(branch, unit, seat.title, (given, family))
    roles = [scenario.roles[key] for key in (seat.role, *seat.also)]
    for grant in dict.fromkeys(grant for role in roles for grant in role.grants):
        settling.grant(member, grant)
    if any(role.leads for role in roles):
        rank = "director" if unit in branch.directorates else "secretary" if unit is branch.staff else "lead"
        settling.leads(member, branch, unit, RANKS[rank], rank)
    return member


def _units(branch: Branch) -> list[Unit]:
    teams = [team for _, team in branch.teams]
    return [branch.top, branch.staff, *branch.directorates, *teams, *([branch.ssc] if branch.ssc else [])]


def _agree(session: Session, scenario: Scenario, number: int) -> None:
    """What holds in this round, instead of what was agreed on the same matter."""
    plan = scenario.round(number)
    session.execute(delete(Policy).where(Policy.key.in_(plan.policies)))
    session.add_all(
        Policy(key=key, value=value, valid_from=SINCE, source=f"Oefening: {plan.title.nl}")
        for key, value in plan.policies.items()
    )


def _lay(session: Session, scenario: Scenario, playing: int, members: dict[str, Member]) -> None:
    """The table: seats played by bots until somebody comes, what will fall on them, and the clock, standing still."""
    seats = {
        seat.key: Seat(key=seat.key, role=seat.role, person_id=members[seat.key].id, played_by="bot")
        for seat in seats_for(scenario, playing)
    }
    for row in seats.values():
        session.add(row)
        session.flush()  # so that they are numbered in the order in which they are taken
    for card in deck(scenario, playing):
        if card.at is not None:
            session.add(Timer(at=card.at, kind=DEAL, about={"card": card.key}, seat_id=seats[card.seat].id))
    for inject in scenario.injects:
        if inject.day:
            at = scenario.moment(inject.day, inject.hour)
            session.add(Timer(at=at, kind=INJECT, about={"inject": inject.key}))
    session.add(Timer(at=scenario.ends, kind=END))
    begins = scenario.begins
    session.add(Segment(wall=begins, at=begins, speed=scenario.speed, paused=True, office_only=True))
