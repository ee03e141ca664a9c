"""Where cases go is what the declarations say, for every amount and whatever was agreed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.whatif.inputs import assumed, measured
from portal.whatif.model import Flow, Like, Model
from portal.whatif.routes import Node, Path, Way, alike, thresholds
from tests.whatif.models import claims
from workflows import CASE_TYPES
from workflows.expense_claim import EXPENSE_CLAIM

NOBODY: frozenset[str] = frozenset()


def path(model: Model, kind: str = "expense_claim") -> Path:
    return Path(model, model.flow(kind), 0, {"clerk": 0}, 0)


def way_of(node: Node) -> list[str]:
    """The states that a case passes when everything goes as it usually does."""
    found = [node.stage.key]
    while node.cums and len(found) < 30:
        node = node.after(0)
        found.append(node.stage.key)
    return found


def usual(kind: str, cents: int, limit: str = "0") -> list[str]:
    flow = Flow(kind, claims().flows[0].arrivals, assumed((Like("", cents),)))
    model = Model("", (flow,), (), policies={"sampling_limit_cents": assumed(limit)})
    return way_of(path(model, kind).trips[0].first)


def test_a_claim_goes_its_declared_way() -> None:
    assert usual("expense_claim", 5000) == ["submitted", "approved", "payable", "paying", "paid"]
    assert usual("expense_claim", 5000, limit="10000") == ["approved", "payable", "paying", "paid"]
    assert usual("expense_claim", 10_000, limit="10000")[0] == "submitted"
    assert usual("expense_claim", 300_000)[:3] == ["submitted", "countersign", "approved"]


def test_a_credit_note_is_set_off() -> None:
    assert usual("purchase_invoice", 5000)[:5] == ["received", "delivery", "submitted", "approved", "payable"]
    assert usual("purchase_invoice", -5000)[-2:] == ["credit", "netted"]


@pytest.mark.parametrize("kind", CASE_TYPES)
def test_each_kind_of_case_comes_to_an_end(kind: str) -> None:
    assert CASE_TYPES[kind].state(usual(kind, 5000)[-1]).result is not None


@given(st.integers(1, 500_000), st.integers(0, 50_000), st.integers(0, 400_000), st.sampled_from(["", "approve"]))
def test_amounts_that_compare_alike_go_the_same_way(cents: int, limit: int, mandate: int, before: str) -> None:
    model = replace(
        claims(limit=str(limit)), mandate_cents=assumed(mandate),
        flows=(replace(claims().flows[0], mix=measured((Like("", 100), Like("", 60_000), Like("", cents)), 3)),),
    )  # fmt: skip
    way = Way(model, EXPENSE_CLAIM)
    taken = frozenset({"submit", before} - {""})
    bounds = thresholds(model)
    for other in (like.amount_cents for like in model.flows[0].mix.value):
        if alike(other, bounds) == alike(cents, bounds):
            for state, action in (("draft", "submit"), ("returned", "submit"), ("submitted", "approve")):
                assert way.leads_to(other, state, action, taken) == way.leads_to(cents, state, action, taken)


def test_what_was_approved_and_comes_back_as_it_was_is_not_approved_again() -> None:
    way = Way(claims(), EXPENSE_CLAIM)
    assert way.leads_to(5000, "returned", "submit", frozenset({"submit", "approve", "send_back"})) == "approved"
    assert way.leads_to(5000, "returned", "submit", frozenset({"submit", "return"})) == "submitted"


def test_whose_eyes_it_may_not_be_comes_from_the_rules() -> None:
    way = Way(claims(), EXPENSE_CLAIM)
    taken = frozenset({"submit", "approve", "check", "reopen"})
    assert way.bars(5000, "approved", "check", taken) == {"approve", "reopen"}
    assert way.bars(5000, "payable", "release", taken) == {"approve", "check", "reopen"}
    assert way.bars(5000, "approved", "check", frozenset({"submit"})) == NOBODY


def test_a_state_without_a_time_of_its_own_takes_that_of_the_same_party() -> None:
    model = claims()
    flow = replace(model.flows[0], reaction={"submitted": model.flows[0].reaction["submitted"]})
    stages = path(replace(model, flows=(flow,))).stages
    assert stages["countersign"].spread == stages["submitted"].spread
    assert stages["paying"].spread != stages["submitted"].spread
