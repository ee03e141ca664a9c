"""Calendars in a real browser: a table on a desk, a list on the phone, nothing for axe to find, and fit to print."""

from __future__ import annotations

import pytest

from portal.models.occupancy import MinimumOccupancy
from tests.browser.conftest import ON_EACH_SCREEN, PHONE, Live, look
from tests.cast import SINCE
from tests.leave import asked, given, granted
from tests.web.test_absence_pages import team_of


@pytest.fixture
def stocked(live: Live) -> Live:
    """Anna is away in December, Aart asked to be; the team wants two people there."""
    with live.world.db.transaction() as session:
        given(session, live.cast)
        granted(session, live.cast, "2026-12-14", "2026-12-18")
        granted(session, live.cast, "2026-12-22", first_part="afternoon")
        session.add(
            MinimumOccupancy(
                unit_id=team_of(live.world, live.cast), job_title="", people=2, valid_from=SINCE,
                set_at=live.world.clock.now(),
            )
        )  # fmt: skip
        asked(session, live.cast, "2026-12-15", "2026-12-17", name="aart")
    return live


@ON_EACH_SCREEN
def test_who_is_away_is_seen_on_every_screen(stocked: Live, size: tuple[int, int]) -> None:
    page = stocked.page("bram", size)
    page.goto(f"{stocked.address}/team/verlof?maand=2026-12")
    look(page)
    narrow = size == PHONE
    assert page.locator(".ssc-month").is_visible() is not narrow
    assert page.locator(".ssc-narrowly li").first.is_visible() is narrow
    stocked.picture(page, f"team-{size[0]}")
    page.get_by_role("link", name="januari 2027").click()
    page.wait_for_url("**maand=2027-01")
    look(page)
    page.goto(f"{stocked.address}/akkoord")
    page.locator("a[href*='/zaken/VRL-']").first.click()
    page.get_by_role("heading", name="Wie er dan nog meer afwezig is").wait_for()
    look(page)
    stocked.picture(page, f"beside-{size[0]}")
    anna = stocked.page("anna", size)
    anna.goto(f"{stocked.address}/verlof/jaar")
    anna.get_by_role("button", name="Maak een adres").first.click()
    address = anna.get_by_label("Geheim adres")
    address.wait_for()
    answer = anna.request.get(address.input_value())
    assert "BEGIN:VEVENT" in answer.text()
    look(anna)
    stocked.picture(anna, f"year-{size[0]}")


@ON_EACH_SCREEN
def test_a_work_pattern_and_a_minimum_are_set_on_every_screen(stocked: Live, size: tuple[int, int]) -> None:
    page, anna = stocked.page("hanna", size), stocked.cast.people["anna"]
    page.goto(f"{stocked.address}/beheer/mensen/{anna}/werktijden")
    page.get_by_text("Een ander werkpatroon instellen").click()
    look(page)
    page.get_by_label("Vrijdag").first.fill("")
    page.get_by_label("Waarom?").first.fill("Vier dagen")
    page.get_by_role("button", name="Sla het werkpatroon op").click()
    page.get_by_text("Het werkpatroon van Anna de Wit is opgeslagen.").wait_for()
    look(page)
    stocked.picture(page, f"pattern-{size[0]}")
    page.goto(f"{stocked.address}/beheer/afdeling/{team_of(stocked.world, stocked.cast)}/bezetting")
    look(page)
    stocked.picture(page, f"occupancy-{size[0]}")


@ON_EACH_SCREEN
def test_a_standing_substitute_is_named_on_every_screen(stocked: Live, size: tuple[int, int]) -> None:
    page = stocked.page("bram", size)
    page.goto(f"{stocked.address}/mijn-gegevens")
    page.get_by_label("Uw vaste vervanger").select_option(label="Diane de Wit")
    page.get_by_role("button", name="Opslaan", exact=True).first.click()
    page.get_by_text("Uw vaste vervanger is opgeslagen.").wait_for()
    look(page)
    stocked.picture(page, f"standing-{size[0]}")


def test_the_month_of_a_team_prints_as_a_table(stocked: Live) -> None:
    page = stocked.page("bram", PHONE)
    page.goto(f"{stocked.address}/team/verlof?maand=2026-12")
    page.emulate_media(media="print")
    assert page.locator(".ssc-month").is_visible()
    assert not page.locator(".ssc-narrowly").is_visible()
    assert not page.locator("nav.utrecht-pagination").is_visible()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
