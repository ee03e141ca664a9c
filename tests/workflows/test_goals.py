"""Goals as they are typed: everything about them is asked, and what is wrong is said of each field."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.goals import Measured, reached, read

TODAY = date(2026, 11, 24)
KNOWN = {
    "claims_paid": Measured("claims_paid", "Op tijd", "percent", True),
    "time_ssc": Measured("time_ssc", "Tijd bij het SSC", "days", False),
    "satisfaction": Measured("satisfaction", "Tevredenheid", "score", True),
}
GOAL = {
    "said": "95 % op tijd", "indicator": "claims_paid", "aimed": "95,5 %", "agreed_by": "het bestuur",
    "agreed_on": "2026-11-01", "realistic": "Het kan al bijna", "due": "2027-11-01", "instrument": "Eén portaal",
    "monitoring": "Elke maand",
}  # fmt: skip
CASES = (
    *(({name: " "}, name, "text_empty") for name in ("said", "agreed_by", "realistic", "instrument", "monitoring")),
    ({"said": "x" * 501}, "said", "text_too_long"),
    ({"indicator": "weather"}, "indicator", "goal_indicator"),
    ({"aimed": ""}, "aimed", "goal_aimed_empty"),
    ({"aimed": "veel"}, "aimed", "goal_aimed"),
    ({"aimed": "95.55"}, "aimed", "goal_aimed"),
    ({"aimed": "-1"}, "aimed", "goal_aimed"),
    ({"aimed": "100.1"}, "aimed", "goal_aimed_range"),
    ({"indicator": "satisfaction", "aimed": "11"}, "aimed", "goal_aimed_range"),
    ({"agreed_on": "2026-11-25"}, "agreed_on", "date_future"),
    ({"due": ""}, "due", "date_empty"),
    ({"due": "2026-11-01"}, "due", "goal_due"),
)


def test_a_whole_goal_is_read_exactly() -> None:
    goal, problems = read(GOAL, KNOWN, "nl", TODAY)
    assert problems == ()
    assert goal is not None
    assert (goal.aimed, goal.due, goal.said) == (Decimal("95.5"), date(2027, 11, 1), "95 % op tijd")


@pytest.mark.parametrize(("changed", "field", "code"), CASES, ids=[f"{field}-{code}" for _, field, code in CASES])
def test_what_is_wrong_is_said_of_its_field(changed: dict[str, str], field: str, code: str) -> None:
    goal, problems = read({**GOAL, **changed}, KNOWN, "nl", TODAY)
    assert goal is None
    assert [(problem.field, problem.code) for problem in problems] == [(field, code)]


@settings(max_examples=40)
@given(st.dictionaries(st.sampled_from(sorted(GOAL)), st.text(max_size=12)))
def test_whatever_is_typed_is_a_goal_or_says_why_not(typed: dict[str, str]) -> None:
    goal, problems = read({**GOAL, **typed}, KNOWN, "nl", TODAY)
    assert (goal is None) == bool(problems)


@pytest.mark.parametrize(
    ("value", "more", "expected"),
    [("95", True, True), ("94.9", True, False), ("95.1", False, False), (None, True, None)],
)
def test_a_goal_is_reached_at_its_value_or_on_the_better_side(
    value: str | None, more: bool, expected: bool | None
) -> None:
    assert reached(Decimal(95), None if value is None else Decimal(value), more=more) is expected
