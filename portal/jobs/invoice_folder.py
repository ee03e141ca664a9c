"""The folder of invoices: each file is judged, taken in once and moved aside; what has no place waits for a clerk."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from portal.commands import invoices
from portal.interfaces.einvoice.arriving import bring
from portal.interfaces.einvoice.pdf import MOST_BYTES
from portal.interfaces.files import ClamdScanner, ScannerUnavailable
from portal.jobs.folders import free, settled
from portal.jobs.telling import Told, told
from portal.models.cases import Case
from portal.models.invoices import FOLDER
from portal.worlds import World

KINDS = (".xml", ".pdf")


def take_in(world: World, at: datetime) -> Told:
    """Take in every whole XML or PDF file in the folder. Each is its own transaction, and then moved aside."""
    folder = world.settings.invoice_in
    for name in ("", "taken", "waits"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    done: Told = []
    for kind in KINDS:
        for file in settled(folder, kind, world.settings.invoice_settle):
            try:
                done += _taken_in(world, file, at)
            except ScannerUnavailable:
                # Without a verdict nothing comes in: the file stays for the next time.
                return done + told("invoice_postponed", name=file.name)
    return done


def arrived_at(file: Path, at: datetime) -> datetime:
    """When a file came into the folder: its last change as the folder has it, which its sender cannot set back."""
    return min(datetime.fromtimestamp(file.stat().st_ctime, tz=UTC), at)


def _taken_in(world: World, file: Path, at: datetime) -> Told:
    # One byte more than is ever read tells that it is too large.
    with file.open("rb") as opened:
        content = opened.read(MOST_BYTES + 1)
    with world.db.session(writes=False) as session:
        known = invoices.is_known(session, hashlib.sha256(content).hexdigest())
    if known:
        file.replace(free(file.parent / "taken" / file.name))
        return told("invoice_known", name=file.name)
    clamd = world.settings.clamd
    # No transaction is open while it is judged.
    brought = bring(content, file.name, ClamdScanner(clamd) if clamd else None)
    arrived = invoices.Arrived(file.name, content, brought, FOLDER, arrived_at(file, at))
    with world.db.transaction() as session:
        row = invoices.take_in(session, world.files, arrived, at)
        number = session.get_one(Case, row.case_id).number if row.case_id else ""
        why = row.why
    # Moved after the commit: a crash in between makes it come by again, and then it is known as seen before.
    file.replace(free(file.parent / ("waits" if why else "taken") / file.name))
    return told("invoice_waits", name=file.name, why=why) if why else told("invoice", name=file.name, number=number)
