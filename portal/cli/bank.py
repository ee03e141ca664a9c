"""Files from and to the bank."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from portal.cli.world import production
from portal.commands import bank


@click.group("bank")
def bank_group() -> None:
    """Files from and to the bank."""


@bank_group.command("take-in")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def bank_take_in(file: Path) -> None:
    """Take in one file from the bank, as the folder job does."""
    world = production()
    with world.db.transaction() as session:
        row = bank.take_in(session, file.read_bytes(), file.name, world.clock.now())
    click.echo(
        row.refused
        or f"paid {row.settled}, accepted {row.accepted}, returned {row.returned}, unmatched {row.unmatched}"
    )
    sys.exit(1 if row.refused else 0)
