"""Goals with what was reached of them, what was really spent, and the evaluations of a year."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import false, func, or_, select, true
from sqlalchemy.orm import Session, joinedload

from portal import i18n
from portal.models.costs import FINAL, QuarterSettlement
from portal.models.goals import Evaluation, Goal, RealCost
from portal.models.people import Municipality
from portal.queries.indicators import definitions
from portal.queries.reports import counted, scope_of
from workflows.goals import Measured
from workflows.periods import Period


def measures(session: Session, municipality_id: int | None, day: date) -> Mapping[str, Measured]:
    """What a goal can be measured by on a day. One query."""
    known = definitions(session)
    found = {key: known.at(key, municipality_id, day) for key in known.keys}
    return {
        key: Measured(key, one.indicator.named(i18n.language()), one.indicator.unit, one.indicator.more)
        for key, one in found.items() if one is not None
    }  # fmt: skip


def goals_of(session: Session, municipality_id: int | None) -> Sequence[Goal]:
    """The goals that stand: of all together, and of this municipality if one is named; by when they must be reached."""
    own = Goal.municipality_id == municipality_id if municipality_id is not None else false()
    query = (
        select(Goal)
        .where(or_(Goal.municipality_id.is_(None), own), Goal.withdrawn_at.is_(None))
        .options(joinedload(Goal.municipality))
    )
    return session.scalars(query.order_by(Goal.due, Goal.id)).all()


def figures_of(
    session: Session, place: Municipality | None, year: int, at: datetime
) -> Mapping[str, Mapping[str, Any]]:
    """The figures of a year as they are known now, by indicator."""
    period = Period(f"{year:04d}", date(year, 1, 1), date(year, 12, 31))
    found: dict[str, Mapping[str, Any]] = {}
    for figure in counted(session, place, period, at)["figures"]:
        # The version that holds at the end comes first.
        found.setdefault(figure["key"], figure)
    return found


@dataclass(frozen=True)
class Real:
    """What a year really cost, as it was entered."""

    running_cents: int
    investment_cents: int
    source: str = ""


def real_costs(session: Session, places: Collection[int] | None, year: int) -> Mapping[int, Real]:
    """What a year really cost each of these municipalities (None: all), where it was entered. One query."""
    mine = true() if places is None else RealCost.municipality_id.in_(places)
    last = select(func.max(RealCost.id)).where(mine, RealCost.year == year).group_by(RealCost.municipality_id)
    rows = session.scalars(select(RealCost).where(RealCost.id.in_(last)))
    return {one.municipality_id: Real(one.running_cents, one.investment_cents, one.source) for one in rows}


@dataclass(frozen=True)
class Settled:
    """What was settled of a year: of which quarters, and how much."""

    quarters: tuple[str, ...] = ()
    cents: int = 0


def settled_in(session: Session, place: Municipality | None, year: int) -> Settled:
    """What the SSC charged in the final settlements of a year, to one municipality or to all. One query."""
    rows = session.scalars(
        select(QuarterSettlement)
        .where(QuarterSettlement.quarter.like(f"{year:04d}Q%"), QuarterSettlement.state == FINAL)
        .order_by(QuarterSettlement.quarter, QuarterSettlement.revision)
    )
    last = {one.quarter: one.figures for one in rows}
    cents = sum(
        account["owed_cents"] for said in last.values() for account in said["accounts"]
        if place is None or account["code"] == place.code
    )  # fmt: skip
    return Settled(tuple(last), cents)


def evaluations_of(session: Session, place: Municipality | None, year: int) -> Sequence[Evaluation]:
    """The conclusions about a year, the last first. One query."""
    query = select(Evaluation).where(Evaluation.scope == scope_of(place), Evaluation.year == year)
    return session.scalars(query.options(joinedload(Evaluation.concluded_by)).order_by(Evaluation.edition.desc())).all()
