"""Playing a story by itself: bots do what people would, and whatever comes, every case ends or waits for a reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.workshop import injects, planted, playing, reading, seats
from portal.workshop.scenario import LEAST, Scenario
from portal.workshop.tables import Card, Diary, Seat, Timer
from portal.worlds import World
from tests.workshop.stories import a_story, expect_sound, results, unexplained
from workflows.kernel import Refused

CLAIMS = reading.SHIPPED / "claim-from-paper-to-portal.toml"
LATER = timedelta(days=6)


def _told(session: Session) -> list[tuple[Any, ...]]:
    """Everything that was done in all cases, by whom and when."""
    rows = session.execute(
        select(Case.number, CaseEvent.action, CaseEvent.at, CaseEvent.started_at, CaseEvent.actor_id,
               CaseEvent.to_state)
        .join(Case, Case.id == CaseEvent.case_id).order_by(CaseEvent.id)
    )  # fmt: skip
    return [tuple(row) for row in rows]


def test_bots_play_a_round_to_its_end_and_the_same_again(tmp_path: Path) -> None:
    told = []
    for name, day in (("again", 4), ("once", 9)):
        world, scenario = a_story(tmp_path / name, CLAIMS, 1, LEAST)
        until = scenario.moment(day, 17)
        assert playing.play(world, until).total() > 15
        with world.db.session(writes=False) as session:
            told.append(_told(session))
            assert session.scalars(select(Timer.id).where(Timer.at <= until, ~Timer.done)).all() == []
        if name == "again":
            world.db.dispose()
    assert len(told[0]) > 10
    assert told[1][: len(told[0])] == told[0]
    playing.play(world, scenario.ends + LATER)
    assert playing.play(world, scenario.ends + LATER).total() == 0
    with world.db.session(writes=False) as session:
        expect_sound(session)
        assert unexplained(session) == []
        assert session.scalars(select(Card.id).where(Card.done_at.is_(None))).all() == []
        assert results(session.scalars(select(Case)))["expense_claim granted"] > 5
        judged = planted.judge(session, scenario)
        assert {one.outcome for one in judged} <= {"caught", "missed"}
        assert any(one.outcome == "caught" and one.seat and one.at for one in judged)
        actions = {row[1] for row in _told(session)}
    assert {"submit", "approve", "suspend", "post_added", "resume", "check", "release", "settle"} <= actions
    world.db.dispose()


def test_what_the_scenario_does_not_know_cannot_be_thrown_in(tmp_path: Path) -> None:
    world, scenario = a_story(tmp_path, CLAIMS, 1, LEAST)
    with world.db.transaction() as session, pytest.raises(Refused) as refused:
        injects.run(world, session, "earthquake", scenario.begins)
    assert refused.value.codes == {"inject_unknown"}
    world.db.dispose()


OTHERS = sorted(file for file in reading.SHIPPED.glob("*.toml") if file != CLAIMS)


@pytest.mark.parametrize("file", OTHERS, ids=lambda file: str(file.stem))
def test_every_scenario_plays_to_its_end(file: Path, tmp_path: Path) -> None:
    world, scenario = a_story(tmp_path, file, 1, LEAST)
    playing.play(world, scenario.ends + LATER)
    with world.db.session(writes=False) as session:
        expect_sound(session)
        assert unexplained(session) == []
        assert session.scalars(select(Card.id).where(Card.done_at.is_(None))).all() == []
        outcomes = [one.outcome for one in planted.judge(session, scenario)]
        assert len(outcomes) >= 3
        assert "open" not in outcomes
        thrown = {one.data["inject"] for one in session.scalars(select(Diary).where(Diary.kind == "inject"))}
        assert thrown == {one.key for one in scenario.injects if one.day}
    world.db.dispose()


def _join(session: Session, seat: Seat, at: datetime, _: Any) -> None:
    if seat.played_by == seats.BOT and not seat.nickname:
        seats.join(session, f"Speler {seat.id} {at:%d%H}", at)


def _take(session: Session, seat: Seat, at: datetime, by: int) -> None:
    seats.take_over(session, seat, (seats.BOT, seats.TRAINER)[by % 2], at, at)


def _back(session: Session, seat: Seat, at: datetime, _: Any) -> None:
    seats.hand_back(session, seat, at, at)


def _ill(_: Session, seat: Seat, at: datetime, days: int) -> None:
    seat.away_until = at + timedelta(days=1 + days % 3)


def _change(session: Session, seat: Seat, at: datetime, other: int) -> None:
    every = seats.all_seats(session)
    to = every[other % len(every)]
    if seat.nickname and to.id != seat.id:
        seats.hand_over(session, seat, to, at, at)


def _leave(session: Session, seat: Seat, at: datetime, _: Any) -> None:
    if seat.nickname:
        seats.leave(session, seat, at, at)


DEEDS: tuple[Callable[[Session, Seat, datetime, int], None], ...] = (_join, _take, _back, _ill, _change, _leave)
STEPS = st.lists(
    st.tuples(st.integers(1, 8), st.integers(0, 30), st.integers(0, len(DEEDS)), st.integers(0, 30)),
    min_size=6, max_size=14,
)  # fmt: skip


def _befalls(world: World, scenario: Scenario, step: tuple[int, int, int, int], at: datetime) -> None:
    """Something happens at the table: a seat changes hands, somebody is ill, or the trainer throws something in."""
    _, which, deed, more = step
    with world.db.transaction() as session:
        every = seats.all_seats(session)
        if deed == len(DEEDS):
            injects.run(world, session, scenario.injects[more % len(scenario.injects)].key, at)
        else:
            DEEDS[deed](session, every[which % len(every)], at, more)


@settings(
    max_examples=2, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, phases=[Phase.generate]
)
@given(steps=STEPS)
def test_whoever_comes_goes_or_is_ill_everything_ends_or_waits_for_a_reason(steps: list[tuple[int, ...]]) -> None:
    world, scenario = a_story(Path(mkdtemp()), CLAIMS, 2, LEAST)
    for step in sorted(steps):
        at = scenario.moment(step[0], 9 + step[1] % 7)
        playing.play(world, at)
        _befalls(world, scenario, step, at)
    playing.play(world, scenario.ends)
    with world.db.transaction() as session:
        expect_sound(session)
        for seat in seats.all_seats(session):
            seats.take_over(session, seat, seats.BOT, scenario.ends, scenario.ends)
    playing.play(world, scenario.ends + LATER)
    with world.db.session(writes=False) as session:
        expect_sound(session)
        assert unexplained(session) == []
        assert session.scalars(select(Card.key).where(Card.done_at.is_(None))).all() == []
    world.db.dispose()
