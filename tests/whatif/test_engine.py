"""The simulation against what is known of queues for certain: Erlang, Jackson, Little; and its own promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.whatif.draw import Arrival, count_at
from portal.whatif.engine import Run
from portal.whatif.inputs import assumed, fixed
from portal.whatif.model import DONE, DUE_FIRST, SMALL_FIRST, Model
from portal.whatif.plan import Begun, Plan, Tally, Window
from portal.whatif.stats import erlang_c, estimate
from tests.whatif.models import claims, queueing

FIRST = date(2026, 1, 5)
MONTH = Window(FIRST, 14, 28, 60)


def run(model: Model, window: Window = MONTH, replication: int = 0, *, keep: bool = False) -> Tally:
    plan = Plan(model, window)
    return Run(plan, plan.coming(5, replication), 5, replication, keep=keep).play()


EXPERIMENTS, DAYS = 100, 16


def test_a_queue_makes_wait_as_erlang_says_in_95_of_100_experiments() -> None:
    """M/M/2, half busy: the interval holds the true number that must wait in 95 ± 3 % of experiments of 16 days."""
    servers, load, a_day = 2, 0.5, 60
    service = 1440 * servers * load / a_day
    model = queueing(a_day / 24, {"desk": (service, servers, {})})
    tally = run(model, Window(FIRST, 2, EXPERIMENTS * DAYS, 2), keep=True)
    waited, count = [0.0] * (EXPERIMENTS * DAYS), 0
    for story in tally.stories or ():
        day = int(story[0].enabled // 1440) - 2 if story else -1
        if 0 <= day < len(waited):
            waited[day] += story[0].started > story[0].enabled
            count += 1
    true = erlang_c(servers, servers * load)
    found = [estimate(waited[nth : nth + DAYS]) for nth in range(0, len(waited), DAYS)]
    assert 0.92 <= sum(one.low <= true * a_day <= one.high for one in found) / EXPERIMENTS <= 0.98
    assert sum(waited) / count == pytest.approx(true, rel=0.02)
    assert tally.waiting[0] / count == pytest.approx(true * service / (servers * (1 - load)), rel=0.06)


def test_a_network_with_feedback_is_as_jackson_says() -> None:
    """Each station is a queue of its own, fed also by what comes back from the second."""
    again, rate = 0.25, 5.0
    model = queueing(rate, {"look": (6, 1, {"judge": 1.0}), "judge": (15, 3, {"look": again, DONE: 1 - again})})
    flow = rate / (1 - again)
    expected = {}
    for name, servers, service in (("look", 1, 6.0), ("judge", 3, 15.0)):
        load = flow * service / 60
        expected[name] = erlang_c(servers, load) * service / (servers - load)
    runs = [run(model, Window(FIRST, 7, 40, 7), nth) for nth in range(5)]
    for stage, name in enumerate(expected):
        waits = estimate([tally.waiting[stage] / tally.visits[stage] for tally in runs])
        assert waits.low * 0.97 <= expected[name] <= waits.high * 1.03
        visits = fmean([tally.visits[stage] / tally.counted for tally in runs])
        assert visits == pytest.approx(1 / (1 - again), rel=0.02)


def test_littles_law() -> None:
    """How many are there, counted at moments, is how many come in times how long they stay."""
    tally = run(queueing(4.0, {"desk": (24, 2, {})}), Window(FIRST, 7, 120, 14), keep=True)
    assert tally.stories is not None
    stays = [(story[0].enabled, story[-1].completed) for story in tally.stories if story]
    moments = [7 * 1440 + 30.0 * nth for nth in range(120 * 48)]
    begun, ended = sorted(one for one, _ in stays), sorted(one for _, one in stays)
    there, first, last = [], 0, 0
    for moment in moments:
        while first < len(begun) and begun[first] <= moment:
            first += 1
        while last < len(ended) and ended[last] <= moment:
            last += 1
        there.append(first - last)
    rate = tally.counted / (120 * 1440)
    assert fmean(there) == pytest.approx(rate * fmean(tally.days[0]), rel=0.02)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 3), st.integers(1, 3), st.integers(0, 10_000), st.booleans())
def test_more_clerks_never_make_a_case_wait_longer(clerks: int, more: int, replication: int, office: bool) -> None:
    model = queueing(3.0, {"desk": (20, clerks, {})})
    if office:
        hours = {"opens": assumed(480), "closes": assumed(1020), "weekdays": assumed((0, 1, 2, 3, 4))}
        model = replace(model, resources=(replace(model.resources[0], **hours),))  # type: ignore[arg-type]
    bigger = replace(model, resources=(replace(model.resources[0], count=assumed(clerks + more)),))
    window = Window(FIRST, 0, 7, 3)
    few, many = (run(one, window, replication, keep=True).stories for one in (model, bigger))
    assert few is not None
    assert many is not None
    for one, two in zip(few, many, strict=True):
        if one and two:
            assert two[0].started <= one[0].started + 1e-6


def test_the_same_seed_gives_the_same_run_and_another_does_not() -> None:
    assert run(claims()) == run(claims())
    assert run(claims()).leads != run(claims(), replication=1).leads


def test_a_case_meets_the_same_luck_in_every_scenario() -> None:
    plan, busier = Plan(claims(), MONTH), Plan(claims(per_week=300), MONTH)
    one, two = plan.coming(5, 0), busier.coming(5, 0)

    def luck(coming: list[Arrival]) -> dict[tuple[int, int], list[float]]:
        return {arrival.key: arrival.luck for arrival in coming}

    assert luck(one).items() <= luck(two).items()
    assert len(two) > 1.3 * len(one)


def test_a_payment_run_takes_cases_along_on_its_days() -> None:
    model = claims()
    twice = replace(model, runs=replace(model.runs, weekdays=assumed((1, 4))))
    tally = run(twice, keep=True)
    paid = {
        int(seen.completed // 1440) % 7 for story in tally.stories or () for seen in story if seen.action == "release"
    }
    assert paid == {1, 4}
    place = next(stage.index for stage in Plan(model, MONTH).stages if stage.key == "payable")
    assert tally.waiting[place] > 1.5 * run(model).waiting[place]


def test_nobody_works_on_closed_days_or_outside_office_hours() -> None:
    closed = (date(2026, 1, 21), date(2026, 1, 22))
    tally = run(replace(claims(), closed=closed), keep=True)
    checks = [seen for story in tally.stories or () for seen in story if seen.action == "check"]
    assert checks
    for seen in checks:
        assert 480 <= seen.started % 1440 <= 1020
        assert int(seen.started // 1440) % 7 < 5
        assert int(seen.completed // 1440) not in {(day - FIRST).days for day in closed}


def test_what_goes_first_is_as_was_chosen() -> None:
    model = claims(per_week=340)
    means = {
        rule: fmean(run(replace(model, priority=assumed(rule))).leads[0]) for rule in ("fifo", DUE_FIRST, SMALL_FIRST)
    }
    assert means[SMALL_FIRST] < means["fifo"]
    assert len(set(means.values())) == 3


def test_nobody_checks_a_case_that_they_reopened() -> None:
    plan = Plan(claims(), MONTH)
    begun = Begun("1", 0, 0, "approved", frozenset({"submit", "approve", "reopen"}), 0.0, 0.0)
    arrival = Arrival(0.0, 0, 0, (-1, 0), [0.5] * plan.paths[0].width)
    tally = Run(plan, [arrival], 5, 0, keep=True)
    tally.hands[0] = [("reopen", 0)]
    story = (tally.play([begun]).stories or [[]])[0]
    assert [(seen.action, seen.person) for seen in story if seen.action == "check"] == [("check", 1)]


@pytest.mark.parametrize("burst", [0.0, 0.4])
def test_the_numbers_of_a_day_spread_as_was_asked(burst: float) -> None:
    mean = 12.0
    counts = [count_at(mean, burst, (nth + 0.5) / 4000) for nth in range(4000)]
    assert fmean(counts) == pytest.approx(mean, rel=0.01)
    assert fmean((one - mean) ** 2 for one in counts) == pytest.approx(mean + burst * mean**2, rel=0.05)
    assert count_at(5000, 0, 0.5) == 5000
    assert count_at(0, 0, 0.9) == 0


def test_a_case_that_waited_long_is_not_done_sooner_than_it_can_be() -> None:
    model = claims()
    flow = replace(model.flows[0], reaction={**model.flows[0].reaction, "submitted": assumed(fixed(1000))})
    plan = Plan(replace(model, flows=(flow,)), MONTH)
    at = plan.window.begin
    arrival = Arrival(0.0, 0, 0, (-1, 0), [0.5] * plan.paths[0].width)
    since = plan.office.moment(plan.office.spent(at) - 400)
    begun = Begun("1", 0, 0, "submitted", frozenset({"submit"}), 0.0, since)
    tally = Run(plan, [arrival], 5, 0, keep=True).play([begun])
    story = (tally.stories or [[]])[0]
    assert plan.office.spent(story[0].completed) - plan.office.spent(at) == pytest.approx(600)
    assert tally.finished[0] == story[-1].completed
