"""What is typed in an advance, what is understood of it, and what an approval of it covers."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from tests.workflows.claims import filling
from workflows.advance import ADVANCE
from workflows.advance.form import AdvanceForm
from workflows.advance.rules import APPROVAL_STANDS, COMPLETE
from workflows.kernel import Actor, CaseView, Given, Situation
from workflows.parties import INITIATOR
from workflows.policies import PolicyBook, PolicyRow

LIMIT = PolicyBook((PolicyRow("advance_limit_cents", "250000", date(2020, 1, 1), None, "test"),))
GOOD = {"purpose": "Cursus", "amount": "1.250,00", "period_from": "2026-12-01", "period_to": "2026-12-03",
        "cost_centre": "1100"}  # fmt: skip
READ = {"purpose": "Cursus", "cents": 125_000, "from": "2026-12-01", "to": "2026-12-03", "cost_centre": "1100"}


def read(policies: PolicyBook = LIMIT, **typed: str) -> tuple[Any, set[tuple[str, str]]]:
    form = AdvanceForm(MultiDict({**GOOD, **typed}))
    content, problems = ADVANCE.read(form, filling(policies=policies))
    return content, {(problem.field, problem.code) for problem in problems}


def test_a_good_advance_is_understood() -> None:
    content, problems = read()
    assert (content, problems) == (READ, set())
    facts = ADVANCE.facts(content)
    assert (facts.title, facts.claimed_cents, facts.sanctioned_cents) == ("Cursus", 125_000, 125_000)
    assert (facts.period_from, facts.period_to) == (date(2026, 12, 1), date(2026, 12, 3))


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("purpose", " ", "text_empty"), ("amount", "", "money_empty"), ("amount", "0", "money_zero"),
        ("amount", "2.500,01", "advance_above_limit"), ("period_from", "", "date_empty"),
        ("period_to", "morgen", "date_format"), ("period_to", "2026-11-30", "period_backwards"),
        ("period_to", "2027-12-02", "period_too_long"), ("period_to", "2038-01-01", "date_too_far"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_beside_it(field: str, typed: str, code: str) -> None:
    assert read(**{field: typed})[1] == {(field, code)}


def test_days_that_are_over_are_claimed_and_not_advanced() -> None:
    assert read(period_from="2026-10-01", period_to="2026-10-02")[1] == {("period_to", "period_past")}


def test_where_nothing_was_agreed_no_advances_are_given() -> None:
    assert read(PolicyBook(()))[1] == {("amount", "no_advances")}


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), st.text(max_size=60)))
def test_whatever_is_typed_reading_it_never_fails(typed: dict[str, str]) -> None:
    content, _ = read(**typed)
    assert ADVANCE.facts(content).claimed_cents >= 0


def situation(content: Any, bound: Any = None) -> Situation:
    case = CaseView("returned", 1, READ, bound=bound, claimed_cents=125_000)
    return Situation(case, Actor(1, INITIATOR), Given(content=content), None, date(2026, 11, 24))  # type: ignore[arg-type]


@pytest.mark.parametrize("missing", ["purpose", "cents", "from", "to"])
def test_half_an_advance_is_not_submitted(missing: str) -> None:
    assert COMPLETE.code == "advance_incomplete"
    assert COMPLETE.broken(situation(READ)) is False
    assert COMPLETE.broken(situation({**READ, missing: type(READ[missing])()})) is True


def test_an_approval_stands_for_the_same_or_less_and_falls_for_anything_else() -> None:
    assert APPROVAL_STANDS.code == "advance_approval_void"
    bound = {"claimed_cents": 125_000, "cost_centre": "1100", **ADVANCE.approved(READ)}
    assert APPROVAL_STANDS.broken(situation({**READ, "cents": 100_000}, bound)) is False
    for change in ({"cents": 125_001}, {"purpose": "Congres"}, {"to": "2026-12-04"}, {"cost_centre": "1200"}):
        assert APPROVAL_STANDS.broken(situation({**READ, **change}, bound)) is True, change
    assert APPROVAL_STANDS.broken(situation(READ)) is True
