"""The month of a contract manager in a real browser: from the mail to a figure to a case, and a line put right."""

from __future__ import annotations

import re
from io import BytesIO
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page
from sqlalchemy import update

from portal.jobs import runner, timetable
from portal.models.people import RoleGrant
from tests import settlement
from tests.browser.conftest import ON_PHONE_AND_DESK, Live, look
from tests.counted import two_claims


@pytest.fixture
def reporting(live: Live) -> Live:
    """October was counted and the third quarter settled; Farid watches over Waterveen, and November is over."""
    two_claims(live.world, live.cast)
    with live.world.db.transaction() as session:
        farid, waterveen = live.cast.people["farid"], live.cast.municipalities["waterveen"]
        session.execute(update(RoleGrant).where(RoleGrant.person_id == farid).values(municipality_id=waterveen))
        settlement.final(session, live.cast, live.world.clock.now())
    assert runner.run(live.world, timetable.job("report")) is not None
    return live


@ON_PHONE_AND_DESK
def test_farid_follows_a_figure_to_its_case_and_has_a_line_put_right(reporting: Live, size: tuple[int, int]) -> None:
    live = reporting
    live.work("deliver_mail")
    mail = live.inbox.last_for("Farid")
    assert "Declaraties binnen 10 werkdagen betaald: 50%" in mail
    link = re.search(r"https?://\S+/rapporten/\S+", mail)
    assert link
    farid = live.page("farid", size)
    farid.goto(link[0])
    farid.get_by_role("heading", name="Rapport over").wait_for()
    look(farid)
    live.picture(farid, f"report-{size[0]}")
    with farid.expect_download() as pdf:
        farid.get_by_role("link", name="PDF").first.click()
    assert pdf.value.path().read_bytes().startswith(b"%PDF-1.7")
    with farid.expect_download() as sheet:
        farid.get_by_role("link", name="XLSX").first.click()
    with ZipFile(BytesIO(sheet.value.path().read_bytes())) as book:
        assert "Declaraties binnen 10 werkdagen betaald" in book.read("xl/sharedStrings.xml").decode()
    farid.goto(f"{live.address}/rapporten/waterveen/2026-10")
    farid.get_by_role("link", name="Declaraties binnen 10 werkdagen betaald").first.click()
    farid.locator("#f3").get_by_role("link", name=re.compile("Wat erachter zit")).click()
    look(farid)
    farid.get_by_role("link", name="X-2").click()
    farid.get_by_role("heading", name="Declaratie X-2").wait_for()
    look(farid)
    _disputes(live, farid, size)


def _disputes(live: Live, farid: Page, size: tuple[int, int]) -> None:
    """He disputes a line; a clerk who did not make the settlement puts it right; he sees both amounts."""
    farid.goto(f"{live.address}/verrekening/2026Q3/waterveen/regel/cost-1")
    look(farid)
    farid.get_by_role("button", name="Deze regel betwisten").click()
    farid.get_by_label(re.compile("Wat klopt er niet")).fill("Deze kosten zijn dubbel geteld.")
    farid.get_by_role("button", name="Verder").click()
    farid.get_by_role("button", name="Indienen").click()
    farid.wait_for_url("**/zaken/VBZ-2026-000001")
    carla = live.page("carla")
    carla.goto(f"{live.address}/werkvoorraad")
    carla.get_by_role("button", name="Volgende zaak").click()
    carla.locator("summary", has_text="De regel corrigeren").click()
    carla.get_by_label("Wat het bedrag moet zijn").fill("60,00")
    carla.get_by_label("Waarom wordt de regel gecorrigeerd?").fill("Een post stond er tweemaal in.")
    look(carla)
    carla.get_by_role("button", name="De regel corrigeren").click()
    carla.get_by_text("Regel gecorrigeerd").first.wait_for()
    ilse = live.page("ilse")
    ilse.goto(f"{live.address}/verrekening/2026Q3")
    look(ilse)
    ilse.get_by_role("button", name="Vaststellen").click()
    ilse.locator("#confirm [value=yes]").click()
    ilse.get_by_text("Vastgesteld").first.wait_for()
    farid.goto(f"{live.address}/verrekening/2026Q3/waterveen")
    farid.get_by_text("Een post stond er tweemaal in.").first.wait_for()
    look(farid)
    live.picture(farid, f"settlement-{size[0]}")
    farid.get_by_role("link", name="Salarispakket").first.click()
    farid.get_by_text("Het was € 66,67.").wait_for()
