"""What an indicator says of one case or question: when it was certain whether it was as agreed, and what it was.

Pure functions of what happened, in order; the same history gives the same facts whenever it is looked at, but for the
moment `at`, after which nothing is known. Office hours and terms come from a calendar that is handed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Protocol

from workflows.indicators import (
    ANEW,
    CREDIT,
    EMPLOYEE,
    MANAGER,
    NO,
    REFUSED,
    SSC,
    SUPPLIER,
    WITHDRAWN,
    YES,
    Indicator,
    Measure,
)
from workflows.kernel import CaseType, State
from workflows.norms import CalendarDays, Norm
from workflows.parties import ABORTED, APPROVER, CLERK, GRANTED, INITIATOR, SYSTEM, TREASURER

MINUTE = timedelta(minutes=1)


class Hours(Protocol):
    """The office calendar of a municipality, as far as it is needed here."""

    def due(self, at: datetime, norm: Norm) -> datetime: ...

    def resume(self, due: datetime, since: datetime, until: datetime, norm: Norm | None = None) -> datetime: ...

    def office_hours_between(self, start: datetime, end: datetime) -> timedelta: ...

    def end_of_day_after(self, at: datetime, days: int) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of one thing that is counted. `outcome` is empty while it is not certain.

    `nth` tells apart what is counted more than once of the same case or question. `amount`: minutes (of office time for
    terms in working days), or a score.
    """

    nth: int
    started: datetime
    due: datetime | None = None
    stopped: datetime | None = None
    judged: datetime | None = None
    outcome: str = ""
    amount: int = 0


@dataclass(frozen=True, slots=True)
class Stay:
    """A time in which a case was in one state; `until` None goes on."""

    state: State
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class History:
    """What happened in a case since it was received: the states it came in, in order, and when."""

    case_type: CaseType
    received: datetime
    moves: Sequence[tuple[str, datetime]]
    credit: bool = False
    _spent: Mapping[str, timedelta] | None = field(default=None, init=False, repr=False, compare=False)

    @cached_property
    def stays(self) -> tuple[Stay, ...]:
        """The states it has been in, ends among them."""
        known = [(state, at) for state, at in self.moves if at >= self.received]
        ends: Iterable[datetime | None] = [*(at for _, at in known[1:]), None]
        return tuple(Stay(self.case_type.state(key), at, end) for (key, at), end in zip(known, ends, strict=True))

    def spent(self, hours: Hours) -> Mapping[str, timedelta]:
        """Office time by party; worked out once, however many indicators ask."""
        if self._spent is None:
            found: dict[str, timedelta] = {}
            for stay in self.stays:
                if stay.until is not None and (party := whose(stay.state, self.case_type)):
                    time = hours.office_hours_between(stay.since, stay.until)
                    found[party] = found.get(party, timedelta()) + time
            object.__setattr__(self, "_spent", found)
        return self._spent or {}

    @cached_property
    def end(self) -> Stay | None:
        """How it ended; None while it goes on, also when an end was undone."""
        last = self.stays[-1] if self.stays else None
        return last if last is not None and last.state.result is not None else None


def facts_of(indicator: Indicator, history: History, hours: Hours, at: datetime) -> Iterator[Fact]:
    """What an indicator says of a case, as known at a moment."""
    match indicator.measure:
        case Measure.LEAD:
            yield _lead(indicator, history, hours, at)
        case Measure.SPELL:
            yield from _spells(indicator, history, hours, at)
        case Measure.SHARE if history.end:
            yield _share(indicator, history, history.end)
        case Measure.PARTY if history.end and history.end.state.result is not ABORTED:
            yield _party(indicator, history, history.end, hours)


def _norm(indicator: Indicator, case_type: CaseType) -> Norm:
    norm = case_type.norm if indicator.own_norm else indicator.norm
    if norm is None:
        raise ValueError(f"indicator {indicator.key} has no norm")
    return norm


def _lead(indicator: Indicator, history: History, hours: Hours, at: datetime) -> Fact:
    norm = _norm(indicator, history.case_type)
    if history.credit:
        return Fact(0, history.received, None, history.received, history.received, CREDIT)
    still = [stay for stay in history.stays if stay.state.suspends] if indicator.stands_still else []
    due = _due(history.received, norm, still, hours)
    stopped, left_out = _reached(indicator, history)
    amount = _time(history.received, stopped, norm, still, hours) if stopped else 0
    return _judge(0, history.received, due, stopped, left_out, at, amount)


def _due(since: datetime, norm: Norm, still: Sequence[Stay], hours: Hours) -> datetime | None:
    """The last moment in time; None while the clock stands still before that moment."""
    # Thirty days are thirty days: that a legal term does not end on a Sunday is no reason to pay later.
    due = hours.end_of_day_after(since, norm.days) if isinstance(norm, CalendarDays) else hours.due(since, norm)
    for stay in still:
        if stay.since < due:
            if stay.until is None:
                return None
            due = hours.resume(due, stay.since, stay.until, norm)
    return due


def _reached(indicator: Indicator, history: History) -> tuple[datetime | None, str]:
    """When it was done, or ended in another way and why it is then left out. An end that was undone is none."""
    for stay in history.stays:
        result = stay.state.result
        if result is None and indicator.names(history.case_type.key, stay.state.key):
            return stay.since, ""
        if result is not None and stay.until is None:
            if result is GRANTED or (indicator.ends and result is not ABORTED):
                return stay.since, ""
            return stay.since, WITHDRAWN if result is ABORTED else REFUSED
    return None, ""


def _judge(nth: int, since: datetime, due: datetime | None, stopped: datetime | None, left_out: str, at: datetime,
           amount: int) -> Fact:  # fmt: skip
    if due is not None and due < (stopped or at):
        return Fact(nth, since, due, stopped, due, NO, amount)
    if stopped is None:
        return Fact(nth, since, due)
    return Fact(nth, since, due, stopped, stopped, left_out or YES, amount)


def _time(since: datetime, until: datetime, norm: Norm, still: Iterable[Stay], hours: Hours) -> int:
    """Minutes spent: of office time where the norm is in working days, without those in which the clock stood still."""
    if isinstance(norm, CalendarDays):
        return (until - since) // MINUTE
    spent = hours.office_hours_between(since, until)
    for stay in still:
        if stay.since < until:
            spent -= hours.office_hours_between(stay.since, min(stay.until or until, until))
    return spent // MINUTE


def _spells(indicator: Indicator, history: History, hours: Hours, at: datetime) -> Iterator[Fact]:
    norm = _norm(indicator, history.case_type)
    for nth, stay in enumerate(history.stays):
        if not indicator.names(history.case_type.key, stay.state.key):
            continue
        last = nth + 1 < len(history.stays)
        withdrawn = last and history.stays[nth + 1].state.result is ABORTED
        due = _due(stay.since, norm, (), hours)
        amount = _time(stay.since, stay.until, norm, (), hours) if stay.until else 0
        yield _judge(nth, stay.since, due, stay.until, WITHDRAWN if withdrawn else "", at, amount)


def _share(indicator: Indicator, history: History, end: Stay) -> Fact:
    if end.state.result is ABORTED:
        outcome = WITHDRAWN
    else:
        there = any(indicator.names(history.case_type.key, stay.state.key) for stay in history.stays)
        outcome = YES if there is not indicator.never else NO
    return Fact(0, history.received, None, end.since, end.since, outcome)


_WHOSE: dict[tuple[str, str], str] = {}
"""With which party, by kind of case and state: asked for every stay of every case."""


def whose(state: State, case_type: CaseType) -> str:
    """With which party a case is in a state; empty for nobody in particular, such as the bank."""
    at = (case_type.key, state.key)
    if at not in _WHOSE:
        _WHOSE[at] = _whose(state, case_type)
    return _WHOSE[at]


def _whose(state: State, case_type: CaseType) -> str:
    if state.waits_for & (CLERK | TREASURER | SYSTEM):
        if not state.suspends:
            return SSC
        # What waits outside the SSC waits for a supplier where suppliers are paid.
        return SUPPLIER if case_type.late_costs else ""
    if state.waits_for & INITIATOR:
        return EMPLOYEE
    return MANAGER if state.waits_for & APPROVER else ""


def _party(indicator: Indicator, history: History, end: Stay, hours: Hours) -> Fact:
    spent = history.spent(hours).get(indicator.party, timedelta())
    return Fact(0, history.received, None, end.since, end.since, YES, spent // MINUTE)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that was done about a question. `about` is the moment that was promised, of a promise to call."""

    kind: str
    at: datetime
    about: str = ""


ANSWERED, CALL_BACK, CALLED = "answered", "call_back", ("answered", "not_reached")


def facts_of_question(
    indicator: Indicator, asked: datetime, entries: Sequence[Entry], hours: Hours, at: datetime
) -> Iterator[Fact]:
    """What an indicator says of a question to the SSC, as known at a moment."""
    if indicator.measure is Measure.ANSWER and indicator.norm is not None:
        answered = next((entry.at for entry in entries if entry.kind == ANSWERED), None)
        due = _due(asked, indicator.norm, (), hours)
        amount = _time(asked, answered, indicator.norm, (), hours) if answered else 0
        yield _judge(0, asked, due, answered, "", at, amount)
    elif indicator.measure is Measure.CALL:
        for nth, promise in enumerate(entries):
            if promise.kind == CALL_BACK:
                later = entries[nth + 1 :]
                called = next((one for one in later if one.kind in (*CALLED, CALL_BACK)), None)
                anew = ANEW if called and called.kind == CALL_BACK else ""
                due = datetime.fromisoformat(promise.about)
                yield _judge(nth, promise.at, due, called.at if called else None, anew, at, 0)
