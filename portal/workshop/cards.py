"""Cards: life-like cases that fall to a seat at their moment in the story, and what came of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.clock import local_date
from portal.commands import cases, registering
from portal.commands.documents import add_document
from portal.interfaces.files import FileStore, Intake, take_in
from portal.models.cases import Case
from portal.models.contact import Contact
from portal.queries.known_by import municipality_of
from portal.queries.people import employers_of, employments_of
from portal.workshop.papers import files_of
from portal.workshop.scenario import CARD_KINDS, CLAIM, INVOICE, QUESTION
from portal.workshop.scenario import Card as Dealt
from portal.workshop.script import Script
from portal.workshop.seats import PERSON
from portal.workshop.tables import Card, Seat
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

NO_SEAT = Refusal("card_no_seat", N_("No seat has the role that this card is for."))
NOT_AT_WORK = Refusal("card_not_at_work", N_("The person of this seat works for nobody."))


def deal(session: Session, key: str, at: datetime, *, role: str = "", seat: str = "") -> Card:
    """Let a card fall: on the seat it is meant for, else on the one of its role that got the fewest.

    Whoever is there goes before who is ill; where several got as few, people go before bots. A card falls once.
    """
    found = session.scalars(select(Card).where(Card.key == key)).first()
    if found is not None:
        return found
    wanted = Seat.key == seat if seat else Seat.role == role
    counted = select(func.count()).select_from(Card).where(Card.seat_id == Seat.id).scalar_subquery()
    able = session.execute(select(Seat, counted).where(wanted)).all()
    if not able:
        raise Refused(NO_SEAT)
    falls_to: Seat = min(able, key=lambda one: (_away(one[0], at), one[1], one[0].played_by != PERSON, one[0].id))[0]
    card = Card(key=key, seat_id=falls_to.id, dealt_at=at)
    session.add(card)
    session.flush()
    return card


def _away(seat: Seat, at: datetime) -> bool:
    return seat.away_until is not None and seat.away_until > at


def of_seat(session: Session, seat: Seat) -> Sequence[Card]:
    """The cards of a seat, the newest first."""
    return session.scalars(select(Card).where(Card.seat_id == seat.id).order_by(Card.id.desc())).all()


def begin(
    session: Session, files: FileStore, card: Card, dealt: Dealt, viewer: Viewer, at: datetime, script: Script
) -> Case:
    """Begin the case that a card tells of, with its papers as if they were just photographed; where receipts come by
    post, without. Begun before, it is the same one. What is typed in it is for whoever plays: it has a line for each
    paper and nothing more."""
    if card.case_id is not None:
        return session.get_one(Case, card.case_id)
    case = _started(session, card, dealt, viewer, at)
    session.flush()
    card.case_id = case.id
    by_post = script.round.by_post and dealt.kind == CLAIM
    for line, name, content in () if by_post else files_of(script.scenario, dealt):
        kind = "invoice" if dealt.kind == INVOICE else "receipt"
        add_document(
            session, files, case, taken_in(content, name), line_key=line, by=viewer.person_id, at=at, kind=kind
        )
    keys = {name: value for name, value in dealt.fields.items() if name.endswith("-key")}
    came_in = {name: dealt.fields[name] for name in ("received_on", "proof") if name in dealt.fields}
    cases.save_draft(session, case, {**(case.draft or {}), **keys, **came_in}, at)
    return case


@lru_cache(maxsize=512)
def taken_in(content: bytes, name: str) -> Intake:
    """A file as it is kept: cleaned, with its picture. The same file again takes no time."""
    return take_in(content, name)


def _started(session: Session, card: Card, dealt: Dealt, viewer: Viewer, at: datetime) -> Case:
    key = f"card-{card.id}"
    if dealt.bill is not None:
        found = municipality_of(session, dealt.bill.municipality)
        if found is None:
            raise Refused(NOT_AT_WORK)
        return registering.start_for(session, viewer, CARD_KINDS[dealt.kind], found, key, at)
    employers = employers_of(employments_of(session, viewer.person_id), local_date(at))
    if not employers:
        raise Refused(NOT_AT_WORK)
    return cases.start(session, CARD_KINDS[dealt.kind], employers[0], key, at)


def done(card: Card, at: datetime, *, contact: Contact | None = None) -> None:
    """What the card asks for was done."""
    card.done_at = card.done_at or at
    if contact is not None:
        card.contact_id = contact.id


def undone(card: Card) -> None:
    """It was not done after all."""
    card.done_at = None


def follow(session: Session, kinds: Mapping[str, str], at: datetime) -> int:
    """Tie what people began by themselves to their cards, and mark as done what was handed in or put down.

    `kinds` is the kind of each card. Of somebody's cards of one kind the oldest gets the case begun first. Three
    queries, whatever the number of cards; one where all are done.
    """
    waiting = session.execute(
        select(Card, Seat.person_id, Case.number, Case.received_at)
        .join(Seat, Seat.id == Card.seat_id)
        .outerjoin(Case, Case.id == Card.case_id)
        .where(Card.done_at.is_(None))
        .order_by(Card.id)
    ).all()
    count = 0
    for card, _, number, received_at in waiting:
        if number is not None:
            done(card, received_at or at)
            count += 1
    rest = [(row[0], row[1]) for row in waiting if row[0].case_id is None and row[0].contact_id is None]
    return count + (_tie(session, rest, kinds) if rest else 0)


def _tie(session: Session, rest: Sequence[tuple[Card, int]], kinds: Mapping[str, str]) -> int:
    """Find a case or a contact for each card without one."""
    people, since = {person for _, person in rest}, min(card.dealt_at for card, _ in rest)
    begun, asked = _begun(session, people, since), _asked(session, people, since)
    count = 0
    for card, person in rest:
        kind = kinds.get(card.key, "")
        among = asked if kind == QUESTION else begun.get(CARD_KINDS.get(kind, ""), [])
        found = next((one for one in among if one.at >= card.dealt_at and person in one.people), None)
        if found is None:
            continue
        among.remove(found)
        count += 1
        if kind == QUESTION:
            card.contact_id, card.done_at = found.id, found.at
        else:
            card.case_id, card.done_at = found.id, found.done_at
    return count


@dataclass(frozen=True)
class _Found:
    """What somebody began: `people` is whoever had a hand in it."""

    id: int
    at: datetime
    people: tuple[int | None, ...]
    done_at: datetime | None = None


def _begun(session: Session, people: set[int], since: datetime) -> dict[str, list[_Found]]:
    """The cases begun by these people that belong to no card yet, by kind."""
    rows = session.execute(
        select(
            Case.type, Case.id, Case.created_at, Case.initiator_id, Case.preparer_id, Case.assignee_id, Case.number,
            Case.received_at,
        )
        .where(
            Case.created_at >= since, Case.parent_id.is_(None),
            Case.id.not_in(select(Card.case_id).where(Card.case_id.is_not(None))),
            or_(Case.initiator_id.in_(people), Case.preparer_id.in_(people), Case.assignee_id.in_(people)),
        )
        .order_by(Case.id)
    )  # fmt: skip
    found: dict[str, list[_Found]] = {}
    for row in rows:
        hands = (row.initiator_id, row.preparer_id, row.assignee_id)
        one = _Found(row.id, row.created_at, hands, row.received_at if row.number else None)
        found.setdefault(row.type, []).append(one)
    return found


def _asked(session: Session, people: set[int], since: datetime) -> list[_Found]:
    """The contacts of these people, and those that they put down, that belong to no card yet."""
    rows = session.execute(
        select(Contact.id, Contact.at, Contact.person_id, Contact.clerk_id)
        .where(
            Contact.at >= since, Contact.id.not_in(select(Card.contact_id).where(Card.contact_id.is_not(None))),
            or_(Contact.person_id.in_(people), Contact.clerk_id.in_(people)),
        )
        .order_by(Contact.id)
    )  # fmt: skip
    return [_Found(row.id, row.at, (row.person_id, row.clerk_id)) for row in rows]
