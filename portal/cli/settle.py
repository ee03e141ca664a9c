"""The settlement of a quarter, as data: the same figures as the pages."""

from __future__ import annotations

import json
from pathlib import Path

import click

from portal.cli.world import production
from portal.queries.settlements import statement
from workflows.kernel import Refused
from workflows.quarters import is_quarter
from workflows.settlement import BY_KEY, EMPLOYEES, KEYS, VARIANTS


@click.command()
@click.option("--period", required=True, help="A quarter, as 2026Q3.")
@click.option("--variant", required=True, type=click.Choice(list(VARIANTS)), help="By price and quantity, or by keys.")
@click.option("--key", type=click.Choice(list(KEYS)), help="Of --variant keys: by which key; else by employees.")
@click.option("--format", "_ending", type=click.Choice(["json"]), default="json", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write; else it is printed.")
def settle(period: str, variant: str, key: str | None, _ending: str, out: Path | None) -> None:
    """Settle a quarter with the municipalities, and print the figures."""
    if not is_quarter(period):
        raise click.ClickException("a period is a quarter, as 2026Q3")
    if key and variant != BY_KEY:
        raise click.ClickException("--key is for --variant keys")
    world = production()
    try:
        with world.db.session(writes=False) as session:
            held, figures = statement(session, period, variant, (key or EMPLOYEES) if variant == BY_KEY else "")
    except Refused as refused:
        refusal = refused.refusals[0]
        raise click.ClickException(refusal.sentence % dict(refusal.values)) from None
    finally:
        world.db.dispose()
    kept = held is not None and (held.variant, held.key) == (figures["variant"], figures["key"])
    said = {
        "period": period, "state": held.state if held and kept else "worked out",
        "revision": held.revision if held and kept else 0, "hash": held.digest if held and kept else "",
        "reason": held.reason if held and kept else "", **figures,
    }  # fmt: skip
    text = json.dumps(said, ensure_ascii=False, indent=2)
    if out:
        out.write_text(f"{text}\n")
    else:
        click.echo(text)
