"""Take the pictures of a workshop anew, from one that bots played: `python -m tests.browser.workshop_pictures`."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from portal import create_app, migrations
from portal.clock import SystemClock
from portal.db import Database
from portal.interfaces.files import FileStore
from portal.interfaces.transport import TrayTransport
from portal.workshop import opening, pace, playing, reading
from portal.workshop.folders import Workshop
from portal.workshop.scenario import Scenario
from portal.worlds import TRAINER_LINK, World
from tests.browser.pictures import PICTURES
from tests.conftest import settings_for

KEY, PEOPLE, DAY = "claim-from-paper-to-portal", 12, 5
"""What is played, by how many, and until which day of round 2."""
WALL, TABLET, PHONE = (1440, 900), (1024, 900), (390, 780)


def main() -> None:
    """Play, serve, look, store."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        settings = settings_for(root, f"sqlite:///{root / 'portal.sqlite'}")
        settings.instance.mkdir()
        db, files = Database(settings.database_url), FileStore(settings.files)
        home = World("production", settings, db, SystemClock(), files, TrayTransport())
        migrations.upgrade(home.db)
        workshop = _played(home)
        app = create_app(home)
        app.config["WTF_CSRF_ENABLED"] = False
        server = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            at = f"http://127.0.0.1:{server.server_port}/oefening/{workshop.code}"
            _take_all(browser, at, opening.world_of(home, workshop).link_token("trainer", TRAINER_LINK))
        server.shutdown()


def _played(home: World) -> Workshop:
    """A workshop in the middle of its second round."""
    scenario = {one.key: one for one in reading.scenarios(home.settings)}[KEY]
    first = opening.open_workshop(
        home, scenario, title=scenario.title.nl, trainer="Greet Postma", people=PEOPLE,
        wall=home.wall.now(),
    )  # fmt: skip
    _play(home, first, scenario, scenario.days)
    second = opening.next_round(home, first, home.wall.now())
    _play(home, second, scenario, DAY)
    return second


def _play(home: World, workshop: Workshop, scenario: Scenario, day: int) -> None:
    world, until = opening.world_of(home, workshop), scenario.moment(day, 11)
    playing.play(world, until)
    pace.jump(world, until)
    world.db.dispose()


def _take_all(browser: Browser, at: str, token: str) -> None:
    for name, size, path in (
        ("workshop-screen", WALL, "/scherm"),
        ("workshop-desk", TABLET, "/regie"),
        ("workshop-debrief", TABLET, "/nabespreking"),
    ):
        page = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="nl-NL").new_page()
        page.goto(f"{at}/trainer/{token}")
        page.goto(at + path)
        page.screenshot(path=str(PICTURES / f"{name}.png"))
    phone = browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}, locale="nl-NL").new_page()
    phone.goto(f"{at}/meedoen")
    phone.fill("#nickname", "Samira")
    phone.locator("form[action$='/meedoen'] button").click()
    phone.wait_for_url("**/kaart")
    phone.screenshot(path=str(PICTURES / "workshop-phone.png"))


if __name__ == "__main__":
    main()
