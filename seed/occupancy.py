"""How many people the invented units want to be there: some as a whole, and some of one job title."""

from __future__ import annotations

from collections import Counter
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models.occupancy import MinimumOccupancy
from portal.models.people import Employment
from seed.office import moment

SMALLEST = 4
"""Of fewer people than these nobody asks that some are there."""


def minimums(session: Session, begin: date) -> None:
    """Half of every second unit is to be there, and somebody of the job title that is there most."""
    titles: dict[int, Counter[str]] = {}
    for employment in session.scalars(select(Employment).where(Employment.valid_to.is_(None)).order_by(Employment.id)):
        titles.setdefault(employment.unit_id, Counter())[employment.job_title] += 1
    for place, (unit, found) in enumerate(sorted(titles.items())):
        if found.total() < SMALLEST or place % 2:
            continue
        title, count = found.most_common(1)[0]
        wanted = {"": found.total() // 2} | ({title: 1} if count > 1 else {})
        session.add_all(
            MinimumOccupancy(unit_id=unit, job_title=name, people=people, valid_from=begin, set_at=moment(begin, 9))
            for name, people in wanted.items()
        )
