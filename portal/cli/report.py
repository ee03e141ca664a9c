"""The figures of a period, as files."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import func, or_, select

from portal.cli.world import production
from portal.commands.indicators import catch_up_fully
from portal.i18n import LANGUAGES, reading_in
from portal.interfaces.report_files import FORMATS
from portal.models.people import Municipality
from portal.queries.reports import asked
from workflows.periods import parsed

EVERYBODY = ("*", "all", "alle", "board")


@click.command("report")
@click.option("--municipality", required=True, help="The name or code of the municipality; * for all together.")
@click.option("--period", required=True, help="A month (2026-10), quarter (2026Q3), year (2026), or from..to.")
@click.option("--format", "ending", type=click.Choice(sorted(FORMATS)), default="json", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write; else standard output.")
@click.option("--language", type=click.Choice(LANGUAGES), default="nl", show_default=True)
def report_command(municipality: str, period: str, ending: str, out: Path | None, language: str) -> None:
    """Write the figures of a municipality in a period, as its page shows them.

    What was published of the period is given as it was published; else it is counted now.
    """
    when, world = parsed(period), production()
    try:
        if when is None:
            raise click.ClickException("a period is a month, quarter or year: 2026-10, 2026Q3, 2026, or from..to")
        with world.db.transaction() as session:
            catch_up_fully(session, world.clock.now())
        with world.db.session(writes=False) as session:
            place = None
            if municipality.strip().lower() not in EVERYBODY:
                named = or_(Municipality.code == municipality, func.lower(Municipality.name) == municipality.lower())
                place = session.scalars(select(Municipality).where(named)).first()
                if place is None:
                    raise click.ClickException(f"there is no municipality {municipality}")
            found = asked(session, place, when, world.clock.now())
        if found is None:
            raise click.ClickException("there is no such report")
        with reading_in(language):
            content = FORMATS[ending].make(found, world.settings.partnership, world.clock.now())
    finally:
        world.db.dispose()
    if out is None:
        click.echo(content, nl=False)
    else:
        out.write_bytes(content)
