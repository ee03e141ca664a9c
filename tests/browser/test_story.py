"""The whole story in a real browser: from Anna's phone to "paid", each in their own browser."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import ON_PHONE_AND_DESK, Live, bank_answers, look
from tests.sample_files import jpeg


def _claim(page: Page, live: Live) -> None:
    """Fill in three lines, with mistakes on the way, and go on to the review."""
    page.get_by_role("button", name="Declaratie").click()
    page.get_by_label("Waar gaat deze declaratie over?").fill("Zitting in Utrecht")
    page.get_by_role("button", name="Verder").click()
    expect(page.get_by_role("alert")).to_contain_text("Vul de datum in")
    look(page)
    line = page.locator("[data-line]").nth(0)
    line.get_by_label("Waaraan hebt u het uitgegeven?").select_option("public_transport")
    line.get_by_label("Datum van de uitgave").fill("2026-11-19")
    line.get_by_label("Waar was het voor?").fill("Trein naar de zitting")
    line.get_by_label("Van", exact=True).fill("Waterveen")
    line.get_by_label("Naar", exact=True).fill("Utrecht")
    line.get_by_label("Bedrag inclusief btw").fill("18,40")
    _receipt(line, live.shots / "trein.jpg")
    page.get_by_role("button", name="Uitgave toevoegen").click()
    line = page.locator("[data-line]").nth(1)
    line.get_by_label("Waaraan hebt u het uitgegeven?").select_option("own_car")
    line.get_by_label("Datum van de uitgave").fill("2026-11-20")
    line.get_by_label("Waar was het voor?").fill("Bezoek aan de vestiging")
    line.get_by_label("Van", exact=True).fill("Waterveen")
    line.get_by_label("Naar", exact=True).fill("Duinrade")
    line.get_by_label("Kilometers heen en terug").fill("84")
    page.get_by_role("button", name="Uitgave toevoegen").click()
    line = page.locator("[data-line]").nth(2)
    line.get_by_label("Waaraan hebt u het uitgegeven?").select_option("meal")
    line.get_by_label("Datum van de uitgave").fill("2026-11-20")
    line.get_by_label("Waar was het voor?").fill("Lunch met de rechtbank")
    line.get_by_label("Voor hoeveel personen").fill("2")
    line.get_by_label("Bedrag inclusief btw").fill("31,50")
    _receipt(line, live.shots / "lunch.jpg")
    expect(page.locator("[data-total]")).to_contain_text("69,22")
    look(page)


def _receipt(line: Page, file: Path) -> None:
    file.write_bytes(jpeg())
    line.locator("input[type=file][name$=-receipt]").set_input_files(str(file))
    expect(line.get_by_role("link", name=file.name)).to_be_visible()


@ON_PHONE_AND_DESK
def test_the_story(live: Live, size: tuple[int, int]) -> None:
    case = _anna_submits(live, size)
    _bram_decides(live, size)
    _carla_checks(live, size)
    _dirk_pays(live, size)

    # Everybody sees that it is settled.
    anna = live.page("anna", size)
    anna.goto(case)
    expect(anna.locator("main")).to_contain_text("Betaald")
    expect(anna.locator("main")).to_contain_text("62,72")
    look(anna)
    assert "62,72" in live.inbox.last_for("Anna")


def _anna_submits(live: Live, size: tuple[int, int]) -> str:
    """Anna fills in a claim, closes her browser halfway, and submits. Returns the address of her case."""
    anna = live.page("anna", size)
    look(anna)
    _claim(anna, live)
    expect(anna.locator("[data-saved]")).to_contain_text("Opgeslagen")
    draft = anna.url.partition("?")[0]
    anna.context.close()
    anna = live.page("anna", size)
    anna.goto(draft)
    expect(anna.get_by_label("Waar gaat deze declaratie over?")).to_have_value("Zitting in Utrecht")
    anna.get_by_role("button", name="Verder").click()
    look(anna)
    anna.get_by_role("button", name="Indienen").click()
    expect(anna.get_by_role("status").first).to_contain_text("DEC-2026-000001")
    look(anna)
    return anna.url


def _bram_decides(live: Live, size: tuple[int, int]) -> None:
    """Bram decides from his mail, without signing in. Opening the link changes nothing; afterwards it is dead."""
    live.work("deliver_mail")
    link = live.link_for("Bram")
    bram = live.page(None, size)
    for _ in range(2):
        bram.goto(link)
        expect(bram.get_by_role("heading", level=1)).to_contain_text("Anna de Wit")
    look(bram)
    bram.get_by_role("button", name="Akkoord").click()
    expect(bram.locator("main")).to_contain_text("Bram de Wit")
    look(bram)
    bram.goto(link)
    expect(bram.get_by_role("heading", level=1)).to_contain_text("werkt niet meer")
    look(bram)
    live.work("deliver_mail")
    assert "Bram de Wit" in live.inbox.last_for("Anna")
    assert any("ssc@ssc.example" in str(mail["To"]) for mail in live.inbox.mails)


def _carla_checks(live: Live, size: tuple[int, int]) -> None:
    """Carla takes the next case, ticks every check, lowers one amount and approves."""
    carla = live.page("carla", size)
    carla.goto(f"{live.address}/werkvoorraad")
    look(carla)
    carla.get_by_role("button", name="Volgende zaak").first.click()
    look(carla)
    for box in carla.locator("input[type=checkbox][name^=tick-]").all():
        box.check()
    carla.locator("input[name^=granted-]").nth(2).fill("25,00")
    carla.locator("[name^=reason-]").nth(2).fill("Het maximum voor een lunch is 12,50 per persoon")
    carla.locator("button[name=do][value=check]").click()
    carla.wait_for_url(lambda url: "/werkvoorraad/DEC" not in url)


def _dirk_pays(live: Live, size: tuple[int, int]) -> None:
    """Dirk releases the batch; the bank answers by file."""
    dirk = live.page("dirk", size)
    for path in ("/betalingen", "/betalingen/waterveen"):
        dirk.goto(f"{live.address}{path}")
        look(dirk)
    dirk.get_by_role("button", name="Vrijgeven").click()
    dirk.locator("#confirm [value=yes]").click()
    dirk.wait_for_url("**/betalingen/batch/*")
    look(dirk)
    live.work("deliver_batches")
    bank_answers(live)
    live.work("import_bank", "deliver_mail")
    dirk.reload()
    expect(dirk.locator("main")).to_contain_text("Betaald")
