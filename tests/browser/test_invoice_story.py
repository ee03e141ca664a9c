"""An invoice in a real browser: a file drops in, and everybody up to the bank does their part."""

from __future__ import annotations

import re
from datetime import date

from playwright.sync_api import Page, expect

from portal.commands import invoices as commands
from portal.commands.invoices import Arrived
from portal.interfaces.einvoice.arriving import bring
from portal.interfaces.einvoice.writing import OIN, Bill, Firm, Item, written
from tests import invoices
from tests.browser.conftest import ON_PHONE_AND_DESK, Live, bank_answers, look
from tests.sample_files import pdf

NUMBER = "INK-2026-000001"
BILL = Bill(
    number="2026-0417", issued=date(2026, 11, 18), due=date(2026, 11, 27), reference="anna@example.org",
    seller=Firm("Groenbeheer Waterveen B.V.", "11223344", vat="NL001122334B01"), iban=invoices.SUPPLIER_IBAN,
    buyer=Firm("Gemeente Waterveen", "00000001001234567000", OIN),
    items=(Item("Snoeien van bomen", 12_500), Item("Plantgoed", 4000, percent=9)),
)  # fmt: skip


def drops_in(live: Live) -> None:
    """The supplier's file arrives, with its PDF inside."""
    content = written(Bill(**{**vars(BILL), "attachment": pdf()}))
    brought = bring(content, "factuur.xml")
    now = live.world.clock.now()
    with live.world.db.transaction() as session:
        invoices.prepare(session, live.cast)
        row = commands.take_in(session, live.world.files, Arrived("factuur.xml", content, brought, "folder", now), now)
        assert row.case_id, (row.why, row.findings)


@ON_PHONE_AND_DESK
def test_an_invoice_from_its_file_to_the_bank(live: Live, size: tuple[int, int]) -> None:
    drops_in(live)
    _carla_registers(live, size)
    _anna_confirms(live, size)
    _bram_approves(live, size)
    _els_checks(live, size)
    _dirk_pays(live, size)
    anna = live.page("anna", size)
    anna.goto(f"{live.address}/zaken/{NUMBER}")
    expect(anna.locator("main")).to_contain_text("Betaald")
    look(anna)
    supplier = live.page(None, size)
    match = re.search(r"https?://\S+/stand/\S+", live.inbox.last_for('"Groenbeheer'))
    assert match
    supplier.goto(match[0])
    expect(supplier.locator("main")).to_contain_text("De factuur is betaald")
    expect(supplier.locator("main")).not_to_contain_text("de Wit")
    look(supplier)


def _ticked(page: Page) -> None:
    for box in page.locator("input[type=checkbox][name^=tick-]").all():
        box.check()


def _carla_registers(live: Live, size: tuple[int, int]) -> None:
    carla = live.page("carla", size)
    carla.goto(f"{live.address}/registreren/purchase_invoice")
    look(carla)
    carla.goto(f"{live.address}/werkvoorraad")
    carla.get_by_role("button", name="Volgende zaak").first.click()
    expect(carla.locator("main")).to_contain_text("Snoeien van bomen")
    look(carla)
    carla.get_by_role("link", name="De gegevens verbeteren").click()
    look(carla)
    carla.go_back()
    _ticked(carla)
    live.picture(carla, f"bench-{size[0]}")
    carla.locator("button[name=do][value=register]").click()
    carla.wait_for_url(lambda url: f"/werkvoorraad/{NUMBER}" not in url)


def _anna_confirms(live: Live, size: tuple[int, int]) -> None:
    live.work("deliver_mail")
    link, anna = live.link_for("Anna"), live.page(None, size)
    for _ in range(2):
        anna.goto(link)
        expect(anna.get_by_role("heading", level=1)).to_contain_text("Hebt u gekregen")
    look(anna)
    live.picture(anna, f"delivery-{size[0]}")
    anna.get_by_role("button", name="Ja, geleverd").click()
    look(anna)
    anna.goto(link)
    expect(anna.get_by_role("heading", level=1)).to_contain_text("werkt niet meer")
    live.work("deliver_mail")


def _bram_approves(live: Live, size: tuple[int, int]) -> None:
    bram = live.page(None, size)
    bram.goto(live.link_for("Bram"))
    expect(bram.locator("main")).to_contain_text("Plantgoed")
    look(bram)
    live.picture(bram, f"approve-{size[0]}")
    bram.get_by_role("button", name="Akkoord").click()
    look(bram)


def _els_checks(live: Live, size: tuple[int, int]) -> None:
    els = live.page("els", size)
    els.goto(f"{live.address}/werkvoorraad")
    els.get_by_role("button", name="Volgende zaak").first.click()
    look(els)
    _ticked(els)
    els.locator("button[name=do][value=check]").click()
    els.wait_for_url(lambda url: f"/werkvoorraad/{NUMBER}" not in url)


def _dirk_pays(live: Live, size: tuple[int, int]) -> None:
    dirk = live.page("dirk", size)
    dirk.goto(f"{live.address}/betalingen/waterveen")
    expect(dirk.locator("main")).to_contain_text("Groenbeheer Waterveen B.V.")
    look(dirk)
    dirk.get_by_role("button", name="Vrijgeven").click()
    dirk.locator("#confirm [value=yes]").click()
    dirk.wait_for_url("**/betalingen/batch/*")
    live.work("deliver_batches")
    bank_answers(live)
    live.work("import_bank", "deliver_mail")
    dirk.reload()
    expect(dirk.locator("main")).to_contain_text("Betaald")
