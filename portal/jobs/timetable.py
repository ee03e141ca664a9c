"""The timetable: every job in one table, with when it is due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.jobs import (
    anchor,
    bank_folder,
    bundle,
    chain,
    contacts,
    deliver,
    destroy,
    invoice_folder,
    journal,
    leave,
    leave_settling,
    pictures,
    remind,
    route,
    sample,
    scan_folder,
    tidy,
)
from portal.jobs.telling import Told
from portal.worlds import World
from workflows.parties import N_


@dataclass(frozen=True)
class Job:
    """One job. `every` is its rhythm, counted from midnight UTC; `work` tells what it did (empty is nothing)."""

    key: str
    label: str
    every: timedelta
    work: Callable[[World, datetime], Told]

    def due(self, at: datetime) -> datetime:
        """The last moment, up to `at`, at which this job was due."""
        midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + (at - midnight) // self.every * self.every


JOBS = (
    Job("deliver_mail", N_("Send waiting mail"), timedelta(seconds=5), deliver.run),
    Job(
        "deliver_batches",
        N_("Deliver released batches to the bank's folder"),
        timedelta(seconds=10),
        bank_folder.deliver,
    ),
    Job("import_bank", N_("Take in the bank's answers"), timedelta(seconds=10), bank_folder.take_in),
    Job("route", N_("Put requests to whoever decides now"), timedelta(hours=1), route.run),
    Job("bundle", N_("Make the mails of the day"), timedelta(minutes=15), bundle.run),
    Job("remind", N_("Remind and escalate"), timedelta(minutes=15), remind.run),
    Job("remind_contacts", N_("Remind of questions and calls"), timedelta(minutes=15), contacts.run),
    Job("draw_pages", N_("Draw the pages of PDF receipts"), timedelta(minutes=1), pictures.run),
    Job("take_in_scans", N_("Take in scans of post"), timedelta(minutes=1), scan_folder.take_in),
    Job("grant_leave", N_("Give the leave of the year"), timedelta(days=1), leave.run),
    Job("take_in_invoices", N_("Take in invoices"), timedelta(minutes=1), invoice_folder.take_in),
    Job("free_leave", N_("Give back leave on closing days"), timedelta(hours=1), leave_settling.free_days),
    Job("lapse_leave", N_("Tell of leave that lapses, and propose it"), timedelta(days=1), leave_settling.lapse),
    Job("journal", N_("Book what happened"), timedelta(hours=1), journal.run),
    Job("sample", N_("Draw the sample"), timedelta(days=1), sample.run),
    Job("verify_chain", N_("Verify the event chain"), timedelta(days=1), chain.run),
    Job("anchor_chain", N_("Write down where the event chain ends"), timedelta(days=1), anchor.run),
    Job("destroy", N_("Carry out and propose destruction"), timedelta(days=1), destroy.run),
    Job("tidy", N_("Remove what is stale"), timedelta(days=1), tidy.run),
)


def job(key: str) -> Job:
    """The job of this key; KeyError when there is none."""
    return {job.key: job for job in JOBS}[key]
