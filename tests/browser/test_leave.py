"""The story of leave in a real browser: asked for with its hours in sight, decided from the mail, seen as booked."""

from __future__ import annotations

import pytest

from tests.browser.conftest import ON_PHONE_AND_DESK, Live, look
from tests.commands.helpers import here
from tests.leave import given


@pytest.fixture
def stocked(live: Live) -> Live:
    """Everybody was given the hours of the year."""
    with live.world.db.transaction() as session:
        given(session, live.cast, here("2026-01-01 02:00"))
    return live


@ON_PHONE_AND_DESK
def test_anna_asks_for_a_week_and_half_a_day_and_bram_decides_from_his_mail(
    stocked: Live, size: tuple[int, int]
) -> None:
    anna = stocked.page("anna", size)
    anna.get_by_role("link", name="Mijn verlof: 201,6 uur").click()
    look(anna)
    anna.get_by_role("button", name="Verlof aanvragen").click()
    anna.get_by_label("Eerste dag", exact=True).fill("2026-12-24")
    anna.get_by_label("Laatste dag", exact=True).fill("2026-12-27")
    anna.get_by_label("Van de laatste dag").select_option("morning")
    look(anna)
    # Christmas costs nothing, so only the first of these days does; then she takes the week before as well.
    anna.get_by_role("button", name="Verder").click()
    anna.get_by_text("7,2 uur").first.wait_for()
    anna.get_by_role("link", name="Iets veranderen").click()
    anna.get_by_label("Eerste dag", exact=True).fill("2026-12-17")
    anna.get_by_label("Van de eerste dag").select_option("afternoon")
    anna.get_by_role("button", name="Verder").click()
    anna.get_by_text("39,6 uur").first.wait_for()
    anna.get_by_text("Waar de uren vandaan komen").wait_for()
    look(anna)
    stocked.picture(anna, f"leave-review-{size[0]}")
    anna.get_by_role("button", name="Indienen").click()
    anna.wait_for_url("**/zaken/VRL-2026-000001")
    look(anna)
    stocked.work("deliver_mail")
    bram = stocked.page(None, size)
    bram.goto(stocked.link_for("Bram"))
    bram.get_by_text("Verlof 17-12-2026 – 27-12-2026").wait_for()
    bram.get_by_text("39,6 uur").first.wait_for()
    look(bram)
    stocked.picture(bram, f"leave-decide-{size[0]}")
    bram.get_by_role("button", name="Akkoord").click()
    bram.wait_for_url("**/klaar")
    anna.goto(f"{stocked.address}/verlof")
    anna.get_by_role("link", name="VRL-2026-000001").wait_for()
    anna.get_by_text("162 uur").first.wait_for()
    look(anna)
    stocked.picture(anna, f"leave-balance-{size[0]}")
