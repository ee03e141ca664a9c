"""Practice worlds: found by their address, cut off from production and from each other."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.access import EMPLOYEE, PRACTICE, TRAINER_DESK, Role, open_to
from portal.clock import FixedClock
from portal.models.cases import Case
from portal.models.reads import DossierRead
from portal.web.worlds import kept
from portal.workshop import folders, opening
from portal.workshop.folders import Workshop
from portal.workshop.worlds import world_of
from portal.worlds import ACCOUNT, DECIDE, TRAINER_LINK, World
from tests.cast import Cast
from tests.conftest import TUESDAY, Browser, browser_of
from tests.workshop.rooms import a_workshop, prefix_of, signed_in, sit

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def home(world: World, cast: Cast) -> World:
    """Production, with people in it."""
    return world


@pytest.fixture
def room(home: World) -> Workshop:
    return a_workshop(home)


@pytest.fixture
def practice(app: Any, room: Workshop) -> Iterator[World]:
    """The practice world, as the web has it open."""
    world = kept(app).world(room.code)
    assert world
    yield world
    kept(app).close()


def test_the_same_address_in_another_world_is_another_world(app: Any, practice: World, cast: Cast, home: World) -> None:
    prefix = prefix_of(practice)
    anna = signed_in(app, practice, "anna")
    begun = anna.post(f"{prefix}/zaken/nieuw/expense_claim")
    assert begun.headers["Location"].startswith(f"{prefix}/concept/")
    assert anna.get(begun.headers["Location"]).status_code == 200
    page = anna.get(f"{prefix}/").text
    inside = re.findall(r'(?:href|src|action)="(/[^"]*)"', page)
    assert [address for address in inside if not address.startswith(f"{prefix}/")] == []
    with practice.db.session(writes=False) as there, home.db.session(writes=False) as here:
        assert there.scalar(select(func.count()).select_from(Case)) == 1
        assert here.scalar(select(func.count()).select_from(Case)) == 0
    annas = browser_of(app, cast, "anna")
    assert annas.get(begun.headers["Location"].removeprefix(prefix)).status_code == 404


def test_a_sign_in_is_nothing_in_another_world(app: Any, practice: World, cast: Cast, home: World) -> None:
    other = kept(app).world(a_workshop(home).code)
    assert other
    for browser, mine in ((browser_of(app, cast, "anna"), home), (signed_in(app, practice, "anna"), practice)):
        for world in (home, practice, other):
            prefix = prefix_of(world)
            answer = browser.get(f"{prefix}/zaken")
            assert answer.status_code == (200 if world is mine else 302), (mine.name, world.name)


def test_the_cookie_of_a_practice_world_goes_nowhere_else(app: Any, practice: World, cast: Cast) -> None:
    prefix, name = prefix_of(practice), practice.name
    browser = Browser(app.test_client())
    said = browser.post(f"{prefix}/taal/en", headers={"Referer": "/"}).headers["Set-Cookie"]
    assert said.startswith(f"{name}=")
    assert f"Path={prefix};" in said
    assert said.rstrip().endswith("SameSite=Lax")
    # Put under production's name by hand, it is a forged cookie.
    value = said.partition("=")[2].partition(";")[0]
    browser.client.set_cookie("portal", value)
    assert browser.get("/aanmelden").text.count('lang="nl"') == 1
    own = browser_of(app, cast, "anna").client.get_cookie("portal")
    assert own
    browser.client.set_cookie(name, own.value, path=prefix)
    assert browser.get(f"{prefix}/zaken").headers["Location"] == f"{prefix}/meedoen"


def test_a_forms_token_of_one_world_does_not_fit_in_another(app: Any, practice: World) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    prefix = prefix_of(practice)
    anna = signed_in(app, practice, "anna")

    def token(address: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', anna.get(address).text)
        assert found
        return found[1]

    ours, theirs = token(f"{prefix}/"), token("/aanmelden")
    begin = f"{prefix}/zaken/nieuw/expense_claim"
    assert anna.post(begin, {"csrf_token": theirs}).status_code == 403
    assert anna.post("/taal/en", {"csrf_token": ours}).status_code == 403
    assert anna.post(begin, {"csrf_token": ours}).status_code == 302


@ON_SQLITE
def test_links_of_one_world_are_none_in_another(practice: World, home: World) -> None:
    for purpose in (DECIDE, ACCOUNT):
        token = practice.link_token("nonce", purpose)
        assert practice.nonce_of(token, purpose) == "nonce"
        assert home.nonce_of(token, purpose) is None
        assert practice.nonce_of(home.link_token("nonce", purpose), purpose) is None
    # Also where a later workshop were to get the same code: its keys are its own.
    assert practice.practice
    room = folders.workshop(home.settings, practice.practice.code)
    assert room
    later = world_of(home, replace(room, opened=room.opened + timedelta(days=1)))
    assert later.nonce_of(practice.link_token("nonce")) is None
    assert practice.settings.base_url == f"http://localhost/oefening/{practice.practice.code}"
    assert (practice.settings.smtp_url, practice.settings.anchor_mail) == ("", ())


@ON_SQLITE
def test_who_sits_nowhere_is_asked_to_join_and_nobody_signs_in_by_password(
    app: Any, practice: World, cast: Cast
) -> None:
    prefix = prefix_of(practice)
    nobody = Browser(app.test_client())
    for address in ("/", "/zaken", "/werkvoorraad", "/aanmelden"):
        assert nobody.get(prefix + address).headers["Location"] == f"{prefix}/meedoen"
    right = {"username": "anna", "password": cast.password}
    assert nobody.post(f"{prefix}/aanmelden", right).status_code == 404


@ON_SQLITE
def test_an_address_is_found_however_its_code_is_typed(app: Any, practice: World) -> None:
    prefix = prefix_of(practice)
    nobody = Browser(app.test_client())
    assert nobody.get(f"{prefix.lower()}/zaken?a=1").headers["Location"] == f"{prefix}/zaken?a=1"
    assert nobody.get(prefix).headers["Location"] == f"{prefix}/"


@ON_SQLITE
def test_no_code_reaches_another_folder(app: Any, practice: World, home: World) -> None:
    nobody = Browser(app.test_client())
    for address in ("/oefening/ABCDE/", "/oefening/.temp/", "/oefening/..%2f..%2f/", "/oefening/", "/oefening/ABCDEF/"):
        assert nobody.get(address).status_code == 404
    for code in ("", "..", "../..", "ABCDE", "abcde", "ABCD\n", ".templates"):
        assert folders.workshop(home.settings, code) is None
        assert kept(app).world(code) is None


@ON_SQLITE
def test_marks_of_practice_worlds_open_nothing_in_production(unused_app: Any, home: World, cast: Cast) -> None:
    app, world = unused_app, kept(unused_app).world(a_workshop(home).code)
    assert world
    assert world.practice
    marks = {
        "all": (PRACTICE,),
        "desk": (TRAINER_DESK,),
        "both": (TRAINER_DESK, EMPLOYEE),
        "clerk": (PRACTICE, Role.CLERK),
    }
    for name, mark in marks.items():
        app.add_url_rule(f"/proef/{name}", name, open_to(*mark)(lambda: "here"))

    def open_for(browser: Browser, prefix: str) -> set[str]:
        return {name for name in marks if browser.get(f"{prefix}/proef/{name}").status_code == 200}

    nobody, trainer, prefix = Browser(app.test_client()), Browser(app.test_client()), world.practice.prefix
    sit(trainer, world, "", trainer=True)
    assert open_for(nobody, "") == open_for(trainer, "") == set()
    assert nobody.get("/proef/all").status_code == nobody.get("/proef/desk").status_code == 404
    assert open_for(browser_of(app, cast, "carla"), "") == {"both", "clerk"}
    assert open_for(nobody, prefix) == {"all", "clerk"}
    assert nobody.get(f"{prefix}/proef/desk").status_code == 404
    assert open_for(signed_in(app, world, "anna"), prefix) == {"all", "both", "clerk"}
    assert open_for(trainer, prefix) == set(marks)


@ON_SQLITE
def test_a_seat_is_kept_however_many_days_pass_in_the_story(app: Any, practice: World, cast: Cast) -> None:
    prefix = prefix_of(practice)
    anna = signed_in(app, practice, "anna", at=TUESDAY - timedelta(days=400))
    assert anna.get(f"{prefix}/zaken").status_code == 200


@ON_SQLITE
def test_the_next_round_is_another_world_for_every_process_at_once(app: Any, practice: World, room: Workshop) -> None:
    here = kept(app)
    assert here.world(room.code) is practice
    second = replace(room, round=2)
    second.instance.mkdir()
    folders.write(second)
    later = here.world(room.code)
    assert later
    assert later.practice
    assert (later.practice.round, later.settings.instance) == (2, room.folder / "rounds" / "2")
    assert here.world(room.code) is later
    (room.folder / folders.ABOUT).unlink()
    assert here.world(room.code) is None


@ON_SQLITE
def test_what_is_typed_in_a_form_goes_on_where_one_was(app: Any, practice: World) -> None:
    prefix = prefix_of(practice)
    answer = signed_in(app, practice, "anna").post(f"{prefix}/taal/en", {"next": "/zaken?a=1"})
    assert answer.headers["Location"] == f"{prefix}/zaken?a=1"


@ON_SQLITE
def test_workshops_are_listed_the_newest_first(home: World) -> None:
    wall = FixedClock(TUESDAY)
    first = a_workshop(replace(home, wall=wall))
    wall.advance(timedelta(hours=1))
    second = a_workshop(replace(home, wall=wall), title="Nog eens", people=2)
    assert folders.workshops(home.settings) == [second, first]
    assert folders.workshop(home.settings, second.code) == second
    folders.root(home.settings).joinpath(".templates").mkdir()
    assert len(folders.workshops(home.settings)) == 2


@ON_SQLITE
def test_reads_of_one_world_are_not_taken_for_reads_of_another(
    app: Any, practice: World, cast: Cast, home: World
) -> None:
    prefix = prefix_of(practice)
    carla, there = browser_of(app, cast, "carla"), signed_in(app, practice, "carla")
    for world, browser, at in ((home, carla, ""), (practice, there, prefix)):
        with world.db.transaction() as session:
            people = Cast(world, people=cast.people, municipalities=cast.municipalities)
            number = people.submitted(session, key="k").number
        assert browser.get(f"{at}/zaken/{number}").status_code == 200
        with world.db.session(writes=False) as session:
            assert session.scalar(select(func.count()).select_from(DossierRead)) == 1


@ON_SQLITE
def test_an_address_is_sent_on_as_it_was_whatever_signs_are_in_it(app: Any, practice: World) -> None:
    prefix = prefix_of(practice)
    nobody = Browser(app.test_client())
    for path in ("/%0D%0AX:%20y", "/k%3Fx", "/z%C3%A9?q=%C3%A9", "//elders.example/", "/%2e%2e/"):
        answer = nobody.get(f"{prefix.lower()}{path}")
        assert answer.status_code == 308
        expected = f"{prefix}{path}".replace("%2e%2e", "..")
        assert answer.headers["Location"] == expected
        assert "X" not in answer.headers


@ON_SQLITE
def test_what_an_administrator_left_among_the_workshops_hinders_nobody(app: Any, practice: World, home: World) -> None:
    places = folders.root(home.settings)
    room = folders.workshops(home.settings)[0]
    (places / "22222").write_text("a file")
    for code, text in (("33333", "{"), ("44444", "[]"), ("55555", '{"code": "55555"}'), ("66666", '{"opened": 1}')):
        (places / code).mkdir()
        (places / code / folders.ABOUT).write_text(text)
    shutil.copytree(room.folder, places / "77777")
    assert {one.code for one in folders.workshops(home.settings)} == {room.code, "77777"}
    nobody = Browser(app.test_client())
    for code in ("22222", "33333", "44444", "55555", "66666"):
        assert nobody.get(f"/oefening/{code}/").status_code == 404
    copied = kept(app).world("77777")
    assert copied
    assert copied.nonce_of(practice.link_token("trainer", TRAINER_LINK), TRAINER_LINK) is None


@ON_SQLITE
def test_no_file_of_a_deleted_workshop_is_kept_open(app: Any, practice: World, home: World) -> None:
    with practice.db.session(writes=False) as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 0
    gone = folders.workshops(home.settings)[0]

    def still_open() -> list[str]:
        links = (str(one.readlink()) for one in Path("/proc/self/fd").iterdir() if one.is_symlink())
        return [link for link in links if "deleted" in link and gone.code in link]

    opening.delete(home, gone)
    other = a_workshop(home)
    assert kept(app).world(other.code)
    assert still_open() == []
