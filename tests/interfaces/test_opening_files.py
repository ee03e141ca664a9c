"""Opening balances and open items in a file: every cell is judged, and what is right comes out as it was typed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.interfaces.csv_files import written
from portal.interfaces.opening_files import balances_in, items_in
from workflows.hours import hours_text
from workflows.kernel import Refused
from workflows.money import plain

BALANCES = ("Personeelsnummer", "Soort", "Jaar", "Uren")
ITEMS = ("Soort", "Kenmerk", "Naam", "Datum", "Bedrag", "Vervaldatum")
rows = st.lists(
    st.tuples(st.integers(1, 99_999), st.sampled_from(["wettelijk", "Bovenwettelijk", "bought"]),
              st.integers(2000, 2199), st.integers(-5000, 50_000)), min_size=1, max_size=6,
)  # fmt: skip


@settings(max_examples=30)
@given(rows)
def test_balances_come_out_to_the_minute(typed: list[tuple[int, str, int, int]]) -> None:
    cells = [
        (str(number), kind, str(year), ("-" if minutes < 0 else "") + hours_text(abs(minutes)))
        for number, kind, year, minutes in typed
    ]
    found = balances_in(written(BALANCES, cells))
    assert [(int(one.number), one.year, one.minutes) for one in found] == [(n, y, m) for n, _, y, m in typed]
    assert {one.kind for one in found} <= {"statutory", "extra", "bought"}
    assert all(not one.problems for one in found)


@settings(max_examples=30)
@given(st.lists(st.integers(1, 10_000_000), min_size=1, max_size=5))
def test_amounts_come_out_to_the_cent(cents: list[int]) -> None:
    cells = [("factuur", f"F{place}", "Bakker", "31-12-2026", plain(one), "") for place, one in enumerate(cents)]
    found = items_in(written(ITEMS, cells))
    assert [one.cents for one in found] == cents
    assert {(one.day, one.due) for one in found} == {(date(2026, 12, 31), None)}


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        (("1", "vakantie", "2026", "8"), ["opening_kind"]),
        (("1", "wettelijk", "26", "8"), ["opening_year"]),
        (("1", "wettelijk", "2026", "acht"), ["hours_wrong"]),
        (("1", "", "", "1:99"), ["opening_kind", "hours_wrong", "opening_year"]),
    ],
)
def test_what_is_wrong_with_a_balance_is_said(cells: tuple[str, ...], codes: list[str]) -> None:
    (one,) = balances_in(written(BALANCES, [cells]))
    assert [problem.code for problem in one.problems] == codes


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        (("bon", "F1", "Bakker", "2026-12-31", "12,50", ""), ["opening_kind"]),
        (("factuur", "F1", "Bakker", "2026-12-31", "0,00", ""), ["opening_amount"]),
        (("factuur", "F1", "Bakker", "2026-12-31", "-5", ""), ["opening_amount"]),
        (("factuur", "", "", "", "5", ""), ["opening_reference", "opening_name", "opening_day"]),
        (("factuur", "F" * 101, "Bakker", "31 december", "5", ""), ["opening_reference", "import_day_unreadable"]),
    ],
)
def test_what_is_wrong_with_an_open_item_is_said(cells: tuple[str, ...], codes: list[str]) -> None:
    (one,) = items_in(written(ITEMS, [cells]))
    assert [problem.code for problem in one.problems] == codes


def test_a_file_that_is_no_such_list_is_refused() -> None:
    for content, code in ((written(BALANCES, []), "opening_no_rows"), (b"a;b\r\n1;2\r\n", "import_columns_missing")):
        with pytest.raises(Refused) as refused:
            balances_in(content)
        assert [one.code for one in refused.value.refusals] == [code]
