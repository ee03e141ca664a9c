"""What-if questions worked out by the job: claimed once, told how far, let go of, and found again."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import undefer

from portal.clock import FixedClock
from portal.commands import whatif as commands
from portal.jobs import runner, tidy, timetable
from portal.jobs import whatif as job
from portal.models.whatif import WhatIfModel, WhatIfRun
from portal.queries.whatif import last_model
from portal.whatif.questions import asked
from portal.worlds import World
from tests.cast import Cast
from tests.whatif.answered import with_model
from tests.whatif.lived import lived


def ask(world: World, cast: Cast, keys: list[str], **others: Any) -> int:
    with world.db.transaction() as session:
        return commands.ask(session, cast.viewer(session, "greet"), "", asked(keys), world.clock.now(), **others).id


def run_of(world: World, run_id: int) -> WhatIfRun:
    with world.db.session(writes=False) as session:
        found = session.get_one(WhatIfRun, run_id)
        assert found.result is None or found.result
        return found


def test_where_nothing_came_in_that_is_said(world: World, cast: Cast) -> None:
    run_id = ask(world, cast, ["clerk_more"])
    assert job.run(world, world.clock.now()) == [{"code": "whatif_failed", "number": run_id}]
    found = run_of(world, run_id)
    assert (found.error, found.finished_at) == ("whatif_nothing_measured", world.clock.now())
    assert found.result == {
        "refused": [{"sentence": "Nothing came in yet before today, so there is nothing to imitate.", "values": {}}]
    }
    assert job.run(world, world.clock.now()) == []


def test_what_is_open_must_be_there_to_say_when_it_is_done(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        with_model(session, world.clock.now())
    run_id = ask(world, cast, [], begins="forecast")
    job.run(world, world.clock.now())
    assert run_of(world, run_id).error == "whatif_nothing_open"


def test_a_question_that_nobody_wants_any_more_is_let_go_of_while_it_is_worked_out(world: World, cast: Cast) -> None:
    telling = job._Telling(world, ask(world, cast, ["clerk_more"]))
    telling(1, 30)
    assert (run_of(world, telling.run_id).done, run_of(world, telling.run_id).of) == (1, 30)
    with world.db.transaction() as session:
        run = session.get_one(WhatIfRun, telling.run_id)
        run.begun_at = world.clock.now()
        commands.stop(session, run, world.clock.now())
    telling.last -= job.APART
    with pytest.raises(job.Unwanted):
        telling(2, 30)


def test_what_was_stopped_before_it_was_begun_again_is_ended_and_what_was_cut_short_is_begun_anew(
    world: World, cast: Cast
) -> None:
    clock = world.clock
    assert isinstance(clock, FixedClock)
    run_id = ask(world, cast, ["clerk_more"])
    with world.db.transaction() as session:
        run = session.get_one(WhatIfRun, run_id)
        run.begun_at = run.alive_at = clock.now()
        run.stopped_at = clock.now()
    assert job.run(world, clock.now()) == []
    assert run_of(world, run_id).finished_at is None  # somebody may be at it still
    clock.advance(job.CUT_SHORT + timedelta(seconds=1))
    assert job.run(world, clock.now()) == []
    assert run_of(world, run_id).finished_at is not None


def test_the_answers_of_long_ago_are_tidied_away(world: World, cast: Cast) -> None:
    clock = world.clock
    assert isinstance(clock, FixedClock)
    with world.db.transaction() as session:
        with_model(session, clock.now())
    run_id = ask(world, cast, ["clerk_more"])
    clock.advance(tidy.IMAGINED_LIFE + timedelta(days=1))
    tidy.run(world, clock.now())
    with world.db.session(writes=False) as session:
        assert session.get(WhatIfRun, run_id) is None
        assert session.scalars(select(WhatIfModel)).all() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_asked_is_measured_imitated_and_answered_and_found_again(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        lived(session, cast)
        trial = commands.measure(session, cast.viewer(session, "ilse"), world.clock.now()).id
    question = ask(world, cast, ["clerk_more"])
    forecast = ask(world, cast, [], begins="forecast")
    run = runner.run(world, timetable.job("whatif"))
    assert run is not None
    assert [(one["code"], one["number"]) for one in run.told] == [
        ("whatif_answered", trial), ("whatif_answered", question), ("whatif_answered", forecast),
    ]  # fmt: skip
    with world.db.session(writes=False) as session:
        model = last_model(session, "*")
        assert model is not None
        assert (model.cases, model.first.isoformat(), model.last.isoformat()) == (60, "2026-09-01", "2026-11-23")
        touch = model.model["flows"][0]["touch"]["approved"]
        # Nine minutes, of which those before opening and in weekends do not count.
        assert (touch["basis"], max(touch["value"]["numbers"])) == ("measured", 9.0)
        found = {one.id: one for one in session.scalars(select(WhatIfRun).options(undefer(WhatIfRun.result)))}
        assert {one.model_id for one in found.values()} == {model.id}
        assert all("X-" not in json.dumps(one.result) for one in found.values()), "what is kept holds no case"
    fit = found[trial].result
    assert fit is not None
    assert fit["cases"]["real"] == 60
    assert {one["key"]: one["value"] for one in fit["distances"]}["steps"] < 0.1
    answer = found[question].result
    assert answer is not None
    now, more = answer["comparison"]["answers"]
    assert now["replications"] >= 30
    assert now["measures"]["lead_mean"]["mean"] == pytest.approx(36, abs=12)  # hours of office time
    assert abs(more["differences"]["lead_mean"]["mean"]) < 0.5, "there is hardly any work"
    open_now = found[forecast].result
    assert open_now is not None
    assert [(one["type"], one["count"]) for one in open_now["forecasts"][0]] == [("expense_claim", 6)]
    assert all(one["half"] >= world.clock.now().isoformat() for one in open_now["forecasts"][0])
    assert ask(world, cast, ["clerk_more"]) == question, "the same question has its answer already"
