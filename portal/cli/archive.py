"""Archives of municipalities: made, proved, taken in, and held against a portal."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cli.world import production, reason_in_english
from portal.clock import local_date
from portal.commands import archive_import
from portal.interfaces.archive_file import Archive, NotAnArchive, differences, reading, verify
from portal.jobs.archive_making import make
from portal.models.people import Municipality
from portal.queries.archive_scope import figures_in
from workflows.kernel import Refused

SHOWN = 50
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("archive")
def archive_group() -> None:
    """Archives of municipalities: everything that is theirs, in one file."""


@archive_group.command("make")
@click.option("--municipality", required=True, help="The code or the name of the municipality.")
@click.option("--out", "target", required=True, type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
@click.option("--without-pdf", is_flag=True, help="Leave out the dossiers as PDF: a trial, in a fraction of the time.")
def make_archive(municipality: str, target: Path, without_pdf: bool) -> None:
    """Write everything of a municipality to a ZIP file: dossiers, documents, books, leave, people and agreements."""
    world = production()
    try:
        with world.db.session(writes=False) as session:
            place_id = _place(session, municipality).id
        with click.progressbar(length=1, label="Making the archive", file=sys.stderr) as bar:

            def tell(done: int, of: int) -> None:
                bar.length = max(of, 1)
                bar.update(done - bar.pos)

            made = make(world, place_id, target, world.clock.now(), tell, papers=not without_pdf)
    finally:
        world.db.dispose()
    for lacking in made.lacking:
        click.echo(f"NOT IN IT: {lacking}", err=True)
    click.echo(f"{target}: {len(made.manifest['files'])} files, {made.size} bytes, SHA-256 {made.sha256}")
    if made.lacking:
        sys.exit(1)


def _place(session: Session, named: str) -> Municipality:
    for place in session.scalars(select(Municipality)):
        if named.casefold() in (place.code.casefold(), place.name.casefold()):
            return place
    raise click.ClickException("no municipality has this code or name")


@archive_group.command("verify")
@click.argument("file", type=EXISTING)
@click.option("--against", is_flag=True, help="Also hold its figures against this portal, and report both.")
def verify_archive(file: Path, against: bool) -> None:
    """Verify every hash, the events and the figures of an archive; exits with 1 when something does not hold."""
    try:
        with reading(file) as archive:
            wrong = verify(archive)
            _complain(wrong)
            place, stated = archive.manifest["municipality"], archive.manifest["figures"]
            click.echo(f"{place['name']}: {len(archive.manifest['files'])} files, "
                       f"{stated['rows'].get('case_event', 0)} events, the archive holds")  # fmt: skip
            for lacking in archive.manifest["lacking"]:
                click.echo(f"NOT IN IT: {lacking}")
            if against and not _reconciled(archive):
                sys.exit(1)
    except NotAnArchive as error:
        raise click.ClickException(str(error)) from error


def _complain(wrong: Iterable[str]) -> None:
    found = list(wrong)
    for one in found[:SHOWN]:
        click.echo(f"DOES NOT HOLD: {one}", err=True)
    if found:
        sys.exit(1)


@archive_group.command("import")
@click.argument("file", type=EXISTING)
def import_archive(file: Path) -> None:
    """Take an archive in, in a portal in which nothing is yet, and report what both add up to."""
    world = production()
    try:
        with reading(file) as archive:
            with world.db.transaction() as session:
                archive_import.take_in(session, archive, world.files, world.clock.now())
            if not _reconciled(archive):
                sys.exit(1)
    except NotAnArchive as error:
        raise click.ClickException(str(error)) from error
    except Refused as refused:
        raise click.ClickException(reason_in_english(refused)) from refused
    finally:
        world.db.dispose()


def _reconciled(archive: Archive) -> bool:
    """Print what archive and portal add up to, line by line; whether they agree."""
    world = production()
    try:
        with world.db.snapshot() as session:
            place = _place(session, archive.manifest["municipality"]["code"])
            found = figures_in(session, place.id, local_date(world.clock.now()))
    finally:
        world.db.dispose()
    stated = archive.manifest["figures"]
    for name, amount in _lines(stated):
        click.echo(f"{name:<40} {amount}")
    differ = differences(stated, found)
    for name, was, now in differ[:SHOWN]:
        click.echo(f"DIFFERS: {name}: archive {was}, portal {now}", err=True)
    click.echo(f"{len(differ)} differences")
    return not differ


def _lines(figures: Any, name: str = "") -> Iterable[tuple[str, Any]]:
    """Every figure with its name."""
    if not isinstance(figures, dict):
        yield name, figures
        return
    for key, value in figures.items():
        yield from _lines(value, f"{name}.{key}" if name else key)
