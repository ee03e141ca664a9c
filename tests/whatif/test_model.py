"""Models and scenarios: written and read back, judged with the place of what is wrong, changed by name."""

from __future__ import annotations

import math
import tomllib
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.whatif.inputs import Basis, Input, Law, Spread, exponential, fixed, measured, seen
from portal.whatif.model import Model, Note
from portal.whatif.model_file import dumps, judge, loads
from portal.whatif.plain import from_plain
from portal.whatif.scenarios import Change, Scenario, What, all_applied, applied
from tests.whatif.models import claims
from workflows.kernel import Refused


def test_a_model_is_read_back_as_it_was_written() -> None:
    model = replace(claims(), closed=(date(2026, 12, 25),), unknown=(Note("It says “so”.", {"a": 'b"\n'}),))
    assert loads(dumps(model)) == model


def test_how_a_value_is_known_stands_beside_it() -> None:
    text = dumps(claims())
    assert 'per_week = {value = 190.0, basis = "measured", n = 10000}' in text
    assert 'count = {value = 2, basis = "assumed"}' in text


WRONG = {
    "name = [": "whatif_not_read",
    "": "whatif_missing",
    "extra = 1": "whatif_unknown_name",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_model_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        loads(text)
    assert refused.value.codes == {WRONG[text]}


FLOW, CLERK = ("flows", 0), ("resources", 0)
PER_WEEK, PAYING = (*FLOW, "arrivals", "per_week"), (*FLOW, "reaction", "paying", "value")
CHANGED = [
    ((*PER_WEEK, "value"), "many", "whatif_no_number"),
    ((*PER_WEEK, "value"), float("nan"), "whatif_no_number"),
    ((*CLERK, "count", "value"), 2.5, "whatif_no_whole"),
    (("name",), 1, "whatif_no_text"),
    (("closed",), ["Christmas"], "whatif_no_day"),
    ((*PER_WEEK, "pooled"), 1, "whatif_no_switch"),
    (("closed",), 1, "whatif_no_list"),
    ((*CLERK, "count"), 2, "whatif_no_table"),
    ((*PER_WEEK, "basis"), "guessed", "whatif_not_offered"),
    ((*PER_WEEK, "value"), -190, "whatif_below_zero"),
    ((*CLERK, "absence", "value"), 1.1, "whatif_no_share"),
    ((*CLERK, "opens", "value"), 2000, "whatif_no_hour"),
    ((*CLERK, "opens", "value"), 1100, "whatif_closes_early"),
    ((*CLERK, "weekdays", "value"), [7], "whatif_wrong_weekday"),
    ((*FLOW, "arrivals", "season", "value"), [1.0], "whatif_wrong_length"),
    ((*PAYING, "numbers"), [600, 500], "whatif_falling"),
    ((*PAYING, "numbers"), [], "whatif_nothing_in_it"),
    (("policies", "sampling_limit_cents", "value"), "ja", "whatif_bad_policy"),
    (("policies", "sampling"), {"value": "1"}, "whatif_unknown_name"),
    ((*FLOW, "outcomes", "approved", "value", 0, "shares", "chek"), 0.5, "whatif_unknown_name"),
    ((*FLOW, "type"), "tax_return", "whatif_unknown_name"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "becomes", "code"), CHANGED)
def test_each_slip_is_refused_by_its_place(place: tuple[Any, ...], becomes: Any, code: str) -> None:
    data = tomllib.loads(dumps(claims()))
    table = data
    for step in place[:-1]:
        table = table[step]
    table[place[-1]] = becomes
    with pytest.raises(Refused) as refused:
        judge(from_plain(Model, data))
    assert code in refused.value.codes
    assert all(refusal.values["place"] for refusal in refused.value.refusals)


ONE_MORE = Change(What.MORE, 1, "clerk")


def test_a_scenario_changes_what_it_names_and_marks_it() -> None:
    model = claims()
    changes = (
        ONE_MORE, Change(What.RUNS, [0, 3]), Change(What.POLICY, "10000", "sampling_limit_cents"),
        Change(What.TOUCH, 2, "expense_claim.approved"), Change(What.VOLUME, 1.1), Change(What.CUT_OFF, 600),
        Change(What.MANDATE, 100_000), Change(What.PRIORITY, "due"), Change(What.ABSENCE, 0.2, "clerk"),
        Change(What.SHARE, 0.5, "clerk"), Change(What.REACTION, 0.5, "expense_claim"),
    )  # fmt: skip
    changed = applied(model, Scenario("All at once", changes))
    assert changed.resources[0].count == Input(3, Basis.EDITED)
    assert changed.runs.weekdays == Input((0, 3), Basis.EDITED)
    assert changed.policies["sampling_limit_cents"] == Input("10000", Basis.EDITED)
    flow, was = changed.flow("expense_claim"), model.flow("expense_claim")
    assert flow.touch["approved"].value.mean == 2 * was.touch["approved"].value.mean
    assert flow.reaction["submitted"].value.mean == was.reaction["submitted"].value.mean / 2
    assert flow.arrivals.per_week == Input(190 * 1.1, Basis.EDITED)
    assert (changed.mandate_cents.value, changed.priority.value, changed.runs.cut_off.value) == (100_000, "due", 600)
    assert model == claims()
    assert loads(dumps(changed)) == changed


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (Change(What.MORE, 1, "director"), "whatif_no_such"),
        (Change(What.TOUCH, 1, "expense_claim.nowhere"), "whatif_no_such"),
        (Change(What.VOLUME, 1, "tax_return"), "whatif_no_such"),
        (Change(What.COUNT, "many", "clerk"), "whatif_no_value"),
        (Change(What.COUNT, -1, "clerk"), "whatif_below_zero"),
        (Change(What.RUNS, []), "whatif_wrong_weekday"),
        (Change(What.PRIORITY, "loud"), "whatif_not_offered"),
    ],
)
def test_a_change_that_cannot_be_is_refused(change: Change, code: str) -> None:
    with pytest.raises(Refused) as refused:
        applied(claims(), Scenario("Wrong", (change,)))
    assert code in refused.value.codes


def test_at_most_four_are_compared_each_by_its_own_name() -> None:
    one = Scenario("One more", (ONE_MORE,))
    others = [Scenario(str(nth), (ONE_MORE,)) for nth in range(5)]
    assert [model.resources[0].count.value for model in all_applied(claims(), others[:4])] == [3] * 4
    with pytest.raises(Refused) as refused:
        all_applied(claims(), others)
    assert refused.value.codes == {"whatif_too_many"}
    with pytest.raises(Refused) as refused:
        all_applied(claims(), [one, one])
    assert refused.value.codes == {"whatif_same_name"}


def test_a_value_measured_on_few_says_so() -> None:
    assert measured(1, 29).few
    assert not measured(1, 30).few
    assert not Input(1).few


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60), st.floats(0, 1))
def test_a_table_stays_within_what_was_seen(minutes: list[float], share: float) -> None:
    spread = seen(minutes)
    assert min(minutes) - 1e-4 <= spread.at(share) <= max(minutes) + 1e-4
    assert spread.law is Law.TABLE
    assert list(spread.numbers) == sorted(spread.numbers)


@given(st.lists(st.floats(0, 1e4), min_size=40, max_size=400), st.floats(2, 50))
def test_a_few_that_took_very_long_do_not_draw_the_mean_up(minutes: list[float], times: float) -> None:
    longest = times * (max(minutes) + 1)
    found = [*minutes * 10, longest]
    spread = seen(found, points=21)
    even = Spread(Law.TABLE, (*spread.numbers[:-1], longest))
    truth = sum(found) / len(found)
    assert abs(spread.mean - truth) <= abs(even.mean - truth) + 1e-3


def test_a_table_has_the_mean_of_what_was_seen() -> None:
    minutes = [math.exp(place / 100) for place in range(1000)]
    assert seen(minutes, points=41).mean == pytest.approx(sum(minutes) / len(minutes), rel=1e-3)


def test_other_durations() -> None:
    assert fixed(3).at(0.7) == fixed(3).mean == 3
    assert exponential(10).mean == 10
    assert exponential(10).at(0.5) == pytest.approx(6.931, abs=1e-3)
    assert Spread(Law.TABLE, (1.0, 2.0, 6.0)).mean == pytest.approx(2.75)
    with pytest.raises(ValueError, match="nothing was seen"):
        seen(())


def test_models_differ_by_what_is_in_them() -> None:
    assert isinstance(claims(), Model)
    assert claims() != claims(clerks=3)
