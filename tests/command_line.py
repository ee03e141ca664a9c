"""The command line within the process of the test: what it says and how it ends. Starting one is tried elsewhere."""

from __future__ import annotations

import os

from click.testing import CliRunner

from portal.cli import main
from portal.worlds import World


def command(*arguments: str, world: World | None = None) -> tuple[int, str]:
    """`ssc-portal` with these arguments, at the portal of this world or at none: its exit code and all it says."""
    env: dict[str, str | None] = {key: None for key in os.environ if key.startswith("SSC_")}
    if world is not None:
        own = world.settings
        env |= {"SSC_INSTANCE": str(own.instance), "SSC_DATABASE_URL": own.database_url,
                "SSC_SECRET_KEY": own.secret_key}  # fmt: skip
    done = CliRunner().invoke(main, arguments, env=env)
    return done.exit_code, done.output
