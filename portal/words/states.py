"""Where a case is and who has it, in words; and the small words that pages, papers and files share."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from portal import i18n
from portal.interfaces.letters import LINK
from workflows import CASE_TYPES
from workflows.deciding import granted_in
from workflows.parties import N_, PARTY_LABELS, Party


def state_said(case: Any, *, mine: bool) -> str:
    """What people read as the state of a case; `mine`: the reader is whoever it is of."""
    case_type = CASE_TYPES[case.type]
    state = case_type.state(case.state)
    if state.suspends and state.key in case_type.filling_in.at and not mine:
        return i18n.gettext(N_("Back with the employee"))
    return i18n.gettext(state.label)


def is_granted(case: Any) -> bool:
    """Whether an amount was granted."""
    return case.state in _granted_in(case.type)


@cache
def _granted_in(type_key: str) -> frozenset[str]:
    return granted_in(CASE_TYPES[type_key])


def holder_said(case: Any, *, mine: bool) -> str:
    """Who has a case now: a name where one person has it, else the party; `mine`: the reader is its employee."""
    party = Party[case.waits_for] if case.waits_for else None
    if party is None:
        return ""
    if party is Party.APPROVER:
        return str(case.approver.name) if case.approver else i18n.gettext(N_("The SSC looks for who may decide"))
    if party is Party.CLERK and case.assignee is not None:
        return f"{case.assignee.name} (SSC)"
    if party is Party.INITIATOR and mine:
        return i18n.gettext(N_("You"))
    return i18n.gettext(PARTY_LABELS[party])


def capacity_label(name: str) -> str:
    """As what somebody read a dossier."""
    return i18n.gettext(PARTY_LABELS[Party[name]])


CHANNEL_LABELS = {
    "telephone": N_("Telephone"),
    "e-mail": N_("E-mail"),
    "counter": N_("Counter"),
    "post": N_("Post"),
    "portal": N_("Portal"),
}


def channel_label(key: str) -> str:
    """What people read as the way a contact was made."""
    return i18n.gettext(CHANNEL_LABELS.get(key, key))


def letter_text(text: str) -> str:
    """A mail as the dossier shows it: with the place of a deciding link, never the link itself."""
    return LINK.sub(lambda _: i18n.gettext(N_("(link)")), text)


def instant(text: str) -> str:
    """A moment that was kept as text, in words."""
    return i18n.moment(datetime.fromisoformat(text))
