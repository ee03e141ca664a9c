"""The database: made, brought up to date, changed."""

from __future__ import annotations

import click

from portal import migrations
from portal.cli.world import production


@click.command()
def migrate() -> None:
    """Bring the database up to date."""
    migrations.upgrade(production().db)


@click.command()
@click.argument("message")
def revise(message: str) -> None:
    """Write a migration for changed tables (for developers)."""
    migrations.revise(production().db, message)
