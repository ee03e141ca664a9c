"""CSV: what goes out comes back the same and never computes; what comes in is read as offices write it, or refused."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.interfaces.csv_files import MOST_BYTES, MOST_ROWS, parsed, written
from tests.commands.helpers import refused

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=12).map(str.strip)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2).filter(any), max_size=6))
def test_what_is_written_is_read_back(rows: list[list[str]]) -> None:
    header, found = parsed(written(["naam", "waarde"], rows))
    assert header == ["naam", "waarde"]
    # An apostrophe that somebody typed before what looks like a formula is taken for our own.
    assert [cells for _, cells in found] == [
        [cell[1:] if cell[:1] == "'" and cell[1:2] in tuple("=+-@\t") and cell[1:] else cell for cell in row]
        for row in rows
    ]


@given(st.text(max_size=10))
def test_no_cell_computes(text: str) -> None:
    (_, (cell,)) = csv.reader(io.StringIO(written(["x"], [[text]]).decode("utf-8-sig"), newline=""), delimiter=";")
    assert cell[:1] not in ("=", "@", "\t", "\r")
    assert cell[:1] not in ("+", "-") or cell[1:].replace(",", "").replace(".", "").isascii()


@pytest.mark.parametrize("text", ["=1+1", "+31 6 123", "-x", "@SUM(A1)", "\t=1", "-1+2"])
def test_what_looks_like_a_formula_is_guarded(text: str) -> None:
    assert f"'{text}" in written(["x"], [[text]]).decode("utf-8-sig")


def test_a_number_stays_a_number() -> None:
    assert written(["x"], [["-12,50"]]).decode("utf-8-sig") == "x\r\n-12,50\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("mark", [";", ",", "\t"])
def test_encodings_and_separators(encoding: str, mark: str) -> None:
    content = f"naam{mark}plaats\nZoë Çelik{mark}'s-Gravenhage\n\n".encode(encoding)
    assert parsed(content) == (["naam", "plaats"], [(2, ["Zoë Çelik", "'s-Gravenhage"])])


def test_a_row_knows_the_line_on_which_it_begins() -> None:
    assert parsed(b'a;b\n\n"twee\nregels";x\ny;z\n')[1] == [(3, ["twee\nregels", "x"]), (5, ["y", "z"])]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "csv_empty"), (b"\xef\xbb\xbf \r\n", "csv_empty"), (b"PK\x03\x04\0\0", "csv_not_text"),
        (b"a;b\n\x81\x8d", "csv_not_text"), (b'a;b\n"open', "csv_not_text"), (b"a" * (MOST_BYTES + 1), "csv_too_large"),
        (b"a\n" + b"x\n" * (MOST_ROWS + 1), "csv_too_large"),
    ],
)  # fmt: skip
def test_what_is_no_csv_is_refused(content: bytes, code: str) -> None:
    assert refused(lambda: parsed(content)) == {code}
