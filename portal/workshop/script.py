"""The scenario as a practice world plays it: for so many people, in this round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.workshop import reading
from portal.workshop.deck import by_key, seats_for
from portal.workshop.habits import Times, chance
from portal.workshop.scenario import LEAST, MOST, Card, Round, Scenario, SeatPlan
from portal.workshop.tables import Seat
from portal.worlds import World

NAME = "scenario.toml"
"""The scenario as it is played, in the folder of the workshop."""


@dataclass(frozen=True)
class Script:
    """What is played here."""

    scenario: Scenario
    people: int
    number: int
    """Of the round."""

    @property
    def round(self) -> Round:
        """What is agreed in this round."""
        return self.scenario.round(self.number)

    @property
    def cards(self) -> Mapping[str, Card]:
        """The cards by key."""
        return by_key(self.scenario, self.people)

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """The kind of each card."""
        return {key: card.kind for key, card in self.cards.items()}

    @cached_property
    def seats(self) -> Mapping[str, SeatPlan]:
        """The seats by key."""
        return {seat.key: seat for seat in seats_for(self.scenario, self.people)}

    def roles(self, seat: str) -> frozenset[str]:
        """Every role that a seat has."""
        plan = self.seats[seat]
        return frozenset((plan.role, *plan.also))

    def times(self, role: str) -> Times:
        """How bots in a role go about in this round."""
        said = self.scenario.habits(role, self.number)
        return Times(said.reaction_hours, said.handling_minutes, said.error_rate)

    def chance(self, *about: object) -> Random:
        """A source of chance for one matter; rounds have the same, so that only what is agreed makes them differ."""
        return chance(self.scenario.seed, *about)


def script_of(world: World, session: Session) -> Script:
    """What is played in this world. ValueError where it is no practice world."""
    if world.practice is None:
        raise ValueError("only a practice world plays a scenario")
    kept: Script | None = session.info.get(NAME)
    if kept is None:
        file = world.practice.folder / NAME
        count = session.scalar(select(func.count()).select_from(Seat)) or 0
        kept = session.info[NAME] = _script(file, file.stat().st_mtime_ns, count, world.practice.round)
    return kept


@lru_cache(maxsize=64)
def _script(file: Path, _: int, seats: int, number: int) -> Script:
    """Read once for each edition of the file. How many play shows in how many seats there are."""
    scenario = reading.read(file)
    return Script(scenario, people_at(scenario, seats), number)


def people_at(scenario: Scenario, seats: int) -> int:
    """For how many people a table of so many seats was laid."""
    laid = (number for number in range(LEAST, MOST + 1) if len(seats_for(scenario, number)) == seats)
    return next(laid, scenario.usual_people)
