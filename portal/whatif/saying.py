"""Changes and inputs in words, as a page and a paper say them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from portal import i18n
from portal.whatif.model import PRIORITIES
from portal.whatif.scenarios import WHAT_LABELS, Change, What
from workflows import CASE_TYPES
from workflows.parties import N_
from workflows.policy_keys import POLICY_KEYS, Kind, typed_as

PEOPLE = {"clerk": N_("Clerks"), "treasurer": N_("Treasurers")}
WEEKDAYS = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"),
)  # fmt: skip


def weekdays_said(days: object) -> str:
    """Days of the week, Monday is 0, in words."""
    listed = [int(day) for day in days] if isinstance(days, list | tuple) else []
    return ", ".join(i18n.gettext(WEEKDAYS[day]).lower() for day in sorted(listed))


def time_said(minutes: int) -> str:
    """A time of the day: 9:30."""
    return f"{minutes // 60}:{minutes % 60:02}"


def of_said(key: str) -> str:
    """Of what: people, a policy, a kind of case or a step of it."""
    if key in PEOPLE:
        return i18n.gettext(PEOPLE[key])
    if key in POLICY_KEYS:
        return i18n.gettext(POLICY_KEYS[key].label)
    kind, _, state = key.partition(".")
    if kind not in CASE_TYPES:
        return key
    label = i18n.gettext(CASE_TYPES[kind].label)
    return f"{label}, {i18n.gettext(CASE_TYPES[kind].state(state).label)}" if state else label


def policy_said(key: str, value: str) -> str:
    """A value of a policy, for people."""
    row = POLICY_KEYS[key]
    text = typed_as(row, value, decimal_comma=i18n.language() == "nl")
    return {Kind.AMOUNT: f"€ {text}", Kind.PERCENT: f"{text}%"}.get(row.kind, text)


def _percent(value: Any) -> str:
    return f"{i18n.number(round(float(value) * 100))}%"


def _times(value: Any) -> str:
    return f"× {round(float(value), 2):g}".replace(".", "," if i18n.language() == "nl" else ".")


_VALUES: Mapping[What, Callable[[Any], str]] = {
    What.RUNS: weekdays_said,
    What.CUT_OFF: lambda value: time_said(int(value)),
    What.ABSENCE: _percent,
    What.SHARE: _percent,
    What.MORE: lambda value: f"{int(value):+d}",
    What.PRIORITY: lambda value: i18n.gettext(PRIORITIES[str(value)]),
    What.MANDATE: lambda value: i18n.euro(int(value)),
    What.COST: lambda value: i18n.euro(int(value)),
    What.VOLUME: _times,
    What.TOUCH: _times,
    What.REACTION: _times,
}


def change_said(change: Change) -> str:
    """What is otherwise, in words."""
    if change.what is What.POLICY:
        value = str(change.value)
        return f"{of_said(change.key)}: {policy_said(change.key, value) if change.key in POLICY_KEYS else value}"
    label = i18n.gettext(WHAT_LABELS[change.what])
    of = f" ({of_said(change.key).lower()})" if change.key else ""
    return f"{label}{of}: {_VALUES.get(change.what, str)(change.value)}"
