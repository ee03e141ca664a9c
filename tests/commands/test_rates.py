"""Taking in rates: what is known stays as it is, the same file twice changes nothing, and each day finds its rate."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from portal import cli
from portal.commands.changes import COMMAND_LINE, Author
from portal.commands.rates import TakenIn, take_in
from portal.models.changes import Change
from portal.models.rates import PublishedRate
from portal.queries.rates import known_rates, rates_for, rates_on
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import refused
from tests.rate_files import FRIDAY, MONDAY, RATES, TUESDAY, Rates, as_csv, as_xml
from workflows.rates import LOOKS_BACK


def taken(world: World, rates: Rates = RATES) -> TakenIn:
    with world.db.transaction() as session:
        return take_in(session, COMMAND_LINE, as_csv(rates), "eurofxref-hist.csv", world.clock.now())


def stored(world: World) -> dict[tuple[str, date], str]:
    with world.db.session(writes=False) as session:
        return {(row.currency, row.day): row.rate for row in session.scalars(select(PublishedRate))}


def logged(world: World) -> int:
    with world.db.session(writes=False) as session:
        return session.scalar(select(func.count()).select_from(Change)) or 0


def test_the_same_file_again_changes_nothing(world: World) -> None:
    first = taken(world)
    assert (first.added, first.known, first.differing) == (7, 0, ())
    before = stored(world)
    again = taken(world)
    assert (again.added, again.known, again.differing) == (0, 7, ())
    assert stored(world) == before
    assert logged(world) == 1
    with world.db.transaction() as session:
        other_form = take_in(session, COMMAND_LINE, as_xml(), "eurofxref-hist.xml", world.clock.now())
    assert (other_form.added, other_form.known) == (0, 7)


def test_a_rate_that_differs_is_told_and_ours_stays(world: World) -> None:
    taken(world)
    done = taken(world, {MONDAY: {"USD": "1.2000", "GBP": "0.853150"}, TUESDAY: {"USD": "1.0970"}})
    (one,) = done.differing
    assert (one.known.rate, one.given.rate, one.given.day) == ("1.0961", "1.2000", MONDAY)
    assert (done.added, done.known) == (1, 1)
    assert stored(world)["USD", MONDAY] == "1.0961"
    assert stored(world)["USD", TUESDAY] == "1.0970"
    with world.db.session(writes=False) as session:
        last = session.scalars(select(Change).order_by(Change.id.desc())).first()
        assert last is not None
        assert "1.0961 / 1.2000" in last.new["differing"]


def test_a_rate_of_a_day_to_come_refuses_the_file(world: World) -> None:
    tomorrow = TUESDAY + timedelta(days=1)
    assert refused(lambda: taken(world, {**RATES, tomorrow: {"USD": "1.1"}})) == {"rates_future"}
    assert stored(world) == {}


def test_what_is_of_no_use_is_passed_over(world: World) -> None:
    done = taken(world, {MONDAY: {"USD": "1.0961", "CYP": "0.58"}, date(2001, 3, 1): {"USD": "0.9", "CYP": "0.58"}})
    assert (done.added, done.passed_over) == (1, 3)
    assert stored(world) == {("USD", MONDAY): "1.0961"}


def test_rates_hold_for_all_so_who_does_one_municipality_cannot_add_them(world: World, cast: Cast) -> None:
    author = Author(cast.people["hanna"], frozenset({cast.municipalities["waterveen"]}))
    with world.db.transaction() as session:
        codes = refused(lambda: take_in(session, author, as_csv(), "x.csv", world.clock.now()))
    assert codes == {"outside_your_work"}


def test_a_day_without_a_rate_has_the_last_before_it_but_not_of_long_ago(world: World) -> None:
    taken(world)
    sunday, late = FRIDAY + timedelta(days=2), MONDAY + LOOKS_BACK
    with world.db.session(writes=False) as session:
        book = rates_on(session, {("USD", sunday), ("USD", TUESDAY), ("USD", late), ("SEK", FRIDAY)})
        assert book.at("USD", sunday).day == FRIDAY  # type: ignore[union-attr]
        assert book.at("USD", TUESDAY).day == MONDAY  # type: ignore[union-attr]
        assert book.at("USD", late).day == MONDAY  # type: ignore[union-attr]
        assert book.at("SEK", FRIDAY) is None
        beyond = late + timedelta(days=1)
        assert rates_on(session, {("USD", beyond)}).at("USD", beyond) is None


def test_a_form_asks_for_the_rates_of_its_own_days(world: World) -> None:
    taken(world)
    typed = {
        "lines-0-currency": "USD", "lines-0-date": "2026-11-22", "lines-1-currency": "GBP", "lines-1-date": "gisteren",
        "lines-2-currency": "", "lines-2-date": "2026-11-23", "lines-3-currency": "ZZZ", "lines-3-date": "2026-11-23",
        "lines-4-currency": "SEK", "lines-4-date": "0001-01-01",
    }  # fmt: skip
    with world.db.session(writes=False) as session:
        book = rates_for(session, typed)
        assert book.at("USD", date(2026, 11, 22)) is not None
        assert book.at("GBP", MONDAY) is None
        assert rates_for(session, None).at("USD", MONDAY) is None


def test_administration_sees_the_last_of_each(world: World) -> None:
    taken(world)
    with world.db.session(writes=False) as session:
        known = {row.last.currency: row for row in known_rates(session)}
    assert sorted(known) == ["GBP", "JPY", "SEK", "USD"]
    assert (known["USD"].last.rate, known["USD"].first_day, known["USD"].days) == ("1.0961", FRIDAY, 2)


RATE = st.integers(1, 10**8).map(lambda number: f"{number / 10**4:.4f}")
FILES = st.lists(
    st.dictionaries(st.dates(date(2026, 11, 1), date(2026, 11, 24)), st.fixed_dictionaries({"USD": RATE}), min_size=1,
                    max_size=5), min_size=1, max_size=4,
)  # fmt: skip


@given(FILES)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes_in_the_first_rate_of_a_day_stays(world: World, files: list[Rates]) -> None:
    with world.db.transaction() as session:
        session.execute(delete(PublishedRate))
    expected: dict[tuple[str, date], str] = {}
    for rates in files:
        done = taken(world, rates)
        ours = [(("USD", day), row["USD"]) for day, row in rates.items()]
        assert done.added == sum(key not in expected for key, _ in ours)
        assert {d.given.day for d in done.differing} == {
            key[1] for key, rate in ours if key in expected and float(expected[key]) != float(rate)
        }
        for key, rate in ours:
            expected.setdefault(key, rate)
        assert stored(world) == expected


def test_the_command_line_takes_in_a_file(world: World, tmp_path: Path) -> None:
    environment = {
        "SSC_INSTANCE": str(world.settings.instance), "SSC_DATABASE_URL": world.settings.database_url,
        "SSC_SECRET_KEY": world.settings.secret_key, "SSC_BASE_URL": "http://localhost", "SSC_DEMO": "",
    }  # fmt: skip
    file = tmp_path / "eurofxref-hist.csv"

    def run(content: bytes) -> tuple[int, str]:
        file.write_bytes(content)
        done = CliRunner().invoke(cli.main, ["rates", "import", str(file)], env=environment)
        return done.exit_code, done.output

    history = {date(2025, 3, 3): {"USD": "1.0465"}, date(2025, 3, 4): {"USD": "1.0557"}}
    assert run(as_csv(history)) == (0, "2 new, 0 known, 0 of no use, 0 differ\n")
    assert run(as_csv(history)) == (0, "0 new, 2 known, 0 of no use, 0 differ\n")
    code, said = run(as_csv({date(2025, 3, 4): {"USD": "1.05"}}))
    assert code == 1
    assert "USD 2025-03-04: ours 1.0557, in the file 1.05" in said
    code, said = run(b"<html>")
    assert code == 1
    assert "no file with rates" in said
    assert len(stored(world)) == 2
