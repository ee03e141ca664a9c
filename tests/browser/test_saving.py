"""A form that saves itself, at the moments that go wrong: a slow line while somebody goes on."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Live

SLOW_LINE = """
const fast = window.fetch;
window.fetch = async (...asked) => {
  const answer = await fast(...asked);
  await new Promise((done) => setTimeout(done, 1500));
  return answer;
};
"""


def test_who_goes_on_while_it_is_being_saved_is_not_in_their_own_way(live: Live) -> None:
    anna = live.page("anna", PHONE)
    anna.get_by_role("button", name="Declaratie").click()
    anna.evaluate(SLOW_LINE)
    # The portal has the new version and its answer is still on the way when the button is pressed.
    with anna.expect_request("**/bewaren"):
        anna.get_by_label("Waar gaat deze declaratie over?").fill("Zitting in Utrecht")
    anna.wait_for_timeout(500)
    anna.get_by_role("button", name="Uitgave toevoegen").click()
    expect(anna.locator("[data-line]")).to_have_count(2)
    expect(anna.get_by_role("alert")).to_have_count(0)
    expect(anna.get_by_label("Waar gaat deze declaratie over?")).to_have_value("Zitting in Utrecht")
