"""Workshops as a whole: opened in no time, in rounds that compare, kept, branched and deleted without a trace."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from portal.clock import SystemClock, stopwatch
from portal.models.people import Account, Person, Policy, SignIn
from portal.queries import chain
from portal.web.worlds import kept
from portal.workshop import copying, folders, opening, pace, reading, templates
from portal.workshop.folders import Workshop
from portal.workshop.playing import PLAY
from portal.workshop.scenario import Scenario
from portal.workshop.tables import Diary, Seat, Timer
from portal.workshop.ticking import run_until
from portal.workshop.worlds import world_of
from portal.worlds import World
from tests.command_line import command
from tests.conftest import Browser
from tests.workshop.rooms import prefix_of, sit
from workflows.kernel import Refused

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
KEY, PEOPLE = "claim-from-paper-to-portal", 6


@pytest.fixture
def scenario(world: World) -> Scenario:
    return {one.key: one for one in reading.scenarios(world.settings)}[KEY]


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where templates are made, once for all tests here."""
    return tmp_path_factory.mktemp("templates")


@pytest.fixture
def home(world: World, made_once: Path) -> World:
    places = folders.root(world.settings)
    places.mkdir(parents=True)
    (places / templates.FOLDER).symlink_to(made_once)
    return world


def opened(home: World, scenario: Scenario, **changed: Any) -> Workshop:
    asked = {"title": "Proef", "trainer": "Greet", "people": PEOPLE, "wall": home.wall.now(), **changed}
    return opening.open_workshop(home, scenario, **asked)


@pytest.fixture
def room(home: World, scenario: Scenario) -> Workshop:
    return opened(home, scenario)


@pytest.fixture
def practice(home: World, room: Workshop) -> Iterator[World]:
    world = world_of(home, room)
    yield world
    world.db.dispose()


def facts(world: World) -> tuple[Any, ...]:
    """Who there is, who sits where and what will befall them."""
    with world.db.session(writes=False) as session:
        people = session.execute(select(Person.given_name, Person.family_name, Person.email).order_by(Person.id)).all()
        seats = session.execute(select(Seat.key, Seat.role, Seat.person_id).order_by(Seat.id)).all()
        timers = session.execute(select(Timer.at, Timer.kind, Timer.about).order_by(Timer.id)).all()
        return people, seats, timers


@ON_SQLITE
def test_a_workshop_opens_with_its_story_at_rest_and_again_in_no_time(home: World, scenario: Scenario) -> None:
    opened(home, scenario)
    took = stopwatch()
    room = opened(home, scenario)
    assert took() < 2, "a copy, not a world made anew"
    assert folders.workshop(home.settings, room.code) == room
    assert (room.title, room.round, room.trainer, room.people) == ("Proef", 1, "Greet", PEOPLE)
    assert reading.read(room.script).title == scenario.title
    world = world_of(home, room)
    with world.db.session(writes=False) as session:
        how = pace.state(session)
        assert (how.paused, how.at, how.wall) == (True, scenario.begins, room.opened)
        assert {seat.played_by for seat in session.scalars(select(Seat))} == {"bot"}
        assert chain.verify(session).broken is None
    assert world.clock.now() == scenario.begins
    assert not list(folders.root(home.settings).glob(".opening*"))
    world.db.dispose()


@ON_SQLITE
def test_a_story_stands_still_when_its_last_day_is_over_and_goes_on_if_the_trainer_wants(
    practice: World, scenario: Scenario
) -> None:
    with practice.db.transaction() as session:
        session.execute(delete(Timer).where(Timer.at < scenario.ends))
    pace.jump(practice, scenario.ends)
    pace.resume(practice)
    run_until(practice, practice.clock.now(), PLAY)
    assert pace.told_by(practice.db).paused
    with practice.db.session(writes=False) as session:
        assert "ended" in session.scalars(select(Diary.kind)).all()
    pace.resume(practice)
    run_until(practice, practice.clock.now(), PLAY)
    assert not pace.told_by(practice.db).paused


@ON_SQLITE
def test_the_next_round_has_the_same_people_and_cards_other_rules_and_the_seats_as_they_were(
    app: Any, home: World, room: Workshop, practice: World
) -> None:
    with practice.db.transaction() as session:
        seat = session.scalars(select(Seat).order_by(Seat.id).limit(1)).one()
        seat.nickname, seat.pin, seat.played_by, seat.joined = "Sanne", "hashed", "person", home.wall.now()
        account = session.scalars(select(Account).where(Account.person_id == seat.person_id)).one()
        session.add(SignIn(account_id=account.id, nonce="hers", begun_at=practice.clock.now()))
    hers = Browser(app.test_client())
    sit(hers, practice, "hers")
    assert hers.get(f"{prefix_of(practice)}/zaken").status_code == 200
    pace.resume(practice)
    later = opening.next_round(home, room, home.wall.now())
    assert (later.round, later.code, later.opened) == (2, room.code, room.opened)
    assert opening.next_round(home, room, home.wall.now()).round == 2, "another press of the same button"
    second = world_of(home, later)
    assert pace.told_by(practice.db).paused
    assert second.clock.now() == reading.read(room.script).begins
    assert facts(second) == facts(practice)
    with second.db.session(writes=False) as session, practice.db.session(writes=False) as before:
        sat = session.scalars(select(Seat).order_by(Seat.id)).all()
        assert [(one.nickname, one.pin, one.played_by) for one in sat[:2]] == [
            ("Sanne", "hashed", "person"), ("", "", "bot"),
        ]  # fmt: skip
        agreed = [sorted(one.execute(select(Policy.key, Policy.value)).all()) for one in (before, session)]
        assert agreed[0] != agreed[1]
    assert hers.get(f"{prefix_of(practice)}/zaken").status_code == 200, "she need not sign in again"
    serving = kept(app).world(room.code)
    assert serving
    assert serving.settings.instance == later.instance
    second.db.dispose()
    kept(app).close()


@ON_SQLITE
def test_a_moment_that_was_kept_goes_on_in_a_workshop_beside_it(home: World, room: Workshop, practice: World) -> None:
    pace.jump_to_next_working_day(practice)
    content = b"a receipt" * 100
    stored = practice.files.put(content)
    (practice.settings.bank_out).mkdir(parents=True)
    (practice.settings.bank_out / "pain.xml").write_bytes(b"<pain/>")
    pace.resume(practice)
    kept_one = opening.snapshot(practice, "Voor de drukte", home.wall.now())
    pace.jump_to_next_working_day(practice)
    opening.snapshot(practice, "Later", home.wall.now())
    assert [(one.number, one.name) for one in opening.snapshots(room)] == [(1, "Voor de drukte"), (2, "Later")]
    beside = opening.branch(home, room, 1)
    assert beside.code != room.code
    assert beside.title == "Proef (Voor de drukte)"
    world = world_of(home, beside)
    assert pace.told_by(world.db).paused
    assert world.clock.now() == kept_one.at
    assert facts(world) == facts(practice)
    assert world.files.read(stored) == content
    assert (world.settings.bank_out / "pain.xml").read_bytes() == b"<pain/>"
    assert opening.snapshots(beside) == []
    with pytest.raises(KeyError):
        opening.branch(home, room, 3)
    assert len(folders.workshops(home.settings)) == 2
    with practice.db.session(writes=False) as session:
        assert [row.kind for row in session.scalars(select(Diary)) if row.kind == "snapshot"] == ["snapshot"] * 2
    world.db.dispose()


@ON_SQLITE
def test_a_world_is_copied_whole_while_somebody_writes_in_it(home: World, practice: World, tmp_path: Path) -> None:
    with practice.db.transaction() as session:
        for _ in range(300):
            session.add(Diary(wall=home.wall.now(), at=practice.clock.now(), kind="committed", data={"x": "y" * 500}))
    with practice.db.session() as session:
        session.add(Diary(wall=home.wall.now(), at=practice.clock.now(), kind="half", data={}))
        session.flush()
        copying.copy(practice.settings.instance, tmp_path / "copy")
    copied = world_of(home, replace(folders.workshops(home.settings)[0], folder=tmp_path / "elsewhere"))
    copied.settings.instance.parent.mkdir(parents=True)
    (tmp_path / "copy").rename(copied.settings.instance)
    with copied.db.session(writes=False) as session:
        assert Counter(row.kind for row in session.scalars(select(Diary))) == {"committed": 300}
        assert session.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    copied.db.dispose()


@ON_SQLITE
def test_a_workshop_is_deleted_in_one_step_also_while_people_are_in_it(
    app: Any, home: World, room: Workshop, practice: World
) -> None:
    served = kept(app).world(room.code)
    assert served
    nobody = Browser(app.test_client())
    address = f"{prefix_of(practice)}/zaken"
    assert nobody.get(address).status_code == 302
    with served.db.session() as session:
        session.add(Diary(wall=home.wall.now(), at=practice.clock.now(), kind="late", data={}))
        session.flush()
        opening.delete(home, room)
        session.commit()
    assert nobody.get(address).status_code == 404
    assert folders.workshops(home.settings) == []
    assert [place.name for place in folders.root(home.settings).iterdir()] == [templates.FOLDER]
    opening.delete(home, room)
    opening.clear(home, home.wall.now())


@ON_SQLITE
def test_what_was_left_half_made_is_cleared_after_a_while(home: World, room: Workshop) -> None:
    places = folders.root(home.settings)
    left = [places / ".opening-1234", places / ".deleted-ABCDE-1", places / "ABCDE"]
    for place in left:
        (place / "rounds" / "1").mkdir(parents=True)
    opening.clear(home, home.wall.now())
    assert all(place.is_dir() for place in left), "somebody may be making it"
    opening.clear(home, home.wall.now() + 2 * opening.LEFT_BEHIND)
    assert not any(place.exists() for place in left)
    assert folders.workshops(home.settings) == [room]


def bytes_of(world: World) -> str:
    """A digest of the database of production: the file itself, or a dump of it."""
    if world.db.is_sqlite:
        world.db.dispose()
        file = Path(world.db.url.removeprefix("sqlite:///"))
        return hashlib.sha256(file.read_bytes()).hexdigest()
    found = hashlib.sha256()
    with world.db.engine.connect() as connection:
        tables = connection.exec_driver_sql(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        ).scalars()
        for table in tables.all():
            rows = connection.exec_driver_sql(f'SELECT t::text FROM "{table}" t ORDER BY 1').scalars().all()  # noqa: S608
            found.update(f"{table}{rows}".encode())
    return found.hexdigest()


def test_production_is_byte_for_byte_what_it_was(app: Any, home: World, scenario: Scenario, cast: Any) -> None:
    before, files = bytes_of(home), sorted(home.settings.instance.rglob("*"))
    room = opened(home, scenario)
    world = kept(app).world(room.code)
    assert world
    pace.resume(world)
    assert Browser(app.test_client()).get(f"{prefix_of(world)}/").status_code == 302
    opening.snapshot(world, "x", home.wall.now())
    opening.branch(home, room, 1)
    opening.next_round(home, room, home.wall.now())
    for one in folders.workshops(home.settings):
        opening.delete(home, one)
    kept(app).close()
    assert bytes_of(home) == before
    assert sorted(home.settings.instance.rglob("*")) == files


@ON_SQLITE
def test_whoever_runs_the_portal_opens_lists_and_deletes_workshops(home: World) -> None:
    code, said = command("workshop", "open", KEY, "--people", str(PEOPLE), "--trainer", "Greet", world=home)
    assert code == 0, said
    (room,) = folders.workshops(home.settings)
    assert f"/oefening/{room.code}/trainer/trainer." in said
    assert command("workshop", "open", "nowhere", world=home)[0] == 1
    assert f"{room.code}  {room.opened:%Y-%m-%d %H:%M}  round 1" in command("workshop", "list", world=home)[1]
    assert command("workshop", "next-round", room.code.lower(), world=home) == (0, f"{room.code}: round 2\n")
    assert command("workshop", "delete", room.code, world=home)[0] == 0
    assert command("workshop", "delete", room.code, world=home)[0] == 1
    assert folders.workshops(home.settings) == []


@ON_SQLITE
def test_a_template_that_nobody_asks_for_is_cleared(world: World, scenario: Scenario) -> None:
    place = templates.ready(world, "script", scenario, 1, 3)
    assert templates.ready(world, "script", scenario, 1, 3) == place
    templates.clear(world, SystemClock().now())
    assert place.is_dir()
    templates.clear(world, SystemClock().now() + 2 * templates.KEPT)
    assert not place.is_dir()


@ON_SQLITE
def test_only_so_many_moments_are_kept(room: Workshop, practice: World) -> None:
    for number in range(1, opening.MOST_KEPT + 1):
        place = room.folder / "snapshots" / str(number)
        place.mkdir(parents=True)
        moment = practice.wall.now().isoformat()
        (place / "snapshot.json").write_text(json.dumps({"name": "x", "round": 1, "wall": moment, "at": moment}))
    with pytest.raises(Refused) as refused:
        opening.snapshot(practice, "nog een", practice.wall.now())
    assert refused.value.codes == {"workshop_kept_enough"}
    assert not list((room.folder / "snapshots").glob(".*"))
