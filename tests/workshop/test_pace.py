"""The pace of a story: changed from any process, never back in time, and both times on whatever happens."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from portal.clock import FixedClock, SystemClock, local, stopwatch
from portal.models.events import CaseEvent
from portal.workshop import pace
from portal.workshop.folders import Workshop
from portal.workshop.tables import Diary, EventWall, Segment
from portal.workshop.worlds import world_of
from portal.worlds import World
from tests.cast import Cast
from tests.conftest import TUESDAY
from tests.workshop.rooms import SPEED, WALL

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def said(world: World) -> str:
    return local(world.clock.now()).strftime("%a %d %H:%M")


def test_a_story_is_told_by_the_pace_that_any_process_sets(
    home: World, room: Workshop, practice: World, wall: FixedClock
) -> None:
    elsewhere = world_of(home, room)  # another process has its own
    assert said(practice) == "Tue 24 10:00"
    wall.advance(timedelta(minutes=9))
    assert said(practice) == "Tue 24 10:00"
    pace.resume(elsewhere)
    pace.office_only(elsewhere, True)
    wall.advance(timedelta(minutes=2))
    assert said(practice) == said(elsewhere) == "Wed 25 10:00"
    pace.speed(practice, 2 * SPEED)
    wall.advance(timedelta(minutes=1))
    assert said(practice) == said(elsewhere) == "Thu 26 10:00"
    pace.pause(elsewhere)
    wall.advance(timedelta(hours=1))
    assert said(practice) == "Thu 26 10:00"
    pace.jump_to_next_working_day(practice)
    pace.jump_to_next_working_day(practice)
    assert said(elsewhere) == "Mon 30 08:00"
    with pytest.raises(ValueError, match="never goes back"):
        pace.jump(practice, TUESDAY)
    with pytest.raises(ValueError, match="speed"):
        pace.speed(practice, 0)
    assert said(elsewhere) == "Mon 30 08:00"
    elsewhere.db.dispose()


def test_each_change_stands_in_the_diary_once(practice: World, wall: FixedClock) -> None:
    for _ in range(2):
        pace.resume(practice)
        pace.speed(practice, 540.0)
        pace.pause(practice)
        pace.pause(practice)
    wall.advance(timedelta(seconds=1))
    pace.jump_to_next_working_day(practice)
    with practice.db.session(writes=False) as session:
        written = [(row.kind, row.data, row.wall) for row in session.scalars(select(Diary).order_by(Diary.id))]
        assert len(session.scalars(select(Segment)).all()) == len(written) + 1
    first = [("resumed", {}, WALL), ("speed", {"speed": 540.0}, WALL), ("paused", {}, WALL)]
    again = [("resumed", {}, WALL), ("paused", {}, WALL)]
    last = ("jumped", {"to": "2026-11-25T07:00:00+00:00"}, WALL + timedelta(seconds=1))
    assert written == [*first, *again, last]


def test_a_clock_is_read_while_somebody_writes(practice: World) -> None:
    with practice.db.transaction() as session:
        session.add(Diary(wall=WALL, at=TUESDAY, kind="test", data={}))
        session.flush()
        assert practice.clock.now() == TUESDAY


def test_a_clock_is_read_however_many_wait_to_write(practice: World) -> None:
    def write(_: int) -> datetime:
        with practice.db.transaction() as session:
            session.execute(text("SELECT 1"))
            return practice.clock.now()

    since = stopwatch()
    with ThreadPoolExecutor(20) as pool:
        assert len(list(pool.map(write, range(20)))) == 20
    assert since() < 10


def test_every_event_has_both_times(practice: World, cast: Cast) -> None:
    before = SystemClock().now()
    people = Cast(practice, people=cast.people, municipalities=cast.municipalities)
    with practice.db.transaction() as session:
        people.submitted(session, key="k")
    with practice.db.session(writes=False) as session:
        both = session.execute(select(CaseEvent.at, EventWall.wall).join(EventWall, EventWall.event_id == CaseEvent.id))
        ((at, on_the_wall),) = both.all()
        assert session.scalars(select(EventWall.event_id)).all() == session.scalars(select(CaseEvent.id)).all()
    assert at == TUESDAY
    assert before <= on_the_wall + timedelta(milliseconds=1)
    assert on_the_wall <= SystemClock().now()
