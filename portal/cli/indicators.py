"""Definitions of indicators, taken in from a file."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path

import click

from portal.cli.world import production, reason_in_english
from portal.clock import local_date
from portal.commands.definitions import define_all
from workflows.kernel import Refused


@click.group("indicators")
def indicators_group() -> None:
    """What is measured."""


@indicators_group.command("add")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--from",
    "first",
    type=click.DateTime(["%Y-%m-%d"]),
    required=True,
    help="From which day on, as 2026-01-01: the first of a month. What came in before is not counted.",
)
def add(file: Path, first: datetime) -> None:
    """Take in the definitions of FILE (TOML, as seed/data/indicators.toml); what is defined already stays as it is."""
    try:
        said = tomllib.loads(file.read_text())
        rows = said["indicators"]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError) as error:
        raise click.ClickException(f"this file holds no [[indicators]]: {error}") from error
    world = production()
    try:
        with world.db.transaction() as session:
            now = world.clock.now()
            count = define_all(session, rows, first.date(), now, local_date(now))
    except Refused as refused:
        raise click.ClickException(reason_in_english(refused)) from refused
    finally:
        world.db.dispose()
    click.echo(f"{count} definitions taken in; the job `count` counts by them")
