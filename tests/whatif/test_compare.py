"""Comparisons: paired, as narrow as was asked, said in plain words where nothing differs or nobody can keep up."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from portal.whatif.answers import MEASURES, Comparison, Estimate
from portal.whatif.compare import Cancelled, cache_key, compare
from portal.whatif.inputs import assumed
from portal.whatif.model import Model
from portal.whatif.scenarios import Change, Scenario, What
from portal.whatif.stats import difference, enough, estimate, half_width, quantile, student
from portal.whatif.traces import Trace, Visit
from tests.whatif.models import claims, queueing
from workflows.kernel import Refused

FIRST = date(2026, 1, 5)
SAMPLING = Scenario("Sampling under € 100", (Change(What.POLICY, "10000", "sampling_limit_cents"),))
ONE_MORE = Scenario("One clerk more", (Change(What.MORE, 1, "clerk"),))
TWO_RUNS = Scenario("Two runs a week", (Change(What.RUNS, [1, 3]),))
SAME = Scenario("The same", (Change(What.COUNT, 2, "clerk"),))
SETTINGS: dict[str, Any] = {"seed": 3, "first": FIRST, "horizon": 28, "workers": 1, "least": 5, "most": 5}


@pytest.fixture(scope="module")
def compared() -> Comparison:
    return compare(claims(), [SAMPLING, ONE_MORE, TWO_RUNS, SAME], **SETTINGS)


def test_the_three_questions_are_answered(compared: Comparison) -> None:
    now, sampling, more, runs, _ = compared.answers
    assert [answer.name for answer in compared.answers[1:]] == [
        one.name for one in (SAMPLING, ONE_MORE, TWO_RUNS, SAME)
    ]
    assert set(now.measures) == set(MEASURES)
    assert sampling.differences["lead_mean"].demonstrable
    assert sampling.measures["lead_mean"].mean < now.measures["lead_mean"].mean
    assert more.differences["cost_case"].mean == pytest.approx(0, abs=1e-9)
    assert more.used["clerk"].mean < now.used["clerk"].mean
    assert runs.differences["lead_mean"].demonstrable
    assert runs.measures["days_mean"].mean > now.measures["days_mean"].mean
    assert {step.party for step in now.steps} == {"approver", "clerk", "initiator", "treasurer", "bank"}
    assert now.bottlenecks[0] == "expense_claim.submitted"
    assert len(now.queue["clerk"]) == 4
    assert now.by_type["expense_claim"]["lead_mean"] == now.measures["lead_mean"]
    assert now.parties["approver"].mean == pytest.approx(
        sum(step.waiting.mean for step in now.steps if step.party == "approver"), rel=1e-6
    )


def test_what_changes_nothing_makes_no_demonstrable_difference(compared: Comparison) -> None:
    same = compared.answers[4]
    assert same.differences
    assert not any(found.demonstrable for found in same.differences.values())
    assert same.measures == compared.answers[0].measures


def test_it_can_be_kept_as_json(compared: Comparison) -> None:
    data = json.loads(json.dumps(compared.as_data()))
    assert data["answers"][1]["differences"]["lead_mean"]["demonstrable"] is True
    assert data["first"] == "2026-01-05"


def test_the_same_seed_gives_the_same_answers_also_over_processes(compared: Comparison) -> None:
    over = compare(claims(), [SAMPLING], **{**SETTINGS, "workers": 2})
    assert over.answers[0] == compared.answers[0]
    assert over.answers[1].measures == compared.answers[1].measures
    assert over.key == cache_key(claims(), [SAMPLING], seed=3, first=FIRST, horizon=28, start="steady")
    assert over.key != compared.key


def test_who_cannot_keep_up_is_said_before_anything_is_run() -> None:
    few = Scenario("One clerk less", (Change(What.MORE, -1, "clerk"),))
    found = compare(claims(), [few], **{**SETTINGS, "least": 2, "most": 2}).answers[1]
    assert (found.replications, dict(found.measures)) == (0, {})
    assert [load.resource for load in found.overloaded] == ["clerk"]
    assert found.overloaded[0].offered > 1.2
    nobody = compare(claims(clerks=0), **SETTINGS).answers[0]
    assert nobody.overloaded[0].offered == float("inf")


def test_what_is_asked_of_people_is_what_they_do(compared: Comparison) -> None:
    load = compared.answers[0].loads[0]
    assert compared.answers[0].used["clerk"].mean == pytest.approx(load.offered, rel=0.1)
    feedback = queueing(2.0, {"desk": (10, 1, {"desk": 0.25, "done": 0.75})})
    assert compare(feedback, **{**SETTINGS, "least": 2, "most": 2}).answers[0].loads[0].offered == pytest.approx(
        2 * 10 / 60 / 0.75, rel=1e-3
    )


def test_it_goes_on_until_it_is_sure_enough() -> None:
    told: list[tuple[int, int]] = []
    wild = queueing(1.0, {"desk": (55, 1, {})})
    found = compare(
        wild, seed=1, first=FIRST, horizon=3, workers=1, least=10, most=30,
        progress=lambda done, of: told.append((done, of)),
    )  # fmt: skip
    assert found.answers[0].replications == 30
    assert not found.settled
    assert told[-1] == (30, 30)
    calm = compare(claims(), seed=1, first=FIRST, horizon=14, workers=1, least=10, most=30)
    assert calm.answers[0].replications == 10
    assert calm.settled


def test_who_no_longer_wants_it_stops_it() -> None:
    with pytest.raises(Cancelled):
        compare(claims(), **{**SETTINGS, "cancelled": lambda: True})


def test_too_many_scenarios_are_refused() -> None:
    with pytest.raises(Refused) as refused:
        compare(claims(), [replace(SAME, name=str(nth)) for nth in range(5)], **SETTINGS)
    assert refused.value.codes == {"whatif_too_many"}


def opened(case: str, state: str, days: int, *actions: str) -> Trace:
    at = datetime(2026, 1, 2, 9, tzinfo=UTC) - timedelta(days=days)
    visits = [Visit("draft", action, at, None, at) for action in actions]
    return Trace(case, "expense_claim", "water", 5000, (*visits, Visit(state, "", at, None, None)), open=True)


def test_when_will_what_is_open_be_done() -> None:
    cases = [opened("1", "payable", 1, "submit", "approve", "check"), opened("2", "submitted", 2, "submit"),
             opened("3", "submitted", 300, "submit"), opened("4", "elsewhere", 1)]  # fmt: skip
    found = compare(claims(), [TWO_RUNS], start=cases, **SETTINGS)
    assert found.start == "open"
    forecasts = {one.case: one for one in found.answers[0].forecasts}
    assert set(forecasts) == {"1", "2", "3"}
    assert forecasts["1"].median < forecasts["2"].median <= forecasts["2"].p80 <= forecasts["2"].p90
    assert forecasts["1"].median.date() == date(2026, 1, 6)
    assert forecasts["3"].within_norm == 0
    assert forecasts["1"].within_norm == 1
    assert found.answers[1].forecasts[0].median > forecasts["1"].median


def test_intervals_and_differences() -> None:
    assert student(1) == pytest.approx(12.7062, abs=1e-4)
    assert student(29) == pytest.approx(2.04523, abs=1e-5)
    assert student(100_000) == pytest.approx(1.95998, abs=1e-4)
    assert estimate([1.0, 2.0, 3.0]) == Estimate(2.0, pytest.approx(-0.4841, abs=1e-4), pytest.approx(4.4841, abs=1e-4))
    assert half_width([1.0]) == float("inf")
    assert difference([2.0, 3.1, 4.0], [1.0, 2.0, 3.0]).demonstrable
    assert not difference([2.0, 1.0, 4.0], [1.0, 2.0, 3.0]).demonstrable
    assert not enough([[1.0, 9.0]])
    assert enough([[5.0, 5.1, 5.0]])
    assert quantile([1.0, 2.0, 4.0], 0.75) == 3.0


def test_a_slower_step_shows(compared: Comparison) -> None:
    model: Model = replace(claims(), mandate_cents=assumed(10_000))
    found = compare(model, **{**SETTINGS, "least": 2, "most": 2}).answers[0]
    second = {step.state: step.visits.mean for step in found.steps}["countersign"]
    before = {step.state: step.visits.mean for step in compared.answers[0].steps}["countersign"]
    assert second > before * 1.5
