"""Proof that nothing was changed behind the portal's back."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from portal.cli.world import production
from portal.interfaces.anchors import kept_in, read
from portal.interfaces.dossier_json import Altered, NotADossier, prove
from portal.queries.chain import expect_in_chain, verify, verify_anchors


@click.group()
def audit() -> None:
    """Prove that nothing was changed behind the portal's back."""


@audit.command("verify")
@click.option(
    "--anchor", "files", multiple=True, type=click.Path(exists=True, path_type=Path),
    help="A file (or a folder of them) with anchors that were kept: each must still be in the chain.",
)  # fmt: skip
def audit_verify(files: tuple[Path, ...]) -> None:
    """Verify the event chain; exits with 1 and names the first broken event when it does not hold."""
    kept = [anchor for file in files for anchor in (kept_in(file) if file.is_dir() else read(_text(file)))]
    world = production()
    try:
        with world.db.session(writes=False) as session:
            found, failed = verify(session), verify_anchors(session, kept)
    finally:
        world.db.dispose()
    if found.broken is not None:
        click.echo(f"BROKEN at event {found.broken}: {found.why}", err=True)
    if failed is not None:
        click.echo(f"NOT AS IT WAS: {failed.anchor}: {failed.why}", err=True)
    if files and not kept:
        click.echo("NO ANCHOR in what was given", err=True)
    if found.broken is not None or failed is not None or (files and not kept):
        sys.exit(1)
    anchored = f", and {len(kept)} anchors are in it" if files else ""
    click.echo(f"{found.count} events verified, the chain holds{anchored}")


def _expect_in_chain(hashes: Mapping[int, str]) -> None:
    world = production()
    try:
        with world.db.session(writes=False) as session:
            expect_in_chain(session, hashes)
    finally:
        world.db.dispose()


def _text(file: Path) -> str:
    return file.read_text(errors="replace")


@audit.command("verify-export")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--in-chain", is_flag=True, help="Look each event up in this portal's own chain too.")
def audit_verify_export(file: Path, in_chain: bool) -> None:
    """Verify a dossier that was taken along as JSON; needs no database unless asked. Exits with 1 if it was altered."""
    try:
        proved = prove(file.read_bytes())
        if in_chain:
            _expect_in_chain(proved.hashes)
    except (NotADossier, Altered) as error:
        click.echo(f"{'ALTERED' if isinstance(error, Altered) else 'NO DOSSIER'}: {error}", err=True)
        sys.exit(1)
    where = "and they are in the chain" if in_chain else "by themselves"
    click.echo(f"{proved.number}: {proved.events} events verified {where}; of {proved.opened} also what was said")
