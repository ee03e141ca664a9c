"""What happens because the time of a story passes: all of it, once, in its order, whatever breaks in between."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import FixedClock
from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.models.jobs import JobRun
from portal.models.mail import OutboxMail
from portal.workshop import folders, pace, ticking
from portal.workshop.folders import Workshop
from portal.workshop.keeping import Keeper
from portal.workshop.tables import Diary, Segment, Timer
from portal.workshop.worlds import world_of
from portal.worlds import World
from tests.cast import Cast
from tests.conftest import TUESDAY
from tests.workshop.rooms import SPEED, WALL, a_workshop
from workflows.kernel import Refusal, Refused

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

HOUR = timedelta(hours=1)


@dataclass
class Stage:
    """What is played: timers say what they are, or break."""

    said: list[tuple[str, datetime]] = field(default_factory=list)
    looked: list[datetime] = field(default_factory=list)

    def say(self, world: World, session: Session, timer: Timer) -> str:
        self.said.append((timer.about["what"], timer.at))
        return f"said {timer.about['what']}"

    def again(self, world: World, session: Session, timer: Timer) -> str:
        """Plans another at the moment at which it is itself."""
        session.add(Timer(at=timer.at, kind="say", about={"what": "another"}))
        return ""

    def break_(self, world: World, session: Session, timer: Timer) -> str:
        session.add(Diary(wall=WALL, at=timer.at, kind="half", data={}))
        session.flush()
        raise RuntimeError("broken on purpose")

    def refuse(self, world: World, session: Session, timer: Timer) -> str:
        raise Refused(Refusal("not_now", "Not now."))

    def look(self, world: World, session: Session, at: datetime) -> None:
        self.looked.append(at)

    @property
    def play(self) -> ticking.Play:
        timers = {"say": self.say, "again": self.again, "break": self.break_, "refuse": self.refuse}
        return ticking.Play(timers, self.look)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def due(world: World, **after: float) -> None:
    """Timers that say their name, so many hours after the story began."""
    with world.db.transaction() as session:
        for what, hours in after.items():
            session.add(Timer(at=TUESDAY + hours * HOUR, kind="say", about={"what": what}))


def told(world: World) -> list[tuple[bool, str]]:
    with world.db.session(writes=False) as session:
        return [(timer.done, timer.told) for timer in session.scalars(select(Timer).order_by(Timer.id))]


def test_what_is_due_happens_once_in_its_order_at_its_own_moment(
    practice: World, wall: FixedClock, stage: Stage
) -> None:
    due(practice, third=2, first=0.5, fourth=2, second=1, later=30)
    assert ticking.tick(practice, stage.play)
    assert stage.said == [], "while it is paused nothing comes"
    pace.resume(practice)
    wall.advance(timedelta(seconds=3 * 3600 / SPEED))
    assert ticking.tick(practice, stage.play)
    assert ticking.tick(practice, stage.play)
    moments = [("first", 0.5), ("second", 1), ("third", 2), ("fourth", 2)]
    assert stage.said == [(what, TUESDAY + hours * HOUR) for what, hours in moments]
    assert stage.looked[-1] == TUESDAY + 3 * HOUR
    assert told(practice)[4] == (False, "")
    pace.jump_to_next_working_day(practice)
    pace.jump(practice, practice.clock.now() + timedelta(days=1))
    ticking.tick(practice, stage.play, seconds=60)
    assert stage.said[-1] == ("later", TUESDAY + 30 * HOUR)
    assert [done for done, _ in told(practice)] == [True] * 5


def test_a_slow_story_catches_up_bit_by_bit_and_forgets_nothing(practice: World, stage: Stage) -> None:
    due(practice, **{f"t{number:03}": number / 2 for number in range(40)})
    pace.jump(practice, TUESDAY + 20 * HOUR)
    for _ in range(70):
        ticking.tick(practice, stage.play, seconds=0)
    assert [what for what, _ in stage.said] == [f"t{number:03}" for number in range(40)]
    assert stage.looked == sorted(stage.looked)


def test_a_timer_that_fails_changes_nothing_and_the_story_goes_on(practice: World, stage: Stage) -> None:
    with practice.db.transaction() as session:
        for number, kind in enumerate(("break", "refuse", "unknown", "again")):
            session.add(Timer(at=TUESDAY + timedelta(minutes=number), kind=kind, about={}))
    due(practice, last=1)
    pace.jump(practice, TUESDAY + HOUR)
    ticking.tick(practice, stage.play)
    assert [what for what, _ in stage.said] == ["another", "last"]
    assert [(done, why[:20]) for done, why in told(practice)] == [
        (True, "RuntimeError: broken"), (True, "refused: not_now"), (True, "KeyError: 'unknown'"), (True, ""),
        (True, "said last"), (True, "said another"),
    ]  # fmt: skip
    with practice.db.session(writes=False) as session:
        assert session.scalars(select(Diary).where(Diary.kind == "half")).all() == []


def test_nothing_happens_before_what_happened_already(practice: World, cast: Cast, stage: Stage) -> None:
    then = replace(practice, clock=FixedClock(TUESDAY + HOUR))
    people = Cast(then, people=cast.people, municipalities=cast.municipalities)
    due(practice, late=0.5)
    with practice.db.transaction() as session:
        people.submitted(session, key="k")
    pace.jump(practice, TUESDAY + HOUR)
    ticking.tick(practice, stage.play)
    assert stage.said == [("late", TUESDAY + HOUR)]


def test_jobs_run_at_their_moments_in_the_story_and_mail_leaves_at_once(
    practice: World, cast: Cast, stage: Stage
) -> None:
    people = Cast(practice, people=cast.people, municipalities=cast.municipalities)
    with practice.db.transaction() as session:
        number = people.submitted(session, key="k").number
    ticking.tick(practice, stage.play)
    with practice.db.session(writes=False) as session:
        mails = session.scalars(select(OutboxMail)).all()
        assert mails
        assert all(mail.sent_at for mail in mails), "it lies in the tray"
    pace.jump(practice, TUESDAY + timedelta(days=7))
    ticking.tick(practice, stage.play, seconds=60)
    with practice.db.session(writes=False) as session:
        runs = session.scalars(select(JobRun).order_by(JobRun.id)).all()
        assert [run.error for run in runs if run.error] == []
        assert [run.due for run in runs] == sorted(run.due for run in runs)
        verified = [run.due for run in runs if run.job == "verify_chain"]
        assert len(verified) == 7
        assert all(at.hour == at.minute == 0 for at in verified)
        reminded = [run.due for run in runs if run.job == "remind"]
        assert reminded
        assert all(7 <= at.hour < 17 for at in reminded), "when the office is open"
        assert not {"tidy", "anchor_chain"} & {run.job for run in runs}
        sent = session.scalars(select(OutboxMail.sent_at).where(OutboxMail.letter.in_(("remind", "escalate")))).all()
        assert sorted(at for at in sent if at) == reminded
        (case,) = session.scalars(select(Case)).all()
        assert (case.number, case.state) == (number, "submitted")
    assert not (practice.settings.instance / "anchors").exists()


def test_one_process_alone_lets_a_story_go_on(home: World, room: Workshop, practice: World, stage: Stage) -> None:
    due(practice, first=0)
    other = world_of(home, room)
    answers = []

    def meddle(world: World, session: Session, timer: Timer) -> str:
        answers.append(ticking.tick(other, stage.play))
        return stage.say(world, session, timer)

    assert ticking.tick(practice, replace(stage.play, timers={"say": meddle}))
    assert (answers, [what for what, _ in stage.said]) == ([False], ["first"])
    assert ticking.tick(other, stage.play)
    other.db.dispose()


def test_a_story_that_fails_stops_no_other(home: World, stage: Stage) -> None:
    rooms = [a_workshop(home) for _ in range(3)]
    for room in rooms:
        world = world_of(home, room)
        due(world, first=0)
        world.db.dispose()
    broken = rooms[1].instance / "portal.sqlite"
    kept = broken.read_bytes()
    broken.write_bytes(b"no database")
    keeper = Keeper(home, stage.play)
    keeper.beat()
    keeper.beat()
    assert len(stage.said) == 2
    broken.write_bytes(kept)
    keeper.beat()
    assert len(stage.said) == 3
    (rooms[0].folder / folders.ABOUT).unlink()
    keeper.beat()
    keeper.close()


def test_a_story_that_stands_still_is_left_in_peace_until_something_is_written(
    home: World, room: Workshop, practice: World, stage: Stage, wall: FixedClock
) -> None:
    keeper = Keeper(home, stage.play)
    for _ in range(3):
        keeper.beat()
    looks = len(stage.looked)
    keeper.beat()
    assert len(stage.looked) == looks
    due(practice, now=0)
    keeper.beat()
    assert [what for what, _ in stage.said] == ["now"]
    pace.speed(practice, 1.0)
    pace.resume(practice)
    wall.advance(timedelta(hours=11))
    keeper.beat()
    assert not pace.told_by(practice.db).paused
    wall.advance(timedelta(hours=2))
    keeper.beat()
    assert pace.told_by(practice.db).paused, "nobody came by for half a day"
    keeper.close()
    with practice.db.session(writes=False) as session:
        assert session.scalars(select(CaseEvent)).all() == []
        assert len(session.scalars(select(Segment)).all()) == 4
