"""Take the README's pictures anew, from a freshly seeded world: `python -m tests.browser.pictures`."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from werkzeug.serving import make_server

from portal import create_app, migrations
from portal.clock import SystemClock, local_date
from portal.commands.cases import take
from portal.db import Database
from portal.interfaces.files import FileStore
from portal.interfaces.transport import TrayTransport
from portal.models.cases import Case, Document
from portal.models.costs import QuarterSettlement
from portal.models.mail import MailLink
from portal.models.people import Account
from portal.queries.cases import WHOLE
from portal.queries.people import viewer_of
from portal.worlds import World
from seed.loader import load
from tests.cast import PASSWORD
from tests.conftest import settings_for

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
DESK, PHONE = (1280, 900), (390, 780)


def main() -> None:
    """Seed, serve, look, store."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        settings = settings_for(root, f"sqlite:///{root / 'portal.sqlite'}")
        settings.instance.mkdir()
        db, files = Database(settings.database_url), FileStore(settings.files)
        world = World("production", settings, db, SystemClock(), files, TrayTransport())
        migrations.upgrade(world.db)
        load(world, employees=80, months=3)
        app = create_app(world)
        app.config["WTF_CSRF_ENABLED"] = False
        server = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            _take_all(browser, f"http://127.0.0.1:{server.server_port}", world)
        server.shutdown()


def _take_all(browser: Browser, address: str, world: World) -> None:
    decide, bench = _link_of_bram(world), _case_for_carla(world, "expense_claim", "approved")
    invoice = _case_for_carla(world, "purchase_invoice", "received", "approved")
    for name, who, size, path in (
        ("home", "anna", DESK, "/"),
        ("decide-phone", None, PHONE, decide),
        ("queue", "carla", DESK, "/werkvoorraad"),
        ("payments", "dirk", DESK, "/betalingen/waterveen"),
        ("invoice", "carla", DESK, invoice),
        ("on-time", "dirk", DESK, "/op-tijd-betalen"),
        ("figures", "farid", DESK, "/rapporten"),
        ("settlement", "farid", DESK, f"/verrekening/{_last_quarter(world)}/waterveen"),
        ("leave", "anna", DESK, "/verlof"),
        ("leave-phone", "anna", PHONE, "/verlof"),
        ("team-leave", "bram", DESK, f"/team/verlof?maand={_next_month(world)}"),
    ):
        _take(browser, address, name, who, size, path)
    _take(browser, address, "claim-phone", "anna", PHONE, "/", "a[href*='/concept/']")
    _take(browser, address, "bench", "carla", DESK, bench)


def _last_quarter(world: World) -> str:
    """The last quarter that was settled."""
    with world.db.session(writes=False) as session:
        found = select(QuarterSettlement.quarter).where(QuarterSettlement.state == "final")
        return session.scalars(found.order_by(QuarterSettlement.quarter.desc())).first() or ""


def _next_month(world: World) -> str:
    """The month after this one, in which people of the team are away."""
    today = local_date(world.clock.now())
    return f"{today.year + today.month // 12}-{today.month % 12 + 1:02}"


def _link_of_bram(world: World) -> str:
    """The page on which Bram decides about a claim within the limit of links."""
    with world.db.session(writes=False) as session:
        link = session.scalars(
            select(MailLink)
            .join(Case, Case.id == MailLink.case_id)
            .join(Account, Account.person_id == MailLink.person_id)
            .where(
                MailLink.ended.is_(None), Account.username == "bram", Case.claimed_cents < 50_000,
                Case.type == "expense_claim",
            )
            .order_by(Case.claimed_cents.desc())
        ).first()  # fmt: skip
        assert link is not None
        return f"/akkoord/{world.link_token(link.nonce)}"


def _case_for_carla(world: World, kind: str, *states: str) -> str:
    """A case of this kind with documents on Carla's desk, in the first of these states in which one is free."""
    at = world.clock.now()
    with world.db.transaction() as session:
        carla = session.scalars(
            select(Account).where(Account.username == "carla").options(joinedload(Account.person))
        ).one()
        receipts = select(func.count()).where(Document.case_id == Case.id).scalar_subquery()
        free = select(Case).where(Case.type == kind, Case.assignee_id.is_(None)).order_by(receipts.desc())
        found = (session.scalars(free.where(Case.state == state).options(*WHOLE)).first() for state in states)
        case = next((one for one in found if one is not None), None)
        assert case is not None
        take(session, viewer_of(session, carla.person, local_date(at)), case, at)
        return f"/werkvoorraad/{case.number}"


def _take(
    browser: Browser, address: str, name: str, who: str | None, size: tuple[int, int], path: str, follow: str = ""
) -> None:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="nl-NL")
    page = context.new_page()
    if who is not None:
        context.request.post(f"{address}/aanmelden", form={"username": who, "password": PASSWORD})
    page.goto(address + path)
    if follow:
        page.locator(follow).first.click()
        page.wait_for_load_state("networkidle")
    page.screenshot(path=str(PICTURES / f"{name}.png"))
    context.close()


if __name__ == "__main__":
    main()
