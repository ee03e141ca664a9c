"""The world of a trial is a practice world: people take a seat in it and do the work that lay in the real one."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from portal.models.cases import Case
from portal.models.people import Person
from portal.workshop import folders, pace, reading, seats
from portal.workshop.deck import deck
from portal.workshop.playing import PLAY
from portal.workshop.pseudonymised import Part
from portal.workshop.tables import Seat
from portal.workshop.ticking import tick
from portal.workshop.trials import open_trial
from portal.workshop.worlds import world_of
from portal.worlds import World
from tests.cast import Cast
from tests.web.stage import Stage
from tests.workshop.rooms import prefix_of, signed_in

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_people_do_the_work_of_the_real_world_and_it_does_not_notice(
    world: World, stage: Stage, cast: Cast, app: Any
) -> None:
    part = Part(cast.municipalities["waterveen"], most=50)
    before = world.settings.instance.joinpath("documents").stat().st_mtime_ns
    opened = open_trial(world, part, title='Proef "draaien"', trainer="Greet", wall=world.clock.now())
    assert folders.workshop(world.settings, opened.code) == opened
    scenario = reading.read(opened.script)
    assert scenario.round(1).title.nl == 'Proef "draaien"'
    assert {seat.role for seat in scenario.seats} >= {"employee", "clerk", "treasurer", "manager"}
    assert all(card.at is None for card in deck(scenario, 12))
    trial = world_of(world, opened)
    with trial.db.session(writes=False) as session:
        seat = session.scalars(select(Seat).where(Seat.role == "clerk").limit(1)).one()
        name, key = session.get_one(Person, seat.person_id).name, seat.key
        waits = session.scalars(select(Case.number).where(Case.waits_for == "CLERK", Case.closed_at.is_(None))).all()
    clerk = signed_in(app, trial, key, at=trial.clock.now())
    assert name in clerk.get(f"{prefix_of(trial)}/").text
    page = clerk.get(f"{prefix_of(trial)}/werkvoorraad").text
    assert waits
    assert any(str(number) in page for number in waits)
    assert "de Wit" not in page
    with trial.db.transaction() as session:
        joined, _ = seats.join(session, "Sanne", trial.wall.now())
        assert joined.nickname == "Sanne"
    pace.resume(trial)
    assert tick(trial, PLAY)
    trial.db.dispose()
    assert world.settings.instance.joinpath("documents").stat().st_mtime_ns == before
