"""The rules of an expense claim: what must be true of its content, and who may not take which step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workflows.currencies import PROOF
from workflows.expense_claim.categories import CATEGORIES, checks_of
from workflows.expense_claim.content import sanctioned
from workflows.expense_claim.foreign import proofs
from workflows.expense_claim.judging import ceiling
from workflows.flags import DOUBLE
from workflows.kernel import Rule, Situation, Verdict
from workflows.parties import N_
from workflows.rules import all_checked


def _content(s: Situation) -> Mapping[str, Any]:
    return s.given.content or s.case.content


def documents(content: Mapping[str, Any]) -> Mapping[str, str]:
    """The lines that are paid on a receipt, which must be there."""
    return {
        line["key"]: str(line.get("description") or line["key"])
        for line in content.get("lines", ())
        if not line.get("outcome") and needs_receipt(line)
    }


def needs_receipt(line: Mapping[str, Any]) -> bool:
    """Whether a line is of a kind that cannot do without a receipt."""
    category = CATEGORIES.get(line.get("category", ""))
    return category is not None and category.receipt


def _comes_otherwise(line: Mapping[str, Any]) -> bool:
    """Whether a statement stands for the receipt, or it comes by post: until then the claim cannot be paid."""
    return bool(line.get("statement_why") or line.get("by_post"))


def _line_is_whole(line: Mapping[str, Any]) -> bool:
    category, documents = CATEGORIES.get(line.get("category", "")), line.get("documents", ())
    return (
        category is not None
        and bool(line.get("key"))
        and bool(line.get("date"))
        and line.get("claimed_cents", 0) > 0
        and (not category.receipt or len(documents) > len(proofs(documents)) or _comes_otherwise(line))
        and (line.get("exchange_source") != PROOF or bool(proofs(documents)))
    )


def _incomplete(s: Situation) -> Verdict:
    lines = _content(s).get("lines", ())
    return not lines or not all(_line_is_whole(line) for line in lines)


COMPLETE = Rule(
    "incomplete", N_("The claim is not complete: each line needs an amount, a date and its receipt."),
    _incomplete, on_given=True,
)  # fmt: skip


APPROVED_FIELDS = ("category", "date", "description", "origin", "destination", "persons", "currency", "statement_why",
                   "claimed_cents")  # fmt: skip
"""What of a line an approval is given for."""


def approved(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """The lines as a manager sees them, by their key: what an approval is bound to."""
    return {
        "lines": {
            line["key"]: {field: line[field] for field in APPROVED_FIELDS if field in line}
            for line in content.get("lines", ())
        }
    }


def _covered(line: Mapping[str, Any], was: Mapping[str, Any] | None) -> bool:
    """Whether a line is what was approved, for the same or less."""
    if was is None or line["claimed_cents"] > was["claimed_cents"]:
        return False
    return all(line.get(field) == was.get(field) for field in APPROVED_FIELDS if field != "claimed_cents")


def _approval_fell(s: Situation) -> Verdict:
    bound, content = s.case.bound, _content(s)
    if bound is None or content.get("cost_centre", "") != bound["cost_centre"]:
        return True
    lines = bound.get("lines", {})
    return not all(_covered(line, lines.get(line["key"])) for line in content.get("lines", ()))


APPROVAL_STANDS = Rule(
    "approval_void",
    N_("A line was added or changed, or the cost centre is another, so the manager approves again."),
    _approval_fell,
)


def _to_check(content: Mapping[str, Any]) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """The checklists of the lines that are granted."""
    return checks_of({"lines": [line for line in content.get("lines", ()) if not line.get("outcome")]})


CHECKED = all_checked(_to_check)


def _pairs(s: Situation) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Each line as it was next to the same line as it is handed in."""
    yield from zip(s.case.content.get("lines", ()), _content(s).get("lines", ()), strict=False)


def _out_of_range(s: Situation) -> Verdict:
    same = len(_content(s).get("lines", ())) == len(s.case.content.get("lines", ()))
    return not same or not all(
        old["key"] == new["key"]
        and old["claimed_cents"] == new["claimed_cents"]
        and 0 <= new["sanctioned_cents"] <= (0 if new.get("outcome") else ceiling(old))
        for old, new in _pairs(s)
    )


SANCTIONED_IN_RANGE = Rule(
    "sanctioned_range", N_("Grant an amount from zero up to what was claimed."), _out_of_range, on_given=True
)


def _unexplained(s: Situation) -> Verdict:
    return any(
        line["sanctioned_cents"] < ceiling(line) and not line.get("reduction_reason", "").strip()
        for line in _content(s).get("lines", ())
    )


SANCTIONED_EXPLAINED = Rule(
    "reduction_unexplained",
    N_("Say why you lower an amount: the employee will read it."),
    _unexplained,
    on_given=True,
)

SOMETHING_TO_PAY = Rule(
    "nothing_to_pay",
    N_("Nothing is left to pay. Reject the claim instead."),
    lambda s: sanctioned(_content(s)) <= 0,
    on_given=True,
)


def _double_granted(s: Situation) -> Verdict:
    doubles = {flag.line for flag in s.case.flags if flag.settled_as == DOUBLE}
    return any(line["key"] in doubles and line["sanctioned_cents"] for line in _content(s).get("lines", ()))


DOUBLES_REFUSED = Rule(
    "duplicate_granted",
    N_("A line was judged to be a duplicate: refuse it, or send it back."),
    _double_granted,
    on_given=True,
)
