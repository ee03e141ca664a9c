"""The page of a day's mail by keyboard alone, and the pages of who may sign and who leads."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from portal.clock import AMSTERDAM
from portal.models.people import Person
from tests.browser.conftest import ON_EACH_SCREEN, ON_PHONE_AND_DESK, PHONE, Live, look


def _asked(live: Live) -> str:
    """Three requests for Bram, who gets one mail a day; the address in it."""
    hour = live.world.clock.now().astimezone(AMSTERDAM).hour
    with live.world.db.transaction() as session:
        session.get_one(Person, live.cast.people["bram"]).daily_hour = hour
        for name, cents in (("anna", 1_250), ("aart", 4_000), ("anna", 60_000)):
            live.cast.submitted(session, name, key=f"{cents}", cents=cents)
    live.work("bundle", "deliver_mail")
    match = re.search(r"https?://\S+/akkoord/dag/[^\s#]+", live.inbox.last_for("Bram"))
    assert match
    return match[0]


def _tab_to(page: Page, what: str) -> None:
    """Press Tab until the element that fits has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("what => document.activeElement.matches(what)", what):
            return
    raise AssertionError(f"{what} cannot be reached by keyboard")


@ON_EACH_SCREEN
def test_a_day_is_decided_by_keyboard(live: Live, size: tuple[int, int]) -> None:
    bram = live.page(None, size)
    bram.goto(_asked(live))
    look(bram)
    first, second = (f"#DEC-2026-00000{number}" for number in (1, 2))
    # Nothing is chosen beforehand: pressing the button alone asks for a choice.
    _tab_to(bram, f"{first} form button")
    bram.keyboard.press("Enter")
    expect(bram.locator(first).get_by_role("alert")).to_contain_text("Kies wat u beslist")
    look(bram)
    _tab_to(bram, f"{first} input[value=approve]")
    bram.keyboard.press("Space")
    _tab_to(bram, f"{first} form button")
    bram.keyboard.press("Enter")
    expect(bram.locator(first)).to_contain_text("Hier valt niets meer te beslissen")
    _tab_to(bram, f"{second} input[type=radio]")
    bram.keyboard.press("Space")
    bram.keyboard.press("ArrowDown")
    bram.keyboard.press("ArrowDown")
    expect(bram.locator(f"{second} input[value=reject]")).to_be_checked()
    _tab_to(bram, f"{second} textarea")
    bram.keyboard.type("Dit was geen werk")
    bram.keyboard.press("Tab")
    bram.keyboard.press("Enter")
    expect(bram.locator(second)).to_contain_text("Afgewezen")
    expect(bram.locator("#DEC-2026-000003")).to_contain_text("Inloggen")
    look(bram)


@ON_PHONE_AND_DESK
def test_the_line_of_command_is_looked_up_and_changed(live: Live, size: tuple[int, int]) -> None:
    with live.world.db.transaction() as session:
        live.cast.submitted(session)
    hanna = live.page("hanna", size)
    place = live.cast.municipalities["waterveen"]
    for path in (f"/tekenbevoegdheid?gemeente={place}&bedrag=2000", "/beheer/mandaten?gemeente=waterveen"):
        hanna.goto(f"{live.address}{path}")
        look(hanna)
    hanna.goto(f"{live.address}/beheer/leiding?gemeente=waterveen")
    look(hanna)
    hanna.get_by_label("Team Vergunningen").check()
    hanna.get_by_label("Nieuwe leidinggevende").fill("diane@example.org")
    hanna.get_by_label("Waarom?").fill("Reorganisatie")
    hanna.get_by_role("button", name="Bekijk wat er verandert").click()
    expect(hanna.locator("main")).to_contain_text("1 open aanvraag gaat naar een andere beslisser")
    look(hanna)
    hanna.get_by_role("button", name="Deze wijziging opslaan").click()
    expect(hanna.locator("main")).to_contain_text("De leiding is opgeslagen")


def test_one_chooses_a_substitute_and_when_mail_comes(live: Live) -> None:
    bram = live.page("bram", PHONE)
    bram.goto(f"{live.address}/mijn-gegevens")
    look(bram)
    bram.get_by_label("Uw vervanger").select_option(label="Els de Wit")
    bram.get_by_label("Eerste dag").fill("2026-11-24")
    bram.get_by_label("Laatste dag").fill("2026-11-30")
    bram.get_by_role("button", name="Vervanger opslaan").click()
    bram.get_by_role("link", name="Wijzigen").first.click()
    look(bram)
    bram.get_by_label("Wanneer krijgt u mail?").select_option("9")
    bram.get_by_role("region", name="Mail over waar u over beslist").get_by_role("button", name="Opslaan").click()
    expect(bram.locator("main")).to_contain_text("Zo krijgt u vanaf nu mail")
