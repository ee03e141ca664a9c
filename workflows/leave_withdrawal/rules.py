"""The rules of a withdrawal. Whether its days stand booked is asked of the ledger."""

from __future__ import annotations

from workflows.kernel import Rule, Situation, Verdict
from workflows.leave_withdrawal.content import gives_back
from workflows.parties import N_


def _none_chosen(s: Situation) -> Verdict:
    return not gives_back(s.given.content or s.case.content)


def _begun(s: Situation) -> Verdict:
    days = gives_back(s.given.content or s.case.content)
    return not days or min(days) <= s.today


DAYS_CHOSEN = Rule("leave_days_chosen", N_("Choose at least one day."), _none_chosen, on_given=True)
ALL_TO_COME = Rule("leave_begun", N_("Some of these days have begun or are past."), _begun)
