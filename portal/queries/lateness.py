"""Invoices as they are counted for paying on time: when they came in, could be paid and were paid; what late costs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from portal.clock import end_of_day, local_date
from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.models.payments import BatchLine, Payable, PaymentBatch
from portal.models.people import Policy
from workflows import CASE_TYPES
from workflows.lateness import COSTS, RATE, Late, Paid, exposure
from workflows.parties import GRANTED
from workflows.policies import PolicyBook, PolicyRow

PAYABLE = "payable"


@dataclass(frozen=True)
class Bill:
    """An invoice with what paying it late comes to."""

    case_id: int
    municipality_id: int
    title: str
    paid: Paid
    late: Late


def late_types() -> list[str]:
    """The types of which paying late costs interest by law."""
    return [key for key, case_type in CASE_TYPES.items() if case_type.late_costs]


def agreed(session: Session) -> PolicyBook:
    """The rates and costs that the law sets for everybody."""
    rows = session.scalars(
        select(Policy).where(Policy.municipality_id.is_(None), Policy.key.in_((RATE, COSTS)))
    )  # fmt: skip
    return PolicyBook(tuple(PolicyRow(r.key, r.value, r.valid_from, r.valid_to, r.source) for r in rows))


def bills(session: Session, places: Collection[int], first: date, last: date, on: date) -> Mapping[int, Sequence[Bill]]:
    """The invoices that came in on these days, by municipality, as known at the end of a day. Four queries."""
    begin, end = end_of_day(first - timedelta(days=1)), end_of_day(last)
    there = Case.municipality_id.in_(places) & (Case.received_at > begin) & (Case.received_at <= end)
    found: dict[int, list[Bill]] = {place: [] for place in places}
    for bill in _bills(session, there, on):
        found[bill.municipality_id].append(bill)
    return found


def bill_of(session: Session, case: Case, on: date) -> Bill | None:
    """One invoice; None for what the law does not ask interest of."""
    if not CASE_TYPES[case.type].late_costs or case.received_at is None:
        return None
    return next(iter(_bills(session, Case.id == case.id, on)), None)


def _bills(session: Session, there: ColumnElement[bool], on: date) -> Iterable[Bill]:
    known = agreed(session)
    there = there & Case.type.in_(late_types()) & Case.received_at.is_not(None)
    until = end_of_day(on)
    could_be_paid = {
        row.case_id: row.at
        for row in session.execute(
            select(CaseEvent.case_id, func.min(CaseEvent.at).label("at"))
            .join(Case, Case.id == CaseEvent.case_id)
            .where(there, CaseEvent.to_state == PAYABLE, CaseEvent.at <= until)
            .group_by(CaseEvent.case_id)
        )
    }
    sums: dict[int, int] = {}
    paid: dict[int, date] = {}
    for row in session.execute(
        select(Payable.case_id, Payable.cents, BatchLine.settled_at, BatchLine.returned_at,
               PaymentBatch.execution_date)
        .join(Case, Case.id == Payable.case_id)
        .outerjoin(BatchLine, BatchLine.payable_id == Payable.id)
        .outerjoin(PaymentBatch, PaymentBatch.id == BatchLine.batch_id)
        .where(there).order_by(BatchLine.id)
    ):  # fmt: skip
        sums[row.case_id] = row.cents
        if row.settled_at is not None and (row.returned_at is None or row.returned_at > until):
            paid[row.case_id] = row.execution_date
    columns = (Case.id, Case.number, Case.type, Case.municipality_id, Case.title, Case.received_at, Case.claimed_cents,
               Case.content, Case.result, Case.closed_at)  # fmt: skip
    for case in session.execute(select(*columns).where(there).order_by(Case.received_at, Case.id)):
        one = _counted(case, could_be_paid.get(case.id), paid.get(case.id), sums.get(case.id), on)
        yield Bill(case.id, case.municipality_id, case.title, one, _late(one, known, on))


def _counted(case: Any, could: datetime | None, paid_on: date | None, cents: int | None, on: date) -> Paid:
    """A case as it is counted: paid by the bank on the day of its batch, or by what the supplier had credited."""
    facts = CASE_TYPES[case.type].facts(case.content)
    closed = local_date(case.closed_at) if case.closed_at else None
    well = case.result == GRANTED.value
    done = paid_on or (closed if well else None)
    return Paid(
        case.number or "", local_date(case.received_at), case.claimed_cents if cents is None else cents,
        payable_on=local_date(could) if could else None, paid_on=done if done and done <= on else None,
        ended_on=closed if closed and not well and closed <= on else None, own_due=facts.due, credit=facts.credit,
    )  # fmt: skip


def _late(one: Paid, known: PolicyBook, on: date) -> Late:
    if one.credit or one.ended_on is not None:
        return Late()

    def value(key: str) -> Any:
        return lambda day: row.number if (row := known.at(key, day)) else None

    return exposure(one.cents, one.received, one.paid_on or on, value(RATE), value(COSTS))
