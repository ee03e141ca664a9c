"""Exchange rates of the European Central Bank."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from portal.cli.world import production, reason_in_english
from portal.commands import rates
from portal.commands.changes import COMMAND_LINE
from portal.interfaces.rates import MOST_BYTES, TOO_BIG
from workflows.kernel import Refused


@click.group("rates")
def rates_group() -> None:
    """Exchange rates of the European Central Bank."""


@rates_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def rates_import(file: Path) -> None:
    """Take in a file with rates (eurofxref as CSV, ZIP or XML). Rates that we know otherwise are told, ours stay."""
    world = production()
    if file.stat().st_size > MOST_BYTES:
        raise click.ClickException(reason_in_english(Refused(TOO_BIG)))
    try:
        with world.db.transaction() as session:
            done = rates.take_in(session, COMMAND_LINE, file.read_bytes(), file.name, world.clock.now())
    except Refused as refused:
        raise click.ClickException(reason_in_english(refused)) from refused
    finally:
        world.db.dispose()
    click.echo(f"{done.added} new, {done.known} known, {done.passed_over} of no use, {len(done.differing)} differ")
    for one in done.differing:
        click.echo(f"{one.given.currency} {one.given.day}: ours {one.known.rate}, in the file {one.given.rate}")
    sys.exit(1 if done.differing else 0)
