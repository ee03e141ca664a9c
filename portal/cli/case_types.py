"""The case types as they are declared."""

from __future__ import annotations

import click

from workflows import CASE_TYPES
from workflows.diagram import as_mermaid, as_table


@click.command("case-types")
def case_types() -> None:
    """Print every case type as a table and as a Mermaid diagram."""
    for case_type in CASE_TYPES.values():
        click.echo(as_table(case_type))
        click.echo(f"\n```mermaid\n{as_mermaid(case_type)}\n```\n")
