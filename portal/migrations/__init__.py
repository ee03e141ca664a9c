"""The database's history: bringing it up to date, and telling whether it is."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from portal.db import Base, Database


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def upgrade(db: Database) -> None:
    """Bring the database up to date. Does nothing when it is."""
    with db.engine.begin() as connection:
        command.upgrade(_config(connection), "head")


def revise(db: Database, message: str) -> None:
    """Write a migration for what the tables have that the database has not."""
    with db.engine.begin() as connection:
        command.revision(_config(connection), message, autogenerate=True)


def drift(db: Database) -> list[object]:
    """What differs between the tables in code and in the database; empty when nothing does."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))
