"""Reading a filled-in claim: what it comes to, and each thing that can be wrong with it."""

from __future__ import annotations

from datetime import date

import pytest

from tests.workflows.claims import CAR, HOME, MEAL, PARKING, POLICIES, RECEIPT, TRAIN, filling, problems, read, typed
from workflows.expense_claim import EXPENSE_CLAIM
from workflows.expense_claim.categories import CATEGORIES
from workflows.expense_claim.form import MOST_LINES
from workflows.policies import PolicyBook, PolicyRow


def test_a_whole_claim_has_no_problems_and_adds_up() -> None:
    content, wrong = read(typed(TRAIN, CAR, HOME, PARKING, MEAL))
    assert wrong == ()
    assert [line["claimed_cents"] for line in content["lines"]] == [1840, 84 * 23, 3 * 240, 1250, 4860]
    facts = EXPENSE_CLAIM.facts(content)
    assert (facts.title, facts.cost_centre) == ("Zitting", "1100")
    assert facts.claimed_cents == facts.sanctioned_cents == 1840 + 1932 + 720 + 1250 + 4860
    assert (facts.period_from, facts.period_to) == (date(2026, 11, 19), date(2026, 11, 20))


def test_nothing_filled_in_yet_has_no_period_and_no_amount() -> None:
    facts = EXPENSE_CLAIM.facts({})
    assert (facts.claimed_cents, facts.sanctioned_cents, facts.period_from, facts.title) == (0, 0, None, "")


def test_a_claim_over_new_year_is_priced_by_the_day_of_each_journey() -> None:
    lines = [CAR | {"date": day, "km": "100"} for day in ("2023-12-31", "2024-01-01")]
    content, wrong = read(typed(*lines))
    assert wrong == ()
    frozen = ("claimed_cents", "rate", "rate_from", "rate_source")
    assert [tuple(line[name] for name in frozen) for line in content["lines"]] == [
        (2100, "21", "2023-01-01", "Cao 2023"),
        (2300, "23", "2024-01-01", "Cao 2024"),
    ]


def test_half_kilometres_are_rounded_once_half_up() -> None:
    content, _ = read(typed(CAR | {"km": "12,5"}, CAR | {"km": "0.5"}))
    assert [line["claimed_cents"] for line in content["lines"]] == [288, 12]


def test_a_day_before_any_rate_was_agreed_cannot_be_priced() -> None:
    assert problems(CAR | {"date": "2022-12-31"}) == {("lines-0-date", "no_rate")}
    assert problems(HOME, around=filling(policies=PolicyBook(()))) == {("lines-0-date", "no_rate")}


def test_employment_counts_on_the_day_of_the_expense() -> None:
    spells = ((date(2024, 1, 1), date(2024, 6, 30)), (date(2026, 1, 1), date(2026, 11, 20)))
    around = filling(employed=spells)
    for day, wrong in (
        ("2023-12-31", True), ("2024-01-01", False), ("2024-06-30", False), ("2024-07-01", True),
        ("2026-11-20", False), ("2026-11-21", True),
    ):  # fmt: skip
        assert bool(problems(PARKING | {"date": day}, around=around)) is wrong, day
    assert problems(PARKING | {"date": "2025-05-05"}, around=around) == {("lines-0-date", "not_employed")}


def test_the_vat_in_the_gross_amount_follows_from_its_rate() -> None:
    lines = [PARKING | {"amount": "121,00", "vat": vat} for vat in ("21", "9", "0", "")]
    content, wrong = read(typed(*lines, TRAIN | {"amount": "109,00"}))
    assert wrong == ()
    assert [(line["vat_percent"], line["vat_cents"]) for line in content["lines"]] == [
        ("21", 2100), ("9", 999), ("0", 0), ("21", 2100), ("9", 900),
    ]  # fmt: skip
    assert problems(PARKING | {"vat": "19"}) == {("lines-0-vat", "vat_unknown")}


def test_a_receipt_is_asked_for_where_the_category_says_so() -> None:
    commute = CAR | {"category": "commuting"}
    whole = {"public_transport": TRAIN, "own_car": CAR, "commuting": commute, "home_working": HOME, "meal": MEAL}
    for key, category in CATEGORIES.items():
        line = whole.get(key, PARKING | {"category": key})
        missing = {("lines-0-receipt", "receipt_missing")} if category.receipt else set()
        assert problems(line, around=filling(receipts=False)) == missing, key
        assert problems(line) == set(), key


def test_a_receipt_may_come_by_post_where_that_was_agreed() -> None:
    since = date(2020, 1, 1)
    rows = (PolicyRow("rate_km_cents", "23", since, None, "Cao"), PolicyRow("receipts_by_post", "1", since, None, "R"))
    around = filling(receipts=False, policies=PolicyBook(rows))
    content, wrong = read(typed(PARKING, CAR), around)
    assert wrong == ()
    assert [line.get("by_post", False) for line in content["lines"]] == [True, False]
    content, wrong = read(typed(PARKING), filling(policies=PolicyBook(rows)))
    assert (wrong, "by_post" in content["lines"][0]) == ((), False)


def test_a_receipt_belongs_to_the_line_it_was_added_to() -> None:
    around = filling(documents={"k1": (RECEIPT, RECEIPT | {"id": 2})})
    content, wrong = read(typed(PARKING, PARKING), around)
    assert [(p.field, p.code) for p in wrong] == [("lines-0-receipt", "receipt_missing")]
    assert [[d["id"] for d in line["documents"]] for line in content["lines"]] == [[], [1, 2]]


EVERY_PROBLEM = [
    ({"date": ""}, "date", "date_empty"),
    ({"date": "20-11-2026"}, "date", "date_format"),
    ({"date": "2026-02-30"}, "date", "date_format"),
    ({"date": "2026-11-25"}, "date", "date_future"),
    ({"date": "2021-11-23"}, "date", "date_too_old"),
    ({"category": ""}, "category", "category_empty"),
    ({"category": "gifts"}, "category", "category_empty"),
    ({"description": " \t "}, "description", "text_empty"),
    ({"description": "x" * 201}, "description", "text_too_long"),
    ({"description": "a\u202eb"}, "description", "text_control"),
    ({"amount": ""}, "amount", "money_empty"),
    ({"amount": "twaalf"}, "amount", "money_format"),
    ({"amount": "1,234"}, "amount", "money_decimals"),
    ({"amount": "1000000000"}, "amount", "money_too_large"),
    ({"amount": "-5"}, "amount", "money_negative"),
    ({"amount": "0,00"}, "amount", "money_zero"),
]


@pytest.mark.parametrize(("change", "field", "code"), EVERY_PROBLEM)
def test_each_problem_stands_beside_its_own_field(change: dict[str, str], field: str, code: str) -> None:
    assert problems(PARKING, PARKING | change) == {(f"lines-1-{field}", code)}


@pytest.mark.parametrize(
    ("line", "field", "typed_in", "code"),
    [
        (CAR, "km", "", "number_empty"),
        (CAR, "km", "12,55", "number_format"),
        (CAR, "km", "1e3", "number_format"),
        (CAR, "km", "٣", "number_format"),
        (CAR, "km", "0", "number_range"),
        (CAR, "km", "-3", "number_range"),
        (CAR, "km", "2000,1", "number_range"),
        (HOME, "days", "", "number_empty"),
        (HOME, "days", "1,5", "number_format"),
        (HOME, "days", "32", "number_range"),
        (MEAL, "persons", "", "number_empty"),
        (MEAL, "persons", "201", "number_range"),
        (CAR, "origin", "", "text_empty"),
        (TRAIN, "destination", "", "text_empty"),
    ],
)
def test_what_a_category_asks_is_checked(line: dict[str, str], field: str, typed_in: str, code: str) -> None:
    assert problems(line | {field: typed_in}) == {(f"lines-0-{field}", code)}


def test_the_head_of_the_claim_is_checked_too() -> None:
    assert problems(PARKING, purpose="") == {("purpose", "text_empty")}
    assert problems(PARKING, purpose="x" * 201, cost_centre="9" * 21) == {
        ("purpose", "text_too_long"),
        ("cost_centre", "text_too_long"),
    }
    assert problems(PARKING, cost_centre="") == set()


def test_an_empty_form_asks_for_a_line() -> None:
    content, wrong = read({})
    assert ("lines-0-category", "category_empty") in {(p.field, p.code) for p in wrong}
    assert content["lines"] == []


def test_every_line_has_a_key_of_its_own() -> None:
    assert problems(PARKING | {"key": ""}, around=filling(documents={"": (RECEIPT,)})) == {("lines", "lines_missing")}
    assert problems(PARKING, PARKING | {"key": "k0"}) == {("lines", "lines_missing")}


def test_a_claim_prescribes_after_exactly_five_years() -> None:
    assert problems(PARKING | {"date": "2021-11-24"}) == set()
    leap_day = filling(today=date(2029, 3, 1))
    assert problems(PARKING | {"date": "2024-02-29"}, around=leap_day) == {("lines-0-date", "date_too_old")}
    assert problems(PARKING | {"date": "2024-02-29"}, around=filling(today=date(2029, 2, 28))) == set()


def test_one_line_too_many_is_said_and_not_dropped_in_silence() -> None:
    assert problems(*[PARKING] * MOST_LINES) == set()
    assert problems(*[PARKING] * (MOST_LINES + 1)) == {("lines", "too_many_lines")}


def test_amounts_are_read_in_the_notation_of_the_language() -> None:
    line = PARKING | {"amount": "1.250"}
    assert read(typed(line))[0]["lines"][0]["claimed_cents"] == 125_000
    assert problems(line, around=filling(language="en")) == {("lines-0-amount", "money_decimals")}


def test_the_rate_of_the_policy_is_frozen_on_the_line() -> None:
    (line,) = read(typed(HOME))[0]["lines"]
    row = POLICIES.at("rate_home_cents", date(2026, 11, 20))
    assert row is not None
    assert (line["rate"], line["rate_source"], line["days"]) == (row.value, row.source, "3")
