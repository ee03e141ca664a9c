"""The event log, as files for tools of process mining."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cli.world import production
from portal.i18n import LANGUAGES
from portal.interfaces.event_log import FORMATS, gzipped
from portal.interfaces.event_log.stories import Mask
from portal.interfaces.event_log.words import names_in
from portal.models.people import Municipality
from portal.queries.event_log import TYPES, Wanted, stories
from workflows.periods import parsed


@click.command("export-log")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="csv", show_default=True)
@click.option("--out", "target", required=True, type=click.Path(dir_okay=False, path_type=Path),
              help="The file to write; one that ends in .gz is packed.")  # fmt: skip
@click.option("--gzip", "packed", is_flag=True, help="Pack the file, whatever it is called.")
@click.option("--period", help="Cases handed in then: 2026-10, 2026Q3, 2026, or from..to; else all.")
@click.option("--municipality", "places", multiple=True, help="Its name or code; may be given several times; else all.")
@click.option("--type", "types", multiple=True, type=click.Choice(TYPES), help="May be given several times; else all.")
@click.option("--language", type=click.Choice(LANGUAGES), default="nl", show_default=True, help="Of readable names.")
def export_log(form: str, target: Path, packed: bool, period: str | None, places: tuple[str, ...],
               types: tuple[str, ...], language: str) -> None:  # fmt: skip
    """Write what happened in all cases to a file for process mining, under pseudonyms.

    Persons, cases and all else stand under pseudonyms that hold within this one file. Sickness is not in it.
    """
    world, when = production(), parsed(period) if period else None
    if period and when is None:
        raise click.ClickException("a period is a month, quarter or year: 2026-10, 2026Q3, 2026, or from..to")
    key = hmac.new(world.key("event log"), secrets.token_bytes(16), sha256).digest()
    try:
        with world.db.snapshot() as session:
            wanted = Wanted(
                when.first if when else None, when.last if when else None, _places(session, places),
                frozenset(types) or None,
            )  # fmt: skip
            found = FORMATS[form].pieces(stories(session, wanted, Mask(key)), names_in(language))
            with target.open("wb") as file:
                for piece in gzipped(found) if packed or target.suffix == ".gz" else found:
                    file.write(piece)
    finally:
        world.db.dispose()


def _places(session: Session, named: tuple[str, ...]) -> frozenset[int] | None:
    if not named:
        return None
    all_of_them = session.scalars(select(Municipality)).all()
    known = {name.casefold(): place.id for place in all_of_them for name in (place.code, place.name)}
    if unknown := [name for name in named if name.casefold() not in known]:
        raise click.ClickException(f"there is no municipality {unknown[0]}")
    return frozenset(known[name.casefold()] for name in named)
