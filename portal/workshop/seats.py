"""Seats: who plays whom. Participants join by a nickname alone, come back with a personal code, and change places.

A seat is a person of the story. Whoever plays it is signed in as that person with an ordinary SignIn row, so that the
whole portal is as it is for everybody. Half-typed forms stand with the case in the database, so they stay on the seat.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta

from pwdlib import PasswordHash
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, joinedload

from portal.commands import sign_in as signing
from portal.models.people import Account, SignIn
from portal.workshop.tables import Diary, PinTry, Seat, Timer
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

BOT, PERSON, TRAINER = "bot", "person", "trainer"
SHORTEST, LONGEST = 2, 24
WINDOW = timedelta(minutes=5)
MOST_TRIES, MOST_IN_ALL = 5, 60
"""Wrong codes within WINDOW, for one nickname and for the whole workshop, after which one waits."""
OFFLINE = timedelta(minutes=3)
"""After so long without a sign of life of somebody's phone, their seat is offered to the trainer, or to a bot."""
SWITCH = "bots_step_in"
BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters of which one sees nothing."""
LOOKS_LIKE = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0432\u043a\u043c\u043d\u0442\u03b1\u03bf\u03c1\u03bd\u03b9\u03ba",
    "aeopcyxijsbkmhtaopvik",
)
"""Letters of other alphabets that look like Latin ones: whoever reads the desk must not take one for another."""

NICKNAME_LENGTH = Refusal("nickname_length", N_("Choose a name of 2 to 24 characters."))
NICKNAME_TAKEN = Refusal(
    "nickname_taken",
    N_("Somebody in this workshop has this name already. Choose another, or come back with your code."),
)
WORKSHOP_FULL = Refusal("workshop_full", N_("All places are taken. Ask the trainer for a place."))
PIN_WRONG = Refusal("pin_wrong", N_("This name and this code do not belong together."))
PIN_WAIT = Refusal("pin_wait", N_("Too many attempts. Wait five minutes, or ask the trainer."))
NOBODY_THERE = Refusal("seat_nobody", N_("Nobody joined on this seat, so it cannot be handed to its player."))
SAME_SEAT = Refusal("seat_same", N_("Choose another seat to hand over to."))

_hasher = PasswordHash.recommended()


def _named(nickname: str) -> str:
    name = _plain(nickname)
    if not SHORTEST <= len(name) <= LONGEST:
        raise Refused(NICKNAME_LENGTH)
    return name


def _plain(nickname: str) -> str:
    """A name as it is kept: without what nobody sees, and each letter written in the one way there is for it."""
    shown = (" " if one in BLANK else one for one in unicodedata.normalize("NFKC", nickname) if one.isprintable())
    return " ".join("".join(shown).split())


def _alike(name: str) -> str:
    """The same for names that are the same to who reads them."""
    return unicodedata.normalize("NFKC", name).casefold().translate(LOOKS_LIKE)


def all_seats(session: Session) -> Sequence[Seat]:
    """Every seat, in the order in which the scenario wants them filled."""
    return session.scalars(select(Seat).order_by(Seat.id)).all()


def seat_of(session: Session, person_id: int) -> Seat | None:
    """The seat of this person of the story."""
    return session.scalars(select(Seat).where(Seat.person_id == person_id)).first()


def _with_name(seats: Sequence[Seat], name: str) -> Seat | None:
    return next((seat for seat in seats if _alike(seat.nickname) == _alike(name)), None)


def join(session: Session, nickname: str, wall: datetime) -> tuple[Seat, str]:
    """Give somebody the first free seat, in the filling order of the scenario; tells their code, this once.

    Joining late is joining: a bot played the seat until now, and leaves what it was at.
    """
    name, pin = _named(nickname), f"{secrets.randbelow(10_000):04d}"
    hashed = _hasher.hash(pin)  # slow on purpose, so before others have to wait for this session to be done writing
    seats = all_seats(session)
    if _with_name(seats, name):
        raise Refused(NICKNAME_TAKEN)
    seat = next((one for one in seats if not one.nickname and one.played_by == BOT), None)
    if seat is None:
        raise Refused(WORKSHOP_FULL)
    seat.nickname, seat.pin, seat.joined, seat.seen = name, hashed, wall, wall
    _played(session, seat, PERSON)
    return seat, pin


def come_back(session: Session, nickname: str, pin: str, wall: datetime) -> Seat:
    """The seat of this nickname and code, on whatever phone; a phone that had it is signed out.

    A wrong code is counted: whoever calls this keeps the transaction also when it is refused.
    """
    name = _plain(nickname)[:LONGEST]
    key = _alike(name)
    session.execute(delete(PinTry).where(PinTry.wall <= wall - WINDOW))
    tries = select(func.count()).select_from(PinTry)
    of_name = session.scalar(tries.where(PinTry.nickname == key)) or 0
    if of_name >= MOST_TRIES or (session.scalar(tries) or 0) >= MOST_IN_ALL:
        raise Refused(PIN_WAIT)
    seat = _with_name(all_seats(session), name) if name else None
    typed = "".join(pin.split())[:LONGEST]
    if seat is None or not _hasher.verify(typed, seat.pin):
        session.add(PinTry(nickname=key, wall=wall))
        raise Refused(PIN_WRONG)
    session.execute(delete(PinTry).where(PinTry.nickname == key))
    signing.sign_out_everywhere(session, account_of(session, seat).id)
    seat.seen = wall
    _played(session, seat, PERSON)
    return seat


def new_pin(session: Session, seat: Seat) -> str:
    """Another code for whoever lost theirs; the trainer gives it."""
    if not seat.nickname:
        raise Refused(NOBODY_THERE)
    pin = f"{secrets.randbelow(10_000):04d}"
    seat.pin = _hasher.hash(pin)
    session.execute(delete(PinTry).where(PinTry.nickname == _alike(seat.nickname)))
    return pin


def account_of(session: Session, seat: Seat) -> Account:
    """The account of the person of a seat."""
    return session.scalars(
        select(Account).where(Account.person_id == seat.person_id).options(joinedload(Account.person))
    ).one()


def sign_in(session: Session, seat: Seat, at: datetime) -> SignIn:
    """Begin a session as the person of this seat."""
    return signing.begin(session, account_of(session, seat), at)


def seen(session: Session, seat: Seat, wall: datetime) -> None:
    """The phone of its player gave a sign of life: what was lent to a bot meanwhile is theirs again."""
    seat.seen = wall
    if seat.lent:
        _played(session, seat, PERSON)


def offline(seats: Sequence[Seat], wall: datetime) -> list[Seat]:
    """The seats whose player's phone was not heard of for some minutes."""
    return [one for one in seats if one.played_by == PERSON and (one.seen is None or wall - one.seen >= OFFLINE)]


def bots_step_in(session: Session) -> bool:
    """Whether bots take over by themselves where a phone is not heard of; they do until the trainer says otherwise."""
    last = select(Diary).where(Diary.kind == SWITCH).order_by(Diary.id.desc()).limit(1)
    found = session.scalars(last).first()
    return found is None or bool(found.data.get("on"))


def let_bots_step_in(session: Session, on: bool, at: datetime, wall: datetime) -> None:
    """Let bots take over by themselves where a phone is not heard of, or no longer."""
    if bots_step_in(session) is not on:
        session.add(Diary(wall=wall, at=at, kind=SWITCH, data={"on": on}))


def lend(session: Session, seat: Seat, at: datetime, wall: datetime) -> None:
    """Let a bot play a seat until the phone of its player is heard of again."""
    _played(session, seat, BOT)
    seat.lent = True
    session.add(Diary(wall=wall, at=at, kind="bot_stepped_in", seat_id=seat.id))


def take_over(session: Session, seat: Seat, by: str, at: datetime, wall: datetime) -> None:
    """Let the trainer or a bot play a seat from now on, also in the middle of a task."""
    if by not in (BOT, TRAINER):
        raise ValueError("only the trainer or a bot takes over")
    before = seat.played_by
    _played(session, seat, by)
    session.add(Diary(wall=wall, at=at, kind="took_over", seat_id=seat.id, data={"from": before, "by": by}))


def hand_back(session: Session, seat: Seat, at: datetime, wall: datetime) -> None:
    """Give a seat back to whoever joined on it; to a bot where nobody did."""
    by = PERSON if seat.nickname else BOT
    before = seat.played_by
    _played(session, seat, by)
    seat.seen = wall if seat.nickname else seat.seen
    session.add(Diary(wall=wall, at=at, kind="handed_back", seat_id=seat.id, data={"from": before, "by": by}))


def hand_over(session: Session, seat: Seat, other: Seat, at: datetime, wall: datetime) -> None:
    """Let whoever joined on a seat play another one; who plays that goes to theirs, or a bot does.

    Their phones go along by themselves: a session of one account becomes a session of the other. What was half typed
    stays with the seat, as it is the work of its person.
    """
    if seat.id == other.id:
        raise Refused(SAME_SEAT)
    if not seat.nickname:
        raise Refused(NOBODY_THERE)
    _swap_sign_ins(session, account_of(session, seat).id, account_of(session, other).id)
    mine, theirs = _player(seat), _player(other)
    for one, (nickname, pin, joined, last_seen) in ((other, mine), (seat, theirs)):
        one.nickname, one.pin, one.joined, one.seen = nickname, pin, joined, last_seen
        _played(session, one, PERSON if nickname else BOT)
    session.add(Diary(wall=wall, at=at, kind="handed_over", seat_id=seat.id, data={"to": other.key}))


def _player(seat: Seat) -> tuple[str, str, datetime | None, datetime | None]:
    return seat.nickname, seat.pin, seat.joined, seat.seen


def _swap_sign_ins(session: Session, one: int, other: int) -> None:
    mine = session.scalars(select(SignIn.id).where(SignIn.account_id == one)).all()
    theirs = session.scalars(select(SignIn.id).where(SignIn.account_id == other)).all()
    for ids, account in ((mine, other), (theirs, one)):
        session.execute(update(SignIn).where(SignIn.id.in_(ids)).values(account_id=account))


def leave(session: Session, seat: Seat, at: datetime, wall: datetime) -> None:
    """Somebody goes home: the seat is free, a bot goes on with what they were at."""
    if not seat.nickname:
        raise Refused(NOBODY_THERE)
    signing.sign_out_everywhere(session, account_of(session, seat).id)
    seat.nickname = seat.pin = ""
    seat.joined = seat.seen = None
    _played(session, seat, BOT)
    session.add(Diary(wall=wall, at=at, kind="left", seat_id=seat.id))


def _played(session: Session, seat: Seat, by: str) -> None:
    """Who plays it from now on. What a bot had planned lapses: whoever plays now sees to it, by the same screens."""
    seat.lent = False
    if seat.played_by == by:
        return
    if seat.played_by == BOT:
        planned = update(Timer).where(Timer.seat_id == seat.id, Timer.kind == BOT, Timer.done.is_(False))
        session.execute(planned.values(done=True, task="", told="taken over"))
    seat.played_by = by
