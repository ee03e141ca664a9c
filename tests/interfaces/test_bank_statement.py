from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.interfaces.bank import BankFileError, Entry, Statement, read, read_all
from tests.bank_messages import (
    ACCOUNT,
    PAYEE,
    balance,
    batch,
    detail,
    entry,
    old_detail,
    parties,
    report,
    statement,
)

OLD_STATUS = "<Sts>BOOK</Sts>"
RETURNED = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"


def read_statement(data: bytes) -> Statement:
    answer = read(data)
    assert isinstance(answer, Statement)
    return answer


def entries(*bookings: str, version: int = 8) -> tuple[Entry, ...]:
    return read_statement(statement(report(*bookings), version=version)).entries


def group(*content: str) -> str:
    return f"<NtryDtls>{''.join(content)}</NtryDtls>"


def test_a_payment_booked_by_itself() -> None:
    paid = detail(
        "DEC-1",
        "12.50",
        parties=parties("J. Jansen"),
        remittance="<RmtInf><Ustrd>Declaratie</Ustrd><Ustrd>DEC-1</Ustrd></RmtInf>",
    )
    assert entries(entry(details=group(paid))) == (
        Entry(
            reference="REF-1",
            booked_on=date(2026, 11, 25),
            cents=-1250,
            end_to_end_id="DEC-1",
            counterparty_name="J. Jansen",
            counterparty_iban=PAYEE,
            description="Declaratie DEC-1",
            return_reason=None,
            is_return=False,
            payment_information_id=None,
            original_message_id=None,
            transactions=1,
            booked=True,
        ),
    )


def test_the_statement_itself() -> None:
    read_back = read_statement(
        statement(report(balance("OPBD", "100.00"), balance("CLBD", "87.50"), entry(details=group(detail("D")))))
    )

    assert (read_back.kind, read_back.message_id, read_back.statement_id) == ("camt.053", "MSG-1", "STMT-1")
    assert read_back.iban == ACCOUNT
    assert read_back.created == datetime(2026, 11, 26, 5, tzinfo=UTC)
    assert (read_back.opening_cents, read_back.closing_cents, read_back.gap_cents) == (10000, 8750, 0)


def test_a_batch_of_the_old_version_is_taken_apart() -> None:
    booked = entry(
        "30.00",
        status=OLD_STATUS,
        details=group(batch(2, "30.00"), old_detail("DEC-1", "12.50"), old_detail("DEC-2", "17.50")),
    )
    first, second = entries(booked, version=2)

    assert (first.end_to_end_id, first.cents) == ("DEC-1", -1250)
    assert (second.end_to_end_id, second.cents) == ("DEC-2", -1750)
    assert first.payment_information_id == second.payment_information_id == "BLOCK-1"
    assert first.original_message_id == "FILE-1"
    assert first.transactions == second.transactions == 1
    assert (first.counterparty_name, first.counterparty_iban) == ("J. Jansen", PAYEE)


def test_a_batch_without_details_keeps_its_total() -> None:
    (booked,) = entries(entry("30.00", details=group(batch(2))))

    assert (booked.cents, booked.transactions) == (-3000, 2)
    assert (booked.payment_information_id, booked.original_message_id) == ("BLOCK-1", "FILE-1")
    assert booked.end_to_end_id is None
    assert booked.description == "as the bank saw it"


def test_several_batches_in_one_booking() -> None:
    first, second = entries(entry("30.00", details=group(batch(2, "10.00")) + group(batch(3, "20.00"))))
    assert [(one.cents, one.transactions) for one in (first, second)] == [(-1000, 2), (-2000, 3)]


def test_what_the_details_do_not_explain_is_not_lost() -> None:
    details = group(detail("DEC-1", "12.50"), detail("DEC-2", "17.00"))
    *known, rest = entries(entry("30.00", details=details))

    assert [one.end_to_end_id for one in known] == ["DEC-1", "DEC-2"]
    assert (rest.cents, rest.end_to_end_id, rest.transactions) == (-50, None, 0)


def test_one_detail_of_a_larger_batch() -> None:
    known, rest = entries(entry("30.00", details=group(batch(5), detail("DEC-1", "12.50"))))
    assert (known.cents, rest.cents) == (-1250, -1750)


def test_the_booking_counts_when_a_single_detail_has_another_amount() -> None:
    foreign = (
        "<TxDtls><Refs><EndToEndId>DEC-1</EndToEndId></Refs><AmtDtls><InstdAmt>"
        '<Amt Ccy="USD">13.75</Amt></InstdAmt></AmtDtls></TxDtls>'
    )
    (only,) = entries(entry("12.50", details=group(foreign)))
    assert (only.end_to_end_id, only.cents) == ("DEC-1", -1250)


def test_a_booking_without_details() -> None:
    (costs,) = entries(entry("4.95"))
    assert (costs.cents, costs.end_to_end_id, costs.transactions) == (-495, None, 1)


def test_a_return_is_recognised_and_says_why() -> None:
    back = detail("DEC-1", "12.50", parties=parties("J. Jansen"), returned=RETURNED)
    (returned,) = entries(entry(side="CRDT", details=group(back)))

    assert (returned.is_return, returned.return_reason, returned.cents) == (True, "AC04", 1250)
    assert (returned.end_to_end_id, returned.counterparty_name) == ("DEC-1", "J. Jansen")


@pytest.mark.parametrize("code", ["RRTN", "RPCR"])
def test_a_return_by_its_transaction_code(code: str) -> None:
    (returned,) = entries(entry(side="CRDT", code=code, details=group(detail("DEC-1"))))
    assert (returned.is_return, returned.return_reason) == (True, None)


@pytest.mark.parametrize(("written", "is_return"), [("true", True), ("1", True), ("false", False)])
def test_a_reversal(written: str, is_return: bool) -> None:
    (reversed_,) = entries(entry(side="CRDT", extra=f"<RvslInd>{written}</RvslInd>"))
    assert reversed_.is_return is is_return


@pytest.mark.parametrize(
    ("side", "both", "name"),
    [
        ("DBIT", parties(payee="Payee", payer="Us", payer_iban=ACCOUNT), "Payee"),
        ("CRDT", parties(payee="Us", payer="Payer", payee_iban=ACCOUNT), "Payer"),
        ("CRDT", parties(payee="Payee", payer="Us", payer_iban=ACCOUNT), "Payee"),  # the original, returned
        ("CRDT", parties(payee="Payee"), "Payee"),
        ("DBIT", "", None),
    ],
)
def test_who_is_on_the_other_side(side: str, both: str, name: str | None) -> None:
    (one,) = entries(entry(side=side, details=group(detail("D", parties=both))))
    assert one.counterparty_name == name


@pytest.mark.parametrize(
    ("remittance", "description"),
    [
        ("", "as the bank saw it"),
        ("<RmtInf><Strd><CdtrRefInf><Ref>RF18</Ref></CdtrRefInf></Strd></RmtInf>", "RF18"),
        ("<AddtlTxInf>more</AddtlTxInf>", "more"),
        ("<RmtInf><Ustrd> </Ustrd></RmtInf>", "as the bank saw it"),
    ],
)
def test_the_description(remittance: str, description: str) -> None:
    (one,) = entries(entry(details=group(detail("D", remittance=remittance))))
    assert one.description == description


@pytest.mark.parametrize(
    ("status", "booked"),
    [
        ("<Sts>BOOK</Sts>", True),
        ("<Sts><Cd>BOOK</Cd></Sts>", True),
        ("<Sts>PDNG</Sts>", False),
        ("<Sts><Cd>INFO</Cd></Sts>", False),
        ("<Sts><Prtry>OWN</Prtry></Sts>", False),
    ],
)
def test_what_is_only_announced_is_not_booked(status: str, booked: bool) -> None:
    (one,) = entries(entry(status=status))
    assert one.booked is booked


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("<BookgDt><Dt>2026-11-24</Dt></BookgDt>", date(2026, 11, 24)),
        ("<BookgDt><Dt>2026-11-24+01:00</Dt></BookgDt>", date(2026, 11, 24)),
        (
            "<BookgDt><DtTm>2026-11-24T23:30:00Z</DtTm></BookgDt>",
            date(2026, 11, 25),
        ),  # half past midnight here
        ("", date(2026, 11, 25)),  # by value date
    ],
)
def test_the_day_of_booking(written: str, day: date) -> None:
    (one,) = entries(entry(booked=written))
    assert one.booked_on == day


def test_an_identification_that_was_not_given() -> None:
    (one,) = entries(entry(details=group(detail("NOTPROVIDED"))))
    assert one.end_to_end_id is None


def test_a_notification_reads_like_a_statement() -> None:
    told = read_statement(statement(report(entry(details=group(detail("DEC-1")))), kind="camt.054"))
    assert (told.kind, told.entries[0].end_to_end_id) == ("camt.054", "DEC-1")
    assert told.gap_cents is None


def test_a_statement_without_movements() -> None:
    assert entries() == ()


def test_an_entry_that_the_bank_left_out_shows_as_a_gap() -> None:
    books = (
        balance("PRCD", "100.00"),
        balance("CLBD", "20.00", "DBIT"),
        entry("110.00"),
        entry(status=OLD_STATUS),
    )
    pending = entry("7.00", status="<Sts>PDNG</Sts>")
    assert read_statement(statement(report(*books, pending))).gap_cents == 250


def test_a_file_with_the_statements_of_several_accounts() -> None:
    data = statement(report(identification="A"), report(identification="B", iban=PAYEE))

    assert [one.iban for one in read_all(data) if isinstance(one, Statement)] == [ACCOUNT, PAYEE]
    with pytest.raises(BankFileError) as refused:
        read(data)
    assert refused.value.code == "bank_file_several"


@given(
    st.lists(st.tuples(st.integers(0, 10**15), st.sampled_from(["CRDT", "DBIT"])), min_size=2, max_size=8),
    st.integers(0, 10**15),
    st.sampled_from(["CRDT", "DBIT"]),
)
def test_a_booking_always_adds_up(parts: list[tuple[int, str]], total: int, side: str) -> None:
    def euros(cents: int) -> str:
        return f"{cents // 100}.{cents % 100:02}"

    details = "".join(
        detail(f"D{number}", euros(cents)).replace("</Amt>", f"</Amt><CdtDbtInd>{sign}</CdtDbtInd>")
        for number, (cents, sign) in enumerate(parts)
    )
    read_back = entries(entry(euros(total), side=side, details=group(details)))

    assert sum(one.cents for one in read_back) == (total if side == "CRDT" else -total)
    assert [one.cents for one in read_back][: len(parts)] == [
        cents if sign == "CRDT" else -cents for cents, sign in parts
    ]
