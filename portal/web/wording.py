"""In words: roles, parties, jobs, agreements, terms, rules, and moments and amounts that are kept as plain values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

from portal import i18n
from portal.access import ROLE_LABELS, Role
from portal.jobs.telling import in_words
from portal.jobs.timetable import JOBS
from portal.queries.timing import OUTSIDE
from portal.words.states import capacity_label
from portal.words.why import record_said, rule_said, rule_source
from workflows.kernel import CalendarDays, Norm, Rule, WorkingDays
from workflows.money import plain
from workflows.parties import N_, PARTY_LABELS, Party
from workflows.policy_keys import POLICY_KEYS, SWITCHED, Kind, PolicyKey

JOB_LABELS = {job.key: job.label for job in JOBS}
VALUE = re.compile(r"%\(\w+\)s")


def role_label(key: str) -> str:
    """What people call a role."""
    return i18n.gettext(ROLE_LABELS[Role(key)])


def party_label(party: Party) -> str:
    """What people call somebody's part in a case."""
    return i18n.gettext(PARTY_LABELS[party])


def time_with(party: Party) -> str:
    """With whom a case was, as its table of time names them."""
    named = {OUTSIDE: N_("Outside the SSC"), Party.CLERK: N_("The SSC")}
    return i18n.gettext(named.get(party) or PARTY_LABELS[party])


def job_label(key: str) -> str:
    """What a job does; its key when it no longer exists."""
    return i18n.gettext(JOB_LABELS.get(key, key))


def policy_label(key: str) -> str:
    """What an agreement is about; its key when nobody wrote that down here."""
    known = POLICY_KEYS.get(key)
    return i18n.gettext(known.label) if known else key


def policy_value(key: str, value: str) -> str:
    """What was agreed, in words; as it is stored when the key is not known any more."""
    known = POLICY_KEYS.get(key)
    return POLICY_WORDS[known.kind](known, value) if known else value


def _rate(known: PolicyKey, value: str) -> str:
    cents = Decimal(value)
    amount = i18n.euro(int(cents)) if cents == int(cents) else f"€ {i18n.number(cents / 100)}"
    unit = i18n.gettext(known.unit)
    return i18n.gettext(N_("%(amount)s for each %(unit)s"), amount=amount, unit=unit) if unit else amount


POLICY_WORDS: Mapping[Kind, Callable[[PolicyKey, str], str]] = {
    Kind.AMOUNT: lambda _, value: i18n.euro(int(value)),
    Kind.RATE: _rate,
    Kind.WORKING_DAYS: lambda _, value: term_of(WorkingDays(int(value))),
    Kind.DAYS: lambda _, value: term_of(CalendarDays(int(value))),
    Kind.MONTHS: lambda _, value: i18n.ngettext("%(num)s month", "%(num)s months", int(value)),
    Kind.NUMBER: lambda _, value: i18n.number(int(value)),
    Kind.PERCENT: lambda _, value: f"{i18n.number(Decimal(value))} %",
    Kind.HOURS: lambda _, value: i18n.gettext(N_("%(hours)s hours"), hours=i18n.hours(int(value))),
    Kind.SWITCH: lambda _, value: i18n.gettext(SWITCHED.get(value, value)),
    Kind.CHOICE: lambda known, value: i18n.gettext(known.choices.get(value, value)),
    Kind.TEXT: lambda _, value: value,
    Kind.RECORD: lambda known, value: record_said(known.key, value),
}


def term_of(norm: Norm | None) -> str:
    """A term in words; empty when there is none."""
    match norm:
        case WorkingDays(days):
            return i18n.ngettext("%(num)s working day", "%(num)s working days", days)
        case CalendarDays(days):
            return i18n.ngettext("%(num)s day", "%(num)s days", days)
        case _:
            return ""


def rule_text(rule: Rule) -> str:
    """What is said when a rule is broken, with dots for the values that only a case has."""
    return VALUE.sub("…", i18n.gettext(rule.sentence))


def ticked_at(iso: str) -> str:
    """When something was ticked, in words; the checklist keeps it as ISO text."""
    return i18n.moment(datetime.fromisoformat(iso))


def amount_to_type(cents: int) -> str:
    """An amount as one would type it in a field."""
    return plain(cents, decimal_comma=i18n.language() == "nl")


WORDS: Mapping[str, Callable[..., str]] = {
    "role_label": role_label,
    "party_label": party_label,
    "capacity_label": capacity_label,
    "time_with": time_with,
    "job_label": job_label,
    "job_told": in_words,
    "policy_label": policy_label,
    "policy_value": policy_value,
    "term_of": term_of,
    "rule_text": rule_text,
    "rule_said": rule_said,
    "rule_source": rule_source,
    "ticked_at": ticked_at,
    "amount_to_type": amount_to_type,
}
