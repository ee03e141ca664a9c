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
from seed.people import Staff

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
        self.between: list[Callable[[datetime], None]] = []
        """What is done between two half-days, when no transaction is open."""
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
            self._turn_to(max(at, self.clock.now()) if self._half else at)
            do()
        self._end_half(self.clock.now())
        self.session.close()

    def _turn_to(self, at: datetime) -> None:
        here = local(at)
        half = (here.date(), here.hour >= 13)
        if self._half is not None and half != self._half:
            self._end_half(at)
        self._half = half
        self.clock.set(at)

    def _end_half(self, at: datetime) -> None:
        self.session.commit()
        self._open.clear()
        for found in list(self.session):
            if not isinstance(found, KEPT):
                self.session.expunge(found)
        for do in self.between:
            do(at)

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
