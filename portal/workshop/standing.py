"""How a workshop stands at this moment: counts along the route, its three figures, the queues, and who sits where."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, union_all
from sqlalchemy import case as when
from sqlalchemy.orm import Session

from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.models.mail import OutboxMail
from portal.models.people import Person
from portal.workshop.tables import Card, EventWall, Message, Seat, Segment
from workflows.parties import Party

OFFLINE = timedelta(seconds=45)
"""So long on the wall without news from a participant's page, and the page is gone: closed, or without a network."""
STUCK = timedelta(seconds=120)
"""So long on the wall with work waiting and nothing done: a working day of the story at its usual pace."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many cases of a kind are in a state. `in_time` of those that ended; `since` of the one longest there."""

    kind: str
    state: str
    count: int
    closed: int
    in_time: int
    since: datetime
    received: datetime
    """When the first of them came in."""


TALLIES = (
    select(
        Case.type,
        Case.state,
        func.count(),
        func.count(Case.closed_at),
        func.sum(when(((Case.target_due.is_(None)) | (Case.closed_at <= Case.target_due), 1), else_=0)),
        func.min(Case.state_since),
        func.min(Case.received_at),
    )
    .where(Case.received_at.is_not(None), Case.number.is_not(None))
    .group_by(Case.type, Case.state)
    .order_by(Case.type, Case.state)
)


def tallies(session: Session) -> list[Tally]:
    """Every kind and state in which there are cases."""
    return [
        Tally(kind, state, count, closed, in_time if closed else 0, since, received)
        for kind, state, count, closed, in_time, since, received in session.execute(TALLIES)
    ]


@dataclass(frozen=True, slots=True)
class Figures:
    """The three figures on the projector."""

    done: int
    in_time: int
    oldest: datetime | None
    """Since when the oldest case that is open waits; None when nothing is open."""
    open: int


def figures(found: Iterable[Tally]) -> Figures:
    """Added up over all kinds."""
    rows = list(found)
    waiting = [row for row in rows if row.closed < row.count]
    return Figures(
        done=sum(row.closed for row in rows),
        in_time=sum(row.in_time for row in rows),
        oldest=min((row.received for row in waiting), default=None),
        open=sum(row.count - row.closed for row in rows),
    )


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits at one desk: how much, and the case that waits longest."""

    party: str
    count: int
    since: datetime
    number: str


def queues(session: Session) -> list[Queue]:
    """What waits for whom, the longest queue first."""
    place = func.row_number().over(partition_by=Case.waits_for, order_by=(Case.state_since, Case.id))
    size = func.count().over(partition_by=Case.waits_for)
    waiting = (
        select(Case.waits_for, size.label("size"), Case.state_since, Case.number, place.label("place"))
        .where(Case.closed_at.is_(None), Case.number.is_not(None), Case.received_at.is_not(None))
        .subquery()
    )
    rows = session.execute(
        select(waiting.c.waits_for, waiting.c.size, waiting.c.state_since, waiting.c.number)
        .where(waiting.c.place == 1)
        .order_by(waiting.c.size.desc(), waiting.c.waits_for)
    )
    return [Queue(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Placed:
    """A seat as the trainer sees it. `waiting` things wait for it, the oldest `since` (in the story)."""

    seat: Seat
    name: str
    waiting: int
    since: datetime | None
    acted: datetime | None
    """When on the wall its person last did something."""
    state: str
    """bot, offline, stuck, busy, idle or away."""
    still: datetime | None = None
    """Since when on the wall it is offline or stuck."""


def _waiting_for(session: Session) -> Mapping[int, tuple[int, datetime]]:
    """Open work by person: requests to decide, cases one holds or got back, and cards in hand."""
    is_open = (Case.closed_at.is_(None), Case.number.is_not(None))
    asked = select(Case.approver_id.label("who"), Case.state_since.label("since")).where(
        *is_open, Case.waits_for == Party.APPROVER.name, Case.approver_id.is_not(None)
    )
    held = select(Case.assignee_id, Case.state_since).where(
        *is_open, Case.waits_for == Party.CLERK.name, Case.assignee_id.is_not(None)
    )
    back = select(Case.initiator_id, Case.state_since).where(*is_open, Case.waits_for == Party.INITIATOR.name)
    cards = select(Seat.person_id, Card.dealt_at).join(Seat, Seat.id == Card.seat_id).where(Card.done_at.is_(None))
    every = union_all(asked, held, back, cards).subquery()
    rows = session.execute(select(every.c.who, func.count(), func.min(every.c.since)).group_by(every.c.who))
    return {who: (count, since) for who, count, since in rows}


def _acted(session: Session) -> Mapping[int, datetime]:
    rows = session.execute(
        select(CaseEvent.actor_id, func.max(EventWall.wall))
        .join(EventWall, EventWall.event_id == CaseEvent.id)
        .where(CaseEvent.actor_id.is_not(None))
        .group_by(CaseEvent.actor_id)
    )
    return {who: wall for who, wall in rows if who is not None}


def judged(seat: Seat, waiting: int, acted: datetime | None, at: datetime, wall: datetime,
           running_since: datetime | None) -> tuple[str, datetime | None]:  # fmt: skip
    """How it goes at a seat, and since when on the wall when that asks for somebody.

    Nobody is stuck while the story stands still: what counts begins when it last began to run.
    """
    if seat.away_until is not None and seat.away_until > at:
        return "away", None
    if seat.played_by != "person":
        return "bot" if seat.played_by == "bot" else ("busy" if waiting else "idle"), None
    seen = seat.seen or seat.joined
    if seen is None or wall - seen > OFFLINE:
        return "offline", seen
    if not waiting:
        return "idle", None
    last = max((one for one in (acted, seat.joined, running_since) if one is not None), default=None)
    if running_since is not None and last is not None and wall - last > STUCK:
        return "stuck", last
    return "busy", None


def placed(session: Session, at: datetime, wall: datetime, running_since: datetime | None) -> list[Placed]:
    """All seats in the order of the scenario. `running_since` is when the story last began to run; None: it stands."""
    waiting, acted = _waiting_for(session), _acted(session)
    rows = session.execute(
        select(Seat, Person.given_name, Person.family_name).join(Person, Person.id == Seat.person_id).order_by(Seat.id)
    )
    found = []
    for seat, given, family in rows:
        count, since = waiting.get(seat.person_id, (0, None))
        state, still = judged(seat, count, acted.get(seat.person_id), at, wall, running_since)
        found.append(Placed(seat, f"{given} {family}", count, since, acted.get(seat.person_id), state, still))
    return found


@dataclass(frozen=True, slots=True)
class News:
    """What a participant's page asks every few seconds: enough to see whether anything changed."""

    seat: int
    seen: datetime | None
    cards: int
    last_card: int
    mails: int
    message: int
    said: str
    played_by: str


def news_of(session: Session, person_id: int) -> News | None:
    """The news for whoever sits on this person's seat, in one statement; None for who sits on none."""
    mine = Card.seat_id == Seat.id
    cards = select(func.count()).where(mine, Card.done_at.is_(None)).correlate(Seat).scalar_subquery()
    last = select(func.max(Card.id)).where(mine).correlate(Seat).scalar_subquery()
    mails = select(func.count(OutboxMail.id)).where(OutboxMail.person_id == Seat.person_id).correlate(Seat)
    unread = (Message.seat_id == Seat.id) | Message.seat_id.is_(None)
    newest = select(func.max(Message.id)).where(unread).correlate(Seat).scalar_subquery()
    row = session.execute(
        select(Seat.id, Seat.seen, cards, last, mails.scalar_subquery(), Message.id, Message.text, Seat.played_by)
        .outerjoin(Message, Message.id == newest)
        .where(Seat.person_id == person_id)
    ).first()
    if row is None:
        return None
    return News(row[0], row[1], row[2], row[3] or 0, row[4], row[5] or 0, row[6] or "", row[7])


def running_since(session: Session) -> datetime | None:
    """Since when on the wall the story runs; None while it stands still or has not begun."""
    segments: Sequence[Segment] = session.scalars(select(Segment).order_by(Segment.id.desc()).limit(50)).all()
    since = None
    for segment in segments:
        if segment.paused:
            break
        since = segment.wall
    return since


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one person: to decide, what they hold, what came back, what nobody took yet, and what to pay."""

    asked: int = 0
    held: int = 0
    back: int = 0
    queue: int = 0
    pay: int = 0


Places = Collection[int] | None
"""The municipalities in which a role is held; None for all."""


def _in(places: Places) -> ColumnElement[bool]:
    return Case.municipality_id.is_not(None) if places is None else Case.municipality_id.in_(places)


def waiting_of(session: Session, person_id: int, clerk_in: Places = (), treasurer_in: Places = ()) -> Waiting:
    """In one statement. The queue is that of where they are a clerk, what is to be paid of where they are treasurer."""
    is_asked = (Case.waits_for == Party.APPROVER.name) & (Case.approver_id == person_id)
    of_clerk = Case.waits_for == Party.CLERK.name
    row = session.execute(
        select(
            func.count(when((is_asked, 1))),
            func.count(when((of_clerk & (Case.assignee_id == person_id), 1))),
            func.count(when(((Case.waits_for == Party.INITIATOR.name) & (Case.initiator_id == person_id), 1))),
            func.count(when((of_clerk & Case.assignee_id.is_(None) & _in(clerk_in), 1))),
            func.count(when(((Case.waits_for == Party.TREASURER.name) & _in(treasurer_in), 1))),
        ).where(Case.closed_at.is_(None), Case.number.is_not(None))
    ).one()
    return Waiting(*row)
