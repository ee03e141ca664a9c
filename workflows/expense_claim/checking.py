"""The check: what a clerk decides on each line, and what leaves the claim because a line was sent back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.effects import Leaving
from workflows.expense_claim import foreign, statements
from workflows.expense_claim.categories import CATEGORIES
from workflows.expense_claim.judging import ceiling
from workflows.fields import Reader
from workflows.filling import Problem
from workflows.money import plain
from workflows.parties import N_

GRANT, REFUSE, SEND_BACK = "grant", "refuse", "send_back"
DECISIONS: Mapping[str, str] = {
    GRANT: N_("Grant"),
    REFUSE: N_("Refuse this line"),
    SEND_BACK: N_("Send this line back"),
}
OUTCOMES: Mapping[str, str] = {REFUSE: N_("Refused"), SEND_BACK: N_("Sent back")}
"""What is shown of a line that was not granted; it stands on the line as `outcome`."""


def assess(
    content: Mapping[str, Any], typed: Mapping[str, str], language: str
) -> tuple[Mapping[str, Any], tuple[Problem, ...]]:
    """What a clerk decides per line. Fields are `line-<key>` (a key of DECISIONS), `granted-<key>` and `reason-<key>`.

    A line of which nothing was typed stays as it is. Nothing granted is a refusal, however it is typed.
    """
    reader = Reader(language)
    lines = [_assessed(reader, line, typed) for line in content.get("lines", ())]
    return {**content, "lines": lines}, tuple(reader.problems)


def _assessed(reader: Reader, line: Mapping[str, Any], typed: Mapping[str, str]) -> dict[str, Any]:
    field, reason_field = f"granted-{line['key']}", f"reason-{line['key']}"
    decision = typed.get(f"line-{line['key']}", GRANT)
    if decision not in DECISIONS or (decision == GRANT and field not in typed):
        return dict(line)
    granted = reader.cents(field, typed[field], zero=True) if decision == GRANT else 0
    reason = reader.text(reason_field, typed.get(reason_field), limit=500)
    if granted is None:
        return dict(line)
    if granted > line["claimed_cents"]:
        reader.wrong(field, "sanctioned_range", N_("Grant an amount from zero up to what was claimed."))
        return dict(line)
    if granted > ceiling(line):
        reader.wrong(field, "above_cap", N_("Above the agreed most nothing can be granted: %(most)s."),
                     most_cents=ceiling(line))  # fmt: skip
        return dict(line)
    # What a cap cut off needs no reason of a clerk: the agreement stands on the line.
    lowered = granted < ceiling(line)
    if lowered and not reason:
        reader.wrong(
            reason_field,
            "reduction_unexplained",
            N_("Say why you lower an amount: the employee will read it."),
        )
    outcome = REFUSE if decision == GRANT and not granted else decision
    kept = {name: value for name, value in line.items() if name != "outcome"}
    return {
        **kept,
        "sanctioned_cents": granted,
        "reduction_reason": reason if lowered else "",
        **({"outcome": outcome} if outcome in OUTCOMES else {}),
    }


def leaves(content: Mapping[str, Any]) -> Leaving | None:
    """The lines that were sent back, as a form for a claim of their own; None when there are none."""
    lines = [line for line in content.get("lines", ()) if line.get("outcome") == SEND_BACK]
    if not lines:
        return None
    typed = {"purpose": content["purpose"], "cost_centre": content["cost_centre"]}
    for number, line in enumerate(lines):
        typed |= {f"lines-{number}-{name}": value for name, value in typed_as(line).items()}
    return Leaving(typed, tuple(line["key"] for line in lines))


def typed_as(line: Mapping[str, Any]) -> dict[str, str]:
    """A line as one would type it in the form."""
    category = CATEGORIES[line["category"]]
    names = ("key", "category", "date", "description", "origin", "destination", "persons", "km", "days", "late_reason")
    typed = {name: str(line[name]) for name in names if name in line}
    if "currency" in line:
        typed |= foreign.typed_as(line)
    elif "amount" in category.fields:
        typed |= {"amount": plain(line["claimed_cents"]), "vat": line.get("vat_percent", "")}
    return typed | statements.typed_as(line)
