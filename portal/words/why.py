"""Why an amount is what it is: the agreements that judged a line, as they are frozen on it, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from portal import i18n
from workflows.caps import CUT, PERIODS, THEN
from workflows.expense_claim.categories import CATEGORIES
from workflows.expense_claim.judging import OFFERED, TERM
from workflows.leave_kinds import COUNTED, policy_of
from workflows.parties import N_
from workflows.policy_keys import POLICY_KEYS


def rule_said(rule: Mapping[str, Any]) -> str:
    """What an agreement made of a line."""
    if "then" in rule:
        period = PERIODS[rule["per"]]
        said = i18n.say(CUT_OFF if rule["then"] == CUT else ABOVE, {**rule, "per": i18n.gettext(period)})
        return " ".join(filter(None, (said, elsewhere_said(rule))))
    if rule["code"] == TERM:
        return i18n.gettext(TOO_LATE, months=rule["value"])
    known = POLICY_KEYS.get(rule["code"])
    label = i18n.gettext(known.label) if known else rule["code"]
    return f"{label}: {rate_said(rule['value'])}"


def elsewhere_said(values: Mapping[str, Any]) -> str:
    """How much of the room below a cap other cases took; empty where they took none."""
    return i18n.say(ELSEWHERE, values) if values.get("elsewhere_cents") else ""


LEAVE = frozenset(map(policy_of, COUNTED))
"""The policies about a kind of leave."""
CUT_OFF = N_("%(before)s became %(after)s: the most is %(cap)s %(per)s.")
ABOVE = N_("%(before)s is above the usual most of %(cap)s %(per)s, so the SSC looks at it.")
ELSEWHERE = N_("Other claims took %(elsewhere)s of that already.")
TOO_LATE = N_("Claimed more than %(months)s months after the expense.")


def rate_said(value: str) -> str:
    """A rate in cents as an amount."""
    return i18n.euro(int(value)) if value.isdigit() else f"€ {i18n.number(Decimal(value) / 100)}"


def rule_source(rule: Mapping[str, Any]) -> str:
    """Where it is agreed and since when."""
    since = i18n.gettext(N_("since %(day)s"), day=i18n.day(rule["from"]))
    return ", ".join(filter(None, (rule["article"], rule["source"], since)))


def record_said(key: str, value: str) -> str:
    """An agreement that is kept as a record, in words."""
    found = json.loads(value)
    if key == OFFERED:
        return ", ".join(i18n.gettext(CATEGORIES[one].label) for one in found if one in CATEGORIES)
    if key in LEAVE:
        return "; ".join(_leave_said(found))
    if isinstance(found, dict) and found.keys() <= PERIODS.keys():
        return "; ".join(
            f"{i18n.euro(found[per]['cents'])} {i18n.gettext(label)} ({i18n.gettext(then)})"
            for per, label in PERIODS.items()
            if per in found and (then := THEN[found[per]["then"]])
        )
    return value


def _leave_said(found: Mapping[str, Any]) -> Iterator[str]:
    """What was agreed about a kind of leave: what is paid, the most of it, and what is asked for."""
    paid = found.get("paid", 100)
    yield i18n.gettext(N_("%(percent)s %% is paid"), percent=paid) if paid else i18n.gettext(N_("not paid"))
    most = ""
    if "weeks" in found:
        most = i18n.gettext(N_("at most %(count)s times the hours of a week"), count=found["weeks"])
    elif "minutes" in found:
        most = i18n.gettext(N_("at most %(hours)s hours"), hours=i18n.hours(found["minutes"]))
    if most and found.get("per") == "occasion":
        most += " " + i18n.gettext(N_("for each occasion"))
    elif most and found.get("months"):
        most += " " + i18n.gettext(N_("in any %(months)s months"), months=found["months"])
    elif most:
        most += " " + i18n.gettext(N_("in a calendar year"))
    if most:
        yield most
    if found.get("within_months"):
        yield i18n.gettext(N_("within %(months)s months of that day"), months=found["within_months"])
    if found.get("document"):
        yield i18n.gettext(N_("with a document"))
