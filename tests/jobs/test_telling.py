"""What runs of jobs did, in the language of whoever reads it."""

from __future__ import annotations

import pytest

from portal.i18n import reading_in
from portal.jobs.telling import TOLD_AS, in_words, told, unless_idle


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Mails sent: 2, failed: 1; b.xml: refused (bank_file_not_xml)"),
        ("nl", "Verstuurde mails: 2, mislukt: 1; b.xml: geweigerd (bank_file_not_xml)"),
    ],
)
def test_a_run_is_told_in_the_readers_language(language: str, words: str) -> None:
    done = [*told("mail", sent=2, failed=1), *told("bank_file_refused", name="b.xml", why="bank_file_not_xml")]
    with reading_in(language):
        assert in_words(done) == words


def test_what_is_told_no_longer_stands_as_it_is() -> None:
    assert "forgotten" not in TOLD_AS
    assert in_words(told("forgotten", count=3)) == "forgotten"


def test_nothing_is_told_of_a_run_that_counted_nothing() -> None:
    assert unless_idle("mail", sent=0, failed=0) == []
    assert unless_idle("mail", sent=0, failed=1) == told("mail", sent=0, failed=1)
