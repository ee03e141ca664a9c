"""The lot: the same for everybody who draws it again, fair over many numbers, and monotone in the percentage."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.deciding import leads_to
from workflows.expense_claim import EXPENSE_CLAIM
from workflows.expense_claim.sampling import NOT_ASKED, to_judge
from workflows.kernel import Actor, CaseView, Given, Situation
from workflows.parties import INITIATOR
from workflows.policies import PolicyBook, PolicyRow
from workflows.sampling import (
    LIMIT,
    NOT_INVOLVED,
    PERCENT,
    PERCENT_FAILED,
    PERIOD,
    TOGETHER,
    WHOLE,
    below_limit,
    commitment,
    is_drawn,
    lot,
    period,
    threshold,
)
from workflows.trail import Flagged, Step

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TODAY = AT.date()
SEEDS = st.binary(min_size=32, max_size=32).map(bytes.hex)
NUMBERS = st.integers(1, 999_999).map(lambda n: f"DEC-2026-{n:06d}")
THRESHOLDS = st.integers(0, WHOLE)


def book(**values: str) -> PolicyBook:
    return PolicyBook(tuple(PolicyRow(key, value, date(2020, 1, 1), None, "test") for key, value in values.items()))


@given(SEEDS, NUMBERS, THRESHOLDS)
def test_the_same_seed_and_number_give_the_same_lot(seed: str, number: str, of: int) -> None:
    assert lot(seed, number) == lot(seed, number)
    assert 0 <= lot(seed, number) < 1 << 64
    assert is_drawn(seed, number, of) == is_drawn(seed, number, of)


@given(SEEDS, NUMBERS, THRESHOLDS, THRESHOLDS)
def test_who_is_drawn_at_a_percentage_is_drawn_at_any_higher_one(seed: str, number: str, one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert is_drawn(seed, number, low) <= is_drawn(seed, number, high)
    assert not is_drawn(seed, number, 0)
    assert is_drawn(seed, number, WHOLE)


@pytest.mark.parametrize("percent", [1, 5, 10, 50])
def test_over_many_numbers_as_many_are_drawn_as_was_agreed(percent: int) -> None:
    seed, count = "a seed that stays the same, so that this test does", 20_000
    found = sum(is_drawn(seed, f"DEC-2026-{n:06d}", percent * 100) for n in range(count))
    p = percent / 100
    # Six standard deviations: by chance one seed in a thousand million is further off.
    assert abs(found - count * p) < 6 * (count * p * (1 - p)) ** 0.5


def test_another_seed_draws_others() -> None:
    numbers = [f"DEC-2026-{n:06d}" for n in range(1, 2001)]
    first, second = ({n for n in numbers if is_drawn(seed, n, 1000)} for seed in ("one", "another"))
    assert first != second
    assert len(first & second) < len(first) / 2


def test_a_lot_is_what_it_was_when_this_was_written() -> None:
    """So that a draw of years ago can be done again with the portal of that day."""
    assert lot("0" * 64, "DEC-2026-000001") == 12918465990688096927
    assert commitment("0" * 64) == "60e05bd1b195af2f94112fa7197a5c88289058840ce7c6df9693756bc6250f55"


def test_a_commitment_gives_no_seed_away_and_is_of_one_seed_only() -> None:
    seed = secrets.token_hex(32)
    assert seed not in commitment(seed)
    assert commitment(seed) != commitment(secrets.token_hex(32))


@given(st.decimals(0, 100, places=2), st.decimals(0, 100, places=2))
def test_of_those_who_failed_never_fewer_are_drawn(usual: Decimal, failed: Decimal) -> None:
    policies = book(**{PERCENT: str(usual), PERCENT_FAILED: str(failed)})
    plain, more = (threshold(policies, TODAY, failed=one) for one in (False, True))
    assert plain == usual * 100
    assert more == max(usual, failed) * 100


def test_the_limit_is_that_of_the_day_and_without_one_everybody_is_asked() -> None:
    rows = (
        PolicyRow(LIMIT, "10000", date(2026, 1, 1), date(2026, 6, 30), "test"),
        PolicyRow(LIMIT, "0", date(2026, 7, 1), None, "test"),
    )
    policies = PolicyBook(rows)
    assert below_limit(policies, date(2026, 6, 30), 9_999)
    assert not below_limit(policies, date(2026, 6, 30), 10_000)
    assert not below_limit(policies, date(2026, 7, 1), 1)
    assert not below_limit(policies, date(2025, 12, 31), 1)


def test_small_ones_count_together_over_the_period_that_was_agreed() -> None:
    alone, together = book(**{LIMIT: "10000"}), book(**{LIMIT: "10000", PERIOD: "30"})
    more = book(**{LIMIT: "10000", PERIOD: "30", TOGETHER: "15000"})
    assert below_limit(alone, TODAY, 4_900, 1_000_000), "each by itself"
    assert [below_limit(together, TODAY, 4_900, lately) for lately in (0, 5_099, 5_100)] == [True, True, False]
    assert [below_limit(more, TODAY, 4_900, lately) for lately in (10_099, 10_100)] == [True, False]
    assert not below_limit(more, TODAY, 10_000, 0)
    assert (period(together, TODAY), period(alone, TODAY), period(book(**{PERIOD: "30"}), TODAY)) == (30, 0, 0)


@given(st.lists(st.integers(1, 12_000), max_size=30), st.integers(1, 12_000), st.integers(0, 30_000))
def test_however_a_sum_is_cut_up_no_more_passes_than_was_agreed(pieces: list[int], limit: int, most: int) -> None:
    policies = book(**{LIMIT: str(limit), PERIOD: "30", TOGETHER: str(most)})
    passed = 0
    for cents in pieces:
        if below_limit(policies, TODAY, cents, passed):
            passed += cents
            assert cents < limit
    assert passed < max(most, 1)


def claim(cents: int = 4_900, **more: object) -> CaseView:
    line = {"key": "a", "category": "parking", "date": "2026-11-20", "claimed_cents": cents, "sanctioned_cents": cents}
    content = {"purpose": "Zitting", "cost_centre": "1100", "lines": [line]}
    known = CaseView(state="draft", initiator_id=1, content=content, number="DEC-2026-000001", cost_centre="1100",
                     policies=book(**{LIMIT: "10000"}))  # fmt: skip
    return replace(known, **more)  # type: ignore[arg-type]


def goes_to(case: CaseView) -> str:
    situation = Situation(case, Actor(1, INITIATOR), Given(content=case.content), AT, TODAY)
    return leads_to(EXPENSE_CLAIM.action("submit"), situation)


def test_below_the_limit_nobody_is_asked_and_from_it_on_the_manager_is() -> None:
    assert goes_to(claim(9_999)) == "approved"
    assert goes_to(claim(10_000)) == "submitted"
    assert goes_to(claim(policies=book())) == "submitted"
    assert NOT_ASKED.code == "approval_needed"


def test_what_asks_for_a_decision_goes_to_the_manager_however_small() -> None:
    assert goes_to(claim(flags=(Flagged("duplicate_file", "a", asks=True),))) == "submitted"
    settled = Flagged("duplicate_file", "a", asks=True, settled_as="no_double")
    assert goes_to(claim(flags=(settled, Flagged("duplicate_alike", "a")))) == "approved"


def test_what_passed_lately_counts_along() -> None:
    policies = book(**{LIMIT: "10000", PERIOD: "30"})
    assert goes_to(claim(policies=policies, lately_cents=5_099)) == "approved"
    assert goes_to(claim(policies=policies, lately_cents=5_100)) == "submitted"
    assert goes_to(claim(lately_cents=5_100)) == "approved", "no period was agreed"


def test_without_a_receipt_the_manager_is_asked_however_small() -> None:
    case = claim(100)
    case.content["lines"][0]["statement_why"] = "De automaat gaf geen bon"
    assert goes_to(case) == "submitted"


def test_what_a_manager_sent_back_comes_back_to_them_also_when_it_has_become_small() -> None:
    submitted, returned = Step("submit", 1), Step("return", 2)
    assert goes_to(claim(state="returned", trail=(submitted, returned))) == "submitted"
    assert goes_to(claim(state="returned", trail=(submitted, Step("send_back", 3)))) == "approved"


def test_a_sample_is_of_what_was_paid_and_names_everybody_who_had_a_part_in_it() -> None:
    trail = (Step("submit", 1), Step("check", 3), Step("release", 4), Step("settle", None))
    case = claim(state="paid", trail=trail)
    refused = {**case.content["lines"][0], "key": "b", "sanctioned_cents": 0, "outcome": "refuse"}
    case.content["lines"].append(refused)
    content = to_judge(case)
    assert [line["key"] for line in content["lines"]] == ["a"]
    assert (content["claim"], content["apart"]) == ("DEC-2026-000001", [1, 3, 4])


@pytest.mark.parametrize(("who", "on_behalf_of", "refused"), [(3, None, True), (5, 3, True), (5, None, False)])
def test_who_had_a_part_does_not_judge(who: int, on_behalf_of: int | None, refused: bool) -> None:
    actor = Actor(who, INITIATOR, on_behalf_of=on_behalf_of)
    case = claim()
    case = replace(case, content={**case.content, "apart": [1, 3, 4]})
    assert NOT_INVOLVED.broken(Situation(case, actor, Given(), AT, TODAY)) is refused
    assert NOT_INVOLVED.code == "took_part_before"
