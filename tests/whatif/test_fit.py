"""How well an imitation fits: distances that are distances, and a model beside what it made itself."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from portal.whatif.answering import by_kind
from portal.whatif.answers import Forecast
from portal.whatif.band import band
from portal.whatif.fit import Told, compared, imitated, some, told_of
from portal.whatif.plan import WARM_UP, Window
from portal.whatif.stats import quantile
from portal.whatif.traces import Trace, Visit
from tests.conftest import TUESDAY
from tests.whatif.models import claims


def window(days: int) -> Window:
    return Window(date(2026, 3, 2) - timedelta(days=WARM_UP), WARM_UP, days)


def test_what_a_model_makes_twice_fits_within_the_noise_and_another_process_does_not() -> None:
    real, again = imitated(claims(200), window(56), seed=1), imitated(claims(200), window(56), seed=2)
    assert len(real) > 1000
    assert {one.kind for one in real} == {"expense_claim"}
    ended = [one for one in real if one.ended is not None]
    assert len(ended) == len(real)
    assert all(one.begun <= one.steps[0][1] <= one.steps[-1][1] == one.ended for one in ended)
    fits = {one["key"]: one for one in compared(real, again, None)["distances"]}
    assert all(one["value"] <= 2 * one["floor"] for one in fits.values()), fits
    # Without approval beforehand is another process, with other steps and shorter.
    other = {
        one["key"]: one for one in compared(real, imitated(claims(200, limit="20000"), window(56)), None)["distances"]
    }
    assert other["steps"]["value"] > 5 * other["steps"]["floor"]
    assert other["lead"]["value"] > 3 * other["lead"]["floor"]


def test_curves_and_ways_stand_beside_each_other() -> None:
    real = imitated(claims(40), window(28))
    found = compared(real, real[:50], None)
    assert found["cases"] == {"real": len(real), "played": 50}
    assert found["lead"]["real"] == sorted(found["lead"]["real"])
    assert sum(found["hours"]["real"]) == pytest.approx(1, abs=0.01)
    assert max(found["ways"], key=lambda one: one["real"])["steps"][0] == "approve"
    assert compared([], [], None)["distances"] == []


def test_a_real_case_is_told_without_the_step_by_which_it_came_in() -> None:
    day = timedelta(days=1)
    visits = (
        Visit("draft", "submit", TUESDAY, None, TUESDAY),
        Visit("submitted", "reject", TUESDAY, None, TUESDAY + day),
    )
    told = told_of(Trace("DEC-1", "expense_claim", "waterveen", 100, visits))
    assert told.begun == datetime(2026, 11, 24, 10, 0)  # noqa: DTZ001 - on the clock in the Netherlands
    assert (told.days, [step for step, _ in told.steps]) == (1.0, ["reject"])
    waits = (visits[0], Visit("submitted", "", TUESDAY, None, None))
    still = told_of(Trace("DEC-2", "expense_claim", "waterveen", 100, waits, open=True))
    assert (still.ended, still.days) == (None, 0.0)


def test_of_many_cases_some_are_held_evenly() -> None:
    cases = [Told("x", datetime(2026, 1, 1) + timedelta(minutes=nth), None, ()) for nth in range(1000)]  # noqa: DTZ001
    kept = some(cases, most=100)
    assert 50 <= len(kept) <= 101
    hours = Counter(one.begun.hour for one in kept)
    assert max(hours.values()) - min(hours.values()) <= 6


def test_a_story_lies_within_its_band_about_as_often_as_it_says() -> None:
    model = claims(30)
    bands = band(model, days=14, times=20)
    lead = bands["lead_mean"]
    assert lead.low <= lead.middle <= lead.high
    others = [sorted(one.days for one in imitated(model, window(14), seed)) for seed in range(100, 108)]
    means = [sum(days) / len(days) for days in others]
    within = sum(bands["days_mean"].low <= mean <= bands["days_mean"].high for mean in means)
    assert within >= 6
    assert quantile(sorted(means), 0.5) == pytest.approx(bands["days_mean"].middle, rel=0.25)
    assert band(model, days=14, times=2, warm=False)["lead_mean"].high < float("inf")


def test_open_cases_are_told_of_by_kind_and_all_together_and_never_as_done_before_now() -> None:
    day = timedelta(days=1)
    found = [
        Forecast(str(nth), kind, "submitted", TUESDAY + at * day, TUESDAY + at * day, TUESDAY + at * day, 1.0)
        for nth, (kind, at) in enumerate((("leave", -40), ("leave", 2), ("expense_claim", 4)))
    ]
    rows = by_kind(found, TUESDAY)
    assert [(one["type"], one["count"]) for one in rows] == [("", 3), ("leave", 2), ("expense_claim", 1)]
    assert all(TUESDAY.isoformat() <= one["half"] <= one["most"] <= one["last"] for one in rows)
    assert datetime.fromisoformat(rows[0]["last"]) == TUESDAY + 4 * day
    assert datetime.fromisoformat(rows[0]["half"]) == TUESDAY + 2 * day
    assert [one["type"] for one in by_kind(found[:1], TUESDAY)] == ["leave"]
