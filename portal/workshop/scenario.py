"""A scenario: who sits at the table, what falls on whom and when, and what is agreed in each round. Pure data.

What is read from a file (`reading.py`) is a `Scenario`; for so many people it gives the seats that there are and the
deck that is dealt. The same scenario, the same number of people: the same seats, cards and moments, in every round.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from portal.calendar import OfficeCalendar, municipal_calendar
from portal.clock import AMSTERDAM

CLAIM, LEAVE, INVOICE, QUESTION = "claim", "leave", "invoice", "question"
CARD_KINDS = {CLAIM: "expense_claim", LEAVE: "leave", INVOICE: "purchase_invoice", QUESTION: ""}
"""The kinds of card, and the kind of case that comes of each; a question becomes a contact."""
ILL, RUSH, GHOST, SKIPPED, MESSAGE = "ill", "rush", "ghost_invoice", "payment_run_skipped", "message"
INJECT_KINDS = (ILL, RUSH, GHOST, SKIPPED, MESSAGE)
OPENS, CLOSES = 8, 17
LEAST, MOST = 3, 30
"""How many people can play."""


@dataclass(frozen=True, slots=True)
class Words:
    """Something said in Dutch and in English; where the English is missing, the Dutch stands for it."""

    nl: str = ""
    en: str = ""

    def said(self, language: str) -> str:
        """In this language."""
        return self.en if language == "en" and self.en else self.nl

    def __bool__(self) -> bool:
        return bool(self.nl)


@dataclass(frozen=True, slots=True)
class Habits:
    """How a bot in a role goes about: office hours until it looks at something, minutes that it works on it, and the
    part (0 to 1) that it does wrong: it passes what it should have caught, or sends back what was right."""

    reaction_hours: float = 3.0
    handling_minutes: float = 12.0
    error_rate: float = 0.1


@dataclass(frozen=True, slots=True)
class RolePlan:
    """A role: what somebody is, what they want, and what they must look after. `grants` are roles in the portal."""

    key: str
    name: Words
    is_: Words
    wants: Words
    minds: Words
    grants: tuple[str, ...] = ()
    leads: bool = False
    """Whether who has it leads the unit of their seat."""
    habits: Habits = Habits()


@dataclass(frozen=True, slots=True)
class SeatPlan:
    """A seat. It is there when at least `from_people` play; else what falls on it goes to the seat `otherwise`, which
    then has its role too. Seats are taken in the order of the file."""

    key: str
    role: str
    name: str
    title: str
    municipality: str
    unit: str
    from_people: int = 0
    otherwise: str = ""
    also: tuple[str, ...] = ()
    """Roles that it has besides its own, because few play."""


@dataclass(frozen=True, slots=True)
class Round:
    """One round: what is agreed in it. `policies` are stored values by key; `by_post` says that receipts come on paper,
    `post_days` working days after the claim was handed in, and that all invoices come on paper."""

    number: int
    title: Words
    about: Words
    policies: Mapping[str, str]
    by_post: bool = False
    post_days: int = 2
    habits: Mapping[str, Habits] = field(default_factory=dict)
    """By role, where bots go about otherwise in this round."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of a card, to be drawn: a till receipt, a train ticket or an invoice. `seed` picks its looks: the same
    values are the same bytes. `line` is the key of the form's line it belongs to."""

    kind: str
    name: str
    merchant: str
    day: date
    cents: int
    items: tuple[tuple[str, int], ...] = ()
    seed: int = 0
    line: str = ""
    route: tuple[str, str] = ("", "")
    traveller: str = ""


@dataclass(frozen=True, slots=True)
class BillPlan:
    """An invoice that comes in. `electronic` comes in by itself, else a clerk registers the paper; `ghost` is of nobody
    who is known, and `own_account` false gives another account than the one that is known."""

    supplier: str
    number: str
    issued: date
    received: date
    due: date | None
    items: tuple[tuple[str, int, int], ...]
    """What, cents without VAT, and the percentage of VAT."""
    municipality: str
    ordered_by: str = ""
    """The seat of who ordered it."""
    electronic: bool = True
    ghost: bool = False
    own_account: bool = True


@dataclass(frozen=True, slots=True)
class Planted:
    """What is wrong with a card on purpose. It is caught when somebody of the role `by` takes one of `actions`, or when
    no more than `at_most_cents` is granted."""

    what: Words
    by: str
    actions: tuple[str, ...] = ()
    at_most_cents: int | None = None


@dataclass(frozen=True, slots=True)
class CardPlan:
    """A card as it stands in the file: `day` is a working day of the story from 1, 0 for one that only an inject deals.
    `typed` is the file's own table of what it asks; days in it count from the day of the card."""

    key: str
    kind: str
    seat: str
    role: str
    day: int
    hour: float
    title: Words
    text: Words
    typed: Mapping[str, Any]
    planted: Planted | None = None
    again: bool = False
    """Whether it can be dealt once more, in another guise, when many play."""


@dataclass(frozen=True, slots=True)
class Card:
    """A card that falls on a seat at a moment of the story; None waits for an inject. `fields` is what the form of the
    case type is filled in with; `bill` is the invoice, `caller` the seat that asks a question."""

    key: str
    kind: str
    seat: str
    at: datetime | None
    title: Words
    text: Words
    fields: Mapping[str, str]
    papers: tuple[Paper, ...] = ()
    bill: BillPlan | None = None
    caller: str = ""
    about: str = ""
    """The card whose case a question is about."""
    planted: Planted | None = None
    plan: str = ""
    """The key in the file of which this is one."""


@dataclass(frozen=True, slots=True)
class InjectPlan:
    """Something that befalls the story: at a day and hour, or (day 0) when the trainer throws it in. A message is for
    its seat, else for all."""

    key: str
    kind: str
    title: Words
    day: int = 0
    hour: float = 9.0
    seat: str = ""
    days: int = 0
    """For how many working days somebody is ill, or no payments are made."""
    cards: tuple[str, ...] = ()
    text: Words = Words()


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How much comes in: cards a day for each seat that cards fall on by themselves, and how the hours of the day
    compare, by hour."""

    a_day: float = 0.0
    hours: tuple[tuple[int, float], ...] = ((9, 3), (10, 4), (11, 3), (13, 3), (14, 3), (15, 2))


@dataclass(frozen=True, eq=False)
class Scenario:
    """A whole scenario. `norms` are working days by kind of card (calendar days for invoices)."""

    key: str
    title: Words
    about: Words
    start: date
    days: int
    minutes_a_day: float
    usual_people: int
    seed: int
    municipalities: tuple[tuple[str, int], ...]
    """Code, and how many people there are besides those at the table."""
    roles: Mapping[str, RolePlan]
    seats: tuple[SeatPlan, ...]
    rounds: tuple[Round, ...]
    cards: tuple[CardPlan, ...]
    injects: tuple[InjectPlan, ...]
    arrivals: Arrivals
    norms: Mapping[str, int]

    @property
    def office(self) -> OfficeCalendar:
        """The calendar of the story: weekends and public holidays are no working days."""
        return _office(self.start.year)

    @property
    def begins(self) -> datetime:
        """The moment at which the story begins."""
        return _moment(self.start, OPENS)

    @property
    def ends(self) -> datetime:
        """The moment at which the last day of a round is over."""
        return self.moment(self.days, CLOSES)

    @property
    def speed(self) -> float:
        """Seconds of the story for each second on the wall, nights and weekends being skipped."""
        return (CLOSES - OPENS) * 60 / self.minutes_a_day

    def day(self, number: int, away: int = 0) -> date:
        """A working day of the story by its number from 1; `away` so many working days later, or earlier."""
        return self.office.add_working_days(self.start, number - 1 + away)

    def moment(self, number: int, hour: float) -> datetime:
        """An hour (9.5 is half past nine) of a working day of the story."""
        return _moment(self.day(number), hour)

    def round(self, number: int) -> Round:
        """A round by its number; the last one for those after it."""
        return self.rounds[min(number, len(self.rounds)) - 1]

    def habits(self, role: str, number: int) -> Habits:
        """How bots go about in this role in this round."""
        return self.round(number).habits.get(role, self.roles[role].habits)

    def inject(self, key: str) -> InjectPlan:
        """An inject by its key; KeyError when there is none."""
        return {inject.key: inject for inject in self.injects}[key]


@cache
def _office(year: int) -> OfficeCalendar:
    return municipal_calendar(range(year - 1, year + 3), {})


def _moment(day: date, hour: float) -> datetime:
    return (datetime.combine(day, time.min, AMSTERDAM) + timedelta(hours=hour)).astimezone(UTC)
