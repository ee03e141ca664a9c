"""What a workshop shows afterwards: where the time went, one round against the other, and what that says.

Pure functions of what happened, read by `played.py`. All time is office time of the story. With few cases little can
be said, and then that is what is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import fmean, median
from typing import Protocol

from workflows import CASE_TYPES
from workflows.judging import whose
from workflows.parties import INITIATOR

FEW = 5
"""With fewer cases than this no figure is more than an impression."""
NOTHING = timedelta(0)
OTHERS = ""
"""Whose time it is when a case waits for nobody of the table, such as the bank."""


class Office(Protocol):
    """The office calendar of the story."""

    def office_hours_between(self, start: datetime, end: datetime) -> timedelta: ...

    def office_days(self, spent: timedelta) -> float: ...


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a case that took it to another state. Work on it began at `started`; it could begin at `enabled`."""

    action: str
    from_state: str
    to_state: str
    enabled: datetime
    started: datetime
    at: datetime
    by_person: bool


@dataclass(frozen=True, slots=True)
class PlayedCase:
    """A case as it was played in one round. `card` is the card that it came of, empty where none."""

    kind: str
    received: datetime
    steps: Sequence[Step]
    card: str = ""
    target: datetime | None = None
    closed: datetime | None = None
    aborted: bool = False

    @property
    def done(self) -> bool:
        """Whether it ended, otherwise than by being taken back."""
        return self.closed is not None and not self.aborted


@dataclass(frozen=True, slots=True)
class Spent:
    """Office time at one place, in all cases together."""

    count: int = 0
    waiting: timedelta = NOTHING
    working: timedelta = NOTHING

    @property
    def all(self) -> timedelta:
        """Waiting and working together."""
        return self.waiting + self.working

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.count + other.count, self.waiting + other.waiting, self.working + other.working)


@dataclass(frozen=True, slots=True)
class Place:
    """Where time went: a state of a kind of case, or a party."""

    kind: str
    key: str
    party: str
    spent: Spent


def _parts(step: Step, office: Office) -> Spent:
    began = min(max(step.started, step.enabled), step.at)
    return Spent(1, office.office_hours_between(step.enabled, began), office.office_hours_between(began, step.at))


def places(cases: Iterable[PlayedCase], office: Office) -> list[Place]:
    """Time by step, in the order of the declaration. What still lies somewhere is not counted: it has not ended."""
    found: dict[tuple[str, str], Spent] = {}
    for case in cases:
        for step in case.steps:
            if step.at >= case.received and step.enabled >= case.received:
                key = (case.kind, step.from_state)
                found[key] = found.get(key, Spent()) + _parts(step, office)
    ordered = []
    for kind in sorted({kind for kind, _ in found}):
        case_type = CASE_TYPES[kind]
        for state in case_type.states:
            if (kind, state.key) in found:
                ordered.append(Place(kind, state.key, whose(state, case_type), found[kind, state.key]))
    return ordered


def by_party(found: Iterable[Place]) -> dict[str, Spent]:
    """The same added up by whose time it was, the most first."""
    spent: dict[str, Spent] = {}
    for place in found:
        spent[place.party] = spent.get(place.party, Spent()) + place.spent
    return dict(sorted(spent.items(), key=lambda one: (-one[1].all, one[0])))


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of one round. Days are office days; None where there is nothing to measure."""

    received: int
    done: int
    open: int
    in_time: int
    judged: int
    """Of how many it is known whether they were in time: those that have a target and ended."""
    mean_days: float | None
    median_days: float | None
    p90_days: float | None
    touch_hours: float | None
    """Working time for each case that is done."""
    waiting_share: float | None
    """Which part of all time was waiting, from 0 to 1."""
    right_first: int
    """How many of those done were never sent back."""
    hands: float | None
    """Steps by people for each case that is done."""


def days_of(case: PlayedCase, office: Office) -> float:
    """How many office days a case that ended took."""
    return office.office_days(office.office_hours_between(case.received, case.closed or case.received))


def measured(cases: Sequence[PlayedCase], office: Office) -> Measured:
    """The figures of a round."""
    done = [case for case in cases if case.done]
    days = sorted(days_of(case, office) for case in done)
    spent = [sum((_parts(s, office) for s in case.steps if s.enabled >= case.received), Spent()) for case in done]
    working, whole = sum((s.working for s in spent), NOTHING), sum((s.all for s in spent), NOTHING)
    judged = [case for case in done if case.target is not None]
    return Measured(
        received=len(cases),
        done=len(done),
        open=sum(case.closed is None for case in cases),
        in_time=sum(case.closed <= case.target for case in judged if case.closed and case.target),
        judged=len(judged),
        mean_days=fmean(days) if days else None,
        median_days=median(days) if days else None,
        p90_days=days[min(len(days) - 1, int(0.9 * len(days)))] if days else None,
        touch_hours=working / timedelta(hours=1) / len(done) if done else None,
        waiting_share=(whole - working) / whole if whole else None,
        right_first=sum(_right_first(case) for case in done),
        hands=sum(step.by_person for case in done for step in case.steps) / len(done) if done else None,
    )


def _right_first(case: PlayedCase) -> bool:
    states = CASE_TYPES[case.kind]
    return not any(
        states.state(step.to_state).waits_for is INITIATOR and states.state(step.to_state).suspends
        for step in case.steps
        if step.at >= case.received
    )


@dataclass(frozen=True, slots=True)
class Paired:
    """The same cards in two rounds: how long each took then and now, of those that were done in both."""

    cards: Sequence[tuple[str, float, float]]

    @property
    def count(self) -> int:
        """How many cards were done in both rounds."""
        return len(self.cards)

    @property
    def shorter(self) -> int:
        """How many took less time in the second round."""
        return sum(second < first for _, first, second in self.cards)

    @property
    def mean(self) -> float:
        """How many office days longer (above 0) or shorter a card took in the second round."""
        return fmean(second - first for _, first, second in self.cards) if self.cards else 0.0


def paired(first: Iterable[PlayedCase], second: Iterable[PlayedCase], office: Office) -> Paired:
    """Card by card, as both rounds play the same deck."""
    before = {case.card: days_of(case, office) for case in first if case.card and case.done}
    after = {case.card: days_of(case, office) for case in second if case.card and case.done}
    return Paired([(card, before[card], after[card]) for card in before if card in after])


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake that was planted, and what came of it: caught, missed or open. `role` should have seen it."""

    card: str
    what: str
    role: str
    outcome: str


@dataclass(frozen=True)
class Round:
    """All that is known of one round."""

    number: int
    title: str
    cases: Sequence[PlayedCase]
    mistakes: Sequence[Mistake] = ()
    places: Sequence[Place] = ()
    figures: Measured = field(default_factory=lambda: Measured(0, 0, 0, 0, 0, None, None, None, None, None, 0, None))


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of the conclusion: its key, and what is filled in."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)


def conclusion(rounds: Sequence[Round], office: Office) -> list[Said]:
    """Three sentences: how long it took, where the time went, and what was seen of the mistakes."""
    return [_how_long(rounds, office), _where(rounds), _mistakes(rounds)]


def _how_long(rounds: Sequence[Round], office: Office) -> Said:
    last = rounds[-1]
    if len(rounds) > 1:
        both = paired(rounds[0].cases, last.cases, office)
        if both.count >= FEW:
            before = fmean(first for _, first, _ in both.cards)
            after = fmean(second for _, _, second in both.cards)
            values = {"count": both.count, "before": before, "after": after, "shorter": both.shorter}
            return Said("shorter" if after < before * 0.95 else "longer" if after > before * 1.05 else "same", values)
        return Said("few_pairs", {"count": both.count})
    if last.figures.done >= FEW and last.figures.median_days is not None:
        return Said("one_round", {"count": last.figures.done, "days": last.figures.median_days})
    return Said("few_done", {"count": last.figures.done})


def _where(rounds: Sequence[Round]) -> Said:
    last = rounds[-1]
    spent = by_party(last.places)
    whole = sum((one.all for one in spent.values()), NOTHING)
    if not whole:
        return Said("nowhere")
    party = next(iter(spent))
    waited = sum((one.waiting for one in spent.values()), NOTHING)
    values = {"party": party, "share": spent[party].all / whole, "waiting": waited / whole, "round": last.number}
    return Said("where", values)


def _mistakes(rounds: Sequence[Round]) -> Said:
    last = rounds[-1]
    known = [one for one in last.mistakes if one.outcome != "open"]
    if not known:
        return Said("no_mistakes" if not last.mistakes else "mistakes_open", {"count": len(last.mistakes)})
    caught = sum(one.outcome == "caught" for one in known)
    missed = [one.role for one in known if one.outcome == "missed"]
    values: dict[str, object] = {"caught": caught, "count": len(known)}
    if not missed:
        return Said("all_caught", values)
    return Said("some_missed", values | {"role": max(sorted(set(missed)), key=missed.count), "missed": len(missed)})
