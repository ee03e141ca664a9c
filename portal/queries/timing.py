"""Where the time of a case went: with whom it was how long, and when and why its clock stood still.

Read from the events alone, so that every figure can be shown with the steps behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import zip_longest

from portal.calendar import OfficeCalendar
from portal.models.cases import Case
from portal.models.events import CaseEvent
from workflows import CASE_TYPES
from workflows.kernel import State
from workflows.parties import CLERK, NOBODY, SYSTEM, TREASURER, Party

SSC = CLERK | TREASURER | SYSTEM
"""Parties whose time is the SSC's own."""
OUTSIDE = NOBODY
"""Whose time it is while a case that is with the SSC waits for something outside it."""


@dataclass(frozen=True)
class Spell:
    """A time in which a case was in one state; `until` None goes on. `opened` is the event that began it."""

    state: State
    since: datetime
    until: datetime | None
    opened: CaseEvent


@dataclass(frozen=True)
class Timing:
    """Working days by party, in the order of first appearance, and the spells in which the clock stood still."""

    by_party: Sequence[tuple[Party, Decimal]]
    suspensions: Sequence[Spell]


def party_of(state: State) -> Party:
    """Whose time it is while a case is in this state: the SSC's parties count as one."""
    if state.waits_for & SSC:
        return OUTSIDE if state.suspends else CLERK
    return state.waits_for


def spells_of(case: Case, events: Sequence[CaseEvent]) -> list[Spell]:
    """The states a case has been in since it was received, one after the other; ends not among them."""
    case_type = CASE_TYPES[case.type]
    moves = [e for e in events if e.from_state != e.to_state and case.received_at and e.at >= case.received_at]
    return [
        Spell(case_type.state(move.to_state), move.at, end, move)
        for move, end in zip_longest(moves, (later.at for later in moves[1:]))
        if case_type.state(move.to_state).result is None
    ]


def timing_of(case: Case, events: Sequence[CaseEvent], calendar: OfficeCalendar, at: datetime) -> Timing:
    """How long the case was with whom, in the office hours of its municipality, up to now or its end."""
    spent: dict[Party, timedelta] = {}
    spells = spells_of(case, events)
    for spell in spells:
        whose = party_of(spell.state)
        time = calendar.office_hours_between(spell.since, spell.until or at)
        spent[whose] = spent.get(whose, timedelta()) + time
    days = [(party, Decimal(calendar.office_days(time)).quantize(Decimal("0.1"))) for party, time in spent.items()]
    return Timing(days, [spell for spell in spells if spell.state.suspends])
