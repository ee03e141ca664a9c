"""Invented people and their history, in an empty database."""

from __future__ import annotations

import click

from portal import migrations
from portal.cli.world import production
from seed.loader import AlreadySeeded, load


@click.command()
@click.option("--employees", default=240, show_default=True, help="How many employees, over all municipalities.")
@click.option("--months", default=12, show_default=True, help="How many months of history.")
@click.option("--random-seed", default=1, show_default=True, help="The same number gives the same world.")
def seed(employees: int, months: int, random_seed: int) -> None:
    """Fill an empty database with invented people and a history of cases."""
    world = production()
    migrations.upgrade(world.db)
    try:
        load(world, employees=employees, months=months, random_seed=random_seed, report=click.echo)
    except AlreadySeeded as error:
        raise click.ClickException(str(error)) from error
