"""Judging a sample: per line what was not due and why, and what is recovered of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from workflows.fields import Reader
from workflows.filling import Facts, Problem
from workflows.kernel import CaseView, Rule, Situation, Verdict
from workflows.parties import N_

TOO_MUCH = N_("What was not due is at most what was paid for this line.")
WHY_NOT = N_("Say why this was not due: the employee will read it.")
NONE_WRONG = N_("Fill in for at least one line what was not due. If all was right, use the other button.")


def judge(
    content: Mapping[str, Any], typed: Mapping[str, str], language: str
) -> tuple[Mapping[str, Any], tuple[Problem, ...]]:
    """What a manager decides per line. Fields are `wrong-<key>` (the amount that was not due) and `why-<key>`."""
    reader = Reader(language)
    lines = [_judged(reader, line, typed) for line in content["lines"]]
    if not reader.problems and not not_due(lines):
        reader.wrong(f"wrong-{lines[0]['key']}", "nothing_wrong", NONE_WRONG)
    return {**content, "lines": lines}, tuple(reader.problems)


def _judged(reader: Reader, line: Mapping[str, Any], typed: Mapping[str, str]) -> dict[str, Any]:
    amount, why = f"wrong-{line['key']}", f"why-{line['key']}"
    reason = reader.text(why, typed.get(why), limit=500)
    cents = reader.cents(amount, typed[amount], zero=True) if typed.get(amount, "").strip() else 0
    if cents is None:
        return dict(line)
    if cents > line["sanctioned_cents"]:
        reader.wrong(amount, "not_due_range", TOO_MUCH)
    if cents and not reason:
        reader.wrong(why, "not_due_unexplained", WHY_NOT)
    if reason and not cents:
        reader.wrong(amount, "money_empty", N_("Fill in the amount."))
    return {**line, "not_due_cents": cents, "not_due_reason": reason if cents else ""}


def not_due(lines: Any) -> int:
    """The sum that was not due, in cents."""
    return sum(line.get("not_due_cents", 0) for line in lines)


def _unfit(s: Situation) -> Verdict:
    """Whether what is handed in is not the judgement of these lines: each within what was paid, with its reason."""
    old, new = s.case.content.get("lines", ()), s.given.content.get("lines", ())
    same = [(o["key"], o["sanctioned_cents"]) for o in old] == [(n["key"], n["sanctioned_cents"]) for n in new]
    return not same or not not_due(new) or not all(_fits(line) for line in new)


def _fits(line: Mapping[str, Any]) -> bool:
    cents = line.get("not_due_cents", 0)
    return 0 <= cents <= line["sanctioned_cents"] and (not cents or bool(line.get("not_due_reason", "").strip()))


NOT_DUE_FITS = Rule("nothing_wrong", NONE_WRONG, _unfit, on_given=True)


def facts_of(content: Mapping[str, Any]) -> Facts:
    """In lists a sample is known by the claim it is about; its amount is what was paid."""
    lines = content.get("lines", ())
    paid = sum(line["sanctioned_cents"] for line in lines)
    days = sorted(line["date"] for line in lines if line.get("date"))
    return Facts(
        title=f"{content.get('claim', '')}: {content.get('purpose', '')}",
        claimed_cents=paid,
        sanctioned_cents=paid - not_due(lines),
        cost_centre=content.get("cost_centre", ""),
        period_from=date.fromisoformat(days[0]) if days else None,
        period_to=date.fromisoformat(days[-1]) if days else None,
    )


def to_recover(case: CaseView) -> Mapping[str, Any]:
    """What a recovery is about: the lines that were not all due, and everybody who had a part in what came before."""
    judges = case.persons_who(*{step.action for step in case.trail})
    return {
        "claim": case.content["claim"],
        "sample": case.number,
        "purpose": case.content["purpose"],
        "cost_centre": case.cost_centre,
        "lines": [dict(line) for line in case.content["lines"] if line.get("not_due_cents")],
        "apart": sorted({*case.content["apart"], *judges}),
    }
