"""Worlds to test in: a real database of each kind, a clock that stands still until moved, and mail that is kept."""

from __future__ import annotations

import atexit
import gc
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import settings as of_hypothesis

from portal import create_app
from portal.clock import FixedClock
from portal.db import Database
from portal.interfaces.files import FileStore
from portal.interfaces.transport import TransportError
from portal.settings import Settings
from portal.worlds import World
from tests.cast import Cast, build
from tests.databases import EMPTY, PostgresStand, SqliteStand, Stand, postgres
from tests.web.stage import Stage, played

# How long a try takes says nothing where many run at the same time; what takes long is measured by the bench.
of_hypothesis.register_profile("portal", deadline=None)
of_hypothesis.load_profile("portal")

TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""Ten o'clock in the Netherlands, on an ordinary working day."""

BOTH = ("sqlite", "postgresql")


SLOW = (
    "tests/browser/",
    "tests/seed/",
    "tests/test_crash.py",
    "tests/workshop/test_thirty.py",
    "tests/workshop/test_playing.py",
    "tests/web/test_access.py",
    "tests/test_permissions.py",
    "tests/house/test_wheel.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long goes first: begun last it would leave the other core waiting."""
    items.sort(key=lambda item: not item.nodeid.startswith(SLOW))


def pytest_collection_finish() -> None:
    """What is there before the first test stays until the end: to look through it for rubbish is work for nothing."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@dataclass
class KeepingTransport:
    """A mail transport that keeps what it is given, or refuses with what it was told to refuse with."""

    sent: list[EmailMessage] = field(default_factory=list)
    refuse_with: TransportError | None = None

    def deliver(self, message: EmailMessage) -> None:
        if self.refuse_with is not None:
            raise self.refuse_with
        self.sent.append(message)


@pytest.fixture(autouse=True)
def _push_request_context() -> None:
    """Not pytest-flask's: by default all requests of a test share one `g`, so everyone is who signed in last."""


@pytest.fixture(scope="session")
def sqlite_stand(tmp_path_factory: pytest.TempPathFactory) -> SqliteStand:
    """Where each test's SQLite database stands."""
    return SqliteStand.of(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql_stand() -> Iterator[PostgresStand]:
    """Where each test's PostgreSQL database stands."""
    with postgres() as stand:
        yield stand


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database of each kind, one's own: empty but for those whom a test asks for."""
    stand = request.getfixturevalue(f"{request.param}_stand")
    if "stage" in request.fixturenames:
        staged(stand)
    elif "cast" in request.fixturenames:
        peopled(stand)
    else:
        stand.renew(EMPTY)
    yield stand.url
    stand.leave()


@pytest.fixture
def stand(request: pytest.FixtureRequest, database_url: str) -> Stand:
    """Where the database of this test stands."""
    return request.getfixturevalue(f"{database_url.partition('+')[0].partition(':')[0]}_stand")  # type: ignore[no-any-return]


def settings_for(tmp_path: Path, database_url: str, **changed: Any) -> Settings:
    """Settings of a test's own installation."""
    values: dict[str, Any] = {
        "instance": tmp_path / "instance",
        "database_url": database_url,
        "secret_key": "test-" + "k" * 40,
        "base_url": "http://localhost",
        "smtp_url": "",
        "mail_from": "portaal@ssc.example",
        "ssc_mailbox": "ssc@ssc.example",
        "partnership": "SSC Vierstroom",
        "demo": False,
        "proxies": 0,
        "clamd": "",
        "bank_settle": 0,
        "scan_settle": 0,
        "invoice_settle": 0,
        "anchors": tmp_path / "anchors",
        "anchor_mail": (),
    }
    return Settings(**{**values, **changed})


def world_on(stand: Stand, folder: Path) -> World:
    """The world of what stands here, with its files in this folder."""
    settings = settings_for(folder, stand.url)
    settings.instance.mkdir(exist_ok=True)
    return World(
        "production", settings, stand.database(), FixedClock(TUESDAY), FileStore(settings.files), KeepingTransport()
    )


def peopled(stand: Stand) -> tuple[dict[str, int], dict[str, int]]:
    """Put the people of a small partnership here. Returns who they are, and their municipalities."""

    def make() -> tuple[dict[str, int], dict[str, int]]:
        stand.renew(EMPTY)
        with tempfile.TemporaryDirectory() as folder:
            cast = build(world_on(stand, Path(folder)))
        return cast.people, cast.municipalities

    return stand.renew("cast", make)  # type: ignore[no-any-return]


def staged(stand: Stand) -> tuple[Stage, Path]:
    """Put a world here in which there is something to see on every page. Returns what, and its files."""

    def make() -> tuple[Stage, Path]:
        people, municipalities = peopled(stand)
        folder = Path(tempfile.mkdtemp(prefix="portal-stage-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        world = world_on(stand, folder)
        return played(world, Cast(world, people=people, municipalities=municipalities)), world.settings.files

    return stand.renew("stage", make)  # type: ignore[no-any-return]


@pytest.fixture
def world(tmp_path: Path, stand: Stand) -> World:
    """A world of its own."""
    return world_on(stand, tmp_path)


@pytest.fixture
def cast(world: World, stand: Stand) -> Cast:
    """The people of a small partnership, in the database."""
    people, municipalities = stand.made["cast"]
    return Cast(world, people=dict(people), municipalities=dict(municipalities))


@pytest.fixture
def stage(world: World, stand: Stand) -> Stage:
    """What there is to see on every page, in the database and among the files."""
    stage, files = stand.made["stage"]
    for folder in ("documents", "archives"):
        shutil.copytree(files.with_name(folder), world.settings.instance / folder, dirs_exist_ok=True)
    return stage  # type: ignore[no-any-return]


class Browser:
    """One person's browser: a client with its own cookies."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, url: str, **options: Any) -> Any:
        return self.client.get(url, **options)

    def post(self, url: str, data: Any = None, **options: Any) -> Any:
        return self.client.post(url, data=data or {}, **options)


IN_TESTS = {"TESTING": True, "WTF_CSRF_ENABLED": False, "PROPAGATE_EXCEPTIONS": False}


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The web application, put together once: it asks at each request which world it serves."""
    folder = tmp_path_factory.mktemp("portal")
    settings = settings_for(folder, "sqlite://")
    world = World(
        "production", settings, Database("sqlite://"), FixedClock(TUESDAY), FileStore(folder), KeepingTransport()
    )
    return create_app(world)


@contextmanager
def serving(portal: Any, world: World) -> Iterator[Any]:
    """The web application, meanwhile of this world."""
    kept = [(keeps, dict(keeps)) for keeps in (portal.config, portal.extensions)]
    portal.extensions["world"] = world
    try:
        yield portal
    finally:
        for keeps, before in kept:  # what it remembered of this world goes too
            keeps.clear()
            keeps.update(before)


@pytest.fixture
def app(portal: Any, world: World) -> Iterator[Any]:
    """The web application of the world. Forms need no CSRF token here; one test proves that they do in earnest."""
    with serving(portal, world):
        portal.config.update(IN_TESTS)
        yield portal


@pytest.fixture
def unused_app(world: World) -> Any:
    """The same, which has served nobody yet: pages can be added to it."""
    made = create_app(world)
    made.config.update(IN_TESTS)
    return made


def browser_of(app: Any, cast: Cast, name: str | None = None) -> Browser:
    """A browser, in which this person is signed in."""
    browser = Browser(app.test_client())
    if name is not None:
        answer = browser.post("/aanmelden", {"username": name, "password": cast.password})
        assert answer.status_code == 302, answer.text
    return browser


@pytest.fixture
def browse(app: Any, cast: Cast) -> Any:
    """`browse("anna")` is Anna's browser, signed in; `browse()` is nobody's."""
    return partial(browser_of, app, cast)
