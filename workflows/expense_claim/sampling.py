"""Without approval beforehand: which claims go to the SSC at once, and what a manager judges of those drawn later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.expense_claim.content import claimed
from workflows.expense_claim.rules import APPROVAL_STANDS
from workflows.expense_claim.statements import stated
from workflows.kernel import CaseView, Rule, Situation, Verdict
from workflows.parties import N_
from workflows.sampling import below_limit

MANAGERS_STEPS = ("approve", "countersign", "return", "reject")


def _must_be_asked(s: Situation) -> Verdict:
    """Whether a manager must approve this claim first.

    Not below the limit, alone and with what passed lately; but also below it when something about it asks for a
    decision, when a receipt is missing (only the manager can know whether the expense was made), and when a manager has
    seen it before: what they sent back comes back to them.
    """
    content = s.given.content or s.case.content
    small = below_limit(s.case.policies, s.today, claimed(content), s.case.lately_cents)
    asks = any(flag.asks and not flag.settled_as for flag in s.case.flags)
    if small and not asks and not stated(content) and not s.case.persons_who(*MANAGERS_STEPS):
        return False
    return APPROVAL_STANDS.broken(s)


NOT_ASKED = Rule("approval_needed", N_("The manager is asked to approve this claim first."), _must_be_asked)


def to_judge(case: CaseView) -> Mapping[str, Any]:
    """What a sample is about: what was paid of the claim, and who had a part in that."""
    before = {*case.persons_who(*{step.action for step in case.trail}), case.preparer_id}
    return {
        "claim": case.number,
        "purpose": case.content["purpose"],
        "cost_centre": case.cost_centre,
        "lines": [dict(line) for line in case.content["lines"] if line["sanctioned_cents"] > 0],
        "apart": sorted(before - {None}),
    }
