"""Playing a story: what is done at each kind of timer, looking around after it, and playing it without anybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.access import Role
from portal.clock import local_date
from portal.models.cases import Case
from portal.models.people import Municipality
from portal.queries.cases import WHOLE
from portal.queries.people import national_calendar
from portal.workshop import bank, bots, cards, injects, pace, seats, waiting
from portal.workshop.bank import BANK
from portal.workshop.injects import RUN, SKIP_UNTIL
from portal.workshop.papers import posted
from portal.workshop.scenario import CLAIM
from portal.workshop.script import Script, script_of
from portal.workshop.tables import Card, Timer
from portal.workshop.ticking import Play, run_until
from portal.worlds import World
from seed.office import moment
from workflows.kernel import Refused

DEAL, INJECT, POST, END = "deal", "inject", "post", "end"
RUN_AT = 10.0
"""The hour of the payment run of a working day."""
POST_AT = 9.5
"""The hour at which the post of a day was scanned."""


def _deal(world: World, session: Session, timer: Timer) -> str:
    """A card falls."""
    script = script_of(world, session)
    dealt = script.cards.get(timer.about["card"])
    if dealt is None:
        return "no such card"
    card = injects.deal(world, session, script, dealt, timer.at)
    return f"card {card.id}"


def _inject(world: World, session: Session, timer: Timer) -> str:
    """Something befalls the story."""
    try:
        return injects.run(world, session, timer.about["inject"], timer.at)
    except Refused as refused:
        return f"waits: {', '.join(sorted(refused.codes))}"


def _post(world: World, session: Session, timer: Timer) -> str:
    """The receipts of a claim come in on paper."""
    script = script_of(world, session)
    case = session.scalars(select(Case).where(Case.id == timer.about["case"]).options(*WHOLE)).unique().one()
    if case.closed_at is not None:
        return "moved on"
    return f"{posted(world, session, case, script.cards[timer.about['card']], timer.at)} papers"


def _run(world: World, session: Session, timer: Timer) -> str:
    """A payment run: bots who are treasurers pay what can be paid; and there is a next one."""
    _next_run(session, timer.at, timer.about.get(SKIP_UNTIL, ""))
    if timer.about.get(SKIP_UNTIL, "") >= timer.at.isoformat():
        return "skipped"
    table = waiting.table_of(session, script_of(world, session), timer.at)
    able, places = table.bots(Role.TREASURER), waiting.payable(session)
    if not able or not places:
        return "nobody" if places else "nothing to pay"
    for place, municipality in enumerate(session.scalars(select(Municipality).where(Municipality.id.in_(places)))):
        for turn, seat in enumerate((able[place % len(able)], *able)):
            # Who may not release a payment leaves it to the next; one who is the only one does all.
            key = f"{waiting.PAY}:{municipality.id}:{local_date(timer.at)}:{seat.key}"
            if not waiting.known(session, [key]) and (turn == 0 or len(able) > 1):
                session.add(
                    Timer(
                        at=timer.at + timedelta(minutes=20 * turn), kind=bots.BOT, seat_id=seat.id, task=key,
                        about={"do": waiting.PAY, "person": seat.person_id, "phase": bots.BEGIN,
                               "place": municipality.id},
                    )
                )  # fmt: skip
                session.flush()
    return f"{len(places)} municipalities"


def _end(world: World, session: Session, _timer: Timer) -> str:
    """The last day is over: the story stands still, until the trainer lets it go on or begins the next round."""
    pace.end(session, world.wall.now())
    return "over"


def _next_run(session: Session, after: datetime, skip_until: str = "") -> None:
    """The next payment run after this moment."""
    day = local_date(after)
    if moment(day, RUN_AT) <= after:
        day += timedelta(days=1)
    office = national_calendar()
    while not office.is_working_day(day):
        day += timedelta(days=1)
    about = {SKIP_UNTIL: skip_until} if skip_until else {}
    session.add(Timer(at=moment(day, RUN_AT), kind=RUN, about=about))


TIMERS: Mapping[str, Callable[[World, Session, Timer], str]] = {
    DEAL: _deal,
    INJECT: _inject,
    POST: _post,
    RUN: _run,
    BANK: bank.answer,
    END: _end,
    bots.BOT: bots.act,
}
"""What is done when a timer of a kind is due; it tells what came of it."""


def look_around(world: World, session: Session, at: datetime) -> None:
    """See what there is to be done by whoever is not there, and plan it: bots, the bank, the post, payment runs."""
    script = script_of(world, session)
    cards.follow(session, script.kinds, at)
    _step_in(world, session, at)
    if session.scalars(select(Timer.id).where(Timer.kind == RUN, Timer.done.is_(False)).limit(1)).first() is None:
        _next_run(session, at)
    if script.round.by_post:
        _expect_post(session, script, at)
    bank.plan(world, session)
    bots.plan(world, session, at)
    session.flush()


def _step_in(world: World, session: Session, at: datetime) -> None:
    """Let bots play for those whose phone is not heard of, where that was agreed."""
    gone = seats.offline(seats.all_seats(session), world.wall.now())
    if gone and seats.bots_step_in(session):
        for seat in gone:
            seats.lend(session, seat, at, world.wall.now())


def _expect_post(session: Session, script: Script, at: datetime) -> None:
    """The receipts of what was handed in come by post, some working days later."""
    query = (
        select(Card.id, Card.key, Case.id.label("case"), Case.received_at)
        .join(Case, Case.id == Card.case_id)
        .where(Case.number.is_not(None), Case.closed_at.is_(None))
    )
    rows = [row for row in session.execute(query) if script.kinds.get(row.key) == CLAIM]
    known = waiting.known(session, [f"{POST}:{row.id}" for row in rows])
    for row in rows:
        if f"{POST}:{row.id}" not in known and script.cards[row.key].papers:
            day = national_calendar().add_working_days(local_date(row.received_at or at), script.round.post_days)
            about = {"card": row.key, "case": row.case}
            session.add(Timer(at=moment(day, POST_AT), kind=POST, about=about, task=f"{POST}:{row.id}"))


REST = timedelta(hours=3)
PLAY = Play(TIMERS, look_around)
"""What is played in every workshop."""


def play(world: World, until: datetime) -> Counter[str]:
    """Play on to this moment of the story as fast as it goes, with nobody there but bots. Tells what came of timers.

    The same timers and jobs as on a clock that runs; jobs that look every few minutes do so every few hours.
    """
    with world.db.session(writes=False) as session:
        before = _told(session)
    run_until(world, until, PLAY, rest=REST)
    with world.db.session(writes=False) as session:
        return _told(session) - before


def _told(session: Session) -> Counter[str]:
    rows = session.execute(
        select(Timer.kind, Timer.told, func.count()).where(Timer.done).group_by(Timer.kind, Timer.told)
    )
    return Counter({f"{kind}: {told}": count for kind, told, count in rows})
