"""Playing a story by itself: bots do what people would, and whatever comes, every case ends or waits for a reason."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.workshop import injects, planted, playing, reading
from portal.workshop.tables import Card, Timer
from tests.workshop.stories import a_story, expect_sound, results, unexplained
from workflows.kernel import Refused

CLAIMS = reading.SHIPPED / "claim-from-paper-to-portal.toml"
LATER = timedelta(days=10)


def test_bots_play_a_round_to_its_end_and_the_same_again(tmp_path: Path) -> None:
    told = []
    for name in ("once", "again"):
        world, scenario = a_story(tmp_path / name, CLAIMS, 1, 6)
        played = playing.play(world, scenario.ends + LATER)
        assert playing.play(world, scenario.ends + LATER).timers == 0
        with world.db.session(writes=False) as session:
            expect_sound(session)
            assert unexplained(session) == []
            cards = session.scalars(select(Card)).all()
            cases = session.scalars(select(Case)).all()
            assert len(cards) == len([card for card in cards if card.done_at]) > 5
            assert results(cases)["expense_claim granted"] > 5
            assert session.scalars(select(Timer.id).where(Timer.at <= scenario.ends, ~Timer.done)).all() == []
            judged = planted.judge(session, scenario)
            assert {one.outcome for one in judged} <= {"caught", "missed"}
            assert any(one.outcome == "caught" and one.seat and one.at for one in judged)
            events = session.execute(
                select(Case.number, CaseEvent.action, CaseEvent.at, CaseEvent.started_at, CaseEvent.actor_id,
                       CaseEvent.to_state)
                .join(Case, Case.id == CaseEvent.case_id).order_by(CaseEvent.id)
            ).all()  # fmt: skip
            told.append([tuple(row) for row in events])
        world.db.dispose()
        assert played.timers > 50
    assert told[0] == told[1]
    actions = {row[1] for row in told[0]}
    assert {"submit", "approve", "suspend", "post_added", "resume", "check", "release", "settle"} <= actions


def test_what_the_scenario_does_not_know_cannot_be_thrown_in(tmp_path: Path) -> None:
    world, scenario = a_story(tmp_path, CLAIMS, 1, 6)
    with world.db.transaction() as session, pytest.raises(Refused) as refused:
        injects.run(world, session, "earthquake", scenario.begins)
    assert refused.value.codes == {"inject_unknown"}
    world.db.dispose()
