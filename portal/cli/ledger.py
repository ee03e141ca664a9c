"""The journals of municipalities, as files."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import select

from portal.cli.world import production
from portal.interfaces.ledger_files import FORMATS
from portal.models.people import Municipality
from portal.queries.journal import book_of
from portal.queries.ledger_export import journal_of, span


@click.group("ledger")
def ledger_group() -> None:
    """The journals of municipalities."""


@ledger_group.command("export")
@click.option("--municipality", required=True, help="The code of the municipality.")
@click.option("--period", required=True, help="A month, as 2026-10, or a year, as 2026.")
@click.option("--format", "ending", type=click.Choice(sorted(FORMATS)), default="xaf", show_default=True)
@click.option(
    "--to", "target", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write."
)
def ledger_export(municipality: str, period: str, ending: str, target: Path) -> None:
    """Write the journal of a municipality to a file. The same journal gives the same bytes."""
    months, world = span(period), production()
    try:
        with world.db.session(writes=False) as session:
            place = session.scalars(select(Municipality).where(Municipality.code == municipality)).first()
            if place is None or book_of(session, place.id) is None:
                raise click.ClickException("no journal is kept of this municipality")
            if months is None:
                raise click.ClickException("a period is a month, as 2026-10, or a year, as 2026")
            journal = journal_of(session, place, *months)
            target.write_bytes(FORMATS[ending][0](journal))
    finally:
        world.db.dispose()
    click.echo(f"{len(journal.entries)} entries")
