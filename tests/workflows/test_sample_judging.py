"""What a manager types about a sample: what was not due of each line, and why. Nothing is invented of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.sample import SAMPLE
from workflows.sample.judging import facts_of, judge, not_due

CONTENT: Mapping[str, Any] = {
    "claim": "DEC-2026-000001", "purpose": "Zitting", "cost_centre": "1100", "apart": [1],
    "lines": [
        {"key": "a", "date": "2026-11-20", "claimed_cents": 2000, "sanctioned_cents": 1250},
        {"key": "b", "date": "2026-11-18", "claimed_cents": 800, "sanctioned_cents": 800},
    ],
}  # fmt: skip


def codes(typed: Mapping[str, str], language: str = "nl") -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in judge(CONTENT, typed, language)[1]]


def test_the_lines_that_were_not_right_hold_how_much_and_why() -> None:
    content, problems = judge(CONTENT, {"wrong-a": "12,50", "why-a": "Privé  rit", "wrong-b": " "}, "nl")
    assert problems == ()
    assert [line["not_due_cents"] for line in content["lines"]] == [1250, 0]
    assert [line["not_due_reason"] for line in content["lines"]] == ["Privé rit", ""]
    facts = facts_of(content)
    assert (facts.claimed_cents, facts.sanctioned_cents) == (2050, 800)
    assert facts.title == "DEC-2026-000001: Zitting"
    assert [str(facts.period_from), str(facts.period_to)] == ["2026-11-18", "2026-11-20"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({}, [("wrong-a", "nothing_wrong")]),
        ({"wrong-a": "0", "wrong-b": "0,00"}, [("wrong-a", "nothing_wrong")]),
        ({"wrong-a": "12,51", "why-a": "Te veel"}, [("wrong-a", "not_due_range")]),
        ({"wrong-b": "8,00"}, [("why-b", "not_due_unexplained")]),
        ({"why-b": "Niet goed"}, [("wrong-b", "money_empty")]),
        ({"wrong-a": "veel", "why-a": "Te veel"}, [("wrong-a", "money_format")]),
        ({"wrong-a": "-1", "why-a": "Te veel"}, [("wrong-a", "money_negative")]),
        ({"wrong-a": "1,00", "why-a": "x" * 501}, [("why-a", "text_too_long")]),
    ],
)
def test_what_cannot_be_so_is_said_beside_its_field(typed: Mapping[str, str], found: list[tuple[str, str]]) -> None:
    assert codes(typed) == found


@given(st.dictionaries(st.sampled_from(["wrong-a", "why-a", "wrong-b", "why-b", "line-a"]), st.text(max_size=20)))
def test_whatever_is_typed_no_more_is_not_due_than_was_paid_and_always_with_a_reason(typed: Mapping[str, str]) -> None:
    content, problems = judge(CONTENT, typed, "nl")
    assert [line["key"] for line in content["lines"]] == ["a", "b"]
    assert [line["sanctioned_cents"] for line in content["lines"]] == [1250, 800]
    if not problems:
        assert 0 < not_due(content["lines"]) <= 2050
        for line in content["lines"]:
            assert 0 <= line["not_due_cents"] <= line["sanctioned_cents"]
            assert bool(line["not_due_cents"]) == bool(line["not_due_reason"])


def test_it_is_declared_as_a_step_with_fields_of_its_own() -> None:
    assert SAMPLE.action("wrong").asks is judge
    assert not SAMPLE.asked_for
    assert SAMPLE.mandate_kind == "expense_claim"
