"""Who takes part in a case, how it can end, and by which way a step comes in."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, Flag, auto


def N_(message: str) -> str:  # noqa: N802 - gettext's own name
    """Mark an English sentence for translation; people read it in their own language."""
    return message


class Party(Flag):
    """In what capacity somebody takes part in one case. A person can be several at once."""

    INITIATOR = auto()
    APPROVER = auto()
    CLERK = auto()
    TREASURER = auto()
    BANK = auto()
    SYSTEM = auto()
    REOPENER = auto()
    SUPPLIER = auto()
    """Outside the portal, without an account: written to, and never able to do anything in a case."""


INITIATOR, APPROVER, CLERK = Party.INITIATOR, Party.APPROVER, Party.CLERK
TREASURER, BANK, SYSTEM = Party.TREASURER, Party.BANK, Party.SYSTEM
REOPENER, SUPPLIER = Party.REOPENER, Party.SUPPLIER
NOBODY = Party(0)
PERSONS = INITIATOR | APPROVER | CLERK | TREASURER | REOPENER
"""Parties that are people; the others are machines."""

PARTY_LABELS: Mapping[Party, str] = {
    INITIATOR: N_("Employee"),
    APPROVER: N_("Manager"),
    CLERK: N_("SSC clerk"),
    TREASURER: N_("SSC treasurer"),
    BANK: N_("Bank"),
    SYSTEM: N_("The portal"),
    REOPENER: N_("Who may reopen cases"),
    SUPPLIER: N_("Supplier"),
}


class Result(Enum):
    """How a case ended. The result sets its retention period."""

    GRANTED = "granted"
    REFUSED = "refused"
    ABORTED = "aborted"


GRANTED, REFUSED, ABORTED = Result.GRANTED, Result.REFUSED, Result.ABORTED


class Channel(Enum):
    """By which way a step came in."""

    PORTAL = "portal"
    MAIL_LINK = "mail_link"
    JOB = "job"
    BANK_FILE = "bank_file"
