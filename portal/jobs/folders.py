"""Folders in which others drop files: which of those are whole, and where they are moved to without overwriting."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryFile


def settled(folder: Path, suffix: str, seconds: int) -> list[Path]:
    """The files of this kind that nobody has written in for so many seconds: one that still changes may be half.

    By the clock of the folder itself, which may be on another machine: that of a file written there just now.
    """
    found = sorted(file for file in folder.iterdir() if file.suffix.lower() == suffix and file.is_file())
    if not found:
        return []
    with TemporaryFile(dir=folder) as probe:
        probe.write(b"now")
        probe.flush()
        now = os.fstat(probe.fileno()).st_mtime
    return [file for file in found if now - file.stat().st_mtime >= seconds]


def free(target: Path) -> Path:
    """A name that is not taken yet, so that no earlier file is overwritten."""
    number = 1
    found = target
    while found.exists():
        number += 1
        found = target.with_stem(f"{target.stem}-{number}")
    return found
