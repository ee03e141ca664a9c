"""How a case is shown: the step bar of its route, and why it is where it is. Its timeline is in `words/timeline.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal import i18n
from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.queries.queue import arrivals
from portal.web.shaping import label_of
from portal.words.timeline import what_of, who_of
from workflows import CASE_TYPES
from workflows.deciding import route
from workflows.kernel import State
from workflows.parties import PARTY_LABELS


@dataclass(frozen=True)
class RouteStep:
    """One step of the bar. `state`: done, current, todo or stopped."""

    label: str
    state: str
    who: str = ""
    by: datetime | None = None
    at: datetime | None = None


def route_of(case: Case, events: Sequence[CaseEvent], holder: str) -> list[RouteStep]:
    """The whole route from the declaration, with where the case is on it.

    A case that is off the straight way (sent back, refused by the bank, ended otherwise) shows that as its current
    step, in the place where it left the way. A step that it passed over is not shown behind it.
    """
    case_type = CASE_TYPES[case.type]
    here = case_type.state(case.state)
    reached = {event.to_state: event for event in events}
    way = route(case_type, {here.key, *reached})
    keys = [state.key for state in way]
    place = keys.index(here.key) if here.key in keys else _left_at(keys, events)
    taken = {case_type.initial.key, *reached}
    steps = [_done(state, events, reached, case) for state in way[:place] if state.key in taken]
    steps.append(_current(here, case, holder))
    following = () if here.result else way[place + (1 if here.key in keys else 0) :]
    return steps + [RouteStep(i18n.gettext(state.label), "todo", _party(state)) for state in following]


def _left_at(keys: Sequence[str], events: Sequence[CaseEvent]) -> int:
    """Where on the way the case left it: the last step of the way it came from."""
    for event in reversed(events):
        if event.from_state in keys:
            return keys.index(event.from_state)
    return 0


def _party(state: State) -> str:
    return i18n.gettext(PARTY_LABELS[state.waits_for]) if state.waits_for in PARTY_LABELS else ""


def _done(state: State, events: Sequence[CaseEvent], reached: Mapping[str, CaseEvent], case: Case) -> RouteStep:
    """A step behind us: who took the case out of this state, and when."""
    left = next((e for e in reversed(events) if e.from_state == state.key and e.to_state != state.key), None)
    who = left.actor.name if left is not None and left.actor is not None else ""
    return RouteStep(i18n.gettext(state.label), "done", who, at=left.at if left else case.created_at)


def _current(state: State, case: Case, holder: str) -> RouteStep:
    if state.result is None:
        return RouteStep(label_of(case), "current", holder, by=case.step_due if not state.suspends else None)
    kind = "done" if state.result.value == "granted" else "stopped"
    return RouteStep(label_of(case), kind, at=case.closed_at)


def arrived(session: Session, cases: Sequence[Case]) -> dict[int, str]:
    """Why each of these cases is where it is: the step that put it there, by whom and when, in one line."""
    events = arrivals(session, cases)
    return {
        case.id: f"{what_of(CASE_TYPES[case.type], event)}: {who_of(event)}, {i18n.day(event.at, 'd MMM')}"
        for case in cases
        if (event := events.get(case.id)) is not None
    }
