"""Setting and withdrawing goals, entering what was really spent, and concluding the evaluation of a year."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.clock import local_date
from portal.commands.business_case import as_director
from portal.commands.changes import because, write_down
from portal.models.goals import Evaluation, Goal, RealCost
from portal.models.people import Municipality
from portal.queries.goals import evaluations_of
from portal.queries.reports import scope_of
from workflows.goals import Statement
from workflows.kernel import Refusal, Refused
from workflows.money import plain
from workflows.parties import N_

LONGEST = 4000
GONE = Refusal("goal_withdrawn", N_("This goal was withdrawn already."))
NO_CONCLUSION = Refusal("evaluation_empty", N_("Write what you conclude from these figures."))
CONCLUSION_LONG = Refusal("evaluation_long", N_("Use 4,000 characters at most."))
TOO_EARLY = Refusal("evaluation_early", N_("This year has not begun yet."))


def set_goal(
    session: Session, viewer: Viewer, place: Municipality | None, goal: Statement, at: datetime
) -> Goal:  # fmt: skip
    """Set a goal of a municipality, or of all together. Raises Refused."""
    author = as_director(viewer, place.id if place else None)
    made = Goal(
        municipality_id=place.id if place else None, indicator=goal.indicator, aimed=str(goal.aimed), said=goal.said,
        agreed_by=goal.agreed_by, agreed_on=goal.agreed_on, realistic=goal.realistic, due=goal.due,
        instrument=goal.instrument, monitoring=goal.monitoring, set_by_id=viewer.person_id, set_at=at,
    )  # fmt: skip
    session.add(made)
    write_down(session, author, at, "business_case.goal", place.name if place else "",
               municipality_id=place.id if place else None, new={"goal": goal.said})  # fmt: skip
    session.flush()
    return made


def withdraw(session: Session, viewer: Viewer, goal: Goal, reason: str, at: datetime) -> None:
    """Withdraw a goal, with why. It stays with the evaluations that looked at it. Raises Refused."""
    author, why = as_director(viewer, goal.municipality_id), because(reason)
    if goal.withdrawn_at is not None:
        raise Refused(GONE)
    goal.withdrawn_at, goal.withdrawn_by_id, goal.reason = at, viewer.person_id, why
    write_down(session, author, at, "business_case.goal_withdrawn", goal.said[:100],
               municipality_id=goal.municipality_id, reason=why)  # fmt: skip


def enter_real(
    session: Session, viewer: Viewer, place: Municipality, year: int, running_cents: int, investment_cents: int,
    source: str, at: datetime,
) -> None:  # fmt: skip
    """Enter what a year really cost a municipality, and on what that is based. Raises Refused."""
    author, why = as_director(viewer, place.id), because(source)
    if year > local_date(at).year:
        raise Refused(TOO_EARLY)
    session.add(
        RealCost(
            municipality_id=place.id, year=year, running_cents=running_cents, investment_cents=investment_cents,
            source=why, entered_by_id=viewer.person_id, entered_at=at,
        )
    )  # fmt: skip
    write_down(session, author, at, "business_case.real", f"{place.name} {year}", municipality_id=place.id, reason=why,
               new={"running": plain(running_cents), "investment": plain(investment_cents)})  # fmt: skip
    session.flush()


def conclude(
    session: Session, viewer: Viewer, place: Municipality | None, year: int, conclusion: str,
    figures: Mapping[str, Any], at: datetime,
) -> Evaluation:  # fmt: skip
    """Conclude about a year, on these figures, which are kept with it. Raises Refused."""
    author, said = as_director(viewer, place.id if place else None), conclusion.strip()
    if year > local_date(at).year:
        raise Refused(TOO_EARLY)
    if not said:
        raise Refused(NO_CONCLUSION)
    if len(said) > LONGEST:
        raise Refused(CONCLUSION_LONG)
    known = evaluations_of(session, place, year)
    made = Evaluation(
        scope=scope_of(place), municipality_id=place.id if place else None, year=year,
        edition=known[0].edition + 1 if known else 1, conclusion=said, figures=dict(figures),
        concluded_by_id=viewer.person_id, concluded_at=at,
    )  # fmt: skip
    session.add(made)
    write_down(session, author, at, "business_case.evaluated", place.name if place else "",
               municipality_id=place.id if place else None, new={"year": year, "edition": made.edition})  # fmt: skip
    session.flush()
    return made
