"""Samples as they are looked at: what waits to be drawn, who failed lately, and the draws of a month, drawn again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, bindparam, case, cast, exists, func, or_, select, true
from sqlalchemy.orm import Session, aliased, joinedload

from portal.clock import AMSTERDAM
from portal.models.cases import Case
from portal.models.events import REGISTER, CaseEvent
from portal.models.people import Municipality
from portal.models.sampling import SampleDraw, SampleSeed
from workflows import CASE_TYPES
from workflows.effects import MayBeDrawn
from workflows.parties import GRANTED, REFUSED
from workflows.sampling import commitment, is_drawn

CHOSEN = "sample_seed"
"""The step in the register by which a seed was chosen; it holds the digest of the seed."""
LATELY = timedelta(days=365)
"""How long a failed sample counts."""
SEEDS, DRAWS = 24, 100
"""How many months, and how many draws, one page shows."""

RECOVERY, SAMPLE = aliased(Case), aliased(Case)
FAILED = (
    select(Case.id)
    .where(
        Case.initiator_id == bindparam("who"), Case.type == "sample", Case.result == REFUSED.value,
        Case.closed_at > bindparam("since"),
        # A judgement that the SSC set aside does not count.
        ~exists().where(RECOVERY.parent_id == Case.id, RECOVERY.result == REFUSED.value),
    )
    .limit(1)
)  # fmt: skip
UNAPPROVED = and_(Case.result == GRANTED.value, Case.bound.is_(None))
TO_DRAW = (
    select(SampleDraw.id)
    .join(Case, Case.id == SampleDraw.case_id)
    .where(SampleDraw.drawn.is_(None), UNAPPROVED)
    .order_by(SampleDraw.id)
)


def month_of(day: date) -> date:
    """The first day of the month of this day."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after this one."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def failed_lately(session: Session, person_id: int, at: datetime) -> bool:
    """Whether a sample of this person's was not right in the last twelve months."""
    return session.scalars(FAILED, {"who": person_id, "since": at - LATELY}).first() is not None


def to_draw(session: Session) -> Sequence[int]:
    """The draws of cases that were paid without approval beforehand, and not drawn yet."""
    return session.scalars(TO_DRAW).all()


PASSED = (
    select(func.coalesce(func.sum(Case.claimed_cents), 0))
    .join(SampleDraw, SampleDraw.case_id == Case.id)
    .where(
        Case.initiator_id == bindparam("who"), Case.municipality_id == bindparam("where"),
        Case.type == bindparam("kind"), Case.id != bindparam("case"), SampleDraw.entered_at > bindparam("since"),
        or_(Case.result.is_(None), Case.result == GRANTED.value),
    )
)  # fmt: skip


def passed_lately(session: Session, case: Case, since: datetime) -> int:
    """What the initiator of a case was let pass since then without approval, in other cases of its kind, in cents."""
    of = {"who": case.initiator_id, "where": case.municipality_id, "kind": case.type, "case": case.id, "since": since}
    return int(session.scalars(PASSED, of).one())


@dataclass(frozen=True)
class Month:
    """What was drawn with one seed: how many went on without approval, were drawn, and how these were judged.

    `waiting` may still be drawn: while there are any, whoever knew the seed could still do something about it.
    """

    seed: SampleSeed
    entered: int
    waiting: int
    drawn: int
    right: int
    wrong: int

    def revealed(self, today: date) -> bool:
        """Whether the seed is shown: the month is over, and nothing is left to be drawn with it."""
        return today >= next_month(self.seed.month) and not self.waiting


def _count(condition: Any) -> Any:
    return func.coalesce(func.sum(cast(case((condition, 1), else_=0), Integer)), 0)


COUNTED = (
    select(
        SampleSeed,
        func.count(SampleDraw.id),
        _count(and_(SampleDraw.id.is_not(None), SampleDraw.drawn.is_(None), Case.bound.is_(None),
                    or_(Case.closed_at.is_(None), Case.result == GRANTED.value))),
        _count(SampleDraw.drawn.is_(True)),
        _count(SAMPLE.result == GRANTED.value),
        _count(SAMPLE.result == REFUSED.value),
    )
    .outerjoin(SampleDraw, SampleDraw.seed_id == SampleSeed.id)
    .outerjoin(Case, Case.id == SampleDraw.case_id)
    .outerjoin(SAMPLE, and_(SAMPLE.parent_id == Case.id, SAMPLE.type == "sample"))
    .options(joinedload(SampleSeed.municipality))
    .group_by(SampleSeed.id, Municipality.id)
    .join(Municipality, Municipality.id == SampleSeed.municipality_id)
)  # fmt: skip


def _within(places: frozenset[int] | None) -> ColumnElement[bool]:
    return true() if places is None else SampleSeed.municipality_id.in_(places)


def months(session: Session, places: frozenset[int] | None, after: int | None = None) -> tuple[list[Month], int | None]:
    """The months of these municipalities, the last chosen first; and the key to ask the next page with."""
    query = COUNTED.where(_within(places)).order_by(SampleSeed.id.desc()).limit(SEEDS + 1)
    if after is not None:
        query = query.where(SampleSeed.id < after)
    found = [Month(*row) for row in session.execute(query)]
    return found[:SEEDS], found[SEEDS - 1].seed.id if len(found) > SEEDS else None


def month_within(session: Session, code: str, month: date, places: frozenset[int] | None) -> Month | None:
    """One month of one of these municipalities; others do not exist."""
    query = COUNTED.where(_within(places), Municipality.code == code, SampleSeed.month == month)
    row = session.execute(query).first()
    return Month(*row) if row else None


@dataclass(frozen=True)
class Row:
    """One draw, with how its sample was judged: its number, state and result are empty where there is none."""

    draw: SampleDraw
    sample: str | None
    state: str | None
    result: str | None


def draws_of(session: Session, seed: SampleSeed, *, drawn: bool, after: int | None = None
             ) -> tuple[list[Row], int | None]:  # fmt: skip
    """The draws with one seed, in the order they came in; only those in the sample where asked."""
    query = (
        select(SampleDraw, SAMPLE.number, SAMPLE.state, SAMPLE.result)
        .outerjoin(SAMPLE, and_(SAMPLE.parent_id == SampleDraw.case_id, SAMPLE.type == "sample"))
        .where(SampleDraw.seed_id == seed.id)
        .order_by(SampleDraw.id)
        .limit(DRAWS + 1)
    )
    if drawn:
        query = query.where(SampleDraw.drawn.is_(True))
    if after is not None:
        query = query.where(SampleDraw.id > after)
    found = [Row(*row) for row in session.execute(query)]
    return found[:DRAWS], found[DRAWS - 1].draw.id if len(found) > DRAWS else None


@dataclass(frozen=True)
class DrawnAgain:
    """What came of drawing a month again: how many draws, and everything that does not agree."""

    count: int
    otherwise: tuple[str, ...] = ()
    """Numbers that the seed draws otherwise than was stored."""
    unjudged: tuple[str, ...] = ()
    """Numbers that were drawn, of which no sample was opened."""
    missing: tuple[str, ...] = ()
    """Numbers that were paid without approval and were never among those that may be drawn."""
    late: tuple[str, ...] = ()
    """Numbers that were there before the seed was chosen."""
    committed: bool = True
    """Whether the event chain holds the digest of this very seed."""

    @property
    def agrees(self) -> bool:
        """Whether all is as it must be."""
        return self.committed and not (self.otherwise or self.unjudged or self.missing or self.late)


def draw_again(session: Session, seed: SampleSeed) -> DrawnAgain:
    """Draw every case of a month again, and hold that against what was stored. Reads only."""
    rows: Sequence[Any] = session.execute(
        select(SampleDraw, SAMPLE.id)
        .outerjoin(SAMPLE, and_(SAMPLE.parent_id == SampleDraw.case_id, SAMPLE.type == "sample"))
        .where(SampleDraw.seed_id == seed.id)
        .order_by(SampleDraw.id)
    ).all()
    done = [(draw, sample) for draw, sample in rows if draw.drawn is not None]
    return DrawnAgain(
        count=len(done),
        otherwise=tuple(d.number for d, _ in done if d.drawn != is_drawn(seed.seed, d.number, d.threshold)),
        # Of a case that was destroyed its sample is gone as well.
        unjudged=tuple(d.number for d, sample in done if d.drawn and sample is None and d.case_id is not None),
        missing=_missing(session, seed),
        late=tuple(d.number for d, _ in rows if d.entered_at < seed.chosen_at),
        committed=_committed(session, seed),
    )


def _missing(session: Session, seed: SampleSeed) -> tuple[str, ...]:
    sampled = [t.key for t in CASE_TYPES.values() if any(isinstance(e, MayBeDrawn) for a in t.actions for e in a.then)]
    begin, end = (datetime.combine(day, time.min, AMSTERDAM) for day in (seed.month, next_month(seed.month)))
    found = session.scalars(
        select(Case.number)
        .where(
            Case.municipality_id == seed.municipality_id, Case.type.in_(sampled), UNAPPROVED,
            Case.received_at >= begin, Case.received_at < end,
            ~exists().where(SampleDraw.case_id == Case.id),
        )
        .order_by(Case.id)
    )  # fmt: skip
    return tuple(number for number in found if number)


def _committed(session: Session, seed: SampleSeed) -> bool:
    """Whether the chain says of this month that this seed was chosen, once, and when it was."""
    events = session.scalars(
        select(CaseEvent).where(CaseEvent.case_id == REGISTER, CaseEvent.action == CHOSEN).order_by(CaseEvent.id)
    )
    said = {"municipality": seed.municipality_id, "month": seed.month.isoformat()}
    digests = [(e.data["digest"], e.at) for e in events if said.items() <= e.data.items()]
    return digests == [(commitment(seed.seed), seed.chosen_at)]
