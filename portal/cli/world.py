"""What the commands share: the world of the environment's settings, and a refusal in words."""

from __future__ import annotations

import os

import click

from portal import settings, worlds
from portal.i18n import reading_in, say
from portal.worlds import World
from workflows.kernel import Refused


def production() -> World:
    """The production world. A bad setting ends the command with its message."""
    try:
        return worlds.production(settings.from_environment(os.environ))
    except settings.BadSetting as error:
        raise click.ClickException(str(error)) from error


def reason_in_english(refused: Refused) -> str:
    """Why something was refused, for whoever runs the portal."""
    with reading_in("en"):
        return say(refused.refusals[0].sentence, refused.refusals[0].values)
