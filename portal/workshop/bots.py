"""Bots: they see what waits for whom they play, plan when they come to it, and do it by the portal's own commands.

Whatever waits gets a timer at which it is noticed. Then the bot is at it, one thing at a time, and a second timer is
for when it is done. Who plays a seat instead finds the work where it is: nothing of it is kept here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from portal.access import Role
from portal.clock import local_date
from portal.queries.people import national_calendar
from portal.workshop import deeds, errands, filing, waiting
from portal.workshop.bot import USUAL, Bot
from portal.workshop.script import Script, script_of
from portal.workshop.tables import Seat, Timer
from portal.workshop.waiting import Table, Task
from portal.worlds import World
from seed.office import later
from workflows.kernel import Refused

BOT = "bot"
BEGIN, END = "begin", "end"
AGAIN, MOST_TRIES = 3.0, 4
"""Office hours after which a bot tries again what was refused, and how often."""
BREATH = 0.4
"""Office hours at most between one case and the next, where more are lying."""
RESTED = timedelta(minutes=6)
"""How long a bot takes to be there again after it was away."""

DEEDS: Mapping[str, Callable[[Bot], str]] = {
    waiting.CARD: filing.ask,
    waiting.FILL: filing.fill,
    waiting.DECIDE: deeds.decide,
    waiting.WORK: deeds.work,
    waiting.RELIEVE: deeds.relieve,
    waiting.ANSWER: errands.answer,
    waiting.ENTRY: errands.entry,
    waiting.PART: errands.part,
    waiting.FILE: errands.file,
    waiting.PAY: errands.pay,
}


def plan(world: World, session: Session, at: datetime) -> int:
    """Plan what bots come to, of everything that waits and was not planned yet. Returns how much."""
    script = script_of(world, session)
    table = waiting.table_of(session, script, at)
    found = waiting.tasks(session, table)
    known = waiting.known(session, [task.key for task in found])
    count = 0
    for task in found:
        if task.key not in known:
            _notice(session, script, table, task)
            count += 1
    return count + _nexts(session, script, table)


def _notice(session: Session, script: Script, table: Table, task: Task) -> None:
    """When somebody comes to look at what waits for them."""
    seat = table.by_person.get(task.person_id)
    times = script.times(seat.role) if seat else USUAL
    rng = script.chance(seat.key if seat else f"person {task.person_id}", "notices it", task.key)
    hours = max(times.reaction(rng), task.patience)
    office = national_calendar()
    noticed = max(later(office, task.since, hours), office.next_office_moment(table.at))
    session.add(
        Timer(
            at=noticed, kind=BOT, seat_id=seat.id if seat else None, task=task.key,
            about={**task.about, "do": task.do, "person": task.person_id, "phase": BEGIN},
        )
    )  # fmt: skip


def _nexts(session: Session, script: Script, table: Table) -> int:
    """Let each clerk who has nothing in hand take the next case, as long as there are any."""
    clerks = table.bots(Role.CLERK)
    lying = waiting.free(session) if clerks else []
    if not lying:
        return 0
    busy = _busy(session)
    idle = [seat for seat in clerks if seat.id not in busy]
    done = _taken_by(session, idle)
    idle.sort(key=lambda seat: (done[seat.id], seat.id))
    planned = 0
    for case in lying:
        seat = next((one for one in idle if one.person_id not in case.makers), None)
        if seat is None:
            continue
        idle.remove(seat)
        rng = script.chance(seat.key, "next", case.id, case.version)
        # Who found that it is not for them looks again the next day.
        key = f"{waiting.NEXT}:{case.id}:{case.version}:{seat.key}:{local_date(table.at)}"
        if waiting.known(session, [key]):
            continue
        office = national_calendar()
        looks = later(office, case.since, script.times(seat.role).reaction(rng))
        # What lay there already when one was done with another case is taken up at once.
        at = max(looks, later(office, table.at, BREATH * rng.random()))
        about = {"do": waiting.NEXT, "person": seat.person_id, "phase": BEGIN}
        session.add(Timer(at=at, kind=BOT, seat_id=seat.id, task=key, about=about))
        planned += 1
    return planned


def _open(session: Session, seat_id: int | None = None) -> Sequence[Timer]:
    query = select(Timer).where(Timer.kind == BOT, Timer.done.is_(False))
    return session.scalars(query if seat_id is None else query.where(Timer.seat_id == seat_id)).all()


def _busy(session: Session) -> set[int | None]:
    """The seats that are at something, or about to take the next case."""
    return {
        one.seat_id for one in _open(session)
        if one.about["phase"] == END or one.about["do"] in (waiting.NEXT, waiting.WORK)
    }  # fmt: skip


def _taken_by(session: Session, seats: Sequence[Seat]) -> Counter[int]:
    """How often each of these came to take a case: who did so least is next."""
    ids = [seat.id for seat in seats]
    rows = session.scalars(
        select(Timer.seat_id).where(Timer.seat_id.in_(ids), Timer.kind == BOT, Timer.task.like(f"{waiting.NEXT}:%"))
    )
    return Counter(row for row in rows if row is not None)


@dataclass(frozen=True)
class _Turn:
    """A timer of a bot that is due, with who it is."""

    world: World
    session: Session
    timer: Timer
    bot: Bot

    def at(self, moment: datetime, phase: str, **more: Any) -> None:
        """Go on at this moment; what is planned goes by its name once."""
        about = {**self.timer.about, "phase": phase, **more}
        task, self.timer.task = self.timer.task, ""
        self.session.add(Timer(at=moment, kind=BOT, seat_id=self.timer.seat_id, task=task, about=about))


def act(world: World, session: Session, timer: Timer) -> str:
    """A timer of a bot is due: it begins on something, or is done with it. Tells what came of it."""
    script = script_of(world, session)
    seat = session.get_one(Seat, timer.seat_id) if timer.seat_id is not None else None
    began = datetime.fromisoformat(timer.about["began"]) if "began" in timer.about else timer.at
    bot = Bot(world, session, script, timer.about["person"], seat, timer.at, began, timer.about)
    turn = _Turn(world, session, timer, bot)
    if seat is not None and seat.played_by != BOT:
        timer.task = ""
        return "taken over"
    if seat is not None and seat.away_until is not None and seat.away_until > timer.at:
        turn.at(later(national_calendar(), seat.away_until + RESTED, 0), timer.about["phase"])
        return f"waits: away until {seat.away_until:%Y-%m-%d}"
    if timer.about["phase"] == BEGIN:
        return _begin(turn)
    return _tried(turn, DEEDS[timer.about["do"]])


def _begin(turn: _Turn) -> str:
    """Begin on it, or as soon as what one is at is done."""
    timer, bot = turn.timer, turn.bot
    until = _occupied(turn)
    do = timer.about["do"]
    if until is not None and do != waiting.NEXT:
        turn.at(until, BEGIN)
        return "busy"
    more: dict[str, Any] = {"began": timer.at.isoformat()}
    if do == waiting.NEXT:
        case = deeds.take_next(bot) if until is None else None
        if case is None:
            return "nothing to take"
        turn.session.flush()
        # From here on it is like any case one has; its own name, so that it is not planned once more.
        key = f"{waiting.WORK}:{case.id}:{case.version}:{bot.person_id}"
        more |= {"do": waiting.WORK, "case": case.id}
        timer = Timer(at=timer.at, kind=BOT, seat_id=timer.seat_id, task=key, about={**timer.about, "do": waiting.WORK})
    elif do == waiting.CARD:
        try:
            case = filing.begin(bot)
        except Refused as refused:
            return _waits(refused)
        if case is not None:
            turn.session.flush()
            key = f"{waiting.FILL}:{case.id}:{case.version}:{bot.person_id}"
            more |= {"do": waiting.FILL, "case": case.id}
            timer = Timer(at=timer.at, kind=BOT, seat_id=timer.seat_id, task=key, about=timer.about)
    hours = bot.times.handling(bot.chance("handles", timer.task))
    done = later(national_calendar(), timer.at, hours)
    _Turn(turn.world, turn.session, timer, bot).at(done, END, **more)
    return "begins"


def _occupied(turn: _Turn) -> datetime | None:
    """Until when whoever this is is at something else."""
    if turn.timer.seat_id is None:
        return None
    ends = [one.at for one in _open(turn.session, turn.timer.seat_id) if one.about["phase"] == END]
    return max(ends, default=None)


def _tried(turn: _Turn, deed: Callable[[Bot], str]) -> str:
    """Do it. What is refused is tried again later, in case somebody does what it waits for; then it waits."""
    try:
        with turn.session.begin_nested():
            said = deed(turn.bot)
            turn.session.flush()
    except Refused as refused:
        said = _waits(refused)
    except StaleDataError:
        said = "waits: just_before_you"
    if said.startswith("waits"):
        tries = turn.timer.about.get("try", 1)
        if tries < MOST_TRIES:
            turn.at(later(national_calendar(), turn.timer.at, AGAIN * tries), BEGIN, **{"try": tries + 1})
    return said


def _waits(refused: Refused) -> str:
    return f"waits: {', '.join(sorted(refused.codes))}"
