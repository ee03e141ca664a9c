"""What a run of a job did: codes with values, kept with the run, and said in the language of whoever reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from portal import i18n
from workflows.parties import N_

Told = list[dict[str, Any]]
"""What a run did, each thing as its code under `code` beside its values; empty when there was nothing to do."""

TOLD_AS: Mapping[str, str] = {
    "mail": N_("Mails sent: %(sent)s, failed: %(failed)s"),
    "batches_delivered": N_("Batches delivered: %(count)s"),
    "bank_file": N_("%(name)s: paid %(settled)s, returned %(returned)s, not matched %(unmatched)s"),
    "bank_file_refused": N_("%(name)s: refused (%(why)s)"),
    "rerouted": N_("Put to another: %(moved)s, of which nobody may decide: %(stranded)s, asked again: %(asked)s"),
    "bundled": N_("Mails of the day: %(mails)s, with requests: %(requests)s"),
    "reminded": N_("Reminded: %(reminded)s, escalated: %(escalated)s"),
    "pages_drawn": N_("Pages drawn: %(count)s"),
    "contacts_reminded": N_("Questions and calls, reminded: %(reminded)s, told as late: %(escalated)s"),
    "scan": N_("%(name)s: put with a case %(tied)s, waiting %(waiting)s"),
    "scan_known": N_("%(name)s: was taken in before"),
    "scan_refused": N_("%(name)s: refused (%(why)s)"),
    "scan_postponed": N_("%(name)s: waits for the virus scanner"),
    "invoice": N_("%(name)s: registered as %(number)s"),
    "invoice_waits": N_("%(name)s: waits for a clerk (%(why)s)"),
    "invoice_known": N_("%(name)s: was taken in before"),
    "invoice_postponed": N_("%(name)s: waits for the virus scanner"),
    "chain": N_("Events verified: %(count)s"),
    "anchored": N_("Chain written down up to event %(place)s, mailed: %(mailed)s"),
    "destruction": N_("Destruction lists carried out: %(destroyed)s, cases proposed: %(proposed)s"),
    "sample": N_("Seeds chosen: %(seeds)s, cases looked at: %(passed)s, drawn for the sample: %(drawn)s"),
    "leave_given_back": N_("Requests of which hours were given back: %(requests)s"),
    "leave_lapse": N_("Told which leave lapses: %(told)s, proposed to lapse: %(proposed)s"),
    "leave": N_("Entries of leave made: %(entries)s, people looked at: %(people)s"),
    "booked": N_("%(name)s: entries booked %(count)s"),
    "booking_held_up": N_("%(name)s: booking waits, the chart has no %(what)s on %(day)s (%(number)s)"),
    "counted": N_("Figures changed: %(changed)s, cases and questions looked at: %(looked_at)s"),
    "reported": N_("Reports published: %(reports)s, months: %(months)s"),
    "archive_made": N_("%(name)s: archive made, %(files)s files"),
    "archive_failed": N_("%(name)s: no archive could be made"),
    "archives_cleared": N_("Archives cleared out: %(count)s"),
    "whatif_answered": N_("What-if question %(number)s: answered"),
    "whatif_failed": N_("What-if question %(number)s: could not be worked out"),
    "removed": N_("Removed: %(drafts)s drafts, %(files)s files"),
}


def told(code: str, **values: Any) -> Told:
    """One thing a run did."""
    return [{"code": code, **values}]


def unless_idle(code: str, **counts: int) -> Told:
    """What was counted; nothing when every count is zero."""
    return told(code, **counts) if any(counts.values()) else []


def in_words(done: Sequence[Mapping[str, Any]]) -> str:
    """What a run did, in words; a code that is no longer told stands as it is."""
    return "; ".join(i18n.say(TOLD_AS.get(entry["code"], entry["code"]), entry) for entry in done)
