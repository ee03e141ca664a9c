"""The event log: cases with all that happened in them, for whoever wants to see how the work goes, nobody's name in it.

Read a few hundred cases at a time, by their keys: a million events take no more memory than a thousand. Left out are
cases of types of absence, as they are about health, and what followed from absence alone; so are drafts, reasons,
titles and all else that people typed. A case that was destroyed has left no more than its chain, and is not there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, select
from sqlalchemy.orm import Session, aliased

from portal.clock import end_of_day
from portal.interfaces.event_log.stories import (
    BATCH,
    CASE,
    DOCUMENT,
    INVOICE,
    LINE,
    PAYMENT,
    PERSON_ROLE,
    Happening,
    Mask,
    Relation,
    Story,
    Thing,
)
from portal.models.bills import CaseBill
from portal.models.cases import Case, Document
from portal.models.events import NOTES, CaseEvent
from portal.models.lines import CaseLine, CodedLine
from portal.models.payments import BatchLine, Payable, PaymentBatch
from portal.models.people import Municipality
from workflows import CASE_TYPES
from workflows.kernel import CaseType
from workflows.parties import BANK, CLERK, INITIATOR, SYSTEM, TREASURER, Party

AT_ONCE = 500
ONE_DAY = timedelta(days=1)
LEFT_OUT = frozenset(key for key, case_type in CASE_TYPES.items() if case_type.absent is not None)
"""Types of absence: that somebody was ill, and for how long, is about their health."""
TYPES = tuple(key for key in CASE_TYPES if key not in LEFT_OUT)
ALLOWED = frozenset(TYPES)
PROPOSED = "propose"
"""The step by which the portal asks leave back because of absence: it tells that somebody was ill."""
ASKED_BACK = frozenset(key for key in TYPES if (about := CASE_TYPES[key].about) and about.proposed)
PAYING = frozenset({TREASURER, BANK})
Said = Mapping[str, str | int | bool]


@dataclass(frozen=True)
class Wanted:
    """Which cases: handed in from a day to another, of which municipalities (None: all), of which types (all)."""

    first: date | None = None
    last: date | None = None
    places: frozenset[int] | None = None
    types: frozenset[str] | None = None

    def holds(self, case: Any) -> ColumnElement[bool]:
        """The condition that a case is among them."""
        found = [case.number.is_not(None), case.received_at.is_not(None)]
        found.append(case.type.in_(sorted(ALLOWED if self.types is None else ALLOWED & self.types)))
        if self.places is not None:
            found.append(case.municipality_id.in_(sorted(self.places)))
        if self.first is not None:
            found.append(case.received_at > end_of_day(self.first - ONE_DAY))
        if self.last is not None:
            found.append(case.received_at <= end_of_day(self.last))
        return and_(*found)


def how_many(session: Session, wanted: Wanted) -> int:
    """How many cases there are."""
    return session.scalar(select(func.count()).select_from(Case).where(wanted.holds(Case))) or 0


def stories(session: Session, wanted: Wanted, mask: Mask, at_once: int = AT_ONCE) -> Iterator[Story]:
    """Every case that is wanted with its steps, in the order of the cases, read so many at once."""
    parent = aliased(Case)
    query = (
        select(
            Case.id, Case.type, Municipality.code.label("place"), Case.claimed_cents, Case.sanctioned_cents,
            Case.received_at, Case.closed_at, Case.result, Case.initiator_id, parent.id.label("parent_id"),
        )
        .join(Municipality, Municipality.id == Case.municipality_id)
        .outerjoin(parent, and_(parent.id == Case.parent_id, wanted.holds(parent), parent.type.not_in(ASKED_BACK)))
        .where(wanted.holds(Case))
        .order_by(Case.id)
        .limit(at_once)
    )  # fmt: skip
    after, numbers = 0, count(1)
    while rows := _rows(session, query.where(Case.id > after)):
        after = rows[-1].id
        around = _Around(session, [row.id for row in rows], mask)
        for row in rows:
            found = around.events[row.id]
            if found and not _tells_of_absence(row.type, found):
                yield _story(row, found, around, mask, numbers)


def _rows(session: Session, query: Any) -> Sequence[Row[Any]]:
    return session.execute(query).all()


def _tells_of_absence(case_type: str, events: Sequence[Row[Any]]) -> bool:
    return case_type in ASKED_BACK and any(event.action == PROPOSED for event in events)


class _Around:
    """All that belongs to some cases, by case."""

    def __init__(self, session: Session, ids: Sequence[int], mask: Mask) -> None:
        self.session, self.ids, self.mask = session, ids, mask
        self.events = self._events()
        self.lines = self._lines()
        self.documents = self._documents()
        self.payments = self._payments()
        self.bills = self._bills()

    def _events(self) -> dict[int, list[Row[Any]]]:
        rows = self.session.execute(
            select(
                CaseEvent.case_id, CaseEvent.action, CaseEvent.from_state, CaseEvent.to_state, CaseEvent.enabled_at,
                CaseEvent.started_at, CaseEvent.at, CaseEvent.actor_id, CaseEvent.channel,
            )
            .where(CaseEvent.case_id.in_(self.ids))
            .order_by(CaseEvent.case_id, CaseEvent.id)
        )  # fmt: skip
        return _by_case(rows)

    def _lines(self) -> dict[int, list[Thing]]:
        """Lines as they are held against others, and lines that were coded by hand."""
        lines = select(CaseLine.case_id, CaseLine.line_key, CaseLine.category, CaseLine.cents, CaseLine.granted_cents)
        found: dict[int, dict[str, Thing]] = defaultdict(dict)
        for case_id, key, category, cents, granted in self.session.execute(
            lines.where(CaseLine.case_id.in_(self.ids)).order_by(CaseLine.case_id, CaseLine.id)
        ):
            said: Said = {"category": category, "amount": cents, "granted": granted}
            found[case_id][key] = Thing(self.mask(LINE, f"{case_id}:{key}"), LINE, said)
        coded = select(CodedLine.case_id, CodedLine.line_key).where(CodedLine.case_id.in_(self.ids))
        for case_id, key in self.session.execute(coded.order_by(CodedLine.case_id, CodedLine.id)):
            found[case_id].setdefault(key, Thing(self.mask(LINE, f"{case_id}:{key}"), LINE, {}))
        return defaultdict(list, {case_id: list(things.values()) for case_id, things in found.items()})

    def _documents(self) -> dict[int, list[tuple[datetime, Thing]]]:
        """Documents, with when each became part of the case, and the line it is evidence of."""
        found: dict[int, list[tuple[datetime, Thing]]] = defaultdict(list)
        for row in self.session.execute(
            select(
                Document.case_id, Document.id, Document.line_key, Document.kind, Document.media_type, Document.pages,
                Document.added_at, Document.frozen_at,
            )
            .where(Document.case_id.in_(self.ids))
            .order_by(Document.case_id, Document.id)
        ):  # fmt: skip
            line = self.mask(LINE, f"{row.case_id}:{row.line_key}")
            of = (Relation(line, "evidence of"),) if any(one.id == line for one in self.lines[row.case_id]) else ()
            said: Said = {"kind": row.kind, "media_type": row.media_type, "pages": row.pages}
            thing = Thing(self.mask(DOCUMENT, row.id), DOCUMENT, said, of)
            found[row.case_id].append((row.frozen_at or row.added_at, thing))
        return found

    def _payments(self) -> dict[int, list[Row[Any]]]:
        return _by_case(
            self.session.execute(
                select(
                    Payable.case_id, BatchLine.id, BatchLine.batch_id, BatchLine.cents, BatchLine.settled_at,
                    BatchLine.returned_at, PaymentBatch.released_at, PaymentBatch.execution_date,
                    PaymentBatch.count.label("payments"),
                )
                .join(BatchLine, BatchLine.payable_id == Payable.id)
                .join(PaymentBatch, PaymentBatch.id == BatchLine.batch_id)
                .where(Payable.case_id.in_(self.ids))
                .order_by(Payable.case_id, BatchLine.id)
            )
        )  # fmt: skip

    def _bills(self) -> dict[int, Thing]:
        rows = self.session.execute(
            select(CaseBill.case_id, CaseBill.id, CaseBill.cents, CaseBill.credit)
            .where(CaseBill.case_id.in_(self.ids))
        )  # fmt: skip
        return {
            row.case_id: Thing(self.mask(INVOICE, row.id), INVOICE, {"amount": row.cents, "credit": row.credit})
            for row in rows
        }


def _by_case(rows: Any) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.case_id].append(row)
    return found


def _story(row: Row[Any], found: Sequence[Row[Any]], around: _Around, mask: Mask, numbers: Iterator[int]) -> Story:
    """One case, with its things."""
    case_type, key = CASE_TYPES[row.type], mask(CASE, row.id)
    of = Relation(key, "of case")
    things: dict[str, Thing] = {}
    for payment in around.payments[row.id]:
        batch = mask(BATCH, payment.batch_id)
        said: Said = {"amount": payment.cents, "returned": payment.returned_at is not None}
        known = mask(PAYMENT, payment.id)
        things[known] = Thing(known, PAYMENT, said, (of, Relation(batch, "in batch")))
        told = {"municipality": row.place, "execution_date": payment.execution_date.isoformat()}
        things[batch] = Thing(batch, BATCH, {**told, "payments": payment.payments})
    if bill := around.bills.get(row.id):
        things[bill.id] = Thing(bill.id, INVOICE, bill.said, (of,))
    for line in around.lines[row.id]:
        things[line.id] = Thing(line.id, LINE, line.said, (of,))
    for _, document in around.documents[row.id]:
        things[document.id] = Thing(document.id, DOCUMENT, document.said, (of, *document.relations))
    events = _happenings(row, case_type, found, around, mask, numbers, things)
    case = Thing(key, CASE, {
        "case_type": row.type, "municipality": row.place, "amount": row.claimed_cents, "granted": row.sanctioned_cents,
        "result": row.result or "",
    }, (Relation(mask(CASE, row.parent_id), "follows from"),) if row.parent_id else ())  # fmt: skip
    return Story(
        key, row.type, row.place, row.claimed_cents, row.sanctioned_cents, row.received_at, row.closed_at,
        row.result or "", events, (case, *things.values()),
    )  # fmt: skip


def _happenings(row: Row[Any], case_type: CaseType, found: Sequence[Row[Any]], around: _Around, mask: Mask,
                numbers: Iterator[int], things: dict[str, Thing]) -> list[Happening]:  # fmt: skip
    """The steps of a case, each with the things it is about; who takes one is added to the things."""
    waiting = sorted(around.documents[row.id], key=lambda one: one[0])
    events: list[Happening] = []
    for event in found:
        party = party_of(case_type, event.action, event.from_state, event.channel, event.actor_id, row.initiator_id)
        role, about = str(party.name).lower(), [Relation(mask(CASE, row.id), "of case")]
        resource = role if event.actor_id is None else mask("person", event.actor_id)
        if event.actor_id is not None:
            who = mask(PERSON_ROLE, f"{event.actor_id}:{role}")
            things.setdefault(who, Thing(who, PERSON_ROLE, {"resource": resource, "role": role}))
            about.append(Relation(who, "done by"))
        if (how := _with_lines(case_type, event.action)) is not None:
            about += [Relation(line.id, how) for line in around.lines[row.id]]
        while waiting and waiting[0][0] <= event.at:
            about.append(Relation(waiting.pop(0)[1].id, "added"))
        if bill := around.bills.get(row.id):
            about.append(Relation(bill.id, "of invoice"))
        if party in PAYING and (payment := _paid_by(around.payments[row.id], event.at)):
            about.append(Relation(mask(PAYMENT, payment.id), "of payment"))
            about.append(Relation(mask(BATCH, payment.batch_id), "in batch"))
        events.append(
            Happening(
                next(numbers), event.action, event.from_state, event.to_state, event.enabled_at, event.started_at,
                event.at, role, resource, event.channel, tuple(about),
            )
        )  # fmt: skip
    return events


def party_of(case_type: CaseType, action: str, from_state: str, channel: str, actor_id: int | None,
             initiator_id: int) -> Party:  # fmt: skip
    """In what capacity a step was taken: what its declaration says, or of several the one that fits."""
    if actor_id is None:
        return BANK if channel == "bank_file" else SYSTEM
    who = CLERK if action in NOTES else case_type.action(action).who
    if len(who) == 1:
        return who
    if actor_id == initiator_id and INITIATOR in who:
        return INITIATOR
    waits_for = case_type.state(from_state).waits_for
    people = who & ~(SYSTEM | BANK | INITIATOR)
    return waits_for if waits_for in people else next(iter(people), INITIATOR)


def _with_lines(case_type: CaseType, action: str) -> str | None:
    """As what a step is about the lines of its case; None when it is about the case alone."""
    if action in NOTES:
        return None
    step = case_type.action(action)
    if step.takes_content:
        return "handed in"
    if step.binds:
        return "approved"
    return "checked" if action in case_type.bench else None


def _paid_by(payments: Sequence[Row[Any]], at: datetime) -> Row[Any] | None:
    """The payment that was on its way, or came or went, at a moment."""
    running = [
        one for one in payments
        if one.released_at <= at <= (one.returned_at or one.settled_at or at)
    ]  # fmt: skip
    return running[-1] if running else None
