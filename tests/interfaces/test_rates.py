"""Files of the European Central Bank: every form of them says the same, and what is none of them is refused."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.interfaces.rates import MOST_BYTES, read
from tests.rate_files import FRIDAY, MONDAY, RATES, as_csv, as_daily_csv, as_xml, zipped
from workflows.kernel import Refused

RATE = st.decimals(min_value=Decimal("0.0001"), max_value=Decimal("99999"), places=4).map(str)
DAYS = st.dates(min_value=date(1999, 1, 4), max_value=date(2030, 1, 1))
HISTORIES = st.dictionaries(
    DAYS, st.fixed_dictionaries({"USD": RATE, "SEK": st.one_of(st.just("N/A"), RATE)}), min_size=1, max_size=12
)


def found(content: bytes) -> dict[tuple[str, date], str]:
    return {(rate.currency, rate.day): rate.rate for rate in read(content)}


def code_of(content: bytes) -> str:
    with pytest.raises(Refused) as caught:
        read(content)
    (refusal,) = caught.value.refusals
    return refusal.code


def test_the_history_is_read_with_its_gaps() -> None:
    rates = found(as_csv())
    assert rates["USD", FRIDAY] == "1.0944"
    assert rates["SEK", MONDAY] == "11.2380"
    assert ("SEK", FRIDAY) not in rates
    assert len(rates) == 7


def test_every_form_says_the_same() -> None:
    assert found(as_xml()) == found(as_csv()) == found(zipped(("eurofxref-hist.csv", as_csv())))
    assert found(zipped(("eurofxref-hist.xml", as_xml()))) == found(as_csv())
    assert found(b"\xef\xbb\xbf" + as_csv().replace(b"\n", b"\r\n")) == found(as_csv())


def test_the_file_of_one_day_writes_its_day_in_words() -> None:
    assert found(as_daily_csv()) == {(code, MONDAY): rate for code, rate in RATES[MONDAY].items()}
    assert found(zipped(("eurofxref.csv", as_daily_csv()))) == found(as_daily_csv())


@given(HISTORIES)
def test_what_was_written_comes_back_exactly(history: dict[date, dict[str, str]]) -> None:
    expected = {(code, day): rate for day, row in history.items() for code, rate in row.items() if rate != "N/A"}
    assert found(as_csv(history)) == found(as_xml(history)) == expected


@given(st.binary(max_size=300))
def test_rubbish_is_refused_with_one_reason(content: bytes) -> None:
    assert code_of(content).startswith("rates_")


@given(st.sampled_from([as_csv(), as_xml(), zipped(("a.csv", as_csv()))]), st.data())
def test_a_damaged_file_is_refused_or_holds_rates(content: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(content) - 1))
    broken = content[:place] + data.draw(st.binary(max_size=3)) + content[place + data.draw(st.integers(0, 9)) :]
    rates, codes = [], frozenset[str]()
    try:
        rates = read(broken)
    except Refused as refused:
        codes = refused.codes
    assert bool(rates) != bool(codes)
    assert all(rate.number > 0 for rate in rates)
    assert all(code.startswith("rates_") for code in codes)


@pytest.mark.parametrize("content", [
    b"", b"\n\n", b"Naam,Bedrag\nx,1\n", b"Date\n2026-11-23\n", b"Date,USD,USD,\n2026-11-23,1,2,\n", b"Date,us$,\n",
    b"<html><body>Not found</body></html>", b"<Envelope><Cube", b"\xff\xfe\x00", b"%PDF-1.7\n",
])  # fmt: skip
def test_what_is_no_file_of_rates_is_refused(content: bytes) -> None:
    assert code_of(content) == "rates_unknown_format"


@pytest.mark.parametrize("rate", ["0", "0.0000", "-1.0961", "-0"])
def test_a_rate_is_more_than_zero(rate: str) -> None:
    for form in (as_csv, as_xml):
        assert code_of(form({MONDAY: {"USD": rate}})) == "rates_not_positive"


@pytest.mark.parametrize("rate", ["1,0961", "1e3", "NaN", "Infinity", "1.0961.2", "٣.٥", "1.123456789", "9999999999"])
def test_a_rate_is_a_plain_number(rate: str) -> None:
    assert code_of(as_xml({MONDAY: {"USD": rate}})) == "rates_damaged"


@pytest.mark.parametrize(
    "day", ["2026-02-30", "23-11-2026", "31 Novembre 2026", "0001-01-01", "1998-12-31", "20261123"]
)
def test_a_day_is_a_day_on_which_the_euro_had_rates(day: str) -> None:
    assert code_of(f"Date,USD,\n{day},1.0961,\n".encode()) == "rates_damaged"


def test_a_row_has_a_rate_for_each_currency() -> None:
    assert code_of(b"Date,USD,GBP,\n2026-11-23,1.0961\n") == "rates_damaged"
    assert code_of(b"Date,USD,\n2026-11-23,1.0961,0.9,\n") == "rates_damaged"
    assert code_of(as_xml({MONDAY: {"dollar": "1.0961"}})) == "rates_damaged"


def test_a_day_that_is_given_twice_must_say_the_same() -> None:
    twice = as_csv({MONDAY: {"USD": "1.0961"}}) + b"2026-11-23,1.09610,\n"
    assert found(twice) == {("USD", MONDAY): "1.0961"}
    assert code_of(twice + b"2026-11-23,1.0962,\n") == "rates_twice"


def test_a_file_without_any_rate_is_refused() -> None:
    assert code_of(b"Date,USD,\n2026-11-23,N/A,\n") == "rates_empty"
    assert code_of(as_xml({})) == "rates_empty"


def test_a_file_may_not_be_too_large() -> None:
    assert code_of(b"Date,USD,\n" + b"2026-11-23,1.0961,\n" * (MOST_BYTES // 18)) == "rates_too_big"


def test_a_bomb_is_not_unpacked() -> None:
    bomb = zipped(("eurofxref-hist.csv", b"0" * (MOST_BYTES + 1)))
    assert len(bomb) < 100_000
    assert code_of(bomb) == "rates_bomb"


def test_a_zip_holds_one_file_that_can_be_read() -> None:
    assert code_of(zipped()) == "rates_zip"
    assert code_of(zipped(("a.csv", as_csv()), ("b.csv", as_csv()))) == "rates_zip"
    assert code_of(zipped(("a.zip", zipped(("a.csv", as_csv()))))) == "rates_zip"
    assert code_of(b"PK\x03\x04") == "rates_zip"
    locked = bytearray(zipped(("a.csv", as_csv())))
    with zipfile.ZipFile(io.BytesIO(bytes(locked))) as archive:
        directory = archive.start_dir
    locked[6] |= 1
    locked[directory + 8] |= 1
    assert code_of(bytes(locked)) == "rates_zip"


def test_nothing_in_a_document_type_is_read() -> None:
    evil = b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
    assert code_of(as_xml().replace(b"?>", b"?>" + evil, 1)) == "rates_doctype"


def test_a_name_in_the_zip_goes_nowhere() -> None:
    assert found(zipped(("../../etc/cron.d/x", as_csv()))) == found(as_csv())


def test_days_come_in_order() -> None:
    days = [rate.day for rate in read(as_csv({MONDAY - timedelta(days=n): {"USD": "1.1"} for n in range(5)}))]
    assert days == sorted(days)
