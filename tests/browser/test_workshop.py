"""A workshop in a real browser: a trainer alone with bots, a projector, and a phone that dies half-way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from portal.workshop import folders
from portal.workshop.keeping import Keeper
from tests.browser.conftest import DESK, PHONE, Live, look

CARD = "Met de trein naar Utrecht"
ROUND_DAYS = 9


@pytest.fixture
def keeper(live: Live) -> Iterator[Keeper]:
    """Keeps the time of the stories, as the scheduler does."""
    keeper = Keeper(live.world)
    keeper.begin()
    yield keeper
    keeper.close()


def jump(desk: Page, keeper: Keeper, days: int) -> None:
    """Go on to the next working day, so many times."""
    for _ in range(days):
        desk.get_by_role("button", name="Naar de volgende werkdag").click()
        keeper.beat()


def join(live: Live, code: str, name: str) -> tuple[Page, str]:
    """Sit down with a phone; its page, and one's own code."""
    phone = live.page(None, PHONE)
    phone.goto(f"{live.address}/oefening/{code.lower()}")
    look(phone)
    phone.get_by_label("Hoe noemt u zich vandaag?").fill(name)
    phone.get_by_role("button", name="Doe mee").click()
    phone.wait_for_url("**/kaart")
    look(phone)
    pin = re.search(r"Uw code: (\d{4})", phone.locator("main").inner_text())
    assert pin
    return phone, pin[1]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_greet_runs_a_workshop_alone_with_bots(live: Live, keeper: Keeper) -> None:
    greet = live.page("greet", DESK)
    greet.get_by_role("link", name="Oefeningen").click()
    look(greet)
    greet.get_by_role("link", name=re.compile("Declaratie van papier naar portaal")).click()
    greet.get_by_label("Met hoeveel mensen speelt u?").fill("2")
    greet.get_by_role("button", name="Laat de plaatsen zien").click()
    greet.get_by_text("een getal van 3 tot en met 30").wait_for()
    greet.get_by_label("Met hoeveel mensen speelt u?").fill("3")
    greet.get_by_role("button", name="Laat de plaatsen zien").click()
    look(greet)
    greet.get_by_role("button", name="Open de oefening").click()
    greet.wait_for_url("**/regie")
    [workshop] = folders.workshops(live.world.settings)
    screen = live.page(None, DESK)
    screen.goto(f"{live.address}/oefening/{workshop.code}/scherm")
    expect(screen.locator("main")).to_contain_text(workshop.code)
    look(screen)
    phone, pin = join(live, workshop.code, "Noor")
    greet.get_by_role("button", name="Start het verhaal").click()
    jump(greet, keeper, 1)
    expect(phone.get_by_role("heading", name=CARD)).to_be_visible()
    look(phone)
    phone.get_by_role("button", name=re.compile("^Begin")).first.click()
    phone.get_by_label("Waar gaat deze declaratie over?").fill("Overleg Omgevingswet")
    phone.get_by_role("button", name="Opslaan en sluiten").click()
    phone.wait_for_load_state()
    phone.context.close()
    live.opened.remove(phone.context)
    _comes_back_and_hands_in(live, workshop.code, pin)
    look(greet)
    jump(greet, keeper, ROUND_DAYS)
    expect(screen.locator("[data-station=paid] strong")).not_to_have_text("0")
    _second_round(greet, keeper)
    _looks_back(live, greet)
    _deletes(live, greet)


def _comes_back_and_hands_in(live: Live, code: str, pin: str) -> None:
    """On another phone: the same seat, and what was typed is there."""
    phone = live.page(None, PHONE)
    phone.goto(f"{live.address}/oefening/{code}")
    phone.get_by_text("Ik was er al").click()
    phone.get_by_label("De naam waarmee u meedeed").fill("Noor")
    phone.get_by_label("Uw code van vier cijfers").fill(pin)
    phone.get_by_role("button", name="Terug naar mijn plaats").click()
    phone.wait_for_url("**/kaart")
    expect(phone.get_by_role("heading", name="Anna de Wit")).to_be_visible()
    phone.get_by_role("link", name=re.compile("verder", re.IGNORECASE)).first.click()
    expect(phone.get_by_label("Waar gaat deze declaratie over?")).to_have_value("Overleg Omgevingswet")
    phone.get_by_label("Waaraan hebt u het uitgegeven?").select_option(label="Trein, tram of bus")
    phone.wait_for_load_state()
    look(phone)


def _second_round(greet: Page, keeper: Keeper) -> None:
    greet.get_by_role("button", name="Door naar ronde 2").click()
    greet.get_by_role("dialog").get_by_role("button", name=re.compile("^Door naar ronde 2")).click()
    greet.get_by_role("heading", name="Zoals het SSC het doet").wait_for()
    greet.get_by_role("button", name="Start het verhaal").click()
    jump(greet, keeper, ROUND_DAYS)


def _looks_back(live: Live, greet: Page) -> None:
    greet.get_by_role("link", name="Nabespreking").click()
    greet.get_by_role("heading", name="De rondes naast elkaar").wait_for()
    look(greet)
    with greet.expect_download() as paper:
        greet.get_by_role("link", name="Op papier").click()
    assert paper.value.path().read_bytes().startswith(b"%PDF-1.7")
    with greet.expect_download() as everything:
        greet.get_by_role("link", name="Alles").click()
    with ZipFile(BytesIO(everything.value.path().read_bytes())) as found:
        assert found.testzip() is None
        assert any(name.endswith(".csv") for name in found.namelist())


def _deletes(live: Live, greet: Page) -> None:
    greet.goto(f"{live.address}/oefeningen")
    greet.get_by_role("button", name=re.compile("^Verwijder Declaratie")).click()
    greet.get_by_role("dialog").get_by_role("button", name=re.compile("^Verwijder")).click()
    greet.get_by_text("U hebt nog geen oefeningen").wait_for()
    assert folders.workshops(live.world.settings) == []
