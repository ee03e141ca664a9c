"""On which days the invented people work: full time over five or four days, nine days in two weeks, or part-time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commands.pattern_rows import keep
from portal.models.people import Employment, ManagerRelation
from seed.office import moment
from workflows.work_patterns import Week, WorkPattern

FIRST_WEEK = date(2024, 1, 1)
FIVE_DAYS: tuple[Week, ...] = ((432,) * 5 + (0, 0),)
"""36 hours over five days."""
SECOND_JOB = 8 * 60
CHANGED = 0.06
"""The part of people whose hours change during the story."""


def everybody(session: Session, rng: Random, begin: date, until: date) -> None:
    """Give every employment its pattern; the hours of some change on a first of a month."""
    leads = set(session.scalars(select(ManagerRelation.manager_id)))
    held: set[int] = set()
    for employment in session.scalars(select(Employment).order_by(Employment.person_id, Employment.valid_from.desc())):
        beside = employment.person_id in held and employment.valid_to is None
        held.add(employment.person_id)
        first = employment.valid_from
        weeks = (
            _little(rng) if beside or "deeltijd" in employment.job_title else _usual(rng, employment.person_id in leads)
        )
        at = moment(begin, 9)
        anchor = FIRST_WEEK + timedelta(days=7 * rng.randrange(2))
        keep(session, employment.id, WorkPattern(weeks, first, None, anchor), at)
        change = _first_of_month(begin + timedelta(days=rng.randrange(max(1, (until - begin).days))))
        if rng.random() < CHANGED and first < change and (employment.valid_to is None or change < employment.valid_to):
            keep(session, employment.id, WorkPattern(_part_time(rng), change, None, anchor), at)


def _usual(rng: Random, leads: bool) -> tuple[Week, ...]:
    drawn = rng.random()
    if leads or drawn < 0.42:
        return FIVE_DAYS
    if drawn < 0.62:
        free = rng.choice((2, 4))
        return (_week({day: 9 * 60 for day in range(5) if day != free}),)
    if drawn < 0.75:
        # 36 hours on average: five days of eight hours, and the other week four.
        free = rng.choice((0, 4))
        eight = dict.fromkeys(range(5), 8 * 60)
        return (_week(eight), _week({day: each for day, each in eight.items() if day != free}))
    return _part_time(rng)


def _part_time(rng: Random) -> tuple[Week, ...]:
    """From 16 to 32 hours, in days of eight."""
    return (_week(dict.fromkeys(_some_days(rng, rng.choice((2, 3, 3, 4))), 8 * 60)),)


def _little(rng: Random) -> tuple[Week, ...]:
    """A job beside another one: a day a week."""
    return (_week(dict.fromkeys(_some_days(rng, 1), SECOND_JOB)),)


def _some_days(rng: Random, count: int) -> Sequence[int]:
    return rng.sample(range(5), count)


def _week(days: dict[int, int]) -> Week:
    return tuple(days.get(day, 0) for day in range(7))


def _first_of_month(day: date) -> date:
    return day.replace(day=1)
