"""What is measured on simulated cases is what they were simulated with; what cannot be known is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from statistics import fmean

import pytest

from portal.whatif.calibrate import Known, batch_days, calibrate
from portal.whatif.inputs import Basis, assumed
from portal.whatif.model import Model
from portal.whatif.model_file import dumps, loads
from portal.whatif.telling import simulated
from portal.whatif.traces import Trace, Visit
from tests.whatif.models import claims

FIRST, LAST = date(2026, 1, 5), date(2026, 6, 28)
TRUE = replace(
    claims(per_week=60, clerks=2), runs=replace(claims().runs, weekdays=assumed((1, 3))),
    closed=(date(2026, 4, 6), date(2026, 4, 27)),
)  # fmt: skip
SEVENTH = 7


@pytest.fixture(scope="module")
def cases() -> list[Trace]:
    return simulated(TRUE, seed=SEVENTH, first=FIRST, days=(LAST - FIRST).days + 1)


@pytest.fixture(scope="module")
def model(cases: list[Trace]) -> Model:
    known = Known({"clerk": assumed(2)}, {"sampling_limit_cents": assumed("0")}, closed=TRUE.closed)
    return calibrate(cases, name="Claims", first=FIRST, last=LAST, known=known)


def leads(cases: Sequence[Trace]) -> list[float]:
    return [(case.ended - case.begun) / timedelta(days=1) for case in cases if case.ended is not None]


def test_what_was_put_in_comes_out(model: Model, cases: list[Trace]) -> None:
    flow, true = model.flow("expense_claim"), TRUE.flow("expense_claim")
    # On two days of these 25 weeks offices were closed, and as few came in as on a Sunday.
    assert flow.arrivals.per_week.value == pytest.approx(60, rel=0.08)
    assert flow.arrivals.burst.value == pytest.approx(0.1, abs=0.06)
    assert sum(flow.arrivals.week.value) == pytest.approx(1, abs=0.001)
    assert sum(flow.arrivals.week.value[120:]) == 0
    for state in ("submitted", "returned"):
        mean = true.reaction[state].value.mean
        assert flow.reaction[state].value.mean == pytest.approx(mean, rel=0.3)
    assert flow.touch["approved"].value.mean == pytest.approx(true.touch["approved"].value.mean, rel=0.1)
    shares = flow.outcomes["submitted"].value[-1].shares
    assert shares["approve"] == pytest.approx(0.93, abs=0.04)
    assert model.runs.weekdays.value == (1, 3)
    assert {like.amount_cents for like in flow.mix.value} == {1250, 4800, 9900, 15_000, 420_000}
    assert flow.touch["approved"].basis is Basis.MEASURED
    assert flow.touch["approved"].n > 1000


def test_a_calibrated_model_takes_as_long_as_what_it_was_made_of(model: Model, cases: list[Trace]) -> None:
    again = simulated(model, seed=8, first=FIRST, days=140)
    assert fmean(leads(again)) == pytest.approx(fmean(leads(cases)), rel=0.12)
    assert loads(dumps(model)) == model


def test_what_was_seen_seldom_is_pooled_and_said(model: Model) -> None:
    flow = model.flow("expense_claim")
    assert flow.reaction["on_hold"].few or flow.reaction["on_hold"].n >= 30
    small = calibrate(simulated(TRUE, seed=1, first=FIRST, days=4), name="", first=FIRST, last=date(2026, 1, 8))
    second = small.flow("expense_claim").reaction["countersign"]
    assert second.pooled
    assert second.n < 30
    assert any("measured on" in note.sentence for note in small.warnings)


def test_without_starts_and_names_it_says_what_it_does_not_know(cases: list[Trace]) -> None:
    bare = [
        replace(case, visits=tuple(replace(visit, started=None, resource="") for visit in case.visits))
        for case in cases[:300]
    ]
    model = calibrate(bare, name="", first=FIRST, last=date(2026, 2, 8))
    assert model.flow("expense_claim").touch["approved"].basis is Basis.ASSUMED
    said = " ".join(note.sentence for note in model.unknown)
    assert "How long somebody works on a case cannot be known" in said
    assert "How many people do this work cannot be known" in said


def test_other_work_than_the_queue_explains_stays_a_delay() -> None:
    at = datetime(2026, 1, 5, 9, tzinfo=UTC)
    cases = []
    for nth in range(40):
        came = at + timedelta(days=nth % 5, minutes=7 * nth)
        begun = came + timedelta(days=2)
        checked = Visit("approved", "check", came, begun, begun + timedelta(minutes=10), "Carla")
        cases.append(Trace(str(nth), "expense_claim", "", 500, (checked,)))
    model = calibrate(cases, name="", first=date(2026, 1, 5), last=date(2026, 1, 18))
    assert model.resources[0].count.value == 1
    delay = model.flow("expense_claim").reaction["approved"]
    assert delay.value.mean > 500
    assert any("do other work too" in note.sentence for note in model.unknown)
    again = simulated(model, seed=1, first=date(2026, 2, 2), days=14)
    waits = [v.started - v.enabled for case in again for v in case.visits if v.state == "approved" and v.started]
    assert fmean(wait / timedelta(hours=1) for wait in waits) > 24


def test_a_process_that_changed_is_said() -> None:
    at = datetime(2026, 1, 5, 9, tzinfo=UTC)
    cases = [
        Trace(str(nth), "expense_claim", "", 500,
              (Visit("submitted", "approve", at + timedelta(days=nth // 2), None,
                     at + timedelta(days=nth // 2 + (2 if nth < 200 else 9))),))
        for nth in range(300)
    ]  # fmt: skip
    model = calibrate(cases, name="", first=date(2026, 1, 5), last=date(2026, 6, 10), check=False)
    assert any("changed in the period" in note.sentence for note in model.warnings)


def test_what_is_of_no_declared_kind_is_left_out_and_counted() -> None:
    at = datetime(2026, 1, 5, 9, tzinfo=UTC)
    model = calibrate(
        [Trace("1", "tax_return", "", 1, (Visit("a", "b", at, None, at),))], name="", first=FIRST, last=LAST
    )
    assert model.flows == ()
    assert {note.values.get("count") for note in model.unknown} >= {"1"}
    assert any("no cases" in note.sentence for note in model.warnings)


def test_days_of_batches_stand_out() -> None:
    assert batch_days({0: 500, 3: 480, 4: 3}) == (0, 3)
    assert batch_days({}) == (0, 1, 2, 3, 4)
