"""The rules of a request for leave. Whether the hours are there is asked of the ledger."""

from __future__ import annotations

from workflows.kernel import Rule, Situation, Verdict
from workflows.leave_kinds import KINDS
from workflows.parties import N_


def _incomplete(s: Situation) -> Verdict:
    content = s.given.content or s.case.content
    return content.get("kind") not in KINDS or not all(content.get(name) for name in ("from", "to", "minutes"))


COMPLETE = Rule(
    "leave_incomplete", N_("The request is not complete: say which leave, and from when to when."), _incomplete,
    on_given=True,
)  # fmt: skip
