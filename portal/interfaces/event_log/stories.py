"""What an event log is made of: cases with what happened in them, and the things that this was about.

Nobody is named. What identifies anybody or anything stands under a pseudonym, which is the same throughout one log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

CASE, LINE, DOCUMENT, PAYMENT, BATCH, INVOICE, PERSON_ROLE = (
    "case", "line", "document", "payment", "batch", "invoice", "person-role"
)  # fmt: skip
KINDS: Mapping[str, Mapping[str, str]] = {
    CASE: {"case_type": "string", "case_type_name": "string", "municipality": "string", "amount": "float",
           "granted": "float", "result": "string"},
    LINE: {"category": "string", "amount": "float", "granted": "float"},
    DOCUMENT: {"kind": "string", "media_type": "string", "pages": "integer"},
    PAYMENT: {"amount": "float", "returned": "boolean"},
    BATCH: {"municipality": "string", "execution_date": "string", "payments": "integer"},
    INVOICE: {"amount": "float", "credit": "boolean"},
    PERSON_ROLE: {"resource": "string", "role": "string"},
}  # fmt: skip
"""The kinds of things, and what is said of each, with the type of it."""


@dataclass(frozen=True, slots=True)
class Relation:
    """To which thing, and as what."""

    thing: str
    qualifier: str


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that events are about: its pseudonym, what kind it is, what is said of it and what it belongs to.

    Amounts are in cents here.
    """

    id: str
    kind: str
    said: Mapping[str, str | int | bool]
    relations: tuple[Relation, ...] = ()


@dataclass(frozen=True, slots=True)
class Happening:
    """One step: which, from where to where; from when it could be taken, when work on it began and when it was done.

    `role` is in what capacity it was taken, `resource` by whom under a pseudonym; a machine goes by its role.
    """

    number: int
    """The how manieth event of the log it is."""
    action: str
    from_state: str
    to_state: str
    enabled: datetime
    started: datetime
    completed: datetime
    role: str
    resource: str
    channel: str
    relations: tuple[Relation, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """One case with all its steps, in the order in which they were taken."""

    case: str
    """The pseudonym of the case: its thing has the same."""
    case_type: str
    municipality: str
    """Its code."""
    claimed_cents: int
    granted_cents: int
    received: datetime | None
    closed: datetime | None
    result: str
    events: Sequence[Happening] = ()
    things: Sequence[Thing] = field(default=())


@dataclass(frozen=True, slots=True)
class Mask:
    """Gives pseudonyms: a keyed hash, so that nobody finds out by trying who or what is behind one.

    With another key the same person has another pseudonym, so that two logs cannot be laid beside each other.
    """

    key: bytes

    def __call__(self, kind: str, what: object) -> str:
        """The pseudonym of this person or thing."""
        digest = hashlib.blake2b(f"{kind}:{what}".encode(), key=self.key, digest_size=8).hexdigest()
        return f"{kind}-{digest}"
