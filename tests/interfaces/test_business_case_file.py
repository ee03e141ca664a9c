"""A business case as a file: read exactly or refused in words, and worked out on the command line."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.cli import main
from portal.interfaces.business_case_file import NotABusinessCase, euros, read, written
from tests.workflows.test_business_case import HANDBOOK

ONE_YEAR = "[[years]]\nrunning_cost = 5\ninvestment = 0\n"
TABLE = "current_cost = 750_000\n" + "".join(
    f"[[years]]\nrunning_cost = {running}\ninvestment = {once}\n"
    for running, once in (
        ("750000", "175000"),
        ("7e5", "75000.00"),
        ("650000", "0"),
        ("650000.0", "0"),
        ("650000", "0"),
    )
)

WRONG = (
    ("", "current_cost is missing"),
    (f"current_cost = 5\n{ONE_YEAR}{ONE_YEAR}[[years]]\ninvestment = 1", "years, number 3: running_cost is missing"),
    ("current_cost = 5\n[[years]]\nrunning_cost = 1", "years, number 1: investment is missing"),
    (f'current_cost = "750000"\n{ONE_YEAR}', "current_cost must be a number of euros, without quotes"),
    (f"current_cost = true\n{ONE_YEAR}", "current_cost must be a number of euros, without quotes"),
    (f"current_cost = 2026-01-01\n{ONE_YEAR}", "current_cost must be a number of euros, without quotes"),
    (f"current_cost = -1\n{ONE_YEAR}", "current_cost cannot be negative"),
    (f"current_cost = nan\n{ONE_YEAR}", "current_cost must be a number of euros"),
    (f"current_cost = inf\n{ONE_YEAR}", "current_cost must be a number of euros"),
    (f"current_cost = 1e99\n{ONE_YEAR}", "current_cost is more than 999999999 euros"),
    (f"current_cost = 1e99999999999999999999\n{ONE_YEAR}", "the file is not TOML"),
    (f"current_cost = 0.{'0' * 40}1\n{ONE_YEAR}", "current_cost has more than two digits after the point"),
    (f"current_cost = 1e-999999\n{ONE_YEAR}", "current_cost has more than two digits after the point"),
    ("current_cost = 5", "there are no years"),
    ("current_cost = 5\nyears = []", "there are no years"),
    ("current_cost = 5\nyears = 3", "years must be a list of tables"),
    ("current_cost = 5\nyears = [3]", "years must be a list of tables"),
    (f"current_cost = 5\n{ONE_YEAR * 101}", "there are 101 years"),
    (f'current_cost = 5\n{ONE_YEAR}year = "2027"', "years, number 1: year must be a whole number"),
    (f"current_cost = 5\n{ONE_YEAR}year = 2027\n{ONE_YEAR}year = 2027", "year 2027 does not follow year 2027"),
    (f"current_cost = 5\n{ONE_YEAR}year = 2027\n{ONE_YEAR}year = 2029", "year 2029 does not follow year 2027"),
    ("current_cost = \n", "the file is not TOML"),
    ("a = " + "[" * 5000, "the file is not TOML"),
)  # fmt: skip


def run(path: Path) -> tuple[int, str, str]:
    """What the command line says of a file: how it ended, and what stands on both outputs."""
    done = CliRunner().invoke(main, ["business-case", str(path)])
    return done.exit_code, done.stdout, done.stderr


def test_the_table_of_the_handbook_is_read_and_written_to_the_euro(tmp_path: Path) -> None:
    assert read(TABLE.encode()) == HANDBOOK
    file = tmp_path / "handbook.toml"
    file.write_text(TABLE)
    code, out, err = run(file)
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert told["current_cost"] == 750000
    assert [one["added_value"] for one in told["years"]] == [-175000, -25000, 100000, 100000, 100000]
    assert [one["cumulative"] for one in told["years"]] == [-175000, -200000, -100000, 0, 100000]
    assert [one["saving"] for one in told["years"]] == [0, 50000, 100000, 100000, 100000]
    assert told["break_even_year"] == 4
    assert all(type(value) is int for one in told["years"] for value in one.values())


def test_cents_stay_exact_and_years_count_on_from_the_first() -> None:
    case = read(
        b"current_cost = 100000000.10\n[[years]]\nyear = 2027\nrunning_cost = 99999999.90\ninvestment = 0.30\n"
        b"[[years]]\nrunning_cost = 1e8\ninvestment = 0"
    )
    told = json.loads(written(case), parse_float=Decimal)
    assert [one["year"] for one in told["years"]] == [2027, 2028]
    assert told["years"][0]["saving"] == Decimal("0.20")
    assert told["years"][0]["added_value"] == told["years"][0]["cumulative"] == Decimal("-0.10")
    assert told["break_even_year"] == 2028


@pytest.mark.parametrize(
    ("text", "problem"), WRONG, ids=[problem[:30] + str(at) for at, (_, problem) in enumerate(WRONG)]
)
def test_what_is_wrong_is_said_in_words(text: str, problem: str) -> None:
    with pytest.raises(NotABusinessCase, match=problem):
        read(text.encode())


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_printed_as_outcome(tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text('current_cost = "much"\n[[years]]\nrunning_cost = -1')
    code, out, err = run(file)
    assert (code, out) == (1, "")
    assert [line.rpartition(": ")[2] for line in err.splitlines()] == [
        "current_cost must be a number of euros, without quotes",
        "running_cost cannot be negative",
        "investment is missing",
    ]


def test_a_file_that_is_not_there_or_not_text_ends_with_one(tmp_path: Path) -> None:
    binary = tmp_path / "picture.toml"
    binary.write_bytes(b"\xff\xd8\xff\xe0")
    for path, said in ((tmp_path / "none.toml", "cannot be read"), (tmp_path, "cannot be read"), (binary, "UTF-8")):
        code, out, err = run(path)
        assert (code, out) == (1, "")
        assert said in err


@settings(max_examples=60)
@given(st.integers(0, 99_999_999_900))
def test_every_amount_comes_back_as_it_was_written(cents: int) -> None:
    case = read(f"current_cost = {euros(cents)}\n{ONE_YEAR}".encode())
    assert case.current_cents == cents
    assert json.loads(euros(-cents), parse_float=Decimal) * 100 == -cents


@settings(max_examples=30)
@given(st.text(max_size=20))
def test_any_text_that_is_cut_off_is_refused(text: str) -> None:
    # No text of this length holds a whole business case.
    with pytest.raises(NotABusinessCase):
        read(f"years = [{{running_cost = {text}".encode("utf-8", "surrogatepass"))
