"""The stage on which history is played: a moving clock, an agenda of who does what when, and a session to do it in."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from itertools import count
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value

from portal.access import Viewer
from portal.calendar import OfficeCalendar
from portal.clock import FixedClock, local_date
from portal.models.cases import Case
from portal.models.people import Employment, Municipality, Person, Policy, Unit
from portal.queries.leave import hours_for
from portal.queries.lines import spent_besides
from portal.queries.people import Worked, calendar_of, policies_of, viewer_of, worked_at
from portal.queries.rates import rates_for
from portal.queries.statements import statements_for
from portal.worlds import World
from seed.office import moment
from seed.people import Staff
from seed.store import QuickStore
from workflows.filling import FillingIn
from workflows.policies import PolicyBook

OPENS = 8
"""The hour at which the office opens."""
STAYS = (Person, Employment, Municipality, Unit, Policy)
"""What is kept in memory from one transaction to the next: it is asked for all the time and does not change."""


class Stage:
    """Plays an agenda in the order of time, up to `until`. What is done within a day is one transaction."""

    def __init__(self, world: World, staff: Staff, seed: int, until: datetime) -> None:
        self.world, self.staff, self.until = world, staff, until
        self.clock, self.files = FixedClock(until), QuickStore(world.files)
        self.at_opening: list[Callable[[datetime], object]] = []
        """What is done on every day while no transaction is open; called with the moment at which the office opens."""
        self._seed = seed
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = count()
        self._viewers: dict[int, Viewer] = {}
        self._open: dict[int, Case] = {}
        self._day: date | None = None
        self.session = world.db.session()
        # Writing before every look-up takes a third of the time: whoever does what others must see at once, flushes.
        self.session.autoflush = False
        self._load()

    def _load(self) -> None:
        employments = select(Employment).options(joinedload(Employment.unit), joinedload(Employment.person))
        self.employments = {row.id: row for row in self.session.scalars(employments)}
        self.persons = {row.person_id: row.person for row in self.employments.values()}
        municipalities = self.session.scalars(select(Municipality).order_by(Municipality.id))
        self.municipalities = {row.id: row for row in municipalities}
        self._policies = self.session.scalars(select(Policy)).all()
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
        self._end_day()
        self.session.close()

    def _turn_to(self, at: datetime) -> None:
        day = local_date(at)
        if day != self._day:
            self._end_day()
            self._day = day
            for do in self.at_opening:
                do(moment(day, OPENS))
        self.clock.set(at)

    def _end_day(self) -> None:
        self.session.commit()
        self._open.clear()
        for found in list(self.session):
            if not isinstance(found, STAYS):
                self.session.expunge(found)

    def viewer(self, person_id: int) -> Viewer:
        """This person with what they may. Roles do not change in the story; substitutions do: see `forget`."""
        if person_id not in self._viewers:
            self._viewers[person_id] = viewer_of(self.session, self.persons[person_id], local_date(self.now))
        return self._viewers[person_id]

    def forget(self, person_id: int) -> None:
        """Look up anew what this person may, from now on."""
        self._viewers.pop(person_id, None)

    def case(self, case_id: int) -> Case:
        """A case with everybody in it, who are in memory already."""
        case = self._open[case_id] = self.session.get_one(Case, case_id)
        set_committed_value(case, "municipality", self.municipalities[case.municipality_id])
        set_committed_value(case, "employment", self.employments[case.employment_id])
        set_committed_value(case, "initiator", self.persons[case.initiator_id])
        set_committed_value(case, "preparer", self.persons.get(case.preparer_id or 0))
        set_committed_value(case, "approver", self.persons.get(case.approver_id or 0))
        set_committed_value(case, "assignee", self.persons.get(case.assignee_id or 0))
        return case

    @cache  # noqa: B019 - a stage lasts as long as its story
    def policies(self, municipality_id: int) -> PolicyBook:
        """The policies of a municipality."""
        return policies_of(self.session, municipality_id)

    @cache  # noqa: B019 - as above
    def _worked(self, person_id: int, municipality_id: int) -> Worked:
        return worked_at(self.session, person_id, municipality_id)

    def filling_in(self, case: Case, documents: dict[str, tuple[dict[str, object], ...]]) -> FillingIn:
        """What the form needs to know of the world, for whoever fills in this case now."""
        spells = self._worked(case.initiator_id, case.municipality_id).here
        rates = rates_for(self.session, case.draft)
        return FillingIn(
            local_date(self.now), self.policies(case.municipality_id), spells, documents, rates=rates,
            statements=statements_for(self.session, case), spent=spent_besides(self.session, case),
            received=local_date(case.received_at) if case.received_at else None,
            hours=hours_for(self.session, case, local_date(self.now)),
        )  # fmt: skip
