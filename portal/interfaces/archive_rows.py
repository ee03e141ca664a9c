"""Rows as lines of JSON and back, and what must not stand in them: numbers of cases of other municipalities."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from typing import Any

from workflows import CASE_TYPES

BYTES = "base64"


def plain(value: Any) -> Any:
    """A value of a row as JSON has it."""
    match value:
        case datetime() | date():
            return value.isoformat()
        case bytes():
            return {BYTES: base64.b64encode(value).decode()}
        case _:
            return value


def line_of(row: Mapping[str, Any]) -> bytes:
    """A row as a line."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def to_bytes(value: Any) -> bytes:
    """What was written as bytes; ValueError when it was not."""
    return base64.b64decode(value[BYTES], validate=True)


class Scrub:
    """Takes the numbers of other cases out of texts: a mark that differs for each, and that nobody can turn back.

    `secret` is made for one archive and thrown away.
    """

    def __init__(self, own: Collection[str], secret: bytes) -> None:
        self.own, self.secret = own, secret
        prefixes = "|".join(sorted({re.escape(one.prefix) for one in CASE_TYPES.values()}))
        self.number = re.compile(rf"\b(?:{prefixes})-\d{{4}}-\d{{6}}\b")

    def text(self, text: str) -> str:
        """A text without the numbers of others."""
        return self.number.sub(self._mark, text)

    def _mark(self, match: re.Match[str]) -> str:
        number = match[0]
        if number in self.own:
            return number
        return f"elders-{hashlib.sha256(self.secret + number.encode()).hexdigest()[:8]}"

    def value(self, value: Any) -> Any:
        """The same through whatever holds texts: lists, mappings and what is printed."""
        return _through(value, self.text)

    def row(self, table: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row as it goes in the archive. Of an event that changes by it only the digest of what was said holds."""
        made = {name: plain(value) for name, value in row.items()}
        clean: dict[str, Any] = self.value(made)
        if table == "case_event" and clean != made:
            clean["salt"] = None
        return clean


def _through(value: Any, text: Callable[[str], str]) -> Any:
    match value:
        case str():
            return text(value)
        case Mapping():
            return {key: _through(each, text) for key, each in value.items()}
        case list() | tuple():
            return type(value)(_through(each, text) for each in value)
        case _ if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **{one.name: _through(getattr(value, one.name), text) for one in fields(value)})
        case _:
            return value
