"""Workshops to test in: the people of a small partnership, in practice worlds beside the world of a test."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.models.people import Account, SignIn
from portal.web import unit_of_work as uow
from portal.workshop import folders, undo
from portal.workshop.fitting import fit
from portal.workshop.folders import Workshop
from portal.workshop.tables import Segment
from portal.workshop.worlds import world_of
from portal.worlds import World
from tests.conftest import TUESDAY, Browser, peopled
from tests.databases import own_sqlite

SPEED = 270.0
WALL = datetime.fromisoformat("2026-03-02T12:00:00+00:00")


def a_workshop(home: World, **changed: Any) -> Workshop:
    """A workshop of a home world in which nothing was done yet, its story paused on an ordinary Tuesday."""
    stand = own_sqlite()
    peopled(stand)
    folder = folders.root(home.settings) / folders.new_code(home.settings)
    about = {"title": "Van bon tot portaal", "scenario": "claim", "round": 1, "trainer": "Greet", "people": 12}
    made = Workshop(code=folder.name, opened=home.wall.now(), folder=folder, **{**about, **changed})
    made.instance.mkdir(parents=True)
    stand.copy("cast", made.instance / "portal.sqlite")
    folders.write(made)
    world = world_of(home, made)
    fit(world.db)
    with world.db.transaction() as session:
        first = Segment(wall=home.wall.now(), at=TUESDAY, speed=SPEED, paused=True, office_only=False)
        session.add(first)
    undo.keep_log(world.db)
    world.db.dispose()
    return made


def prefix_of(world: World) -> str:
    """Where the pages of a world begin."""
    return world.practice.prefix if world.practice else ""


def signed_in(app: Any, world: World, name: str, *, at: datetime = TUESDAY) -> Browser:
    """A browser that sits on the seat of somebody, as joining would have put it there."""
    browser = Browser(app.test_client())
    with world.db.transaction() as session:
        account = session.scalars(select(Account).where(Account.username == name)).one()
        new = SignIn(account_id=account.id, nonce=f"nonce-{name}", begun_at=at)
        session.add(new)
    sit(browser, world, f"nonce-{name}")
    return browser


def sit(browser: Browser, world: World, nonce: str, **more: Any) -> None:
    """Give a browser the cookie of a practice world."""
    environ = {"SCRIPT_NAME": prefix_of(world), uow.WORLD: world}
    with browser.client.session_transaction("/", environ_overrides=environ) as cookie:
        cookie["_user_id"] = nonce
        cookie.permanent = True
        cookie.update(more)
