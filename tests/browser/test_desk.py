"""A clerk's morning by keyboard alone: take a case, look at receipts, check it, get the next, filter, keep a view."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from portal.commands.documents import add_document
from portal.interfaces.files import take_in
from portal.models.cases import Case
from tests.browser.conftest import ON_EACH_SCREEN, Live, look
from tests.sample_files import jpeg, pdf

MOST_KEYS = 10
expect.set_options(timeout=20_000)  # a page of a PDF is drawn by a process of its own


class Keys:
    """A keyboard that counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0

    def press(self, *keys: str) -> None:
        """One key after the other."""
        for key in keys:
            self.pressed += 1
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """A text, each letter a key."""
        self.pressed += len(text)
        self.page.keyboard.type(text)


@pytest.fixture
def desk(live: Live) -> tuple[Page, Keys, list[str]]:
    """Three claims of two lines that wait for a check, and Carla's browser on the queue."""
    with live.world.db.transaction() as session:
        numbers = []
        for at, name in enumerate(("anna", "aart", "anna")):
            case = live.cast.draft(session, name, f"k{at}")
            # Amounts and files of their own: what looks claimed twice waits for a decision first.
            content = live.cast.content(case, 1250 + at)
            again = {
                "key": "b",
                "description": "Trein terug",
                "claimed_cents": 1300 + at,
                "sanctioned_cents": 1300 + at,
            }
            content["lines"].append({**content["lines"][0], **again})
            for file, data in (("terug.pdf", pdf(pages=2)), ("extra.jpg", jpeg())):
                add_document(
                    session, live.world.files, case, take_in(data, file), line_key="b", by=case.initiator_id,
                    at=live.world.clock.now(),
                )  # fmt: skip
            live.cast.act(session, name, case, "submit", content=content)
            live.cast.act(session, "bram", case, "approve")
            numbers.append(case.number or "")
    page = live.page(None)
    page.set_default_timeout(30_000)
    page.fill("[name=username]", "carla")
    page.keyboard.press("Tab")
    page.keyboard.type(live.cast.password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live.address}/")
    page.goto(f"{live.address}/werkvoorraad")
    return page, Keys(page), numbers


def shown(page: Page) -> Locator:
    return page.locator("[data-viewer] figure:not([hidden])")


def of_picture(page: Page, name: str) -> str:
    """A property of the picture that is shown."""
    return str(shown(page).locator("img").evaluate(f"image => image.style.getPropertyValue('{name}')"))


def state_of(live: Live, number: str) -> tuple[str, int | None]:
    with live.world.db.session(writes=False) as session:
        row = session.execute(select(Case.state, Case.assignee_id).where(Case.number == number)).one()
        return row[0], row[1]


def until_there(page: Page, number: str, do: Callable[[], None]) -> None:
    """Do something that ends on the bench of this case."""
    do()
    page.wait_for_url(f"**/werkvoorraad/{number}", wait_until="domcontentloaded")


def test_a_claim_is_checked_in_few_keys_and_the_next_is_there(live: Live, desk: tuple[Page, Keys, list[str]]) -> None:
    page, keys, numbers = desk
    look(page)
    until_there(page, numbers[0], lambda: keys.press("n"))
    look(page)
    until_there(page, numbers[1], lambda: keys.press("t", "t", "a"))
    assert keys.pressed <= MOST_KEYS, "two lines: every check ticked, approved, and the next case in hand"
    assert state_of(live, numbers[0])[0] == "payable"
    assert state_of(live, numbers[1]) == ("approved", live.cast.people["carla"])
    assert state_of(live, numbers[2]) == ("approved", None)
    # One line is refused with a reason, the other sent back; then on to the next.
    keys.press("w")
    keys.type("Privé")
    keys.press("Escape", "t", "z")
    keys.type("Verkeerde datum")
    keys.press("Escape", "t")
    expect(page.locator("[name=line-a]")).to_have_value("refuse")
    expect(page.locator("[name=line-b]")).to_have_value("send_back")


def test_receipts_are_turned_enlarged_and_walked_through(live: Live, desk: tuple[Page, Keys, list[str]]) -> None:
    page, keys, numbers = desk
    until_there(page, numbers[0], lambda: keys.press("n"))
    name = page.locator("[data-viewer] p[data-name]")
    expect(name).to_have_text("1/3 · bon.jpg")
    keys.press("j", "j")
    expect(name).to_have_text("2/3 · terug.pdf, pagina 1 van 2")
    expect(shown(page).locator("img")).to_have_js_property("naturalWidth", 2000)
    before = float(of_picture(page, "--w").removesuffix("px"))
    keys.press("+")
    assert float(of_picture(page, "--w").removesuffix("px")) > before
    keys.press("r")
    assert of_picture(page, "--turn") == "90deg"
    keys.press("n")
    expect(name).to_have_text("2/3 · terug.pdf, pagina 2 van 2")
    expect(shown(page).locator("img")).to_have_js_property("complete", True)
    assert shown(page).locator("img").evaluate("image => image.naturalWidth") == 2000
    keys.press("n")
    expect(name).to_have_text("3/3 · extra.jpg")
    keys.press("p", "p")
    expect(name).to_have_text("2/3 · terug.pdf, pagina 1 van 2")
    look(page)


def test_single_keys_can_be_turned_off(live: Live, desk: tuple[Page, Keys, list[str]]) -> None:
    page, keys, numbers = desk
    keys.press("?")
    expect(page.locator("#keys")).to_be_visible()
    look(page)
    page.locator("[data-keys]").focus()
    keys.press("Space", "Escape", "n")
    expect(page).to_have_url(f"{live.address}/werkvoorraad")
    assert state_of(live, numbers[0]) == ("approved", None)


@ON_EACH_SCREEN
def test_the_pages_of_the_desk_are_open_to_all(
    live: Live, desk: tuple[Page, Keys, list[str]], size: tuple[int, int]
) -> None:
    page, _, numbers = desk
    page.set_viewport_size({"width": size[0], "height": size[1]})
    paths = ("/", "/werkvoorraad?zoek=anna", "/werkvoorraad/weergaven?zoek=anna")
    for path in paths:
        page.goto(f"{live.address}{path}")
        look(page)
    page.goto(f"{live.address}/werkvoorraad")
    until_there(page, numbers[0], lambda: page.keyboard.press("n"))
    look(page)


def test_the_queue_is_filtered_and_the_filter_kept(live: Live, desk: tuple[Page, Keys, list[str]]) -> None:
    page, keys, numbers = desk
    keys.press("/")
    keys.type("aart")
    keys.press("Enter")
    page.wait_for_url("**/werkvoorraad?*zoek=aart*")
    expect(page.locator("tbody [data-row]")).to_have_count(1)
    keys.press("b")
    page.wait_for_url("**/werkvoorraad/weergaven?*")
    keys.type("Zaken van Aart")
    keys.press("Enter")
    page.wait_for_url("**/werkvoorraad?zoek=aart")
    expect(page.locator("a[aria-current=true]")).to_contain_text("Zaken van Aart")
    look(page)
    # The row is ticked and given back and forth.
    keys.press("j", "x")
    expect(page.locator("tbody [name=case]")).to_be_checked()
    page.locator("#hand button").focus()
    keys.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("1 zaak is gegeven aan Carla")
    assert state_of(live, numbers[1]) == ("approved", live.cast.people["carla"])


def test_without_script_the_same_is_done_by_forms(live: Live, desk: tuple[Page, Keys, list[str]]) -> None:
    _, _, numbers = desk
    context = live.browser.new_context(java_script_enabled=False, locale="nl-NL")
    live.opened.append(context)
    page = context.new_page()
    page.goto(live.address)
    page.fill("[name=username]", "carla")
    page.fill("[name=password]", live.cast.password)
    page.click("main form button")
    page.goto(f"{live.address}/werkvoorraad")
    page.get_by_role("button", name="Volgende zaak").first.click()
    page.wait_for_url(f"**/werkvoorraad/{numbers[0]}")
    assert page.locator("[data-viewer] figure:visible").count() == 4, "every page, below each other"
    for box in page.locator("input[name^=tick-]").all():
        box.check()
    expect(page.locator("main input[name=next]")).to_be_checked()
    page.locator("button[name=do][value=check]").click()
    page.wait_for_url(f"**/werkvoorraad/{numbers[1]}")
    context.close()
