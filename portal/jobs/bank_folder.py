"""The bank's folders: released batches go out, answers come in. Files are moved, never deleted."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import undefer

from portal.commands import bank
from portal.jobs.folders import free, settled
from portal.jobs.telling import Told, told, unless_idle
from portal.models.payments import BankFile, PaymentBatch
from portal.worlds import World


def deliver(world: World, at: datetime) -> Told:
    """Put each released batch in the outgoing folder, whole or not at all. Delivering again writes the same bytes."""
    folder = world.settings.bank_out
    folder.mkdir(parents=True, exist_ok=True)
    with world.db.session(writes=False) as session:
        waiting = session.scalars(
            select(PaymentBatch).where(PaymentBatch.delivered_at.is_(None)).options(undefer(PaymentBatch.file))
        ).all()
    for batch in waiting:
        write_whole(folder / f"{batch.message_id}.xml", batch.file)
        with world.db.transaction() as session:
            session.get_one(PaymentBatch, batch.id).delivered_at = at
    return unless_idle("batches_delivered", count=len(waiting))


def write_whole(target: Path, content: bytes) -> None:
    """Write a file so that whoever looks sees all of it or nothing."""
    part = target.with_suffix(".part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(target)


def take_in(world: World, at: datetime) -> Told:
    """Take in every whole file in the incoming folder. Each is its own transaction, and then moved aside."""
    folder = world.settings.bank_in
    for name in ("", "taken", "refused"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    done: Told = []
    for file in settled(folder, ".xml", world.settings.bank_settle):
        with world.db.transaction() as session:
            row = bank.take_in(session, file.read_bytes(), file.name, at)
            aside = "refused" if row.refused else "taken"
            done += _outcome(row)
        # Moved after the commit: a crash in between makes it come by again, and then it is known as seen before.
        file.replace(free(folder / aside / file.name))
    return done


def _outcome(row: BankFile) -> Told:
    if row.refused:
        return told("bank_file_refused", name=row.name, why=row.refused)
    return told("bank_file", name=row.name, settled=row.settled, returned=row.returned, unmatched=row.unmatched)
