"""What the municipalities expected of working together: business cases and goals, entered by the SSC's director."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.commands.business_case import enter
from portal.commands.goals import set_goal
from portal.models.people import Municipality, Person
from portal.queries.people import viewer_of
from seed.office import moment
from seed.people import Staff
from seed.sources import source
from workflows.business_case import BusinessCase, Year
from workflows.goals import Statement
from workflows.periods import shifted


def first_year(today: date) -> int:
    """The first year of every business case: the last one that is nearly over."""
    return (today - timedelta(days=300)).year


def director(session: Session, staff: Staff, on: date) -> Viewer:
    """The SSC's director on a day."""
    return viewer_of(session, session.get_one(Person, staff.named["ilse"]), on)


def build(session: Session, staff: Staff, begin: date, today: date) -> None:
    """Enter every business case, in the order in which they were made."""
    session.flush()
    places = {one.code: one for one in session.scalars(select(Municipality))}
    for row in source("business_cases")["case"]:
        place, day = places.get(row["municipality"]), begin + timedelta(days=row.get("days_later", 0))
        if place is not None:
            enter(session, director(session, staff, day), place, case_of(row, first_year(today)), row["reason"],
                  moment(day, 10))  # fmt: skip

    for row in source("business_cases")["goal"]:
        place = places.get(row.get("municipality", ""))
        if place is not None or "municipality" not in row:
            set_goal(session, director(session, staff, begin), place, goal_of(row, begin, first_year(today)),
                     moment(begin, 11))  # fmt: skip


def goal_of(row: dict[str, Any], begin: date, first: int) -> Statement:
    """A goal as the data file has it: agreed before it began, to be reached some months after that."""
    due = shifted(max(date(first, 1, 1), begin.replace(day=1)), row["months"])
    texts = {name: row[name] for name in ("indicator", "said", "agreed_by", "realistic", "instrument", "monitoring")}
    return Statement(aimed=Decimal(row["aimed"]), agreed_on=begin - timedelta(days=30), due=due, **texts)


def case_of(row: dict[str, Any], first: int) -> BusinessCase:
    """A business case as the data file has it."""
    costs = enumerate(zip(row["running_cost"], row["investment"], strict=True), first)
    return BusinessCase(
        row["current_cost"] * 100, tuple(Year(year, running * 100, once * 100) for year, (running, once) in costs)
    )
