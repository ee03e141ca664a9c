"""A real browser on a real server: the portal on a free port, mail by a real SMTP server, a clock of our own."""

from __future__ import annotations

import os
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from portal.interfaces.transport import SmtpTransport
from portal.jobs import runner, timetable
from portal.worlds import World
from tests.bank_simulator import running_bank
from tests.cast import OUR_IBAN, PASSWORD, Cast
from tests.conftest import peopled, serving, settings_for, world_on
from tests.databases import Stand

PHONE, TABLET, DESK = (360, 740), (768, 1024), (1440, 900)

# Each size and each database, not each with each: what a page looks like does not hang on the database.
ON_EACH_SCREEN = pytest.mark.parametrize(
    ("database_url", "size"),
    [("sqlite", PHONE), ("postgresql", TABLET), ("sqlite", DESK)],
    ids=["phone-sqlite", "tablet-postgresql", "desk-sqlite"],
    indirect=["database_url"],
)
ON_PHONE_AND_DESK = pytest.mark.parametrize(
    ("database_url", "size"),
    [("sqlite", PHONE), ("postgresql", DESK)],
    ids=["phone-sqlite", "desk-postgresql"],
    indirect=["database_url"],
)


# Off: what Playwright would have off (the last word on this holds), and the pop-ups of an address bar nobody sees. Each
# window of one's own loaded them anew, in a process that cost more than all pages of a test.
NEEDLESS = "--disable-features=" + ",".join(
    (
        "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "AvoidUnnecessaryBeforeUnloadCheckSync",
        "DestroyProfileOnBrowserClose", "HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable", "LensOverlay",
        "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect",
        "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch",
    )
)  # fmt: skip


class Inbox:
    """An SMTP server that keeps what it receives."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        message = BytesParser(policy=default).parsebytes(envelope.content)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)
        return "250 OK"

    def last_for(self, name: str) -> str:
        """The plain text of the last mail to somebody."""
        found = [mail for mail in self.mails if str(mail["To"]).startswith(name)]
        body = found[-1].get_body(("plain",))
        assert body is not None
        return str(body.get_content())


@dataclass
class Live:
    """A portal that is running, and its surroundings."""

    world: World
    cast: Cast
    address: str
    inbox: Inbox
    browser: Browser
    shots: Path
    opened: list[BrowserContext] = field(default_factory=list)

    def page(self, name: str | None, size: tuple[int, int] = DESK) -> Page:
        """A browser of one's own, signed in as this person.

        In each test the first signs in by the page for it. For who comes later the same form is sent without it.
        """
        context = self.browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="nl-NL")
        self.opened.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        if name is not None and len(self.opened) > 1:
            self._send_form(context, name)
        page.goto(self.address)
        if name is not None and len(self.opened) == 1:
            page.fill("[name=username]", name)
            page.fill("[name=password]", PASSWORD)
            page.click("main form button")
            page.wait_for_url(f"{self.address}/")
        return page

    def _send_form(self, context: BrowserContext, name: str) -> None:
        form = f"{self.address}/aanmelden"
        token = re.search(r'name="csrf_token" value="([^"]+)"', context.request.get(form).text())
        assert token
        sent = {"csrf_token": token[1], "username": name, "password": PASSWORD}
        answer = context.request.post(form, form=sent, headers={"Referer": form}, max_redirects=0)
        assert answer.status == 302, answer.text()

    def picture(self, page: Page, name: str) -> None:
        """A picture for people to look at, in the folder that `PICTURES` names."""
        if folder := os.environ.get("PICTURES"):
            page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    def work(self, *jobs: str) -> None:
        """Let these scheduled jobs do their work, now."""
        for key in jobs:
            job, now = timetable.job(key), self.world.clock.now()
            self.world.clock.advance(job.next(now) - job.due(now))
            run = runner.run(self.world, job)
            assert run is not None
            assert run.error == "", run.error

    def link_for(self, name: str) -> str:
        """The deciding link in the last mail to somebody."""
        match = re.search(r"https?://\S+/akkoord/\S+", self.inbox.last_for(name))
        assert match, self.inbox.last_for(name)
        return match[0]


def look(page: Page) -> None:
    """What must hold on every page: no findings of axe, no sideways scrolling, and a label on every field."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE_SCRIPT)
    # Only what is wrong comes back: telling all that is right takes as long as finding it out.
    found = page.evaluate("axe.run({resultTypes: ['violations']}).then(found => found.violations)")
    assert not found, [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} pixels too wide"
    nameless = page.evaluate(
        """[...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
           .filter(e => !e.labels?.length && !e.getAttribute('aria-label')).map(e => e.outerHTML)"""
    )
    assert not nameless, nameless


def bank_answers(live: Live) -> None:
    """The bank takes the file that lies ready, and its answers are delivered."""
    [file] = live.world.settings.bank_out.glob("*.xml")
    folder = live.world.settings.bank_in
    folder.mkdir(parents=True, exist_ok=True)
    with running_bank() as bank:
        bank.open_account(OUR_IBAN, "Gemeente Waterveen")
        (folder / "status.xml").write_bytes(bank.submit(file.read_bytes()))
        bank.advance(2)
        for number, statement in enumerate(bank.statements(OUR_IBAN)):
            (folder / f"statement-{number}.xml").write_bytes(statement)
    live.world.clock.advance(timedelta(hours=1))


def _free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", NEEDLESS])
        yield browser
        browser.close()


class Handler(WSGIRequestHandler):
    """Waits no longer than this for what a connection that was opened ahead never says."""

    timeout = 5


@pytest.fixture
def live(tmp_path: Path, stand: Stand, portal: Any, chromium: Browser) -> Iterator[Live]:
    """A running portal."""
    inbox = Inbox()
    port = _free_port()
    mail = Controller(inbox, hostname="127.0.0.1", port=port)
    mail.start()
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True, request_handler=Handler)
    # What a page still asks for when its window is closed is answered before the database is let go of.
    server.daemon_threads = False  # type: ignore[attr-defined]
    address = f"http://127.0.0.1:{server.server_port}"
    settings = settings_for(tmp_path, stand.url, demo=True, smtp_url=f"smtp://127.0.0.1:{port}", base_url=address)
    people, municipalities = peopled(stand)
    world = replace(world_on(stand, tmp_path), settings=settings, transport=SmtpTransport(settings.smtp_url))
    cast = Cast(world, people=dict(people), municipalities=dict(municipalities))
    with serving(portal, world) as server.app:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        live = Live(world, cast, address, inbox, chromium, tmp_path)
        yield live
        for context in live.opened:
            context.close()
        server.shutdown()
        thread.join()
    mail.stop()
