"""Copying the folder of a world, also while people are at work in it: what comes out is the world of one moment."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

DATABASE = "portal.sqlite"


def copy(source: Path, target: Path) -> None:
    """Make `target`, which must not be there yet, the same as the instance folder `source`.

    The database first, by SQLite's own means, which take in what stands in the journal beside it; then the files, of
    which there may be more by then but never fewer.
    """
    target.mkdir(parents=True)
    with closing(sqlite3.connect(source / DATABASE)) as from_, closing(sqlite3.connect(target / DATABASE)) as to:
        from_.backup(to)
    for one in source.iterdir():
        if one.is_dir():
            shutil.copytree(one, target / one.name, copy_function=_copied)


def _copied(source: str, target: str) -> None:
    with suppress(FileNotFoundError):  # half a file, that was moved to its place meanwhile
        shutil.copy2(source, target)
