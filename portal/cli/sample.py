"""Samples of what was paid without approval beforehand, drawn again."""

from __future__ import annotations

import sys
from datetime import datetime

import click

from portal.cli.world import production
from portal.queries import sampling


@click.group("sample")
def sample_group() -> None:
    """Samples of what was paid without approval beforehand."""


@sample_group.command("verify")
@click.option("--municipality", required=True, help="The code of the municipality.")
@click.option("--month", required=True, type=click.DateTime(["%Y-%m"]), help="The month, as 2026-10.")
def sample_verify(municipality: str, month: datetime) -> None:
    """Draw a month again; exits with 1 and says what does not agree when it does not."""
    world = production()
    try:
        with world.db.session(writes=False) as session:
            found = sampling.month_within(session, municipality, month.date(), None)
            if found is None:
                raise click.ClickException("no seed was chosen for this municipality and month")
            again = sampling.draw_again(session, found.seed)
    finally:
        world.db.dispose()
    for said, numbers in (
        ("stored otherwise than the seed draws", again.otherwise),
        ("drawn, but no sample was opened", again.unjudged),
        ("paid without approval, but never put in", again.missing),
        ("there before the seed was chosen", again.late),
    ):
        if numbers:
            click.echo(f"{said}: {', '.join(numbers)}", err=True)
    if not again.committed:
        click.echo("the seed is not the one in the event chain", err=True)
    if not again.agrees:
        sys.exit(1)
    click.echo(f"{again.count} draws done again, all agree; {found.drawn} are in the sample")
