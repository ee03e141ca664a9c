"""Workshops, for whoever runs the portal."""

from __future__ import annotations

import math
from datetime import datetime

import click

from portal.cli.world import production
from portal.clock import end_of_day
from portal.workshop import deck, folders, opening, playing, reading, ticking
from portal.workshop.folders import Workshop
from portal.workshop.playing import PLAY
from portal.workshop.scenario import LEAST, MOST
from portal.worlds import TRAINER_LINK, World


@click.group("workshop")
def workshop_group() -> None:
    """Workshops: practice worlds in which a process is played."""


@workshop_group.command("open")
@click.argument("scenario")
@click.option(
    "--people",
    type=click.IntRange(LEAST, MOST),
    help="How many people play, from 3 to 30; as many as is usual when left out.",
)
@click.option("--title", default="", help="What it is called; as the scenario when left out.")
@click.option("--trainer", default="", help="Who leads it.")
def open_(scenario: str, people: int | None, title: str, trainer: str) -> None:
    """Open a workshop of SCENARIO, and print where it is."""
    world = production()
    found = {one.key: one for one in reading.scenarios(world.settings)}
    if scenario not in found:
        raise click.ClickException(f"there is no scenario {scenario}; there are: {', '.join(found)}")
    plan = found[scenario]
    people = people or plan.usual_people
    made = opening.open_workshop(
        world, plan, title=title or plan.title.nl, trainer=trainer, people=people, wall=world.wall.now()
    )
    practice = opening.world_of(world, made)
    address = practice.settings.base_url
    click.echo(f"{made.code}  {made.title}, {len(deck.seats_for(plan, people))} seats")
    click.echo(f"  Participants:  {address}/")
    click.echo(f"  Trainer:       {address}/trainer/{practice.link_token('trainer', TRAINER_LINK)}")


@workshop_group.command("list")
def list_() -> None:
    """Every workshop, the newest first."""
    for one in folders.workshops(production().settings):
        click.echo(f"{one.code}  {one.opened:%Y-%m-%d %H:%M}  round {one.round}  {one.title} ({one.scenario})")


@workshop_group.command("next-round")
@click.argument("code")
def next_round(code: str) -> None:
    """Begin the next round of the workshop CODE."""
    world = production()
    later = opening.next_round(world, _found(world, code), world.wall.now())
    click.echo(f"{later.code}: round {later.round}")


@workshop_group.command("tick")
@click.argument("code")
def tick(code: str) -> None:
    """Let what is due in the workshop CODE happen now, as the scheduler does each second."""
    world = production()
    practice = opening.world_of(world, _found(world, code))
    if not ticking.tick(practice, PLAY, seconds=math.inf):
        raise click.ClickException("another process is at it")
    click.echo(f"{practice.clock.now():%Y-%m-%d %H:%M} in the story")


@workshop_group.command("play")
@click.argument("code")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Play up to the end of this day; else to the end.")
def play(code: str, until: datetime | None) -> None:
    """Let bots play the round of the workshop CODE, as fast as it goes, with the scheduler stopped."""
    world = production()
    room = _found(world, code)
    practice = opening.world_of(world, room)
    ends = reading.read(room.script).ends if until is None else end_of_day(until.date())
    playing.play(practice, ends)
    click.echo(f"played until {ends:%Y-%m-%d}")


@workshop_group.command("delete")
@click.argument("code")
def delete(code: str) -> None:
    """Delete the workshop CODE with all that is in it."""
    world = production()
    opening.delete(world, _found(world, code))
    click.echo(f"{code.upper()} is deleted")


def _found(world: World, code: str) -> Workshop:
    found = folders.workshop(world.settings, code.upper())
    if found is None:
        raise click.ClickException(f"there is no workshop {code}")
    return found
