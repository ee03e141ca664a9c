"""The cost administration as it is looked at: what was entered for a quarter, which keys hold, and all put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from portal.models.costs import CompensationPost, CostItem, KeyAmount, KeyWeight, QuarterAdvance
from portal.models.people import Municipality
from portal.queries.tariffs import tariffs_of
from portal.queries.worked import quantities
from workflows.quarters import first_day
from workflows.settlement import BASIC_KEYS, Basis, Compensation, Cost, KeyValue


def costs_of(session: Session, quarter: str) -> Sequence[CostItem]:
    """The costs of a quarter that were not taken away, in the order in which they were entered."""
    return session.scalars(
        select(CostItem).where(CostItem.quarter == quarter, CostItem.removed_at.is_(None)).order_by(CostItem.id)
        .options(joinedload(CostItem.entered_by))
    ).all()  # fmt: skip


def compensations_of(session: Session, quarter: str) -> Sequence[CompensationPost]:
    """What municipalities pay one another in a quarter."""
    return session.scalars(
        select(CompensationPost)
        .where(CompensationPost.quarter == quarter, CompensationPost.removed_at.is_(None))
        .options(joinedload(CompensationPost.payer), joinedload(CompensationPost.receiver))
        .order_by(CompensationPost.id)
    ).all()


def advances_of(session: Session, quarter: str) -> Sequence[QuarterAdvance]:
    """What was paid in advance on a quarter."""
    return session.scalars(
        select(QuarterAdvance)
        .where(QuarterAdvance.quarter == quarter, QuarterAdvance.removed_at.is_(None))
        .options(joinedload(QuarterAdvance.municipality))
        .order_by(QuarterAdvance.municipality_id, QuarterAdvance.id)
    ).all()


def amounts(session: Session) -> Sequence[KeyAmount]:
    """Every value of every key that was entered, the last first."""
    query = select(KeyAmount).options(joinedload(KeyAmount.municipality), joinedload(KeyAmount.entered_by))
    return session.scalars(query.order_by(KeyAmount.key, KeyAmount.valid_from.desc(), KeyAmount.municipality_id)).all()


def weights(session: Session) -> Sequence[KeyWeight]:
    """The weights of the mixed key, the last first."""
    return session.scalars(select(KeyWeight).order_by(KeyWeight.valid_from.desc())).all()


def holding(values: Sequence[KeyAmount], day: date) -> dict[str, dict[int, KeyAmount]]:
    """By key and municipality the value that holds on a day: of those that began, the last."""
    found: dict[str, dict[int, KeyAmount]] = {key: {} for key in BASIC_KEYS}
    for one in sorted(values, key=lambda one: one.valid_from):
        if one.valid_from <= day:
            found[one.key][one.municipality_id] = one
    return found


def weights_on(session: Session, day: date) -> KeyWeight | None:
    """The weights that hold on a day."""
    query = select(KeyWeight).where(KeyWeight.valid_from <= day).order_by(KeyWeight.valid_from.desc()).limit(1)
    return session.scalars(query).first()


def quarters(session: Session) -> list[str]:
    """The quarters of which costs or advances were entered, the last first."""
    found = set(session.scalars(select(CostItem.quarter).where(CostItem.removed_at.is_(None)).distinct()))
    found |= set(session.scalars(select(QuarterAdvance.quarter).where(QuarterAdvance.removed_at.is_(None)).distinct()))
    return sorted(found, reverse=True)


def cost_totals(session: Session) -> Mapping[str, int]:
    """What was entered of costs, by quarter."""
    query = select(CostItem.quarter, func.sum(CostItem.cents)).where(CostItem.removed_at.is_(None))
    return {quarter: int(cents) for quarter, cents in session.execute(query.group_by(CostItem.quarter))}


@dataclass(frozen=True)
class Entered:
    """All that was entered for a quarter, and the keys that hold on its first day."""

    quarter: str
    places: Sequence[Municipality]
    costs: Sequence[CostItem]
    compensations: Sequence[CompensationPost]
    advances: Sequence[QuarterAdvance]
    keys: Mapping[str, Mapping[int, KeyAmount]]
    weights: KeyWeight | None


def entered(session: Session, quarter: str) -> Entered:
    """All that was entered for a quarter. Six queries."""
    return Entered(
        quarter,
        session.scalars(select(Municipality).order_by(Municipality.code)).all(),
        costs_of(session, quarter),
        compensations_of(session, quarter),
        advances_of(session, quarter),
        holding(amounts(session), first_day(quarter)),
        weights_on(session, first_day(quarter)),
    )


def basis_of(session: Session, quarter: str) -> Basis:
    """All that a quarter is settled on, counted now."""
    held = entered(session, quarter)
    codes = {place.id: place.code for place in held.places}
    advances: dict[str, int] = {}
    for one in held.advances:
        code = codes[one.municipality_id]
        advances[code] = advances.get(code, 0) + one.cents
    return Basis(
        quarter=quarter,
        places={place.code: place.name for place in held.places},
        costs=[Cost(one.id, one.label, one.cents, one.kind, one.driver, one.source) for one in held.costs],
        tariffs=tariffs_of(session, first_day(quarter), codes),
        quantities={
            kind: {codes[place]: count for place, count in counts.items() if place in codes}
            for kind, counts in quantities(session, quarter).items()
        },
        keys={
            key: {codes[place]: KeyValue(one.amount, one.valid_from.isoformat(), one.source)
                  for place, one in values.items()}
            for key, values in held.keys.items() if values
        },
        weights={key: getattr(held.weights, key) for key in BASIC_KEYS} if held.weights else {},
        weights_source=held.weights.source if held.weights else "",
        compensations=[
            Compensation(codes[one.payer_id], codes[one.receiver_id], one.cents, one.reason, one.source)
            for one in held.compensations
        ],
        advances=advances,
    )  # fmt: skip
