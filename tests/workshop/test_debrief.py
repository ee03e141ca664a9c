"""What a debrief says: where the time went, one round against the other, and what may be concluded of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.interfaces.stacked import Bar, Group, stacked
from portal.queries.people import national_calendar
from portal.workshop import reading
from portal.workshop.debrief import (
    FEW,
    Mistake,
    PlayedCase,
    Round,
    Step,
    by_party,
    conclusion,
    measured,
    paired,
    places,
)
from portal.workshop.simulated import within
from workflows.indicators import MANAGER, SSC

OFFICE = national_calendar()
MONDAY = datetime(2026, 11, 2, 8, tzinfo=UTC)
"""Nine o'clock in the Netherlands."""
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WAY = ("submitted", "approved", "payable", "paying", "paid")


def played(*moments: tuple[float, float], since: datetime = MONDAY, card: str = "", target: datetime | None = None,
           by_person: bool = True) -> PlayedCase:  # fmt: skip
    """A claim that took these steps along its way: after so many hours work on each began, and was done."""
    steps, enabled = [], since
    for (before, after), (began, done) in zip(pairwise(WAY), moments, strict=False):
        at = since + done * HOUR
        steps.append(Step("x", before, after, enabled, since + began * HOUR, at, by_person))
        enabled = at
    closed = enabled if len(moments) == len(WAY) - 1 else None
    return PlayedCase("expense_claim", since, steps, card, target, closed)


def a_round(cases: Sequence[PlayedCase], mistakes: Sequence[Mistake] = (), number: int = 1) -> Round:
    return Round(number, "Nu", cases, mistakes, places(cases, OFFICE), measured(cases, OFFICE))


def test_time_stands_with_the_step_and_the_party_that_it_was_with() -> None:
    found = places([played((2, 3), (5, 6), (6, 6), (7, 7))], OFFICE)
    assert [(p.key, p.party, p.spent.waiting / HOUR, p.spent.working / HOUR) for p in found] == [
        ("submitted", MANAGER, 2, 1), ("approved", SSC, 2, 1), ("payable", SSC, 0, 0), ("paying", "", 1, 0),
    ]  # fmt: skip
    assert list(by_party(found)) == [MANAGER, SSC, ""]
    assert by_party(found)[SSC].all == 3 * HOUR


@given(st.lists(st.integers(0, 400), min_size=4, max_size=4), st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_no_time_gets_lost_and_none_is_counted_twice(gaps: list[int], parts: list[float]) -> None:
    moments, at = [], 0.0
    for gap, part in zip(gaps, parts, strict=True):
        moments.append((at + gap / 10 * part, at + gap / 10))
        at += gap / 10
    case = played(*moments)
    spent = sum((place.spent.all for place in places([case], OFFICE)), timedelta())
    assert case.closed is not None
    whole = OFFICE.office_hours_between(case.received, case.closed)
    assert abs(spent - whole) < timedelta(milliseconds=1)
    figures = measured([case], OFFICE)
    assert figures.waiting_share is None or 0 <= figures.waiting_share <= 1


def test_the_figures_of_a_round() -> None:
    quick = played((0, 1), (1, 2), (2, 2), (2, 2), target=MONDAY + DAY)
    slow = played((0, 1), (48, 49), (49, 49), (72, 72), target=MONDAY + DAY, by_person=False)
    figures = measured([quick, slow, played((1, 2))], OFFICE)
    assert (figures.received, figures.done, figures.open) == (3, 2, 1)
    assert (figures.in_time, figures.judged, figures.right_first) == (1, 2, 2)
    assert figures.median_days == pytest.approx((2 / 9 + 27 / 9) / 2)
    assert (figures.touch_hours, figures.hands) == (2.0, 2.0)


def test_who_was_sent_back_was_not_right_the_first_time() -> None:
    back = Step("return", "approved", "returned", MONDAY, MONDAY, MONDAY + HOUR, by_person=True)
    case = PlayedCase("expense_claim", MONDAY, (back,), closed=MONDAY + DAY)
    assert measured([case], OFFICE).right_first == 0


def test_rounds_are_held_against_each_other_card_by_card() -> None:
    first = [played((0, 1), (30, 30), (30, 30), (72, 72), card="a"), played((0, 1), (1, 1), (1, 1), (2, 2), card="b")]
    second = [played((0, 1), (1, 1), (1, 1), (24, 24), card="a"), played((1, 1), card="b")]
    both = paired(first, second, OFFICE)
    assert [(card, round(before, 2), round(after, 2)) for card, before, after in both.cards] == [("a", 3.0, 1.0)]
    assert (both.count, both.shorter, both.mean) == (1, 1, pytest.approx(-2.0))


def _many(hours: float) -> list[PlayedCase]:
    return [played((0, 1), (1, 1), (1, 1), (hours, hours), card=str(card)) for card in range(FEW)]


@pytest.mark.parametrize(
    ("rounds", "key"),
    [
        ([a_round([])], "few_done"),
        ([a_round(_many(24))], "one_round"),
        ([a_round(_many(72)), a_round(_many(24))], "shorter"),
        ([a_round(_many(24)), a_round(_many(72))], "longer"),
        ([a_round(_many(24)), a_round(_many(24))], "same"),
        ([a_round(_many(72)), a_round(_many(24)[:2])], "few_pairs"),
    ],
)
def test_nothing_is_concluded_of_few_cases(rounds: list[Round], key: str) -> None:
    assert conclusion(rounds, OFFICE)[0].key == key


def test_the_conclusion_names_where_the_time_went_and_who_missed_most() -> None:
    case = [played((8, 9), (9, 9), (9, 9), (9, 9))]
    mistakes = [
        Mistake("a", "Bon dubbel", "clerk", "missed"),
        Mistake("b", "Bon oud", "clerk", "missed"),
        Mistake("c", "Te veel", "manager", "caught"),
        Mistake("d", "Zonder bon", "manager", "open"),
    ]
    _, where, seen = conclusion([a_round(case, mistakes)], OFFICE)
    assert (where.key, where.values["party"], where.values["share"]) == ("where", MANAGER, 1.0)
    assert (seen.key, dict(seen.values)) == ("some_missed", {"caught": 1, "count": 3, "role": "clerk", "missed": 2})
    assert [said.key for said in conclusion([a_round([])], OFFICE)[1:]] == ["nowhere", "no_mistakes"]
    caught = [Mistake("c", "Te veel", "manager", "caught")]
    assert conclusion([a_round(case, caught)], OFFICE)[2].key == "all_caught"
    waits = [Mistake("d", "Zonder bon", "manager", "open")]
    assert conclusion([a_round(case, waits)], OFFICE)[2].key == "mistakes_open"


def test_a_round_is_held_against_imitations_of_it() -> None:
    scenario = reading.read(Path("seed/scenarios/claim-from-paper-to-portal.toml"))
    now, then = (within(scenario, 8, number, "expense_claim") for number in (1, 2))
    assert now
    assert then
    assert 0 < then.low <= then.high < now.low <= now.high < scenario.days
    assert [now.verdict(days) for days in (now.low / 2, now.high, now.high * 2)] == ["below", "in", "above"]
    nothing = replace(scenario, cards=tuple(card for card in scenario.cards if card.kind != "claim"))
    assert within(nothing, 8, 1, "expense_claim") is None


def test_bars_are_drawn_on_one_scale_and_nothing_of_nothing() -> None:
    assert stacked([Group("Akkoord", [Bar("1", 0, 0, "0")])], "wachten", "werken") == ""
    drawn = stacked([Group("Akkoord & meer", [Bar("1", 3, 1, "4,0"), Bar("2", 1, 1, "2,0")])], "wachten", "werken")
    assert "Akkoord &amp; meer" in drawn
    assert 'width="250.5"' in drawn
    assert drawn.count("<rect") == 6
