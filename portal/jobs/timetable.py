"""The timetable: every job in one table, with when it is due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.jobs import (
    anchor,
    archives,
    bank_folder,
    bundle,
    chain,
    contacts,
    deliver,
    destroy,
    indicators,
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
    whatif,
)
from portal.jobs.rhythm import Every, Monthly, Rhythm
from portal.jobs.telling import Told
from portal.worlds import World
from workflows.parties import N_


@dataclass(frozen=True)
class Job:
    """One job. `rhythm` says when it is due; `work` tells what it did (empty is nothing).

    What is due seldom is tried again: `again_after` its run failed or gave its last sign of life. Others wait for their
    next moment.
    """

    key: str
    label: str
    rhythm: Rhythm
    work: Callable[[World, datetime], Told]
    again_after: timedelta | None = None

    def due(self, at: datetime) -> datetime:
        """The last moment, up to `at`, at which this job was due."""
        return self.rhythm.last(at)

    def next(self, at: datetime) -> datetime:
        """The first moment after `at` at which this job is due."""
        return self.rhythm.next(at)


JOBS = (
    Job("deliver_mail", N_("Send waiting mail"), Every(timedelta(seconds=5)), deliver.run),
    Job(
        "deliver_batches",
        N_("Deliver released batches to the bank's folder"),
        Every(timedelta(seconds=10)),
        bank_folder.deliver,
    ),
    Job("import_bank", N_("Take in the bank's answers"), Every(timedelta(seconds=10)), bank_folder.take_in),
    Job("route", N_("Put requests to whoever decides now"), Every(timedelta(hours=1)), route.run),
    Job("bundle", N_("Make the mails of the day"), Every(timedelta(minutes=15)), bundle.run),
    Job("remind", N_("Remind and escalate"), Every(timedelta(minutes=15)), remind.run),
    Job("remind_contacts", N_("Remind of questions and calls"), Every(timedelta(minutes=15)), contacts.run),
    Job("draw_pages", N_("Draw the pages of PDF receipts"), Every(timedelta(minutes=1)), pictures.run),
    Job("take_in_scans", N_("Take in scans of post"), Every(timedelta(minutes=1)), scan_folder.take_in),
    Job("grant_leave", N_("Give the leave of the year"), Every(timedelta(days=1)), leave.run),
    Job("take_in_invoices", N_("Take in invoices"), Every(timedelta(minutes=1)), invoice_folder.take_in),
    Job("free_leave", N_("Give back leave on closing days"), Every(timedelta(hours=1)), leave_settling.free_days),
    Job("lapse_leave", N_("Tell of leave that lapses, and propose it"), Every(timedelta(days=1)), leave_settling.lapse),
    Job("journal", N_("Book what happened"), Every(timedelta(hours=1)), journal.run),
    Job("sample", N_("Draw the sample"), Every(timedelta(days=1)), sample.run),
    Job("count", N_("Count what is agreed"), Every(timedelta(minutes=1)), indicators.count),
    Job(
        "report",
        N_("Publish the figures of the month"),
        Monthly(1, 6),
        indicators.report,
        again_after=timedelta(hours=1),
    ),
    Job("verify_chain", N_("Verify the event chain"), Every(timedelta(days=1)), chain.run),
    Job("anchor_chain", N_("Write down where the event chain ends"), Every(timedelta(days=1)), anchor.run),
    Job("destroy", N_("Carry out and propose destruction"), Every(timedelta(days=1)), destroy.run),
    Job("make_archives", N_("Make archives that were granted"), Every(timedelta(minutes=1)), archives.run),
    Job("whatif", N_("Work out what-if questions"), Every(timedelta(seconds=5)), whatif.run),
    Job("tidy", N_("Remove what is stale"), Every(timedelta(days=1)), tidy.run),
)


def job(key: str) -> Job:
    """The job of this key; KeyError when there is none."""
    return {job.key: job for job in JOBS}[key]
