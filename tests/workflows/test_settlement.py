"""Settling a quarter: no cent is lost or made, nobody is a cent away from their share, and order is nothing."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows import CASE_TYPES
from workflows.addressees import OF_SENDER, wrong_addressee, wrong_sender
from workflows.invoicing import first_lines, invoice, later_lines
from workflows.kernel import Refused
from workflows.quarters import first_day, is_quarter, last_day, next_quarter, quarter_before, quarter_of
from workflows.services import CONTACT
from workflows.settled import Correction, account_of, changes, corrected, line_of
from workflows.settlement import (
    BASIC_KEYS,
    BY_KEY,
    DRIVERS,
    EMPLOYEES,
    INHABITANTS,
    KEYS,
    MIXED,
    PRICE,
    USERS,
    Basis,
    Compensation,
    Cost,
    KeyValue,
    Tariff,
    by_way,
    distributed,
    figures,
    lines,
    shares,
    side_by_side,
    ways,
)

PLACES = {"aa": "Aa", "bb": "Bb", "cc": "Cc"}
KNOWN = {
    EMPLOYEES: {"aa": KeyValue(100), "bb": KeyValue(60), "cc": KeyValue(40)},
    INHABITANTS: {"aa": KeyValue(30_000), "bb": KeyValue(20_000), "cc": KeyValue(10_000)},
    USERS: {"aa": KeyValue(7), "bb": KeyValue(7), "cc": KeyValue(7)},
}
BASIS = Basis(
    "2026Q3", PLACES,
    costs=(Cost(1, "Licenties", 100_000, "direct", "claims"), Cost(2, "Huisvesting", 100_001, "indirect"),
           Cost(3, "Telefonie", 900, "direct", "contacts")),
    tariffs=(Tariff("claims", "Declaraties", 1250, counted=("expense_claim",)),
             Tariff("claims", "Declaraties", 1000, counted=("expense_claim",), place="cc"),
             Tariff("leave", "Verlof", 1001, unit="employee"), Tariff("site", "Website", 5000, unit="month")),
    quantities={"expense_claim": {"aa": 3, "bb": 1}, CONTACT: {}},
    keys=KNOWN, weights={EMPLOYEES: 50, INHABITANTS: 30, USERS: 20},
    compensations=(Compensation("aa", "bb", 500, "Extra vestiging", "Besluit 1"),),
    advances={"aa": 60_000, "bb": 500_000},
)  # fmt: skip


def refused(basis: Basis, variant: str, key: str = "") -> set[str]:
    with pytest.raises(Refused) as caught:
        lines(basis, variant, key)
    return set(caught.value.codes)


amounts = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 10**7), min_size=1, max_size=6).filter(
    lambda parts: any(parts.values())
)


@settings(max_examples=60)
@given(st.integers(-(10**9), 10**9), amounts, st.randoms(use_true_random=False))
def test_a_split_adds_up_is_within_a_cent_and_does_not_mind_the_order(
    cents: int, parts: dict[str, int], rng: random.Random
) -> None:
    found = distributed(cents, parts)
    whole = sum(parts.values())
    assert sum(found.values()) == cents
    assert all(abs(found[code] - Fraction(cents * part, whole)) < 1 for code, part in parts.items())
    assert all(found[code] == 0 for code, part in parts.items() if not part)
    turned = list(parts.items())
    rng.shuffle(turned)
    assert distributed(cents, dict(turned)) == found


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(1, 10**7), st.sampled_from(["", *DRIVERS])), min_size=1, max_size=6),
    st.lists(st.integers(0, 50), min_size=3, max_size=3),
    st.sampled_from(sorted(KEYS)),
    st.integers(1, 9999),
)
def test_by_key_all_costs_are_paid_to_the_cent_and_compensations_are_nothing_together(
    costs: list[tuple[int, str]], counts: list[int], key: str, moved: int
) -> None:
    made = [Cost(n, "x", cents, "direct" if driver else "indirect", driver) for n, (cents, driver) in enumerate(costs)]
    basis = replace(
        BASIS, costs=made, quantities={"expense_claim": dict(zip(PLACES, counts, strict=True))},
        compensations=(Compensation("cc", "aa", moved, "x"), Compensation("bb", "aa", 1, "y")),
    )  # fmt: skip
    found = lines(basis, BY_KEY, key)
    assert sum(line.cents for held in found.values() for line in held) == basis.costs_cents
    for line in (one for held in found.values() for one in held if one.kind != "compensation"):
        assert line.total_cents is not None
        assert abs(line.cents - Fraction(line.share) * line.total_cents) < 1
    assert lines(replace(basis, places=dict(reversed(PLACES.items()))), BY_KEY, key) == found


def test_a_direct_cost_goes_by_its_driver_and_by_share_where_nothing_was_done() -> None:
    found = lines(BASIS, BY_KEY, EMPLOYEES)
    assert [line.cents for line in found["aa"]] == [75_000, 50_001, 450, 500]
    assert [line.cents for line in found["bb"]] == [25_000, 30_000, 270, -500]
    assert [line.cents for line in found["cc"]] == [0, 20_000, 180]
    assert (found["aa"][0].quantity, found["aa"][0].of, found["aa"][0].share) == (3, 4, "3/4")
    assert found["aa"][2].counted == (), "no contacts: shared by the key"


def test_the_mixed_key_weighs_the_others() -> None:
    assert shares(BASIS, MIXED) == {
        "aa": Fraction(50, 100) * Fraction(1, 2) + Fraction(30, 100) * Fraction(1, 2) + Fraction(20, 100) / 3,
        "bb": Fraction(50, 100) * Fraction(3, 10) + Fraction(30, 100) / 3 + Fraction(20, 100) / 3,
        "cc": Fraction(50, 100) / 5 + Fraction(30, 100) / 6 + Fraction(20, 100) / 3,
    }
    assert sum(shares(BASIS, MIXED).values()) == 1


def test_by_price_each_unit_counts_and_a_municipality_may_have_a_price_of_its_own() -> None:
    found = lines(BASIS, PRICE)
    assert [(line.key, line.quantity, line.cents) for line in found["aa"][:3]] == [
        ("price-claims", 3, 3750), ("price-leave", 100, 25_025), ("price-site", 3, 15_000),
    ]  # fmt: skip
    assert [line.unit_cents for line in found["cc"]] == [1000, 1001, 5000]


@settings(max_examples=20)
@given(st.integers(0, 10**5), st.integers(0, 999))
def test_the_quarters_of_a_year_make_the_price_of_a_year(price: int, count: int) -> None:
    keys = {EMPLOYEES: {"aa": KeyValue(count)}}
    year = [
        lines(Basis(f"2026Q{n}", {"aa": "Aa"}, tariffs=(Tariff("x", "X", price, unit="employee"),), keys=keys), PRICE)
        for n in range(1, 5)
    ] if count else []  # fmt: skip
    assert sum(quarter["aa"][0].cents for quarter in year) == price * count


def test_what_is_not_known_is_refused_and_stands_so_side_by_side() -> None:
    assert refused(BASIS, "otherwise") == {"settlement_way_unknown"}
    assert refused(BASIS, BY_KEY, "hair") == {"settlement_way_unknown"}
    assert refused(replace(BASIS, costs=()), BY_KEY, USERS) == {"settlement_no_costs"}
    assert refused(replace(BASIS, tariffs=()), PRICE) == {"settlement_no_prices"}
    assert refused(replace(BASIS, weights={}), BY_KEY, MIXED) == {"settlement_no_weights"}
    lacking = replace(BASIS, keys={**KNOWN, USERS: {"aa": KeyValue(1)}})
    assert refused(lacking, BY_KEY, USERS) == {"settlement_key_missing"}
    by_way = {(one["variant"], one["key"]): one for one in side_by_side(lacking)}
    assert by_way[BY_KEY, USERS]["missing"]["values"] == {"places": "Bb, Cc"}
    assert by_way[BY_KEY, EMPLOYEES]["over"] == 0
    assert by_way[PRICE, ""]["total"] - BASIS.costs_cents == by_way[PRICE, ""]["over"]


def test_figures_add_up_and_a_correction_says_what_it_was_and_is_paid_by_nobody_else() -> None:
    said = figures(BASIS, PRICE)
    assert said["owed_cents"] == sum(account["owed_cents"] for account in said["accounts"])
    account = account_of(said, "aa")
    assert account is not None
    assert account["due_cents"] == account["owed_cents"] - 60_000
    right = corrected(said, Correction("aa", "price-claims", 2500, 2, "Dubbel geteld", "VBZ-2026-000001"))
    line = line_of(right, "aa", "price-claims")
    assert line is not None
    assert (line["was_cents"], line["was_quantity"], line["cents"], line["quantity"]) == (3750, 3, 2500, 2)
    assert [(one["code"], one["differs_cents"]) for one in changes(said, right)] == [
        ("aa", -1250),
        ("bb", 0),
        ("cc", 0),
    ]
    assert right["over_cents"] == said["over_cents"] - 1250
    with pytest.raises(KeyError):
        corrected(said, Correction("aa", "none", 0, None, ""))
    assert line_of(said, "zz", "price-claims") is None


@pytest.mark.parametrize(("variant", "key"), ways())
def test_kept_figures_can_be_worked_out_by_every_other_way(variant: str, key: str) -> None:
    kept = json.loads(json.dumps(figures(BASIS, PRICE)))
    assert by_way(kept, variant, key) == json.loads(json.dumps(figures(BASIS, variant, key)))


def written(rows: list[dict[str, object]], **more: object) -> dict[str, object]:
    return invoice(
        rows, number="VER-2026-000001", issued=date(2026, 10, 9), days=30, percent=Decimal(0), seller={}, buyer={},
        quarter="2026Q3", first="2026-07-01", last="2026-09-30", preceding=(), **more,
    )  # type: ignore[arg-type]  # fmt: skip


def test_an_invoice_says_the_lines_less_the_advance_and_turns_into_a_credit_note() -> None:
    said = figures(BASIS, PRICE)
    accounts = [account_of(said, code) for code in PLACES]
    assert all(accounts)
    due, back, plain = (written(first_lines(account or {}, "2026Q3")) for account in accounts)
    assert (due["credit"], back["credit"], plain["credit"]) == (True, True, False)
    assert back["payable_cents"] == -(accounts[1] or {})["due_cents"]
    assert plain["payable_cents"] == (accounts[2] or {})["due_cents"]
    assert (plain["category"], plain["exemption_code"]) == ("E", "VATEX-EU-132-1F")
    right = corrected(said, Correction("cc", "price-site", 10_000, None, "Fout"))
    assert later_lines(accounts[2], account_of(right, "cc") or {}, "2026Q3") == [
        {"name": "Correctie 2026Q3: Website", "quantity": -1, "unit_cents": 5000}
    ]
    assert later_lines(accounts[0], account_of(right, "aa") or {}, "2026Q3") == []
    other = later_lines(accounts[0], {"lines": [], "advance_cents": 50_000}, "2026Q3")
    assert sum(line["quantity"] * line["unit_cents"] for line in other) == 10_000 - (accounts[0] or {})["owed_cents"]
    assert first_lines({"lines": [], "advance_cents": 0}, "2026Q3")[0]["unit_cents"] == 0


def test_vat_is_rounded_once_where_it_is_agreed() -> None:
    taxed = invoice(
        [{"name": "x", "quantity": 3, "unit_cents": 333}], number="1", issued=date(2026, 1, 1), days=14,
        percent=Decimal(21), seller={}, buyer={}, quarter="2026Q1", first="", last="", preceding=(),
    )  # fmt: skip
    assert (taxed["tax_cents"], taxed["payable_cents"], taxed["category"], taxed["percent"]) == (210, 1209, "S", "21")
    assert taxed["due"] == "2026-01-15"


@pytest.mark.parametrize("quarter", ["2026Q1", "2026Q2", "2026Q3", "2026Q4", "2027Q1"])
def test_quarters_follow_each_other(quarter: str) -> None:
    assert quarter_of(first_day(quarter)) == quarter_of(last_day(quarter)) == quarter
    assert quarter_before(next_quarter(quarter)) == quarter
    assert (first_day(next_quarter(quarter)) - last_day(quarter)).days == 1


def test_the_last_quarter_there_is_has_a_last_day() -> None:
    assert last_day("2099Q4") == date(2099, 12, 31)


def test_what_is_no_quarter_is_none() -> None:
    assert not any(map(is_quarter, ("2026Q5", "26Q1", "2026", "2026q1", "", "2026Q1 ")))
    with pytest.raises(ValueError, match="2026Q3"):
        first_day("2026Q0")


def test_drivers_count_kinds_of_case_that_exist_each_once() -> None:
    counted = [one for driver in DRIVERS.values() for one in driver.counted]
    assert len(counted) == len(set(counted))
    assert set(counted) <= {*CASE_TYPES, CONTACT}
    assert set(KEYS) == {*BASIC_KEYS, MIXED}


def test_who_sends_and_gets_invoices_is_a_whole_record() -> None:
    assert not list(wrong_sender(dict.fromkeys(OF_SENDER, "x")))
    for wrong in ([], {}, {"name": "x"}, {**dict.fromkeys(OF_SENDER, "x"), "name": " "}):
        assert list(wrong_sender(wrong)), wrong
        assert list(wrong_addressee(wrong)), wrong
