"""Electronic invoices, judged without a database."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from portal.interfaces.einvoice import Verdict, check
from portal.interfaces.einvoice.telling import as_row


@click.group("invoice")
def invoice_group() -> None:
    """Electronic invoices."""


@invoice_group.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def invoice_check(files: tuple[Path, ...]) -> None:
    """Judge invoices (UBL, CII, Factur-X): a line of JSON each. Needs no database. Exits with 1 when any is invalid."""
    invalid = False
    for file in files:
        checked = check(file.read_bytes())
        invalid = invalid or checked.verdict in (Verdict.INVALID, Verdict.NOT_AN_INVOICE)
        click.echo(json.dumps(as_row(str(file), checked), ensure_ascii=False))
    sys.exit(1 if invalid else 0)
