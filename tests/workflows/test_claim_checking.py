"""What a clerk decides on each line: grant, lower, refuse, or send back while the rest goes on."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from tests.workflows.claims import CAR, HOME, MEAL, PARKING, TRAIN, filling, read, typed
from workflows.expense_claim import EXPENSE_CLAIM
from workflows.expense_claim.checking import DECISIONS, assess, leaves
from workflows.expense_claim.content import facts_of
from workflows.expense_claim.form import ClaimForm

CONTENT = read(typed(PARKING, TRAIN, CAR, HOME, MEAL))[0]
FIRST, *OTHERS = CONTENT["lines"]


def assessed(**fields: str) -> tuple[Any, set[tuple[str, str]]]:
    content, problems = assess(CONTENT, {name.replace("_k", "-k"): value for name, value in fields.items()}, "nl")
    return content["lines"][0], {(p.field, p.code) for p in problems}


def test_a_line_is_refused_and_stays_where_it_is() -> None:
    line, wrong = assessed(line_k0="refuse", granted_k0="12,50", reason_k0="Geen werk")
    assert wrong == set()
    assert (line["outcome"], line["sanctioned_cents"], line["claimed_cents"]) == ("refuse", 0, 1250)
    assert line["reduction_reason"] == "Geen werk"


def test_nothing_granted_is_a_refusal_too() -> None:
    line, _ = assessed(line_k0="grant", granted_k0="0", reason_k0="Geen werk")
    assert line["outcome"] == "refuse"


def test_refusing_and_sending_back_need_a_reason() -> None:
    for decision in ("refuse", "send_back"):
        line, wrong = assessed(line_k0=decision, granted_k0="12,50", reason_k0=" ")
        assert wrong == {("reason-k0", "reduction_unexplained")}, line


def test_a_decision_can_be_taken_back() -> None:
    refused = assess(CONTENT, {"line-k0": "refuse", "reason-k0": "Geen werk"}, "nl")[0]
    again = assess(refused, {"line-k0": "grant", "granted-k0": "12,50", "reason-k0": "Geen werk"}, "nl")[0]
    assert again["lines"][0] == FIRST | {"reduction_reason": ""}


def test_a_decision_that_does_not_exist_changes_nothing() -> None:
    assert assess(CONTENT, {"line-k0": "double", "granted-k0": "0"}, "nl")[0] == CONTENT


def test_what_is_sent_back_can_be_handed_in_as_it_was() -> None:
    typed_in = {f"line-k{n}": "send_back" for n in range(5)} | {f"reason-k{n}": "Onleesbaar" for n in range(5)}
    content = assess(CONTENT, typed_in, "nl")[0]
    leaving = leaves(content)
    assert leaving is not None
    assert leaving.lines == ("k0", "k1", "k2", "k3", "k4")
    again, problems = EXPENSE_CLAIM.read(ClaimForm(MultiDict(leaving.typed)), filling())
    assert problems == ()
    assert again == CONTENT


def test_nothing_leaves_a_claim_of_which_nothing_is_sent_back() -> None:
    assert leaves(CONTENT) is None


@given(st.lists(st.tuples(st.sampled_from((*DECISIONS, "")), st.integers(0, 9000)), min_size=5, max_size=5))
def test_whatever_is_decided_nobody_gets_more_than_was_claimed(decisions: list[tuple[str, int]]) -> None:
    fields = {}
    for number, (decision, cents) in enumerate(decisions):
        fields |= {f"line-k{number}": decision, f"granted-k{number}": f"{cents / 100:.2f}", f"reason-k{number}": "Om"}
    content = assess(CONTENT, fields, "nl")[0]
    for line in content["lines"]:
        assert 0 <= line["sanctioned_cents"] <= (0 if line.get("outcome") else line["claimed_cents"])
    facts = facts_of(content)
    assert facts.sanctioned_cents == sum(line["sanctioned_cents"] for line in content["lines"])
    assert facts.claimed_cents == facts_of(CONTENT).claimed_cents
