"""A group of commands whose modules are imported when one of theirs is run: nobody waits for the rest of the portal."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click


class Lazy(NamedTuple):
    """Where a command is, and the line that the help shows of it."""

    module: str
    name: str
    line: str


class LazyGroup(click.Group):
    """Knows of each command the module, the name in it and the line that help shows."""

    def __init__(self, *args: Any, lazy: Mapping[str, Lazy], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, without importing anything."""
        return sorted({*self.lazy, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself, imported now."""
        at = self.lazy.get(cmd_name)
        if at is None:
            return super().get_command(ctx, cmd_name)
        command: click.Command = getattr(import_module(at.module), at.name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in the help, without importing anything."""
        widest = max(map(len, self.lazy))
        limit = formatter.width - 6 - widest
        rows = [
            (name, click.Command(name, help=self.lazy[name].line).get_short_help_str(limit))
            for name in sorted(self.lazy)
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)
