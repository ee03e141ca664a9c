"""What goes into the reading of a form, and what comes out: what it may know of the world, what is wrong, the facts.

Plain values; the kernel and every case type use them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from workflows.caps import Spent
from workflows.lots import NO_HOURS, Hours
from workflows.policies import PolicyBook
from workflows.rates import NO_RATES, RateBook


@dataclass(frozen=True)
class Facts:
    """What others than the case type itself read from a case's content."""

    title: str = ""
    claimed_cents: int = 0
    sanctioned_cents: int = 0
    cost_centre: str = ""
    period_from: date | None = None
    period_to: date | None = None
    reference: str = ""
    """What whoever is paid asks to be mentioned with the payment."""
    due: date | None = None
    """The last day on which what it asks must have been paid; empty where nothing was agreed on that."""
    credit: bool = False
    """Whether it is about what the other side owes, so that nothing is to be paid."""
    received: datetime | None = None
    """When it came in, where the type proves that: terms count from then, and not from when somebody handed it in."""


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What others than the case type itself know of one line: to find it again, beside the lines of other cases.

    `days` is how many days it is about, `text` what describes it where it is paid by a receipt, `stands` is false once
    the line was refused or sent back.
    """

    key: str
    category: str
    day: date
    cents: int
    granted_cents: int
    days: int = 1
    text: str = ""
    stands: bool = True
    apart: str = ""
    """The kind of line that cannot be on the same day."""


def _no_values() -> Any:
    """The default of a field called `values`, beside a field that is itself called `field`."""
    return field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Correspondent:
    """Somebody outside who is written to about a case: by mail where an address is known, else by the SSC on paper."""

    name: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class ToCode:
    """A line that is coded by hand: its key, what people call it, and its amount."""

    key: str
    text: str
    cents: int


@dataclass(frozen=True, slots=True)
class Raised:
    """What is to be flagged: of which line, as what, what it points at, and the values of its sentence."""

    line: str
    code: str
    about: str = ""
    values: Mapping[str, Any] = _no_values()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in what was filled in: the field's name, a code, a sentence and its values."""

    field: str
    code: str
    sentence: str
    values: Mapping[str, Any] = _no_values()


@dataclass(frozen=True, slots=True)
class KnownSupplier:
    """A supplier in the master data, as far as a form needs it."""

    id: int
    name: str
    email: str = ""
    terms_days: int | None = None


@dataclass(frozen=True)
class FillingIn:
    """What a form needs to know of the world to judge what is typed."""

    today: date
    policies: PolicyBook
    employed: tuple[tuple[date, date | None], ...]
    """From when to when whoever it is for worked for the employer that they claim from."""
    documents: Mapping[str, tuple[Mapping[str, Any], ...]]
    """Documents by the line they belong to; each with `id`, `sha256`, `name` and perhaps `kind`."""
    language: str = "nl"
    account: str = ""
    """The account number on which whoever it is for is paid now."""
    elsewhere: tuple[tuple[str, date, date | None], ...] = ()
    """For which other employers they worked, from when to when."""
    statements: Mapping[int, int] = field(default_factory=dict)
    """How many statements instead of a receipt they signed in other cases, by calendar year."""
    rates: RateBook = NO_RATES
    """The exchange rates of the days and currencies that were typed."""
    spent: tuple[Spent, ...] = ()
    """What was granted to them on other cases, also of other employers."""
    received: date | None = None
    """When the case was first handed in, if it was."""
    hours: Hours = NO_HOURS
    """How long whoever it is for works on which day, what is left of their leave, and when they are away."""
    colleagues: Mapping[str, str] = field(default_factory=dict)
    """Who of those typed in a field that names a colleague (`CaseType.names`) works for the municipality: by what was
    typed, their name."""
    content: Mapping[str, Any] = field(default_factory=dict)
    """What was handed in before, if it was."""
    suppliers: tuple[KnownSupplier, ...] = ()
    """Which suppliers the name or number in the field `supplier` can mean."""
