"""What waits for those whom bots play: read from the same places as people read it, for all of them at once.

A bot plays each empty seat, and everybody in the story who has no seat. The number of statements does not grow with
the number of seats.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portal.access import Role
from portal.models.cases import Case
from portal.models.contact import ContactQuestion
from portal.models.invoices import InvoiceFile
from portal.models.payments import BankEntry, Payable
from portal.models.post import ScanPart
from portal.queries.cases import actions_that
from portal.workshop.script import Script
from portal.workshop.seats import BOT, all_seats
from portal.workshop.tables import Card, Seat, Timer
from workflows import CASE_TYPES
from workflows.parties import Party

CARD, FILL, DECIDE, WORK, NEXT, RELIEVE = "card", "fill", "decide", "work", "next", "relieve"
ANSWER, ENTRY, PART, FILE, PAY = "answer", "entry", "part", "file", "pay"
"""What a bot does: see to a card, fill in and hand in, decide, work on a case it has, take the next one, take over from
a colleague who is ill, answer a question, see to a bank entry, a scan or a file, and pay."""
PATIENCE = 4.0
"""Office hours that a bot lets a case stand still that waits for something outside."""


@dataclass(frozen=True)
class Task:
    """Something that waits for somebody whom a bot plays. `key` changes when what it is about does."""

    key: str
    do: str
    person_id: int
    since: datetime
    about: Mapping[str, Any] = field(default_factory=dict)
    patience: float = 0.0
    """Office hours that it is left alone at the least."""


@dataclass
class Table:
    """Who sits where: whom bots play, and who of them is there."""

    seats: Sequence[Seat]
    script: Script
    at: datetime
    by_person: dict[int, Seat] = field(init=False)

    def __post_init__(self) -> None:
        self.by_person = {seat.person_id: seat for seat in self.seats}

    def away(self, person_id: int) -> bool:
        """Whether somebody is ill or away."""
        seat = self.by_person.get(person_id)
        return seat is not None and seat.away_until is not None and seat.away_until > self.at

    def by_bot(self, person_id: int) -> bool:
        """Whether a bot plays somebody, and they are there."""
        seat = self.by_person.get(person_id)
        return seat is None or (seat.played_by == BOT and not self.away(person_id))

    def holding(self, role: Role) -> list[Seat]:
        """The seats with a role of the portal, whoever plays them, that are there."""
        roles = self.script.scenario.roles
        return [
            seat for seat in self.seats
            if not self.away(seat.person_id)
            and any(role.value in roles[key].grants for key in self.script.roles(seat.key))
        ]  # fmt: skip

    def bots(self, role: Role) -> list[Seat]:
        """Those of them that bots play."""
        return [seat for seat in self.holding(role) if seat.played_by == BOT]


COLUMNS = (
    Case.id, Case.type, Case.state, Case.version, Case.waits_for, Case.initiator_id, Case.preparer_id, Case.approver_id,
    Case.assignee_id, Case.assigned_at, Case.state_since, Case.number, Case.suspended_since, Case.act_by,
)  # fmt: skip
OPEN = (
    select(*COLUMNS)
    .where(
        Case.closed_at.is_(None),
        Case.waits_for.in_([party.name for party in (Party.INITIATOR, Party.APPROVER, Party.CLERK)]),
        or_(Case.number.is_not(None), Case.id.in_(select(Card.case_id).where(Card.case_id.is_not(None)))),
    )
    .order_by(Case.act_by, Case.id)
)
QUESTIONS = (
    select(ContactQuestion.id, ContactQuestion.state, ContactQuestion.attempts, ContactQuestion.due)
    .where(ContactQuestion.due.is_not(None))
    .order_by(ContactQuestion.due, ContactQuestion.id)
)
CARDS = (
    select(Card.id, Card.key, Card.dealt_at, Seat.person_id)
    .join(Seat, Seat.id == Card.seat_id)
    .where(Card.done_at.is_(None), Card.case_id.is_(None), Card.contact_id.is_(None))
    .order_by(Card.id)
)
LOOSE = {
    ENTRY: select(BankEntry.id).where(BankEntry.resolved_at.is_(None)).order_by(BankEntry.id),
    PART: select(ScanPart.id).where(ScanPart.settled_at.is_(None)).order_by(ScanPart.id),
    FILE: select(InvoiceFile.id)
    .where(InvoiceFile.settled_at.is_(None), InvoiceFile.why != "")
    .order_by(InvoiceFile.id),
}
"""What came in and has no place: of a treasurer, and of clerks."""


def tasks(session: Session, table: Table) -> list[Task]:
    """Everything that waits for those whom bots play, but for what lies free in the queue."""
    found = list(_cards(session, table))
    found += _cases(session, table)
    found += _desk(session, table)
    return found


def _cards(session: Session, table: Table) -> Iterator[Task]:
    for card_id, key, dealt_at, person_id in session.execute(CARDS):
        if table.by_bot(person_id):
            yield Task(f"card:{card_id}", CARD, person_id, dealt_at, {"card": card_id, "key": key})


def _cases(session: Session, table: Table) -> Iterator[Task]:
    clerks = table.bots(Role.CLERK)
    for row in session.execute(OPEN):
        person = _whose(row)
        if person is not None and table.by_bot(person):
            do = _what(row)
            patience = PATIENCE if row.suspended_since and do == WORK else 0.0
            yield Task(f"{do}:{row.id}:{row.version}:{person}", do, person, _since(row), {"case": row.id}, patience)
        elif person is not None and row.waits_for == Party.CLERK.name and table.away(person) and clerks:
            able = [seat for seat in clerks if seat.person_id not in (row.initiator_id, row.preparer_id)]
            if able:
                helper = able[row.id % len(able)].person_id
                yield Task(f"{RELIEVE}:{row.id}:{row.version}:{person}", RELIEVE, helper, table.at, {"case": row.id})


def _whose(row: Any) -> int | None:
    """For whom a case waits; nobody in particular when it lies in the queue."""
    if row.waits_for == Party.APPROVER.name:
        found: int | None = row.approver_id
    elif row.waits_for == Party.CLERK.name:
        found = row.assignee_id
    elif row.preparer_id is not None and row.number is None:
        found = row.preparer_id
    else:
        found = row.initiator_id
    return found


def _what(row: Any) -> str:
    if row.state in CASE_TYPES[row.type].filling_in.at and (
        row.number is None or row.waits_for == Party.INITIATOR.name
    ):
        return FILL
    return WORK if row.waits_for == Party.CLERK.name else DECIDE


def _since(row: Any) -> datetime:
    since: datetime = max(row.state_since, row.assigned_at) if row.assigned_at else row.state_since
    return since


def _desk(session: Session, table: Table) -> Iterator[Task]:
    """What waits for any clerk or any treasurer goes to one of theirs, in turn."""
    clerks, treasurers = table.bots(Role.CLERK), table.bots(Role.TREASURER)
    if clerks:
        for place, row in enumerate(session.execute(QUESTIONS)):
            whose = clerks[(row.id + place) % len(clerks)].person_id
            key = f"{ANSWER}:{row.id}:{row.state}:{row.attempts}"
            yield Task(key, ANSWER, whose, table.at, {"question": row.id})
    for do, query in LOOSE.items():
        able = treasurers if do == ENTRY else clerks
        if able:
            for (number,) in session.execute(query.limit(20)):
                yield Task(f"{do}:{number}", do, able[number % len(able)].person_id, table.at, {"id": number})


@dataclass(frozen=True)
class Free:
    """A case that lies free in the queue."""

    id: int
    version: int
    since: datetime
    makers: frozenset[int | None]
    """Who made it or signed it, so that somebody else must take it."""


def free(session: Session) -> list[Free]:
    """What clerks can take, the most urgent first."""
    query = select(Case.id, Case.version, Case.state_since, Case.initiator_id, Case.preparer_id, Case.trail).where(
        Case.closed_at.is_(None), Case.waits_for == Party.CLERK.name, Case.assignee_id.is_(None),
        Case.received_at.is_not(None), Case.suspended_since.is_(None),
    )  # fmt: skip
    signs = actions_that(lambda action: action.binds or action.who is Party.REOPENER)
    found = []
    for row in session.execute(query.order_by(Case.act_by, Case.id)):
        signed = {person for key, *persons in row.trail if key in signs for person in persons}
        found.append(
            Free(row.id, row.version, row.state_since, frozenset((row.initiator_id, row.preparer_id, *signed)))
        )
    return found


def payable(session: Session) -> Sequence[int]:
    """The municipalities that have something to pay."""
    query = select(Payable.municipality_id, func.count()).where(Payable.closed_at.is_(None))
    return [
        row[0] for row in session.execute(query.group_by(Payable.municipality_id).order_by(Payable.municipality_id))
    ]


def known(session: Session, keys: Sequence[str]) -> set[str]:
    """Which of these tasks were planned already."""
    return set(session.scalars(select(Timer.task).where(Timer.task.in_(keys)))) if keys else set()


def table_of(session: Session, script: Script, at: datetime) -> Table:
    """Who sits where now."""
    return Table(all_seats(session), script, at)
