"""For which years somebody can buy hours of leave that did not buy any yet."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models.leave import LeaveLot
from portal.queries.people import employments_of, policies_of
from workflows.entitlement import bought_at_most
from workflows.lots import BOUGHT


@dataclass(frozen=True)
class Buying:
    """Hours that are bought of one employer for one year."""

    municipality_id: int
    year: int

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{BOUGHT}-{self.municipality_id}-{self.year}"


def to_buy(session: Session, person_id: int, places: Collection[int] | None, today: date) -> list[Buying]:
    """For this year and the next, with the employers among these (None: all) that somebody works for in that year,
    where something can be bought and nothing was asked for yet."""
    found = []
    lots = select(LeaveLot.municipality_id, LeaveLot.valid_from).where(
        LeaveLot.person_id == person_id, LeaveLot.kind == BOUGHT
    )
    known = {(place, first.year) for place, first in session.execute(lots)}
    employments = employments_of(session, person_id)
    for year in (today.year, today.year + 1):
        begins = max(today, date(year, 1, 1))
        works = {
            one.unit.municipality_id: None
            for one in employments
            if one.valid_from <= date(year, 12, 31) and (one.valid_to is None or one.valid_to >= begins)
        }
        found += [
            Buying(place, year)
            for place in works
            if (places is None or place in places)
            and (place, year) not in known
            and bought_at_most(policies_of(session, place), year)
        ]
    return found
