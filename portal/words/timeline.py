"""The timeline of a case in people's words, with what changed between its rounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal import i18n
from portal.interfaces.bank import return_reason_key
from portal.interfaces.event_log.words import NOTED
from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.queries.queue import Arrival
from portal.words.differences import changes_between
from workflows import CASE_TYPES
from workflows.flags import FLAG_KINDS, FlagKind
from workflows.kernel import CaseType
from workflows.parties import N_, PARTY_LABELS, Party


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
        what = settled(event.data["flag"]) if "flag" in event.data else what_of(case_type, event)
        told.append(Told(event.at, _to_whom(what, event), who_of(event), _reason(event), changes))
    return told[::-1]


def changed_since(case: Case, events: Sequence[CaseEvent]) -> list[str]:
    """What differs between the last time the case was handed in and the time before; nothing the first time."""
    case_type = CASE_TYPES[case.type]
    rounds = [e.data["content"] for e in events if "content" in e.data and case_type.action(e.action).takes_content]
    return changes_between(rounds[-2], rounds[-1], case_type) if len(rounds) > 1 else []


def what_of(case_type: CaseType, event: CaseEvent | Arrival) -> str:
    """What happened, in words."""
    if event.action in NOTED:
        return i18n.gettext(NOTED[event.action])
    return i18n.gettext(case_type.action(event.action).done)


def _to_whom(what: str, event: CaseEvent) -> str:
    """What happened, with to whom the request was put when it was put to somebody else."""
    asked, away = event.data.get("asked"), event.data.get("in_place_of")
    if asked and away:
        asked = i18n.gettext(N_("%(who)s in place of %(whom)s"), who=asked, whom=away)
    return f"{what}: {asked}" if asked else what


def who_of(event: CaseEvent | Arrival) -> str:
    """Who did it, and in whose place."""
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


def answer_said(kind: FlagKind, key: str) -> str:
    """How a signal was settled, in words; empty when it was not."""
    return i18n.gettext(kind.answers.get(key, key)) if key else ""


def settled(data: Mapping[str, Any]) -> str:
    """How the event of settling is told: which signal, and what was decided."""
    kind = FLAG_KINDS[data["code"]]
    return f"{i18n.gettext(kind.label)}: {answer_said(kind, data['answer']).lower()}"
