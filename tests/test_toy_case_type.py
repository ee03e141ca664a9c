"""A case type that nobody has heard of, added with one line in the register, works from the first page to the last."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.jobs import deliver, remind
from portal.jobs.telling import told
from portal.models.cases import Case
from portal.models.people import Mandate
from portal.queries import chain
from portal.queries.queue import QueueFilter, queue
from portal.worlds import World
from tests.cast import SINCE, Cast
from tests.commands.helpers import events, here, letters
from tests.toy.parking_permit import PERMIT, registered
from tests.workflows import test_declarations as declarations
from workflows import CASE_TYPES
from workflows.kernel import CaseType

NUMBER = "PRK-2026-000001"
TYPED = {"plate": "xx-123-y", "place": "south", "since": "2026-11-20"}


@pytest.fixture(autouse=True)
def permit(world: World, cast: Cast) -> Iterator[CaseType]:
    """The type in the register, and managers who may decide on it."""
    with world.db.transaction() as session:
        for name, place in (("bram", "waterveen"), ("diane", "waterveen"), ("otto", "duinrade")):
            session.add(
                Mandate(
                    person_id=cast.people[name], municipality_id=cast.municipalities[place], kind=PERMIT.key,
                    maximum_cents=0, valid_from=SINCE,
                )
            )  # fmt: skip
    with registered() as case_type:
        yield case_type


def start(anna: Any) -> str:
    answer = anna.post(f"/zaken/nieuw/{PERMIT.key}", {"client_key": "abc"})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def ask(anna: Any) -> None:
    draft = start(anna)
    anna.post(draft, {**TYPED, "do": "review"})
    assert anna.post(f"{draft}/indienen").headers["Location"] == f"/zaken/{NUMBER}"


def link(world: World) -> str:
    deliver.run(world, world.clock.now())
    texts = [m.get_body(("plain",)).get_content() for m in world.transport.sent]  # type: ignore[attr-defined]
    return [match[1] for text in texts for match in re.finditer(r"http://localhost(/akkoord/\S+)", text)][-1]


def test_it_can_be_started_typed_in_and_judged(browse: Any) -> None:
    anna = browse("anna")
    assert f"/zaken/nieuw/{PERMIT.key}" in anna.get("/").text
    draft = start(anna)
    assert start(anna) == draft, "pressing twice begins one"
    page = anna.get(draft).text
    assert re.findall(r'name="(plate|place|since)"', page) == ["plate", "place", "since"]
    kept = anna.post(f"{draft}/bewaren", {"plate": "far too long", "place": "south"})
    assert (kept.status_code, sorted(kept.json)) == (201, ["hints", "saved_at", "total", "version"])
    answer = anna.post(draft, {"plate": "far too long", "place": "south", "do": "review"})
    page = anna.get(anna.get(answer.headers["Location"]).headers["Location"]).text
    assert 'value="far too long"' in page
    assert page.count('href="#plate"') == page.count('href="#since"') == 1
    answer = anna.post(draft, {**TYPED, "do": "review"})
    page = anna.get(answer.headers["Location"]).text
    assert "XX-123-Y" in page
    assert "License plate" in page


def test_it_travels_from_the_form_to_the_permit(world: World, cast: Cast, browse: Any) -> None:
    anna = browse("anna")
    ask(anna)
    page = anna.get(f"/zaken/{NUMBER}").text
    assert "Waiting for the manager" in page
    assert "XX-123-Y" in page
    nobody, address = browse(), link(world)
    assert "XX-123-Y" in nobody.get(address).text
    assert nobody.post(address, {"decision": "agree"}).status_code == 302
    carla = browse("carla")
    assert NUMBER in carla.get("/werkvoorraad").text
    bench = carla.post("/werkvoorraad/volgende").headers["Location"]
    assert carla.get(bench).headers["Location"] == f"/zaken/{NUMBER}"
    page = carla.get(f"/zaken/{NUMBER}").text
    assert f'action="/zaken/{NUMBER}/issue"' in page
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    answer = carla.post(f"/zaken/{NUMBER}/issue", {"version": version[1]})
    assert answer.status_code == 302, answer.text
    told = anna.get(f"/zaken/{NUMBER}").text
    assert all(done in told for done in ("Asked for", "Agreed to park", "Permit issued", "Carla de Wit"))
    with world.db.session(writes=False) as session:
        case = session.scalars(select(Case)).one()
        assert (case.state, case.result, case.title) == ("issued", "granted", "Parking for XX-123-Y")
        assert [(e.action, e.channel) for e in events(session, case.id)] == [
            ("ask", "portal"), ("agree", "mail_link"), ("issue", "portal"),
        ]  # fmt: skip
        assert [letter for letter, _ in letters(session, case.id)] == [
            "ask", "received", "approved", "to_check", "approved",
        ]  # fmt: skip
        assert chain.verify(session).broken is None


def test_a_manager_finds_it_and_sends_it_back_and_it_keeps_its_number(browse: Any) -> None:
    anna, bram = browse("anna"), browse("bram")
    ask(anna)
    assert NUMBER in bram.get("/akkoord").text
    assert bram.post(f"/zaken/{NUMBER}/return", {"reason": ""}).status_code == 422
    assert bram.post(f"/zaken/{NUMBER}/return", {"reason": "Which car?"}).status_code == 302
    page = anna.get(f"/zaken/{NUMBER}").text
    assert "Which car?" in page
    draft = re.search(r'href="(/concept/\d+)"', page)
    assert draft
    assert 'value="xx-123-y"' in anna.get(draft[1]).text
    anna.post(draft[1], {**TYPED, "plate": "zz-9", "do": "review"})
    assert anna.post(f"{draft[1]}/indienen").headers["Location"] == f"/zaken/{NUMBER}"
    answer = bram.post("/akkoord", {"case": f"{NUMBER}:{version_of(bram)}"})
    assert answer.status_code == 302
    page = bram.get("/akkoord").text
    assert f'value="{NUMBER}:' not in page
    assert "Agreed to park" in page, "and it is among what he decided"


def version_of(browser: Any) -> str:
    found = re.search(rf'value="{NUMBER}:(\d+)"', browser.get("/akkoord").text)
    assert found
    return found[1]


def test_it_has_clocks_reminders_and_a_place_in_the_queue(world: World, cast: Cast, browse: Any) -> None:
    ask(browse("anna"))
    with world.db.session(writes=False) as session:
        case = session.scalars(select(Case)).one()
        assert (case.target_due, case.step_due) == (here("2026-12-01 17:00"), here("2026-11-26 17:00"))
        assert case.legal_due is None
    world.clock.set(here("2026-11-27 08:00"))
    assert remind.run(world, world.clock.now()) == told("reminded", reminded=1, escalated=1)
    browse("bram").post(f"/zaken/{NUMBER}/agree")
    world.clock.advance(timedelta(hours=1))
    with world.db.session(writes=False) as session:
        carla = cast.viewer(session, "carla")
        wanted = QueueFilter(type=PERMIT.key)
        assert [c.number for c in queue(session, carla, wanted, world.clock.now()).cases] == [NUMBER]
        other = QueueFilter(type="expense_claim")
        assert list(queue(session, carla, other, world.clock.now()).cases) == []


def test_it_is_printed_and_shown_with_the_others(browse: Any) -> None:
    assert "Issue the permit" in browse("hanna").get("/beheer/zaaktypen").text


def test_whatever_is_asked_of_every_declaration_holds_for_it(permit: CaseType) -> None:
    assert list(CASE_TYPES)[-1] == "parking_permit"
    for name, check in vars(declarations).items():
        if name.startswith("test_") and hasattr(check, "pytestmark") and "released" not in name:
            check(permit)
