"""The rules of a sickness."""

from __future__ import annotations

from datetime import timedelta

from workflows.kernel import Rule, Situation, Verdict
from workflows.parties import N_
from workflows.sickness.content import last_said

ONE_DAY = timedelta(days=1)


def _no_day(s: Situation) -> Verdict:
    return not (s.given.content or s.case.content).get("first")


def _ahead(s: Situation) -> Verdict:
    said = last_said(s.given.content or s.case.content)
    return said is not None and said > s.today + ONE_DAY


DAY_KNOWN = Rule("sickness_no_day", N_("Say from which day."), _no_day, on_given=True)
NOT_AHEAD = Rule(
    "sickness_day_ahead", N_("This day is too far ahead: report it on the day itself, or the day before."), _ahead,
    on_given=True,
)  # fmt: skip
