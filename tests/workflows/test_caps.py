"""Caps: what is above them is cut or told, a later one sees what an earlier one left, and order gives no advantage."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.caps import CUT, PERIODS, WARN, Amount, Met, Spent, held_against, key_of, shape
from workflows.expense_claim.categories import CATEGORIES
from workflows.kernel import Refused
from workflows.policies import PolicyBook, PolicyRow
from workflows.policy_keys import CAPPED, POLICY_KEYS, read

DAY = date(2026, 11, 20)


def book(category: str = "meal", first: date = date(2020, 1, 1), **caps: tuple[int, str]) -> PolicyBook:
    value = json.dumps({per: {"cents": cents, "then": then} for per, (cents, then) in caps.items()})
    return PolicyBook((PolicyRow(key_of(category), value, first, None, "Reisregeling", article="artikel 4"),))


def meal(cents: int, day: date = DAY, **more: Any) -> Amount:
    return Amount("meal", day, cents, **more)


def left(policies: PolicyBook, *amounts: Amount, spent: tuple[Spent, ...] = ()) -> list[int]:
    return [cents for cents, _ in held_against(policies, amounts, spent)]


def test_what_is_above_a_cap_is_cut_and_the_cap_is_told() -> None:
    policies = book(line=(2500, CUT))
    ((cents, (met,)),) = held_against(policies, [meal(4860)])
    assert (cents, met.before, met.after) == (2500, 4860, 2500)
    assert (met.cap.per, met.cap.row.article) == ("line", "artikel 4")
    assert held_against(policies, [meal(2500)]) == [(2500, ())]


def test_a_warning_cuts_nothing_and_is_told() -> None:
    ((cents, (met,)),) = held_against(book(line=(2500, WARN)), [meal(4860)])
    assert (cents, met.after, met.cap.then) == (4860, 4860, WARN)


def test_a_later_cap_sees_what_an_earlier_one_left() -> None:
    policies = book(line=(2500, CUT), day=(4000, CUT), month=(6000, CUT))
    amounts = (meal(9900), meal(2000), meal(3000, DAY + timedelta(days=1)))
    assert left(policies, *amounts) == [2500, 1500, 2000]
    assert sum(left(policies, *amounts)) == 6000


def test_a_cap_looks_at_other_cases_of_the_same_person_in_its_period_only() -> None:
    policies = book(month=(6000, CUT))
    spent = (Spent("meal", date(2026, 11, 3), 4000), Spent("meal", date(2026, 10, 31), 9000), Spent("other", DAY, 9000))
    assert left(policies, meal(2500), spent=spent) == [2000]
    assert left(policies, meal(2500), spent=(Spent("meal", DAY, 7000),)) == [0]
    assert left(book(year=(10000, CUT)), meal(2500), spent=spent) == [0]
    assert left(book(line=(2500, CUT)), meal(2500), spent=spent) == [2500]


def test_the_day_of_the_expense_says_which_version_holds() -> None:
    rows = [
        PolicyRow(key_of("meal"), json.dumps({"line": {"cents": cents, "then": CUT}}), first, last, str(cents))
        for cents, first, last in (
            (2000, date(2025, 1, 1), date(2025, 12, 31)), (2500, date(2026, 1, 1), None),
        )
    ]  # fmt: skip
    over_new_year = (meal(3000, date(2025, 12, 31)), meal(3000, date(2026, 1, 1)), meal(3000, date(2024, 1, 1)))
    assert left(PolicyBook(tuple(rows)), *over_new_year) == [2000, 2500, 3000]


def test_a_cap_for_a_day_is_for_each_day_of_a_line_of_several() -> None:
    policies = book("home_working", day=(200, CUT))
    assert left(policies, Amount("home_working", DAY, 1225, days=5)) == [1000]


amounts_of = st.lists(
    st.builds(
        Amount,
        st.sampled_from(("meal", "other")),
        st.dates(date(2025, 12, 1), date(2026, 2, 28)),
        st.integers(1, 20_000),
    ),
    max_size=12,
)
spent_of = st.lists(
    st.builds(Spent, st.just("meal"), st.dates(date(2025, 12, 1), date(2026, 2, 28)), st.integers(0, 9_000)), max_size=6
)
caps_of = st.dictionaries(
    st.sampled_from(tuple(PERIODS)), st.tuples(st.integers(0, 30_000), st.sampled_from((CUT, WARN))), min_size=1
)


def of_period(per: str, day: date) -> str:
    return day.isoformat()[: {"day": 10, "month": 7, "year": 4}[per]]


@given(amounts_of, spent_of, caps_of)
def test_no_more_is_left_than_was_claimed_nor_than_a_cap_that_cuts_allows(
    amounts: list[Amount], spent: list[Spent], caps: dict[str, tuple[int, str]]
) -> None:
    found = [cents for cents, _ in held_against(book(**caps), amounts, spent)]
    assert all(0 <= cents <= amount.cents for cents, amount in zip(found, amounts, strict=True))
    meals = [(amount.day, cents) for amount, cents in zip(amounts, found, strict=True) if amount.category == "meal"]
    for per, (most, then) in caps.items():
        if then == WARN:
            continue
        if per == "line":
            assert all(cents <= most for _, cents in meals)
            continue
        for period in {of_period(per, day) for day, _ in meals}:
            before = sum(one.cents for one in spent if of_period(per, one.day) == period)
            assert sum(cents for day, cents in meals if of_period(per, day) == period) <= max(most - before, 0)


@given(amounts_of, spent_of, caps_of)
def test_what_has_no_cap_is_left_whole_and_every_cut_is_explained(
    amounts: list[Amount], spent: list[Spent], caps: dict[str, tuple[int, str]]
) -> None:
    for amount, (cents, above) in zip(amounts, held_against(book(**caps), amounts, spent), strict=True):
        assert amount.category == "meal" or (cents, above) == (amount.cents, ())
        steps = [met for met in above if met.cap.then == CUT]
        assert [met.before for met in steps] == [amount.cents, *(met.after for met in steps)][: len(steps)]
        assert cents == (steps[-1].after if steps else amount.cents)


@given(amounts_of, spent_of, caps_of, st.randoms(use_true_random=False))
def test_the_order_of_typing_changes_no_total(
    amounts: list[Amount], spent: list[Spent], caps: dict[str, tuple[int, str]], chance: Any
) -> None:
    other = list(amounts)
    chance.shuffle(other)

    def totals(lines: list[Amount]) -> dict[tuple[str, date], int]:
        found: dict[tuple[str, date], int] = {}
        for line, (cents, _) in zip(lines, held_against(book(**caps), lines, spent), strict=True):
            found[line.category, line.day] = found.get((line.category, line.day), 0) + cents
        return found

    assert totals(amounts) == totals(other)


@given(amounts_of, spent_of, caps_of)
def test_holding_what_was_left_against_the_same_caps_changes_nothing(
    amounts: list[Amount], spent: list[Spent], caps: dict[str, tuple[int, str]]
) -> None:
    once = [cents for cents, _ in held_against(book(**caps), amounts, spent)]
    again = [Amount(one.category, one.day, cents) for one, cents in zip(amounts, once, strict=True)]
    assert [cents for cents, _ in held_against(book(**caps), again, spent)] == once


@pytest.mark.parametrize(
    "typed",
    [
        "[]", "{}", '{"week": {"cents": 1, "then": "cut"}}', '{"day": 5}', '{"day": {"cents": 1.5, "then": "cut"}}',
        '{"day": {"cents": -1, "then": "cut"}}', '{"day": {"cents": true, "then": "cut"}}',
        '{"day": {"cents": 1, "then": "beg"}}', '{"day": {"cents": 1}}',
    ],
)  # fmt: skip
def test_a_record_that_is_no_cap_is_refused(typed: str) -> None:
    with pytest.raises(Refused) as caught:
        read(POLICY_KEYS["cap_meal"], typed)
    assert caught.value.codes == {"policy_wrong_shape"}


def test_a_record_of_caps_is_read() -> None:
    typed = '{"day": {"cents": 2500, "then": "cut"}, "year": {"cents": 0, "then": "warn"}}'
    assert json.loads(read(POLICY_KEYS["cap_meal"], typed)) == json.loads(typed)
    assert list(shape(json.loads(typed))) == []


@pytest.mark.parametrize("typed", ["{}", "[]", "[1]", '["meal", "yacht"]'])
def test_a_list_of_kinds_that_do_not_exist_is_refused(typed: str) -> None:
    with pytest.raises(Refused) as caught:
        read(POLICY_KEYS["claim_categories"], typed)
    assert caught.value.codes == {"policy_wrong_shape"}


def test_a_cap_can_be_agreed_for_every_kind_of_expense() -> None:
    assert set(CAPPED) == set(CATEGORIES)
    assert isinstance(held_against(book(line=(1, CUT)), [meal(2)])[0][1][0], Met)
