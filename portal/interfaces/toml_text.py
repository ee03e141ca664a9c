"""Reading TOML that came from somebody: what would only keep the portal busy is refused, as are other mistakes."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import Any

LONGEST_LINE, MOST_DOTS = 4000, 200
"""Signs of a line, and dots in it: long numbers and long rows of names with dots take very long to read."""


def loads(text: str, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """What stands in it. Raises TOMLDecodeError for all that cannot be read."""
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > LONGEST_LINE or line.count(".") > MOST_DOTS:
            raise tomllib.TOMLDecodeError(f"Line too long (at line {number}, column 1)")
    try:
        return tomllib.loads(text, parse_float=parse_float)
    except RecursionError:
        raise tomllib.TOMLDecodeError("Too many brackets within brackets") from None
