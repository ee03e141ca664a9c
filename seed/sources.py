"""The data files of the seed: names, units, policies, expenses and words, all invented."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "data"


@cache
def source(name: str) -> dict[str, Any]:
    """The content of one data file, read once."""
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text())
