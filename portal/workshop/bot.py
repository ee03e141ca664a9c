"""A bot at work: who it is, what it may know, and whether it notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.clock import local_date
from portal.models.cases import Case
from portal.models.people import Person
from portal.queries.cases import WHOLE
from portal.queries.people import viewer_of
from portal.workshop import scenario
from portal.workshop.habits import Times
from portal.workshop.script import Script
from portal.workshop.tables import Card, Seat
from portal.worlds import World
from seed.sources import source

USUAL = Times(2.0, 8.0, 0.05)
"""How those go about who have no seat."""

POST = {"reasons": ["De bonnen komen met de post. Ik ga verder als ze er zijn."]}


@dataclass
class Bot:
    """Somebody played by a bot, at one moment. `began` is when it began on what it does."""

    world: World
    session: Session
    script: Script
    person_id: int
    seat: Seat | None
    at: datetime
    began: datetime
    about: Mapping[str, Any]

    @cached_property
    def viewer(self) -> Viewer:
        """With everything that today gives them."""
        person = self.session.get_one(Person, self.person_id)
        return viewer_of(self.session, person, local_date(self.at))

    @property
    def name(self) -> str:
        """By which chance knows it: the same in every round."""
        return self.seat.key if self.seat else f"person {self.person_id}"

    @property
    def roles(self) -> frozenset[str]:
        """Its roles in the scenario."""
        return self.script.roles(self.seat.key) if self.seat else frozenset()

    @property
    def times(self) -> Times:
        """How it goes about."""
        return self.script.times(self.seat.role) if self.seat else USUAL

    def chance(self, *about: object) -> Random:
        """A source of chance of its own for one matter."""
        return self.script.chance(self.name, *about)

    def case(self, case_id: int) -> Case:
        """A case with everybody in it."""
        return self.session.scalars(select(Case).where(Case.id == case_id).options(*WHOLE)).unique().one()

    def card_of(self, case: Case) -> scenario.Card | None:
        """The card from which a case came, if it came from one."""
        key = self.session.scalars(select(Card.key).where(Card.case_id == case.id)).first()
        return self.script.cards.get(key) if key else None

    def notices(self, matter: str, step: str) -> bool:
        """Whether it notices what is wrong with something, at this step; it does not think otherwise the next time."""
        return not self.times.errs(self.chance("notices", matter, step))

    def says(self, *path: str) -> str:
        """Something people write in such a case."""
        found: Any = {**source("words"), "post": POST}
        for part in path:
            found = found[part]
        texts = [one["text"] if isinstance(one, dict) else one for one in found]
        return str(self.chance("words", *path, self.at).choice(texts))
