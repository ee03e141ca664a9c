"""The event log in the formats that tools of process mining read, written as the cases come and never held whole."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from portal.interfaces.event_log import csv_log, ocel_json, ocel_sqlite, xes
from portal.interfaces.event_log.stories import Story
from portal.interfaces.event_log.words import Names

Pieces = Callable[[Iterable[Story], Names], Iterator[bytes]]
GZIPPED = 16 + zlib.MAX_WBITS
AT_ONCE = 64 * 1024


def _sqlite(stories: Iterable[Story], names: Names) -> Iterator[bytes]:
    """An SQLite file is written whole before the first piece of it can be read."""
    with tempfile.TemporaryDirectory(prefix="event-log-") as folder:
        target = Path(folder) / "log.sqlite"
        ocel_sqlite.write(stories, names, target)
        with target.open("rb") as file:
            while piece := file.read(AT_ONCE):
                yield piece


@dataclass(frozen=True)
class Format:
    """A form in which the log is written: how its file ends, what it is told to be, and how it is made."""

    ending: str
    media_type: str
    pieces: Pieces


FORMATS: Mapping[str, Format] = {
    "csv": Format("csv", "text/csv; charset=utf-8", csv_log.pieces),
    "xes": Format("xes", "application/xml", xes.pieces),
    "ocel-json": Format("jsonocel", "application/json", ocel_json.pieces),
    "ocel-sqlite": Format("sqlite", "application/vnd.sqlite3", _sqlite),
}


def gzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same, packed: the same log gives the same bytes."""
    packing = zlib.compressobj(6, zlib.DEFLATED, GZIPPED)
    for piece in pieces:
        if packed := packing.compress(piece):
            yield packed
    yield packing.flush()
