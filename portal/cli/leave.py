"""Leave of employees."""

from __future__ import annotations

from datetime import datetime

import click

from portal.cli.world import production
from portal.clock import end_of_day, local_date
from portal.interfaces import leave_statement as leave_texts
from portal.queries import leave_statement as leave


@click.group("leave")
def leave_group() -> None:
    """Leave of employees."""


@leave_group.command("statement")
@click.argument("person")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day, as 2026-11-24; today when not given.")
@click.option("--as-known", type=click.DateTime(["%Y-%m-%d"]), help="What was known at the end of this day; now else.")
@click.option("--json", "as_json", is_flag=True, help="For programs: minutes, days and moments as plain values.")
def leave_statement(person: str, on: datetime | None, as_known: datetime | None, as_json: bool) -> None:
    """Print the leave of a PERSON (mail address or personnel number) on a day, as it was known."""
    world = production()
    now = world.clock.now()
    day = on.date() if on else local_date(now)
    known = end_of_day(as_known.date()) if as_known else now
    try:
        with world.db.session(writes=False) as session:
            found = leave.persons_named(session, person)
            if len(found) != 1:
                said = "nobody has" if not found else "more than one person has"
                raise click.ClickException(f"{said} the mail address or personnel number {person}")
            about = {"name": found[0].name, "on": day.isoformat(), "as_known": known.isoformat(timespec="minutes")}
            lots, entries = (ask(session, found[0].id, day, known) for ask in (leave.lots_then, leave.entries_then))
    finally:
        world.db.dispose()
    click.echo((leave_texts.as_json if as_json else leave_texts.as_text)(about, lots, entries))
