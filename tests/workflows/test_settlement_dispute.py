"""What is said against a line of a settlement, and by what a clerk puts it right."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from tests.settlement import DISPUTE
from workflows.filling import FillingIn
from workflows.policies import PolicyBook
from workflows.settlement_dispute.content import correct, facts_of, read
from workflows.settlement_dispute.form import DisputeForm

COUNT = {**DISPUTE, "unit": "case", "unit_cents": 1250, "cents": 3750, "quantity": 3}


def understood(content: dict[str, Any], **typed: str) -> tuple[Any, set[str]]:
    filling = FillingIn(date(2026, 11, 24), PolicyBook(()), (), {}, content=content)
    found, problems = read(DisputeForm(MultiDict(typed)), filling)
    return found, {problem.code for problem in problems}


def test_a_dispute_keeps_of_the_line_what_was_kept_and_nothing_that_is_typed() -> None:
    found, codes = understood(DISPUTE, objection="Dubbel geteld", should_be="12,50", cents="1", line="cost-9")
    assert codes == set()
    assert (found["cents"], found["line"], found["should_be_cents"]) == (DISPUTE["cents"], "cost-1", 1250)
    assert understood(DISPUTE)[1] == {"text_empty"}
    assert understood({}, objection="x")[1] == {"dispute_no_line"}
    assert understood(DISPUTE, objection="x", should_be="veel")[1] == {"money_format"}
    assert facts_of(found).title == "2026Q3 Waterveen: Salarispakket"
    assert facts_of({}).title == ""


@settings(max_examples=50)
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_read(objection: str, should_be: str) -> None:
    found, codes = understood(DISPUTE, objection=objection, should_be=should_be)
    assert codes or isinstance(found["objection"], str)


@pytest.mark.parametrize(
    ("content", "typed", "outcome"),
    [
        (COUNT, {"correct-quantity": "2"}, (2500, 2)),
        (COUNT, {"correct-quantity": "0"}, (0, 0)),
        (COUNT, {"correct-quantity": "3"}, "dispute_same"),
        (COUNT, {"correct-quantity": "-1"}, "number_format"),
        (COUNT, {"correct-quantity": "99999999999"}, "number_format"),
        (COUNT, {}, "number_empty"),
        (DISPUTE, {"correct-amount": "10,00"}, (1000, 1)),
        (DISPUTE, {"correct-amount": "66,67"}, "dispute_same"),
        (DISPUTE, {"correct-amount": ""}, "money_empty"),
    ],
)
def test_a_line_is_put_right_by_its_count_or_its_amount(content: Any, typed: dict[str, str], outcome: Any) -> None:
    found, problems = correct(content, typed, "nl")
    if isinstance(outcome, str):
        assert [problem.code for problem in problems] == [outcome]
    else:
        assert not problems
        assert (found["corrected_cents"], found["corrected_quantity"]) == outcome
