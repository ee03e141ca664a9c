"""What happens because time passes: all of it, or one job now."""

from __future__ import annotations

import click

from portal.cli.world import production
from portal.i18n import reading_in
from portal.jobs import runner, timetable
from portal.jobs import scheduler as keeper
from portal.jobs.telling import in_words


@click.command()
def scheduler() -> None:
    """Keep the time: run every job when it is due, until stopped. Several may be started; one leads."""
    from portal.workshop.keeping import Keeper  # noqa: PLC0415 - it loads the invented data, and `job` needs none

    world = production()
    stories = Keeper(world)
    stories.begin()
    keeper.serve(world, stories.beat)
    stories.close()


@click.command()
@click.argument("key", type=click.Choice([job.key for job in timetable.JOBS]))
def job(key: str) -> None:
    """Run one job now, if its moment was not claimed yet."""
    done = runner.run(production(), timetable.job(key))
    if done is None:
        click.echo("already run for this moment")
    elif done.error:
        raise click.ClickException(done.error)
    else:
        with reading_in("en"):
            click.echo(in_words(done.told) or "nothing to do")
