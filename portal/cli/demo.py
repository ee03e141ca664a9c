"""The portal to try out."""

from __future__ import annotations

import click

from portal.demo import run


@click.command()
@click.option("--port", default=8000, show_default=True)
def demo(port: int) -> None:
    """Run the portal on seeded data with scheduler and bank, all in one, for trying it out."""
    run(port)
