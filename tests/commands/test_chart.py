"""Taking in a chart of accounts: what would change, and then exactly that, or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.commands import chart as commands
from portal.commands.changes import Author
from portal.interfaces.chart_file import file_of, rows_of
from portal.models.changes import Change
from portal.models.people import Municipality
from portal.queries.chart import chart_of
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import refused
from tests.ledger import account, chart_file, cost_centre, given_chart, posting, task, whole_chart
from workflows.chart import ACCOUNT, POSTING, TASK, Chart, ChartRow

TODAY = date(2026, 11, 24)


class Books:
    """Hanna at work on the chart of Waterveen."""

    def __init__(self, world: World, cast: Cast, session: Session) -> None:
        self.session, self.now = session, world.clock.now()
        self.author = Author(cast.people["hanna"], None)
        self.place = session.get_one(Municipality, cast.municipalities["waterveen"])

    def plan(self, *rows: Sequence[str]) -> commands.ChartPlan:
        return commands.plan_of(self.session, self.author, self.place, chart_file(*rows), TODAY)

    def take_in(self, *rows: Sequence[str]) -> commands.ChartPlan:
        digest = self.plan(*rows).digest
        return commands.take_in(self.session, self.author, self.place, chart_file(*rows), digest, self.now, TODAY)

    def problems(self, *rows: Sequence[str]) -> list[tuple[str, str]]:
        return [(column, refusal.code) for one in self.plan(*rows).rows for column, refusal in one.problems]

    @property
    def chart(self) -> Chart:
        return chart_of(self.session, self.place.id)


@pytest.fixture
def books(world: World, cast: Cast) -> Iterator[Books]:
    with world.db.session() as session:
        yield Books(world, cast, session)


def test_a_chart_is_taken_in_and_taken_in_again_changes_nothing(books: Books) -> None:
    first = books.take_in(*whole_chart())
    assert first.count("added") == len(first.rows) == len(whole_chart())
    rule = books.chart.at(POSTING, "cost.parking", TODAY)
    assert rule is not None
    assert (rule.task, rule.vat) == ("0.4", "bcf")
    found = books.chart.at(ACCOUNT, rule.account, TODAY)
    assert found is not None
    assert (found.side, found.category) == ("result", "3.8")
    again = books.take_in(*whole_chart())
    assert again.count("same") == len(again.rows)
    log = books.session.scalars(select(Change).where(Change.what == "chart.taken_in")).all()
    assert [change.new["added"] for change in log] == [str(len(whole_chart()))]


def test_a_later_row_ends_the_one_before_it(books: Books) -> None:
    books.take_in(account("4000", "Reizen", "resultaat"))
    plan = books.take_in(account("4000", "Reis en verblijf", "resultaat", first="2027-01-01"))
    assert [(row.code, row.valid_to) for row in plan.ends] == [("4000", date(2026, 12, 31))]
    for day, label in ((date(2026, 12, 31), "Reizen"), (date(2027, 1, 1), "Reis en verblijf")):
        found = books.chart.at(ACCOUNT, "4000", day)
        assert found is not None
        assert found.label == label
    assert books.chart.at(ACCOUNT, "4000", date(2019, 12, 31)) is None


def test_what_is_wrong_stands_beside_its_column_and_nothing_is_taken_in(books: Books) -> None:
    for row, expected in (
        (("vorm", "4000", "Naam", "", "", "", "", "", "2020-01-01", "", "Bron"), {("kind", "chart_kind")}),
        (account("40 00"), {("code", "chart_code")}),
        (account("4000", ""), {("label", "chart_label")}),
        (account("4000", side=""), {("side", "chart_side")}),
        (account("4000", first=""), {("first", "chart_first")}),
        (account("4000", first="31 maart"), {("first", "import_day_unreadable")}),
        (account("4000", last="2019-01-01"), {("last", "chart_backwards")}),
        ((*account("4000")[:-1], ""), {("source", "chart_source")}),
        (posting("bank", ""), {("account", "chart_no_account")}),
        (posting("bank", "1100", vat="soms"), {("vat", "chart_vat")}),
        (posting("cost.yachts", "1100"), {("code", "chart_key_unknown"), ("account", "chart_account_unknown")}),
        (cost_centre("1100", taakveld="9.9"), {("task", "chart_task_unknown")}),
    ):  # fmt: skip
        assert set(books.problems(row)) == expected, row
        assert refused(lambda row=row: books.take_in(row)) == {"chart_has_problems"}  # type: ignore[misc]
    assert not books.chart


def test_rows_that_do_not_fit_together_are_refused(books: Books) -> None:
    twice = (task("0.4"), task("0.4", "Ook overhead"))
    assert books.problems(*twice) == [("code", "chart_twice")]
    overlapping = (task("0.4", last="2026-12-31"), task("0.4", "Overhead", "2026-06-01"))
    assert books.problems(*overlapping) == [("last", "chart_overlaps")]
    early = (account("1100", first="2021-01-01"), posting("bank", "1100", first="2020-12-31"))
    assert books.problems(*early) == [("account", "chart_account_unknown")]


def test_what_was_booked_by_is_not_rewritten(books: Books) -> None:
    books.take_in(account("1100"), account("1101"), posting("bank", "1100"), posting("vat", "1100", first="2027-01-01"))
    assert books.problems(posting("bank", "1101")) == [("first", "chart_rewritten")]
    assert books.problems(account("1100", side="resultaat")) == [("first", "chart_rewritten")]
    changed = books.take_in(
        account("1100", "Bank"), posting("bank", "1101", first="2027-01-01"), posting("vat", "1101", first="2027-01-01")
    )
    assert (changed.count("changed"), changed.count("added"), len(changed.ends)) == (2, 1, 1)


def test_only_what_was_looked_at_is_taken_in(books: Books) -> None:
    plan = books.plan(task("0.4"))
    books.take_in(task("0.4", "Overhead"))
    content = chart_file(task("0.4"))
    late = (books.session, books.author, books.place, content, plan.digest, books.now, TODAY)
    assert refused(lambda: commands.take_in(*late)) == {"chart_changed_since"}


def test_a_file_that_cannot_be_read_is_refused(books: Books) -> None:
    for content, code in (
        (b"", "csv_empty"), (b"Soort;Code;Van\r\n", "import_columns_missing"),
        (b"Soort;Code;Van;Bron\r\n", "chart_no_rows"), (b"x" * (512 * 1024 + 1), "chart_too_large"),
    ):  # fmt: skip
        assert refused(
            lambda content=content: commands.plan_of(books.session, books.author, books.place, content, TODAY)  # type: ignore[misc]
        ) == {code}


def test_another_municipality_is_out_of_reach(books: Books, cast: Cast) -> None:
    elsewhere = Author(cast.people["hanna"], frozenset({cast.municipalities["duinrade"]}))
    content = chart_file(task("0.4"))
    far = (books.session, elsewhere, books.place, content, "", books.now, TODAY)
    assert refused(lambda: commands.take_in(*far)) == {"outside_your_work"}
    given_chart(books.session, cast, task("0.4"), code="duinrade")
    assert not books.chart


def test_the_database_refuses_what_is_no_row_of_a_chart(books: Books) -> None:
    books.take_in(account("1100"), posting("bank", "1100"))
    for change in ("side = ''", "kind = 'other'", "valid_to = '2019-01-01'", "account = '1200'"):
        with pytest.raises(IntegrityError), books.session.begin_nested():
            books.session.execute(text(f"UPDATE chart_entry SET {change} WHERE kind = 'account'"))  # noqa: S608


days = st.dates(date(2020, 1, 1), date(2028, 12, 31))


@given(st.lists(st.tuples(st.sampled_from("AB"), days, st.none() | st.integers(0, 400)), max_size=12))
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)
def test_a_code_has_one_row_on_a_day_and_the_way_back_is_the_same(
    rows: list[tuple[str, date, int | None]],
) -> None:
    """Rows handed in at once: the latest begun holds on each day, recounted by looking at each row."""
    given_rows = {
        (code, first): ChartRow(TASK, code, f"{code} {first}", first, first + timedelta(days=n) if n else None, "Bron")
        for code, first, n in rows
    }
    content = file_of(given_rows.values())
    if not given_rows:
        return
    read, unused = rows_of(content)
    assert [astuple(one.row) for one in read] == [astuple(row) for row in given_rows.values()]
    assert not unused
    plan = commands._plan((), read, (), TODAY)
    chart = Chart(one.row for one in plan.rows)
    for code in "AB":
        own = sorted(first for of, first in given_rows if of == code)
        for day in {*own, *(first - timedelta(days=1) for first in own), date(2024, 5, 5)}:
            begun = [first for first in own if first <= day]
            row = given_rows[code, begun[-1]] if begun else None
            expected = row if row and (row.valid_to is None or row.valid_to >= day) else None
            found = chart.at(TASK, code, day)
            assert (found and found.label) == (expected and expected.label)
            holding = [one for one in chart.of(TASK) if one.code == code and one.holds(day)]
            assert len(holding) <= 1
