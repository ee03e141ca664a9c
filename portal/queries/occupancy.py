"""How many people of a unit should be there, and who works there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db import overlaps
from portal.models.occupancy import MinimumOccupancy
from portal.models.people import Employment
from workflows.occupancy import Minimum, chain, same_title


def minimums_of(session: Session, unit_id: int) -> list[Minimum]:
    """Every minimum that was ever set for a unit, by title and day, each up to the next. One query."""
    rows = session.execute(
        select(MinimumOccupancy.job_title, MinimumOccupancy.people, MinimumOccupancy.valid_from).where(
            MinimumOccupancy.unit_id == unit_id
        )
    )
    return chain(Minimum(title, people, first, None) for title, people, first in rows)


def titles_of(session: Session, unit_id: int, on: date) -> Sequence[str]:
    """The job titles that people of a unit have on a day or later, each once, by alphabet."""
    there = select(Employment.job_title).where(
        Employment.unit_id == unit_id,
        overlaps(on, Employment.valid_from, Employment.valid_to) | (Employment.valid_from > on),
        Employment.job_title != "",
    )
    found: list[str] = []
    for title in sorted(session.scalars(there.distinct()), key=str.casefold):
        if not any(same_title(title, known) for known in found):
            found.append(title)
    return found
