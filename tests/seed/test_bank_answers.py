"""The seeded bank writes files that the portal's reader understands, also in its details."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from portal.interfaces.bank import Statement, StatusReport, read
from seed.bank_answers import Answered, Booked, statement, status_report
from seed.organisation import invented_iban

AT = datetime(2026, 11, 24, 5, 36, tzinfo=UTC)
OURS, THEIRS = invented_iban(1001), invented_iban(42)


@pytest.mark.parametrize("version", [3, 10])
@pytest.mark.parametrize(("refused", "group"), [(("", ""), "ACSP"), (("AC04", ""), "PART"), (("AC04", "AC01"), "RJCT")])
def test_a_status_report(version: int, refused: tuple[str, str], group: str) -> None:
    lines = [Answered(f"DEC-{n}", 1000 + n, code) for n, code in enumerate(refused)]
    report = read(status_report("FILE-1", AT, lines, version=version))
    assert isinstance(report, StatusReport)
    assert (report.original_message_id, report.group_status, report.created) == ("FILE-1", group, AT)
    assert [(line.end_to_end_id, line.cents, line.reason) for line in report.lines] == [
        (line.end_to_end_id, line.cents, line.refused or None) for line in lines
    ]


def test_a_statement() -> None:
    bookings = [
        Booked(-4711, "DEC-1", "Zoë & Co", THEIRS),
        Booked(4711, "DEC-1", "Zoë & Co", THEIRS, reason="AC06"),
        Booked(99, name="J. van Doorn", iban=THEIRS, text="Terug"),
    ]
    found = read(statement("S-1", AT, OURS, 500_000, bookings))
    assert isinstance(found, Statement)
    assert (found.iban, found.opening_cents, found.closing_cents, found.gap_cents) == (OURS, 500_000, 500_099, 0)
    paid, returned, stray = found.entries
    assert (paid.cents, paid.end_to_end_id, paid.counterparty_name) == (-4711, "DEC-1", "Zoë & Co")
    assert (returned.cents, returned.is_return, returned.return_reason) == (4711, True, "AC06")
    assert (stray.end_to_end_id, stray.counterparty_name, stray.description) == (None, "J. van Doorn", "Terug")
    assert {entry.booked_on for entry in found.entries} == {date(2026, 11, 24)}
