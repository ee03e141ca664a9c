"""How a case is told: the step bar of its route, and its timeline in people's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal import i18n
from portal.commands.post import POST_ADDED
from portal.commands.returned_money import RETURN_UNDONE
from portal.interfaces.bank import return_reason_key
from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.queries.queue import Arrival, arrivals
from portal.web.changes import changes_between
from portal.web.shaping import label_of
from portal.web.signals import settled
from workflows import CASE_TYPES
from workflows.deciding import route
from workflows.kernel import CaseType, State
from workflows.parties import N_, PARTY_LABELS, Party


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


@dataclass(frozen=True)
class Told:
    """One event in people's words."""

    at: datetime
    what: str
    who: str
    reason: str
    changes: tuple[str, ...] = ()


def timeline_of(case: Case, events: Sequence[CaseEvent]) -> list[Told]:
    """Every event in people's words, the newest first, with what changed since the round before."""
    case_type = CASE_TYPES[case.type]
    told: list[Told] = []
    handed_in: Mapping[str, Any] | None = None
    before: Mapping[str, Any] | None = None
    for event in events:
        content = event.data.get("content")
        if content and case_type.action(event.action).takes_content:
            # A round is held against the round before it, not against what a clerk made of that.
            before, handed_in = handed_in, content
        changes = tuple(changes_between(before, content, case_type)) if before and content else ()
        before = content or before
        what = settled(event.data["flag"]) if "flag" in event.data else _what(case_type, event)
        told.append(Told(event.at, _to_whom(what, event), _who(event), _reason(event), changes))
    return told[::-1]


def changed_since(case: Case, events: Sequence[CaseEvent]) -> list[str]:
    """What differs between the last time the case was handed in and the time before; nothing the first time."""
    case_type = CASE_TYPES[case.type]
    rounds = [e.data["content"] for e in events if "content" in e.data and case_type.action(e.action).takes_content]
    return changes_between(rounds[-2], rounds[-1], case_type) if len(rounds) > 1 else []


def arrived(session: Session, cases: Sequence[Case]) -> dict[int, str]:
    """Why each of these cases is where it is: the step that put it there, by whom and when, in one line."""
    events = arrivals(session, cases)
    return {
        case.id: f"{_what(CASE_TYPES[case.type], event)}: {_who(event)}, {i18n.day(event.at, 'd MMM')}"
        for case in cases
        if (event := events.get(case.id)) is not None
    }


NOTED: Mapping[str, str] = {
    POST_ADDED: N_("Paper came in by post and was added"),
    RETURN_UNDONE: N_("Money that was booked here by mistake was taken off"),
}
"""Events that are no step: the case stays where it is."""


def _what(case_type: CaseType, event: CaseEvent | Arrival) -> str:
    if event.action in NOTED:
        return i18n.gettext(NOTED[event.action])
    return i18n.gettext(case_type.action(event.action).done)


def _to_whom(what: str, event: CaseEvent) -> str:
    """What happened, with to whom the request was put when it was put to somebody else."""
    asked, away = event.data.get("asked"), event.data.get("in_place_of")
    if asked and away:
        asked = i18n.gettext(N_("%(who)s in place of %(whom)s"), who=asked, whom=away)
    return f"{what}: {asked}" if asked else what


def _who(event: CaseEvent | Arrival) -> str:
    if event.actor is None:
        party = Party.BANK if event.channel == "bank_file" else Party.SYSTEM
        return i18n.gettext(PARTY_LABELS[party])
    if event.on_behalf_of is None:
        return event.actor.name
    return i18n.gettext(N_("%(who)s on behalf of %(whom)s"), who=event.actor.name, whom=event.on_behalf_of.name)


def _reason(event: CaseEvent) -> str:
    if "code" in event.data:
        return f"{i18n.gettext(return_reason_key(event.data['code']))} ({event.data['code']})"
    return event.reason
