"""Coding lines by hand: on which ledger account, cost centre and taakveld each is booked.

For every type that says which of its lines are coded (`CaseType.to_code`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workflows.filling import Raised, ToCode
from workflows.kernel import STAY, Action, Rule, Situation, Verdict, at
from workflows.parties import CLERK, N_
from workflows.rules import HOLDS_CASE, NOT_OWN

CODE = "code"
CENTRES = "cost_centres"
FIELDS = ("account", "cost_centre", "task")
"""What a line is coded by; each may be left to the posting rules."""


def coding_of(content: Mapping[str, Any]) -> Mapping[str, Mapping[str, str]]:
    """How the lines of a case are coded, by the key of the line."""
    found: Mapping[str, Mapping[str, str]] = content.get("coding", {})
    return found


def uncoded(content: Mapping[str, Any], to_code: Iterable[ToCode]) -> int:
    """How many lines nobody coded: these go by the posting rule."""
    coded = coding_of(content)
    return sum(line.key not in coded for line in to_code)


def centres_apart(content: Mapping[str, Any], cost_centre: str) -> tuple[Raised, ...]:
    """Whether lines are coded on another cost centre than the one by which it was chosen who approves."""
    coded = {line["cost_centre"] for line in coding_of(content).values() if line.get("cost_centre")}
    if coded <= {cost_centre}:
        return ()
    return (Raised("", CENTRES, "", {"asked": cost_centre or "–", "coded": ", ".join(sorted(coded))}),)


def _more_than_coding(s: Situation) -> Verdict:
    """Whether something else of the content would change with it, or nothing was given at all."""
    old, new = ({k: v for k, v in one.items() if k != "coding"} for one in (s.case.content, s.given.content))
    return "coding" not in s.given.content or old != new


CODING_ALONE = Rule(
    "coding_alone", N_("With this step only the coding of the lines can be changed."), _more_than_coding, on_given=True
)


def coded(*states: str) -> Action:
    """A clerk says on what each line is booked; the case stays where it is."""
    return Action(
        CODE, N_("Code the lines"), CLERK, at(*states), STAY, N_("Lines coded"),
        needs=(NOT_OWN, HOLDS_CASE, CODING_ALONE),
    )  # fmt: skip
