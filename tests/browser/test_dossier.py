"""The dossier in a real browser: taking it along, adding to it after closing, and reopening it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from portal.access import Role
from portal.commands import cases
from portal.models.people import RoleGrant
from tests import sample_files
from tests.browser.conftest import Live, look
from tests.cast import SINCE

SIZES = ((360, 780), (768, 1024), (1440, 900))


@pytest.fixture
def rejected(live: Live) -> str:
    """A claim of Anna's that Carla rejected; Els may reopen."""
    with live.world.db.transaction() as session:
        case = live.cast.submitted(session)
        live.cast.act(session, "bram", case, "approve")
        cases.take(session, live.cast.viewer(session, "carla"), case, live.world.clock.now())
        live.cast.act(session, "carla", case, "refuse", "Dit was geen werk, maar een uitje met het gezin.")
        session.add(RoleGrant(person_id=live.cast.people["els"], role=Role.REOPENER.value, valid_from=SINCE))
        return case.number or ""


def seen(live: Live, page: Page, name: str) -> None:
    """What must hold at every size, with a picture of each."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        look(page)
        live.picture(page, f"{name}-{width}")


def test_a_closed_dossier_is_added_to_taken_along_and_reopened(live: Live, rejected: str) -> None:
    carla = live.page("carla")
    carla.goto(f"{live.address}/zaken/{rejected}")
    carla.click("text=Toevoegen aan dit gesloten dossier")
    seen(live, carla, "add")
    carla.click("main form button:has-text('Toevoegen aan het dossier')")
    seen(live, carla, "add-wrong")
    carla.fill("[name=reason]", "De brief van de medewerker over het uitje.")
    carla.set_input_files("[name=documents]", {"name": "brief.pdf", "mimeType": "application/pdf",
                                               "buffer": sample_files.pdf(pages=2)})  # fmt: skip
    carla.click("main form button:has-text('Toevoegen aan het dossier')")
    carla.wait_for_url(f"{live.address}/zaken/{rejected}")
    seen(live, carla, "closed")
    with carla.expect_download() as got:
        carla.click("text=Dossier als PDF")
    assert got.value.suggested_filename == f"{rejected}.pdf"
    els = live.page("els")
    els.goto(f"{live.address}/zaken/{rejected}")
    seen(live, els, "why")
    els.fill("[name=reason]", "Het bezwaar van Anna")
    els.click("main form button")
    els.click("summary:has-text('Deze zaak heropenen')")
    seen(live, els, "reopen")
    els.fill("#reason-reopen", "Het bleek toch werk te zijn.")
    els.click("main form button:has-text('Deze zaak heropenen')")
    els.wait_for_url(f"{live.address}/zaken/{rejected}")
    anna = live.page("anna")
    anna.goto(f"{live.address}/zaken/{rejected}")
    assert "Heropend" in anna.inner_text("main")
    assert "Heeft een kopie gemaakt (PDF)" in anna.inner_text("main")
    seen(live, anna, "anna")
    hanna = live.page("hanna")
    hanna.goto(f"{live.address}/beheer/inzage")
    seen(live, hanna, "reads")
