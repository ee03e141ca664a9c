"""Suppliers in a real browser: a clerk adds one, a colleague confirms it, and every page holds at every width."""

from __future__ import annotations

from sqlalchemy import select

from portal.models.suppliers import SupplierRequest
from tests.browser.conftest import DESK, PHONE, Live, look
from tests.web.stage import with_supplier

WIDTHS = (PHONE, (768, 1024), DESK)


def test_a_supplier_is_added_by_one_clerk_and_confirmed_by_another(live: Live) -> None:
    with live.world.db.transaction() as session:
        bakery = with_supplier(session, live.cast).id
        asked = session.scalars(select(SupplierRequest.id).where(SupplierRequest.decided_at.is_(None))).one()
    carla, els = live.page("carla"), live.page("els", PHONE)
    carla.click("nav >> text=Leveranciers")
    carla.click("text=Leverancier toevoegen")
    look(carla)
    carla.get_by_label("Naam", exact=True).fill("Bakkerij de Vreis")
    carla.get_by_label("Telefoonnummer").fill("070 123 45 67")
    carla.get_by_label("Rekeningnummer (IBAN)").fill("NL02 ABNA 0123 4567 89")
    carla.get_by_label("Waarom?").fill("Eerste factuur")
    carla.click("text=Vraag een collega")
    carla.wait_for_selector("text=Deze lijken erop")
    look(carla)
    carla.get_by_label("Waarom is dit een andere leverancier?").fill("De broer, met een eigen zaak")
    carla.click("text=Vraag een collega")
    carla.wait_for_selector("text=U hebt dit gevraagd")
    els.goto(f"{live.address}/leveranciers")
    els.click("text=Bakkerij de Vreis")
    els.click("button:has-text('Bevestigen')")
    els.wait_for_selector("h1:has-text('Bakkerij de Vreis')")
    for place, path in enumerate(
        ("", "?zoek=nergens", f"/{bakery}", f"/{bakery}/wijzigen", f"/{bakery}/rekening", f"/verzoek/{asked}")
    ):
        els.goto(f"{live.address}/leveranciers{path}")
        for width, height in WIDTHS:
            els.set_viewport_size({"width": width, "height": height})
            look(els)
            live.picture(els, f"supplier-{place}-{width}")
