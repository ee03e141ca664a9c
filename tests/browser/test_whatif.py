"""A trainer asks what if, in a real browser: her question is followed to its answer, and every page can be used."""

from __future__ import annotations

import re

from playwright.sync_api import expect
from sqlalchemy import select

from portal.models.whatif import WhatIfRun
from tests.browser.conftest import ON_PHONE_AND_DESK, Live, look
from tests.whatif.answered import KEYS, with_answer


@ON_PHONE_AND_DESK
def test_greet_asks_at_one_press_and_reads_the_answer(live: Live, size: tuple[int, int]) -> None:
    now, greet_id = live.world.clock.now(), live.cast.people["greet"]
    with live.world.db.transaction() as session:
        given = with_answer(session, greet_id, now).result
    greet = live.page("greet", size)
    greet.goto(f"{live.address}/wat-als")
    look(greet)
    for key in KEYS:
        greet.locator(f'input[name="q"][value="{key}"]').check()
    greet.get_by_role("button", name="Vergelijk wat ik aanvinkte").click()
    greet.get_by_text("Het begint binnen enkele seconden.").wait_for()
    look(greet)
    with live.world.db.transaction() as session:
        run = session.scalars(select(WhatIfRun).order_by(WhatIfRun.id.desc()).limit(1)).one()
        run.begun_at = run.finished_at = now
        run.result = given
    # The page looks by itself, and the answer comes in the place of how far it is.
    expect(greet.get_by_text(re.compile("Met een steekproef onder € 100 duurt een zaak"))).to_be_visible(timeout=15_000)
    greet.reload()
    look(greet)
    live.picture(greet, f"what-if-{size[0]}")
    greet.goto(f"{live.address}/wat-als/eigen")
    greet.get_by_role("textbox", name="SSC-medewerkers: hoeveel").fill("veel")
    greet.get_by_role("button", name="Reken het uit").last.click()
    greet.get_by_text("Vul een getal in, zoals 12 of 2,5.").first.wait_for()
    look(greet)
    greet.get_by_role("button", name="Zet terug: SSC-medewerkers: hoeveel").click()
    expect(greet.get_by_role("textbox", name="SSC-medewerkers: hoeveel")).to_have_value("1")
