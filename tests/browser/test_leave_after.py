"""After leave was approved, in a real browser: days taken back, the manager's mail, being ill, what the SSC settles."""

from __future__ import annotations

import re
from datetime import date

from portal.queries.leave import booked_of
from tests.browser.conftest import DESK, ON_PHONE_AND_DESK, PHONE, Live, look
from tests.leave import given, granted

WIDTHS = (PHONE, (768, 1024), DESK)


@ON_PHONE_AND_DESK
def test_days_of_leave_are_taken_back_and_the_manager_confirms_those_that_began(
    live: Live, size: tuple[int, int]
) -> None:
    with live.world.db.transaction() as session:
        given(session, live.cast)
        coming, begun = (
            granted(session, live.cast, "2026-12-07", "2026-12-18"),
            granted(session, live.cast, "2026-11-23"),
        )
        numbers, leave_id, past_id = (coming.number, begun.number), coming.id, begun.id
    anna = live.page("anna", size)
    anna.goto(f"{live.address}/zaken/{numbers[0]}")
    look(anna)
    anna.click("button:has-text('Verlof intrekken')")
    look(anna)
    for box in anna.locator("input[name^=day-]").all()[:3]:
        box.check()
    anna.click("button:has-text('Verder')")
    anna.wait_for_selector("text=21,6 uur")
    look(anna)
    anna.click("button:has-text('Indienen')")
    anna.wait_for_selector("text=Teruggegeven")
    look(anna)
    with live.world.db.session(writes=False) as session:
        assert {one.day for one in booked_of(session, leave_id)} == {
            date(2026, 12, day) for day in (10, 11, 14, 15, 16, 17, 18)
        }
    anna.goto(f"{live.address}/zaken/{numbers[1]}")
    anna.click("button:has-text('Verlof intrekken')")
    anna.locator("input[type=checkbox]").first.check()
    anna.click("button:has-text('Verder')")
    anna.click("button:has-text('Indienen')")
    anna.wait_for_selector("text=Wacht op akkoord")
    live.work("deliver_mail")
    bram = live.page(None, size)
    bram.goto(live.link_for("Bram"))
    look(bram)
    bram.get_by_role("button", name="Akkoord").click()
    bram.wait_for_load_state()
    with live.world.db.session(writes=False) as session:
        assert booked_of(session, past_id) == []


def test_somebody_reports_ill_and_every_page_of_it_and_of_settling_holds(live: Live) -> None:
    with live.world.db.transaction() as session:
        given(session, live.cast)
    anna = live.page("anna", PHONE)
    anna.click("text=Ziekmelding")
    look(anna)
    anna.get_by_label("Eerste ziektedag").fill("2026-11-23")
    anna.click("button:has-text('Verder')")
    look(anna)
    anna.click("button:has-text('Ziek melden')")
    anna.locator("summary", has_text=re.compile("^Hersteld")).click()
    look(anna)
    anna.get_by_label("Werkt weer alle uren vanaf").fill("2026-11-24")
    anna.locator("form button", has_text=re.compile("^Hersteld")).click()
    anna.wait_for_selector("text=dinsdag 24 november 2026")
    person = live.cast.people["anna"]
    carla = live.page("carla")
    for path in ("/verlof/vervallen", "/verlof/correcties", f"/mensen/{person}/verlof/corrigeren"):
        carla.goto(f"{live.address}{path}")
        for width, height in WIDTHS:
            carla.set_viewport_size({"width": width, "height": height})
            look(carla)
