"""What the SSC did for each municipality in a quarter: cases that ended there, and contacts. Counted, and listed.

A case counts once, in the quarter in which it first ended by a decision or a payment, whatever comes after: so what
was counted once is found again. What was withdrawn does not count.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.clock import AMSTERDAM, local_date
from portal.models.cases import Case
from portal.models.contact import Contact
from portal.models.events import CaseEvent
from workflows import CASE_TYPES
from workflows.parties import GRANTED, REFUSED
from workflows.quarters import first_day, last_day
from workflows.services import CONTACT

PAGE = 100
EARLIER = aliased(CaseEvent)


def _ends(event: type[CaseEvent]) -> ColumnElement[bool]:
    """That this event ended its case, other than by withdrawing it."""
    ending = {
        case_type.key: [state.key for state in case_type.states if state.result in (GRANTED, REFUSED)]
        for case_type in CASE_TYPES.values()
    }
    return and_(
        event.from_state != event.to_state,
        or_(*(and_(Case.type == key, event.to_state.in_(states)) for key, states in ending.items())),
    )


def _ended() -> tuple[ColumnElement[bool], ...]:
    first = ~exists().where(EARLIER.case_id == CaseEvent.case_id, EARLIER.id < CaseEvent.id, _ends(EARLIER))
    return (CaseEvent.at >= bindparam("since"), CaseEvent.at < bindparam("until"), _ends(CaseEvent), first)


def span(quarter: str) -> dict[str, datetime]:
    """From which moment up to which a quarter runs in the Netherlands."""
    days = first_day(quarter), last_day(quarter) + timedelta(days=1)
    since, until = (datetime.combine(day, time(), AMSTERDAM).astimezone(UTC) for day in days)
    return {"since": since, "until": until}


def quantities(session: Session, quarter: str) -> dict[str, dict[int, int]]:
    """How many cases of each kind ended, and how many contacts there were: by kind and municipality."""
    found: dict[str, dict[int, int]] = {}
    cases = (
        select(Case.type, Case.municipality_id, func.count())
        .join(CaseEvent, CaseEvent.case_id == Case.id)
        .where(*_ended())
        .group_by(Case.type, Case.municipality_id)
    )
    for kind, place, count in session.execute(cases, span(quarter)):
        found.setdefault(kind, {})[place] = count
    contacts = (
        select(Contact.municipality_id, func.count())
        .where(Contact.at >= bindparam("since"), Contact.at < bindparam("until"), Contact.municipality_id.is_not(None))
        .group_by(Contact.municipality_id)
    )
    found[CONTACT] = {place: count for place, count in session.execute(contacts, span(quarter)) if place is not None}
    return found


@dataclass(frozen=True)
class Piece:
    """One of what was counted: its kind, when, and its number. A contact has none; nobody's name stands here."""

    kind: str
    at: datetime
    number: str
    channel: str = ""

    @property
    def day(self) -> str:
        """The day in the Netherlands."""
        return local_date(self.at).isoformat()

    @property
    def health(self) -> bool:
        """Whether it is of somebody who was ill: then its number and day are for the SSC alone (AVG art. 9)."""
        return self.kind in CASE_TYPES and CASE_TYPES[self.kind].absent is not None


@dataclass(frozen=True)
class Evidence:
    """What a line counts: a page of it, how many there are now, and with which key the next page begins."""

    pieces: list[Piece]
    count: int
    after: int | None


def evidence(
    session: Session,
    quarter: str,
    municipality_id: int,
    counted: Collection[str],
    after: int = 0,
    limit: int | None = PAGE,
) -> Evidence:
    """What was counted for a municipality, in the order in which it happened. `limit` None is all of it."""
    if CONTACT in counted:
        return _contacts(session, quarter, municipality_id, after, limit)
    these = (*_ended(), Case.municipality_id == municipality_id, Case.type.in_(counted))
    of = select(CaseEvent.id, Case.type, CaseEvent.at, Case.number).join(Case, CaseEvent.case_id == Case.id)
    query = of.where(*these, CaseEvent.id > after).order_by(CaseEvent.id).limit(limit + 1 if limit else None)
    rows = session.execute(query, span(quarter)).all()
    total = select(func.count()).select_from(CaseEvent).join(Case, CaseEvent.case_id == Case.id).where(*these)
    shown = rows[:limit] if limit else rows
    return Evidence(
        [Piece(kind, at, number or "") for _, kind, at, number in shown],
        session.scalars(total, span(quarter)).one(),
        shown[-1][0] if limit and len(rows) > limit else None,
    )


def _contacts(session: Session, quarter: str, municipality_id: int, after: int, limit: int | None) -> Evidence:
    these = (
        Contact.at >= bindparam("since"), Contact.at < bindparam("until"), Contact.municipality_id == municipality_id,
    )  # fmt: skip
    query = select(Contact.id, Contact.at, Contact.channel).where(*these, Contact.id > after).order_by(Contact.id)
    rows = session.execute(query.limit(limit + 1 if limit else None), span(quarter)).all()
    shown = rows[:limit] if limit else rows
    return Evidence(
        [Piece(CONTACT, at, "", channel) for _, at, channel in shown],
        session.scalars(select(func.count()).select_from(Contact).where(*these), span(quarter)).one(),
        shown[-1][0] if limit and len(rows) > limit else None,
    )
