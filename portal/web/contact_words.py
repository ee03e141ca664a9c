"""In words: subjects, states and lines of questions, and what was done about one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from portal import i18n
from portal.models.contact import ContactEntry
from workflows.parties import N_

SUBJECT_WORDS: Mapping[str, str] = {
    "progress": N_("How far a request is"),
    "payment": N_("A payment"),
    "filling_in": N_("How to fill something in"),
    "receipts": N_("Receipts and proof"),
    "rules": N_("What is allowed, amounts and terms"),
    "own_data": N_("Own data or account number"),
    "portal": N_("Signing in or the portal itself"),
    "complaint": N_("A complaint"),
    "other": N_("Something else"),
}
STATE_WORDS: Mapping[str, str] = {
    "open": N_("Not answered yet"),
    "call_back": N_("To call back"),
    "passed": N_("A colleague finds out"),
    "answered": N_("Answered"),
}
STATE_TONES: Mapping[str, str] = {"open": "warning", "call_back": "warning", "passed": "info", "answered": "success"}
LINE_WORDS: Mapping[int, str] = {1: N_("First line"), 2: N_("Second line"), 3: N_("Third line")}
OUTCOME_WORDS: Mapping[str, str] = {
    "answered": N_("Answered"),
    "call_back": N_("We call back"),
    "second": N_("To the second line"),
    "third": N_("To the third line"),
}
DONE_WORDS: Mapping[str, str] = {
    "asked": N_("Asked in the portal"),
    "answered": N_("Answered"),
    "call_back": N_("Promised to call, by %(about)s"),
    "not_reached": N_("Called, not reached"),
    "passed": N_("Passed to line %(about)s"),
    "added": N_("Added"),
    "tied": N_("Put with case %(about)s"),
    "untied": N_("Taken off case %(about)s"),
    "named": N_("Noted who it was"),
}


def subject_label(key: str) -> str:
    """What people call a subject."""
    return i18n.gettext(SUBJECT_WORDS.get(key, key))


def question_state(key: str) -> str:
    """Where a question stands, in words."""
    return i18n.gettext(STATE_WORDS[key])


def question_tone(key: str) -> str:
    """The colour of that: never the only sign."""
    return STATE_TONES[key]


def line_label(line: int) -> str:
    """What people call a line."""
    return i18n.gettext(LINE_WORDS[line])


def outcomes() -> list[tuple[str, str]]:
    """What can happen with a question while it is recorded, with its words."""
    return [(key, i18n.gettext(words)) for key, words in OUTCOME_WORDS.items()]


def entry_words(entry: ContactEntry) -> str:
    """What was done about a question, in words."""
    about = i18n.moment(datetime.fromisoformat(entry.about)) if entry.kind == "call_back" else entry.about
    return i18n.say(DONE_WORDS[entry.kind], {"about": about} if "%(about)s" in DONE_WORDS[entry.kind] else {})


CONTACT_WORDS: Mapping[str, Callable[..., object]] = {
    "subject_label": subject_label,
    "question_state": question_state,
    "question_tone": question_tone,
    "line_label": line_label,
    "outcomes": outcomes,
    "entry_words": entry_words,
}
