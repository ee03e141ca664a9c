"""What befalls a story, at its moment or by the trainer's button. Each stands in the diary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.queries.people import national_calendar
from portal.workshop import cards
from portal.workshop.papers import arriving
from portal.workshop.scenario import CLOSES, GHOST, ILL, INVOICE, MESSAGE, RUSH, SKIPPED, InjectPlan
from portal.workshop.scenario import Card as Dealt
from portal.workshop.script import Script, script_of
from portal.workshop.tables import Card, Diary, Message, Seat, Timer
from portal.worlds import World
from seed.office import moment
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

RUN = "run"
"""The kind of timer at which payments are released."""
SKIP_UNTIL = "skip_until"
UNKNOWN = Refusal("inject_unknown", N_("This scenario has no such inject."))


def run(world: World, session: Session, key: str, at: datetime) -> str:
    """Let it happen now. Refused where the scenario knows none of this key."""
    script = script_of(world, session)
    try:
        plan = script.scenario.inject(key)
    except KeyError:
        raise Refused(UNKNOWN) from None
    said = HAPPENS[plan.kind](world, session, script, plan, at)
    seat = _seat(session, plan)
    wall = world.wall.now()
    if plan.text:
        session.add(Message(seat_id=seat.id if seat and plan.kind == MESSAGE else None, text=plan.text.nl,
                            wall=wall, at=at))  # fmt: skip
    session.add(
        Diary(
            wall=wall, at=at, kind="inject", seat_id=seat.id if seat else None,
            data={"inject": key, "kind": plan.kind, "said": said},
        )
    )  # fmt: skip
    return said


def _seat(session: Session, plan: InjectPlan) -> Seat | None:
    return session.scalars(select(Seat).where(Seat.key == plan.seat)).first() if plan.seat else None


def _until(plan: InjectPlan, at: datetime) -> datetime:
    """The end of the last of so many working days, from today on."""
    office = national_calendar()
    today = local_date(at)
    first = today if office.is_working_day(today) else office.add_working_days(today, 1)
    return moment(office.add_working_days(first, max(plan.days, 1) - 1), CLOSES)


def _ill(_: World, session: Session, __: Script, plan: InjectPlan, at: datetime) -> str:
    """Somebody is ill: nobody plays their seat, and what is on it waits or is taken over."""
    seat = _seat(session, plan)
    if seat is None:
        return "no seat"
    seat.away_until = _until(plan, at)
    return f"{seat.key} until {seat.away_until:%Y-%m-%d}"


def _cards(world: World, session: Session, script: Script, plan: InjectPlan, at: datetime) -> str:
    """More cards than usual, or an invoice of somebody whom nobody knows."""
    plans = set(plan.cards)
    fell = [deal(world, session, script, one, at) for one in script.cards.values() if one.plan in plans]
    return f"{len(fell)} cards"


def deal(world: World, session: Session, script: Script, dealt: Dealt, at: datetime) -> Card:
    """Let a card fall: on its seat, or on another of the same role while its seat is ill. What comes in by itself does.

    What a card tells of falls once, whoever deals it.
    """
    seat = session.scalars(select(Seat).where(Seat.key == dealt.seat)).one()
    away = seat.away_until is not None and seat.away_until > at
    card = cards.deal(session, dealt.key, at, seat="" if away else dealt.seat, role=seat.role)
    if dealt.kind == INVOICE and dealt.bill is not None and dealt.bill.electronic and card.done_at is None:
        card.case_id = arriving(world, session, script.scenario, dealt.bill, at)
        cards.done(card, at)
    return card


def _skipped(_: World, session: Session, __: Script, plan: InjectPlan, at: datetime) -> str:
    """No payments are made: the runs of these days are passed over."""
    until = _until(plan, at)
    for timer in session.scalars(select(Timer).where(Timer.kind == RUN, Timer.done.is_(False))):
        timer.about = {**timer.about, SKIP_UNTIL: until.isoformat()}
    return f"until {until:%Y-%m-%d}"


def _nothing(*_: object) -> str:
    return "said"


HAPPENS: Mapping[str, Callable[[World, Session, Script, InjectPlan, datetime], str]] = {
    ILL: _ill, RUSH: _cards, GHOST: _cards, SKIPPED: _skipped, MESSAGE: _nothing,
}  # fmt: skip
