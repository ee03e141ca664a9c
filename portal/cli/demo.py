"""The portal to try out."""

from __future__ import annotations

import click

from portal.demo import ALONE, run


@click.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--host", default=ALONE, show_default=True, help="This machine's address in the network, for phones.")
def demo(port: int, host: str) -> None:
    """Run the portal on seeded data with scheduler and bank, all in one, for trying it out."""
    run(port, host)
