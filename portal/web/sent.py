"""Numbers as browsers send them: whatever is no whole number that can be a key of ours is no number at all."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter

LARGEST = 2**63 - 1
"""The largest key that a database keeps."""


def whole(text: str) -> int | None:
    """The whole number in this text; None when it is none, or larger than a key can be."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST)) else None
    return number if number is None or number <= LARGEST else None


class KeyConverter(IntegerConverter):
    """`<int:…>` in an address: a key. A larger number is no address of ours."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"max": LARGEST, **options})


def install(app: Flask) -> None:
    """Read the keys in addresses with care."""
    app.url_map.converters["int"] = KeyConverter
