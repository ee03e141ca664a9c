"""Managers who are away, and who stands in for them meanwhile."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from portal.clock import local_date
from portal.commands.leave_substitutes import name_standing
from portal.commands.rerouting import reroute
from portal.commands.substitutes import stand_in
from seed.office import moment
from seed.people import Member
from seed.stage import Stage

ONE_DAY = timedelta(days=1)
TOLD_AHEAD = timedelta(days=10)
LAST_DAYS = timedelta(days=28)
"""At the end of the story nobody is away but those who are to be."""


@dataclass(frozen=True)
class Absence:
    """A manager is away from the first day to the last, and somebody stands in, or nobody."""

    person_id: int
    first: date
    last: date
    substitute_id: int | None

    def touches(self, first: date, last: date) -> bool:
        """Whether this absence falls in part within these days."""
        return self.first <= last and first <= self.last


class Absences:
    """Draws who is away when, and puts on the agenda that they name a substitute."""

    def __init__(self, stage: Stage, begin: date) -> None:
        self._stage, self._begin, self._end = stage, begin, local_date(stage.until)
        self.by_person: defaultdict[int, list[Absence]] = defaultdict(list)

    def draw(self, never: int) -> None:
        """Give every manager a holiday or two, but for one who is always there."""
        leaders = sorted(set(self._stage.staff.leaders.values()) - {never})
        weeks = (self._end - LAST_DAYS - self._begin).days // 7
        for leader in leaders:
            rng = self._stage.rng("absence", leader)
            for _ in range(rng.choice((0, 1, 1, 2)) if weeks > 1 else 0):
                first = self._begin + timedelta(weeks=rng.randrange(weeks))
                self._away(leader, first, first + rng.choice((4, 11, 18)) * ONE_DAY, rng.random() < 0.75)
        self._now(leaders)
        self._standing(never)

    def _now(self, leaders: list[int]) -> None:
        """One manager is away today, in the second municipality; another has named who stands in next month."""
        second = sorted(self._stage.municipalities)[1]
        members = [self._stage.staff.members[leader] for leader in leaders]
        away = next(m for m in reversed(members) if m.posts[-1].municipality_id == second)
        planner = next(m for m in members if m.posts[-1].municipality_id != second and m.rank == "director")
        self._away(away.id, self._end - 4 * ONE_DAY, self._end + 9 * ONE_DAY, True)
        self._away(planner.id, self._end + 25 * ONE_DAY, self._end + 39 * ONE_DAY, True)

    def _standing(self, leader: int) -> None:
        """Who is always there has named, as the story ends, who decides whenever they are on leave."""
        substitute = self._substitute(leader, self._end, self._end + 30 * ONE_DAY)
        if substitute is not None:
            name = partial(name_standing, self._stage.session, leader, substitute, self._stage.until)
            self._stage.plan(self._stage.until, name)

    def _away(self, leader: int, first: date, last: date, with_substitute: bool) -> None:
        if self._needed(leader, first, last):
            return
        substitute = self._substitute(leader, first, last) if with_substitute else None
        self.by_person[leader].append(Absence(leader, first, last, substitute))
        if substitute is None:
            return
        told = max(self._begin, min(first - TOLD_AHEAD, self._end - TOLD_AHEAD))
        self._stage.plan(moment(told, 9.2), partial(self._name, leader, substitute, first, last))
        for day in (first, last + ONE_DAY):
            self._stage.plan(moment(day, 0.1), partial(self._turn, leader, substitute))

    def _turn(self, leader: int, substitute: int) -> None:
        """A substitution begins or is over: the requests that are open follow."""
        self._stage.forget(substitute)
        reroute(self._stage.session, self._stage.now, of={leader})

    def _name(self, leader: int, substitute: int, first: date, last: date) -> None:
        stand_in(self._stage.session, leader, substitute, first, last, local_date(self._stage.now))

    def _needed(self, person: int, first: date, last: date) -> bool:
        """Whether somebody is away in these days already, or stands in for another."""
        every = [absence for absences in self.by_person.values() for absence in absences]
        return any(person in (a.person_id, a.substitute_id) and a.touches(first, last) for a in every)

    def _substitute(self, leader: int, first: date, last: date) -> int | None:
        """Another manager of the same municipality who is there."""
        here = self._municipality(leader)
        able = [
            other
            for other in sorted(set(self._stage.staff.leaders.values()) - {leader})
            if self._municipality(other) == here and self._member(other).claims and not self._needed(other, first, last)
        ]
        return self._stage.rng("substitute", leader, first).choice(able) if able else None

    def _member(self, person: int) -> Member:
        return self._stage.staff.members[person]

    def _municipality(self, person: int) -> int:
        return self._member(person).posts[-1].municipality_id
