"""Our files and the bank's, through a simulator that knows nothing of this project."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from portal.interfaces.bank import (
    Debtor,
    Entry,
    Statement,
    StatusReport,
    Transfer,
    credit_transfer,
    read,
    return_reason_key,
)
from tests.bank_simulator import (
    CLOSED_ACCOUNT,
    ELSEWHERE,
    NO_SUCH_BANK,
    OUR_ACCOUNT,
    POOR_ACCOUNT,
    Bank,
    running_bank,
)

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
WEDNESDAY = date(2026, 11, 25)
PAID = Transfer("DEC-1", "Jörgen Müller", ELSEWHERE, 1250, "Declaratie DEC-1")
TO_CLOSED = replace(PAID, end_to_end_id="DEC-2", iban=CLOSED_ACCOUNT)
TO_NOWHERE = replace(PAID, end_to_end_id="DEC-3", iban=NO_SUCH_BANK)
PAID_TOO = replace(PAID, end_to_end_id="DEC-4", iban="NL91ABNA0417164300", cents=9_999_999)


@pytest.fixture
def bank() -> Iterator[Bank]:
    with running_bank() as running:
        yield running


def payment_file(*transfers: Transfer, message_id: str = "FILE-1", payer: str = OUR_ACCOUNT) -> bytes:
    return credit_transfer(
        message_id=message_id,
        payment_info_id=f"{message_id}-1",
        created_at=NOW,
        debtor=Debtor("Gemeente Voorbeeld", payer, "MOCKNL2A"),
        execution_date=WEDNESDAY,
        transfers=transfers,
    )


def read_report(data: bytes) -> StatusReport:
    report = read(data)
    assert isinstance(report, StatusReport)
    return report


def read_statements(files: list[bytes]) -> list[Statement]:
    return [answer for answer in map(read, files) if isinstance(answer, Statement)]


def booked(statements: list[Statement]) -> list[Entry]:
    return [entry for statement in statements for entry in statement.entries]


def test_from_payment_file_to_statement(bank: Bank) -> None:
    report = read_report(bank.submit(payment_file(PAID, TO_CLOSED, TO_NOWHERE, PAID_TOO)))

    assert (report.original_message_id, report.group_status) == ("FILE-1", "PART")
    assert [(line.end_to_end_id, line.status, line.reason) for line in report.lines] == [
        ("DEC-1", "ACCP", None),
        ("DEC-2", "RJCT", "AC04"),
        ("DEC-3", "RJCT", "RC01"),
        ("DEC-4", "ACCP", None),
    ]
    assert return_reason_key(report.lines[1].reason) == "The account is closed."
    assert bank.statements() == []

    bank.advance(2)
    statements = read_statements(bank.statements(OUR_ACCOUNT))

    assert all(one.gap_cents == 0 for one in statements)
    assert [(one.end_to_end_id, one.cents, one.booked_on) for one in booked(statements)] == [
        ("DEC-1", -1250, WEDNESDAY),
        ("DEC-4", -9_999_999, WEDNESDAY),
    ]
    first = booked(statements)[0]
    assert (first.counterparty_name, first.counterparty_iban) == ("Jorgen Muller", ELSEWHERE)
    assert (first.payment_information_id, first.original_message_id) == ("FILE-1-1", "FILE-1")
    assert not first.is_return


def test_a_payment_that_comes_back(bank: Bank) -> None:
    bank.return_later(OUR_ACCOUNT, "DEC-4", days=2, reason="MD07")
    bank.submit(payment_file(PAID, PAID_TOO))
    bank.advance(7)
    statements = read_statements(bank.statements(OUR_ACCOUNT))
    paid, paid_too, returned = booked(statements)

    assert not paid.is_return
    assert not paid_too.is_return
    assert (returned.end_to_end_id, returned.cents) == ("DEC-4", 9_999_999)
    assert (returned.is_return, returned.return_reason) == (True, "MD07")
    assert returned.booked_on == date(2026, 11, 27)
    assert all(one.gap_cents == 0 for one in statements)


def test_the_bank_tells_on_the_day_itself(bank: Bank) -> None:
    bank.submit(payment_file(PAID))
    bank.advance(1)
    (told,) = read_statements(bank.notifications(OUR_ACCOUNT))

    assert told.kind == "camt.054"
    assert [entry.end_to_end_id for entry in told.entries] == ["DEC-1"]


def test_a_file_sent_twice_is_paid_once(bank: Bank) -> None:
    once = payment_file(PAID)
    assert read_report(bank.submit(once)).group_status == "ACCP"
    again = read_report(bank.submit(once))

    assert (again.group_status, again.group_reason) == ("RJCT", "DUPL")
    refused = again.status_of("DEC-1", "FILE-1-1")
    assert refused is not None
    assert refused.reason == "DUPL"


def test_not_enough_money(bank: Bank) -> None:
    report = read_report(bank.submit(payment_file(PAID_TOO, PAID, payer=POOR_ACCOUNT)))
    assert [(line.status, line.reason) for line in report.lines] == [("RJCT", "AM04"), ("ACCP", None)]


def test_a_whole_file_refused(bank: Bank) -> None:
    bank.behave(OUR_ACCOUNT, "reject-file")
    report = read_report(bank.submit(payment_file(PAID)))
    assert (report.group_status, report.group_reason, report.lines) == ("RJCT", "FF01", ())


def test_a_bank_that_stays_silent(bank: Bank) -> None:
    bank.behave(OUR_ACCOUNT, "silent")
    assert bank.submit(payment_file(PAID)) == b""


def test_an_entry_left_out_of_the_statement_is_noticed(bank: Bank) -> None:
    bank.behave(OUR_ACCOUNT, "statement-gap")
    bank.submit(payment_file(PAID, PAID_TOO))
    bank.advance(2)
    *_, last = read_statements(bank.statements(OUR_ACCOUNT))

    assert [entry.end_to_end_id for entry in last.entries] == ["DEC-1"]
    assert last.gap_cents == -PAID_TOO.cents


def test_our_account_closed_before_the_payment_date(bank: Bank) -> None:
    bank.submit(payment_file(PAID))
    bank.close_account(OUR_ACCOUNT)
    bank.advance(2)
    (later,) = map(read_report, bank.status_reports())

    assert later.group_status is None
    assert [(line.end_to_end_id, line.status, line.reason) for line in later.lines] == [("DEC-1", "RJCT", "AC04")]


def test_more_municipalities_at_one_bank(bank: Bank) -> None:
    bank.open_account("NL50BNGH0285112233", "Gemeente Twee", 5_000)
    bank.close_account("NL91ABNA0417164300")
    bank.forget_bank_of(ELSEWHERE)
    report = read_report(bank.submit(payment_file(PAID, PAID_TOO, payer="NL50BNGH0285112233")))
    assert [line.reason for line in report.lines] == ["RC01", "AC04"]


def test_money_that_we_did_not_send(bank: Bank) -> None:
    bank.receive(OUR_ACCOUNT, 7_500, "Voorschot 2026-11 terug", payer="J. Jansen")
    bank.advance(1)
    (received,) = booked(read_statements(bank.statements(OUR_ACCOUNT)))

    assert (received.cents, received.end_to_end_id, received.is_return) == (7_500, None, False)
    assert (received.counterparty_name, received.description) == ("J. Jansen", "Voorschot 2026-11 terug")


def test_a_day_on_which_banks_are_closed(bank: Bank) -> None:
    bank.close_on([WEDNESDAY])
    bank.submit(payment_file(PAID))
    bank.advance(3)
    (paid,) = booked(read_statements(bank.statements(OUR_ACCOUNT)))
    assert paid.booked_on == date(2026, 11, 26)
