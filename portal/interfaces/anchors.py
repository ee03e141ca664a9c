"""Anchors: where the end of the event chain was on a day, written down outside the database.

A line of text, so that it can stand in a file, in a mail that an auditor keeps, or on paper:
`anchor 2026-11-28T00:00:00+00:00 event 12345 of 12345 <hash>`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

LINE = re.compile(r"anchor (\S+) event (\d+) of (\d+) ([0-9a-f]{64})")
FILE_MODE = 0o640


@dataclass(frozen=True, slots=True)
class Anchor:
    """The last event of the chain at a moment: its place, how many events there were, and its hash."""

    at: datetime
    place: int
    count: int
    hash: str

    def __str__(self) -> str:
        return f"anchor {self.at.isoformat(timespec='seconds')} event {self.place} of {self.count} {self.hash}"


def read(text: str) -> list[Anchor]:
    """Every anchor in a text, whatever else stands in it: a file of ours, or mails that were kept."""
    # A mail program may have broken the line.
    found = LINE.finditer(re.sub(r"(?:=\r?\n)|\s+", lambda gap: "" if gap[0].startswith("=") else " ", text))
    return [Anchor(datetime.fromisoformat(m[1]), int(m[2]), int(m[3]), m[4]) for m in found]


def file_of(folder: Path, at: datetime) -> Path:
    """The file of the year in which this moment falls."""
    return folder / f"anchors-{at.year}.txt"


def kept_in(folder: Path) -> Sequence[Anchor]:
    """Every anchor in the files of a folder, the oldest first."""
    return [anchor for file in sorted(folder.glob("anchors-*.txt")) for anchor in read(file.read_text())]


def append(folder: Path, anchor: Anchor) -> Path:
    """Write an anchor behind those that are there; on return it is on disk. Nothing that stands there is touched."""
    folder.mkdir(parents=True, exist_ok=True)
    file = file_of(folder, anchor.at)
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, FILE_MODE)
    with os.fdopen(descriptor, "a") as out:
        out.write(f"{anchor}\n")
        out.flush()
        os.fsync(descriptor)
    return file
