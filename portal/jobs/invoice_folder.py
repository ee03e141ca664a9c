"""The folder of invoices: each file is judged, taken in once and moved aside; what has no place waits for a clerk."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from portal.commands import invoices
from portal.interfaces.einvoice.arriving import Brought, bring, one_ahead
from portal.interfaces.einvoice.pdf import MOST_BYTES
from portal.interfaces.files import ClamdScanner, ScannerUnavailable
from portal.jobs.folders import free, settled
from portal.jobs.telling import Told, told
from portal.models.cases import Case
from portal.models.invoices import FOLDER
from portal.worlds import World
from workflows.kernel import Refused

KINDS = (".xml", ".pdf")


def take_in(world: World, at: datetime) -> Told:
    """Take in every whole XML or PDF file in the folder. Each is its own transaction, and then moved aside."""
    folder = world.settings.invoice_in
    for name in ("", "taken", "waits"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    done: Told = []
    files = [file for kind in KINDS for file in settled(folder, kind, world.settings.invoice_settle)]
    opened = (_opened(world, file) for file in files)
    for one, judged in one_ahead(lambda one: _judged(world, one), opened):
        try:
            done += _taken_in(world, one, judged.result(), at)
        except ScannerUnavailable:
            # Without a verdict nothing comes in: the file stays for the next time.
            return done + told("invoice_postponed", name=one.file.name)
    return done


def arrived_at(file: Path, at: datetime) -> datetime:
    """When a file came into the folder: its last change as the folder has it, which its sender cannot set back."""
    return min(datetime.fromtimestamp(file.stat().st_ctime, tz=UTC), at)


@dataclass(frozen=True)
class _Opened:
    """A file of the folder, what is in it, and whether this very content was taken in before."""

    file: Path
    content: bytes
    known: bool


def _opened(world: World, file: Path) -> _Opened:
    # One byte more than is ever read tells that it is too large.
    with file.open("rb") as opened:
        content = opened.read(MOST_BYTES + 1)
    with world.db.session(writes=False) as session:
        return _Opened(file, content, invoices.is_known(session, hashlib.sha256(content).hexdigest()))


def _judged(world: World, one: _Opened) -> Brought | None:
    """What a file is worth. Done beside the registering of the file before it, so it does nothing with the database."""
    clamd = world.settings.clamd
    return None if one.known else bring(one.content, one.file.name, ClamdScanner(clamd) if clamd else None)


def _taken_in(world: World, one: _Opened, brought: Brought | None, at: datetime) -> Told:
    file = one.file
    if brought is None:
        return _known(file)
    arrived = invoices.Arrived(file.name, one.content, brought, FOLDER, arrived_at(file, at))
    try:
        with world.db.transaction() as session:
            row = invoices.take_in(session, world.files, arrived, at)
            number = session.get_one(Case, row.case_id).number if row.case_id else ""
            why = row.why
    except Refused as refused:
        # It was not known when it was judged: the same bytes came just before it, or a clerk brought them in.
        if refused.refusals[0] is not invoices.INVOICE_KNOWN:
            raise
        return _known(file)
    # Moved after the commit: a crash in between makes it come by again, and then it is known as seen before.
    file.replace(free(file.parent / ("waits" if why else "taken") / file.name))
    return told("invoice_waits", name=file.name, why=why) if why else told("invoice", name=file.name, number=number)


def _known(file: Path) -> Told:
    file.replace(free(file.parent / "taken" / file.name))
    return told("invoice_known", name=file.name)
