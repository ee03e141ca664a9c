"""The rules of an advance: what must be true of it, and what an approval of it covers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.advance.content import checks_of
from workflows.kernel import Rule, Situation, Verdict
from workflows.parties import N_
from workflows.rules import all_checked

APPROVED_FIELDS = ("purpose", "from", "to")
"""What of an advance an approval is given for, besides the amount and the cost centre."""


def _content(s: Situation) -> Mapping[str, Any]:
    return s.given.content or s.case.content


COMPLETE = Rule(
    "advance_incomplete", N_("The advance is not complete: say what it is for, how much you need and when."),
    lambda s: _content(s).get("cents", 0) <= 0 or not all(_content(s).get(name) for name in APPROVED_FIELDS),
    on_given=True,
)  # fmt: skip


def approved(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an approval is bound to."""
    return {name: content.get(name, "") for name in APPROVED_FIELDS}


def _approval_fell(s: Situation) -> Verdict:
    bound, content = s.case.bound, _content(s)
    if bound is None or content.get("cost_centre", "") != bound["cost_centre"]:
        return True
    return content["cents"] > bound["claimed_cents"] or any(content[name] != bound[name] for name in APPROVED_FIELDS)


APPROVAL_STANDS = Rule(
    "advance_approval_void",
    N_("The advance was raised or changed, so the manager approves again."),
    _approval_fell,
)
NEVER_AT_BANK = Rule(
    "advance_was_at_bank",
    N_("This advance went to the bank before, so it is not reopened. The employee can ask for a new one."),
    lambda s: bool(s.case.persons_who("release")),
)
"""What was owed because of it was let go when it was rejected, and is never owed again."""
CHECKED = all_checked(checks_of)
