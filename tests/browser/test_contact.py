"""A clerk on the telephone, hands on the keyboard alone; and paper that goes from a printer to its case by post."""

from __future__ import annotations

from io import BytesIO

from playwright.sync_api import Page, expect
from pypdf import PdfReader, PdfWriter

from tests.browser.conftest import DESK, ON_PHONE_AND_DESK, PHONE, Live, look
from tests.scans import paper, pdf


def _press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def _tab_to(page: Page, name: str, most: int = 60) -> None:
    """Tab until the focus is on the field or button of this name."""
    for _ in range(most):
        page.keyboard.press("Tab")
        said = page.evaluate(
            """() => { const at = document.activeElement;
               return [at.id, at.name, at.textContent, at.getAttribute('name') + '=' + at.value].join('|'); }"""
        )
        if name in said:
            return
    raise AssertionError(f"{name} is not reached by Tab")


def test_a_clerk_takes_a_call_by_keyboard_alone(live: Live) -> None:
    with live.world.db.transaction() as session:
        number = live.cast.submitted(session).number or ""
    carla = live.page("carla", DESK)
    carla.goto(f"{live.address}/contact")
    look(carla)
    # Found in one line and two presses: the box has the focus, and so has the first who is called so.
    carla.keyboard.type("anna")
    _press(carla, "Enter")
    carla.wait_for_url("**/contact?zoek=anna")
    look(carla)
    _press(carla, "Enter")
    expect(carla.get_by_role("heading", level=1)).to_contain_text("Anna de Wit")
    look(carla)
    _first_question(carla)
    _second_question(carla)
    look(carla)
    _tab_to(carla, "do=record")
    _press(carla, "Enter")
    expect(carla.get_by_role("status").first).to_contain_text("vastgelegd")
    carla.goto(f"{live.address}/contact")
    expect(carla.locator("#zoek")).to_be_focused()
    _press(carla, "Escape", "j", "Enter")
    expect(carla.get_by_role("heading", level=1)).to_contain_text("Waar blijft mijn geld?")
    look(carla)
    _tab_to(carla, "number")
    carla.keyboard.type(number.lower())
    _press(carla, "Enter")
    expect(carla.get_by_role("status").first).to_contain_text("hoort nu bij de zaak")
    _tab_to(carla, "text-antwoord")
    carla.keyboard.type("Gebeld: vrijdag op uw rekening.")
    _tab_to(carla, "Antwoord vastleggen")
    _press(carla, "Enter")
    expect(carla.locator("main")).to_contain_text("Beantwoord")
    look(carla)

    anna = live.page("anna", PHONE)
    anna.goto(f"{live.address}/vragen")
    expect(anna.locator("main")).to_contain_text("Gebeld: vrijdag op uw rekening.")
    look(anna)
    anna.goto(f"{live.address}/zaken/{number}")
    expect(anna.locator("main")).to_contain_text("Waar blijft mijn geld?")


def _first_question(carla: Page) -> None:
    """What was asked has the focus: a call is promised."""
    carla.keyboard.type("Waar blijft mijn geld?")
    _tab_to(carla, "subject-0")
    carla.keyboard.type("Een bet")
    _tab_to(carla, "outcome-0")
    _press(carla, "ArrowRight")
    expect(carla.locator("[name=outcome-0][value=call_back]")).to_be_checked()
    expect(carla.locator("[data-saved]")).to_contain_text("Opgeslagen")
    _tab_to(carla, "do=add")
    _press(carla, "Enter")
    expect(carla.locator("#asked-1")).to_be_focused()


def _second_question(carla: Page) -> None:
    """The second is answered at once; the first is still there."""
    expect(carla.locator("#asked-0")).to_have_value("Waar blijft mijn geld?")
    expect(carla.locator("#asked-1")).to_be_focused()
    carla.keyboard.type("Mag een deelauto?")
    _tab_to(carla, "subject-1")
    carla.keyboard.type("Wat mag")
    _tab_to(carla, "answer-1")
    carla.keyboard.type("Ja, als Overig.")
    expect(carla.locator("[data-saved]")).to_contain_text("Opgeslagen")


@ON_PHONE_AND_DESK
def test_paper_goes_to_its_case_by_a_printed_sheet(live: Live, size: tuple[int, int]) -> None:
    with live.world.db.transaction() as session:
        number = live.cast.submitted(session).number or ""
    anna = live.page("anna", size)
    anna.goto(f"{live.address}/zaken/{number}")
    anna.get_by_role("link", name="Papier per post sturen").click()
    look(anna)
    sheet = anna.pdf(format="A4", print_background=True)
    assert len(PdfReader(BytesIO(sheet)).pages) == 1, "one sheet of paper"
    scan = PdfWriter()
    for part in (sheet, pdf([paper(1)])):
        scan.append(BytesIO(part))
    folder = live.world.settings.scan_in
    folder.mkdir(parents=True)
    scan.write(folder / "scan.pdf")
    (folder / "los.pdf").write_bytes(pdf([paper(2)]))
    live.work("take_in_scans", "deliver_mail")
    assert "uw papieren ontvangen" in live.inbox.last_for("Anna")
    anna.goto(f"{live.address}/zaken/{number}")
    expect(anna.locator("main")).to_contain_text("scan-2.pdf")
    expect(anna.locator("main")).to_contain_text("per post")
    look(anna)

    carla = live.page("carla", size)
    carla.goto(f"{live.address}/post")
    look(carla)
    carla.get_by_role("link", name="los.pdf").click()
    expect(carla.get_by_role("img", name="Pagina 1").first).to_be_visible()
    look(carla)
    carla.get_by_label("Zaaknummer").fill(number)
    carla.get_by_role("button", name="Bij de zaak zetten").click()
    expect(carla.locator("main")).to_contain_text("Er wacht geen post")
    look(carla)
