"""The stage on which history is played: a moving clock, an agenda of who does what when, and a session to do it in."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import date, datetime
from itertools import count
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, lazyload

from portal.access import Viewer
from portal.calendar import OfficeCalendar
from portal.clock import FixedClock, local, local_date
from portal.models.cases import Case, NumberSeries
from portal.models.people import Employment, Municipality, Person, Unit
from portal.queries.people import calendar_of, viewer_of
from portal.worlds import World
from seed.office import moment
from seed.people import Staff

NOON = 13
KEPT = (Person, Employment, Municipality, Unit, NumberSeries)
# Whoever a case points to is in memory already, so these look-ups cost nothing.
WHOLE = tuple(
    lazyload(attribute)
    for attribute in (Case.initiator, Case.approver, Case.assignee, Case.municipality, Case.employment)
)


class Stage:
    """Plays an agenda in the order of time, up to `until`. What is done within half a day is one transaction."""

    def __init__(self, world: World, staff: Staff, seed: int, until: datetime) -> None:
        self.world, self.staff, self.until = world, staff, until
        self.clock = FixedClock(until)
        self.session = world.db.session()
        # Writing before every look-up takes half of the time. What must be seen at once is flushed by hand.
        self.session.autoflush = False
        self.at_noon: list[Callable[[datetime], object]] = []
        """What is done between two half-days, when no transaction is open; called with the moment."""
        self._seed = seed
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = count()
        self._viewers: dict[int, Viewer] = {}
        self._open: dict[int, Case] = {}
        self._half: tuple[date, bool] | None = None
        self._load()

    def _load(self) -> None:
        employments = select(Employment).options(joinedload(Employment.unit), joinedload(Employment.person))
        self.employments = {row.id: row for row in self.session.scalars(employments)}
        self.municipalities = {row.id: row for row in self.session.scalars(select(Municipality).order_by(Municipality.id))}
        self.session.commit()

    @property
    def now(self) -> datetime:
        """The moment on the stage."""
        return self.clock.now()

    def rng(self, *about: object) -> Random:
        """A source of chance for one matter: the same whatever else is played before it."""
        return Random(":".join(map(str, (self._seed, *about))))  # noqa: S311 - stories, not secrets

    def office(self, municipality_id: int) -> OfficeCalendar:
        """The office calendar of a municipality."""
        return calendar_of(self.municipalities[municipality_id])

    @property
    def ssc_office(self) -> OfficeCalendar:
        """The calendar of the SSC: that of the municipality that hosts it."""
        return self.office(min(self.municipalities))

    def plan(self, at: datetime, do: Callable[[], None]) -> None:
        """Put something on the agenda; what is after the end of the story does not happen."""
        if at <= self.until:
            heapq.heappush(self._agenda, (at, next(self._order), do))

    def play(self) -> None:
        """Do everything on the agenda, with what it leads to, in the order of time."""
        while self._agenda:
            at, _, do = heapq.heappop(self._agenda)
            self._turn_to(at)
            do()
        self._end_half()
        self.session.close()

    def _turn_to(self, at: datetime) -> None:
        day, afternoon = local(at).date(), local(at).hour >= NOON
        if (day, afternoon) != self._half:
            self._end_half()
            self._half = (day, afternoon)
            for do in self.at_noon if afternoon else ():
                do(moment(day, NOON))
        self.clock.set(at)

    def _end_half(self) -> None:
        self.session.commit()
        self._open.clear()
        for found in list(self.session):
            if not isinstance(found, KEPT):
                self.session.expunge(found)

    def viewer(self, person_id: int) -> Viewer:
        """This person with what they may. Roles do not change in the story; substitutions do: see `forget`."""
        if person_id not in self._viewers:
            person = self.staff.members[person_id].person
            self._viewers[person_id] = viewer_of(self.session, person, local_date(self.now))
        return self._viewers[person_id]

    def forget(self, person_id: int) -> None:
        """Look up anew what this person may, from now on."""
        self._viewers.pop(person_id, None)

    def case(self, case_id: int) -> Case:
        """A case, with everybody in it within reach."""
        if case_id not in self._open:
            # Loaded again when another query has it in memory already, without the options.
            self.session.flush()
            self._open[case_id] = self.session.get_one(Case, case_id, options=WHOLE, populate_existing=True)
        return self._open[case_id]
