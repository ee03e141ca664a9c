"""The folder of scans: post that was scanned is taken in once, part by part, and the file moved aside."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from pathlib import Path

from portal.commands import post
from portal.interfaces.files import ClamdScanner, FileRefused, ScannerUnavailable
from portal.interfaces.files.scans import MOST_BYTES, take_apart
from portal.jobs.folders import free, settled
from portal.jobs.telling import Told, told
from portal.worlds import COVER, World

KEPT = timedelta(days=30)
"""How long the file of a scan is kept after it was taken in: to look up what a part does not show."""


def take_in(world: World, at: datetime) -> Told:
    """Take in every whole PDF in the folder. Each is its own transaction, and then moved aside."""
    folder = world.settings.scan_in
    for name in ("", "taken", "refused"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    done: Told = []
    for file in settled(folder, ".pdf", world.settings.scan_settle):
        try:
            done += _taken_in(world, file, at)
        except ScannerUnavailable:
            # Without a verdict nothing comes in: the file stays for the next time.
            return done + told("scan_postponed", name=file.name)
    return done


def _taken_in(world: World, file: Path, at: datetime) -> Told:
    sha256 = _digest(file)
    with world.db.session(writes=False) as session:
        known = post.is_known(session, sha256)
    if known:
        file.replace(free(file.parent / "taken" / file.name))
        return told("scan_known", name=file.name)
    arrived = _opened(world, file, sha256)
    with world.db.transaction() as session:
        tied, waiting = post.take_in(session, world.files, world.key(COVER), arrived, at)
    # Moved after the commit: a crash in between makes it come by again, and then it is known as seen before.
    file.replace(free(file.parent / ("refused" if arrived.refused else "taken") / file.name))
    if arrived.refused:
        return told("scan_refused", name=file.name, why=arrived.refused)
    return told("scan", name=file.name, tied=tied, waiting=waiting)


def _opened(world: World, file: Path, sha256: str) -> post.Arrived:
    """The file judged and taken apart; no transaction is open meanwhile."""
    clamd = world.settings.clamd
    if file.stat().st_size > MOST_BYTES:
        return post.Arrived(file.name, sha256, refused="file_too_big")
    try:
        pages, parts = take_apart(file.read_bytes(), file.name, ClamdScanner(clamd) if clamd else None)
    except FileRefused as refused:
        return post.Arrived(file.name, sha256, refused=refused.code)
    return post.Arrived(file.name, sha256, pages, parts)


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def drop_old(world: World, at: datetime) -> int:
    """Remove the files of scans that were taken in long ago: their pages are with their cases. How many."""
    folder = world.settings.scan_in / "taken"
    if not folder.is_dir():
        return 0
    old = [file for file in folder.iterdir() if file.stat().st_mtime < (at - KEPT).timestamp()]
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)
