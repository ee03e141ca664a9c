import pytest

from portal.interfaces.bank import BankFileError, read
from tests.bank_messages import balance, batch, detail, entry, report, statement


def group(*content: str) -> str:
    return f"<NtryDtls>{''.join(content)}</NtryDtls>"


@pytest.mark.parametrize(
    ("booking", "detail_of_error"),
    [
        (entry(""), "Ntry/Amt"),
        (entry("-12.50"), "Ntry/Amt"),
        (entry("12.505"), "Ntry/Amt"),
        (entry("12.500"), "Ntry/Amt"),
        (entry("12,50"), "Ntry/Amt"),
        (entry("1e3"), "Ntry/Amt"),
        (entry("NaN"), "Ntry/Amt"),
        (entry("١٢"), "Ntry/Amt"),
        (entry("9" * 17), "Ntry/Amt"),
        (entry(side="BOTH"), "Ntry/CdtDbtInd"),
        (entry(side=""), "Ntry/CdtDbtInd"),
        (entry(status=""), "Ntry/Sts"),
        (entry(booked="<BookgDt><Dt>2026-02-30</Dt></BookgDt>"), "Ntry/BookgDt"),
        (entry(booked="<BookgDt><Dt>25-11-2026</Dt></BookgDt>"), "Ntry/BookgDt"),
        (entry(booked="<BookgDt><DtTm>2026-11-25</DtTm></BookgDt>"), "Ntry/BookgDt/DtTm"),
        (entry(booked="<BookgDt><DtTm>0001-01-01T00:00:00+14:00</DtTm></BookgDt>"), "Ntry/BookgDt/DtTm"),
        (entry(details=group(detail("A"), detail("B", "1.00"))), "TxDtls/Amt"),
        (entry(details=group(batch(2)) + group(batch(2, "1.00"))), "Btch/TtlAmt"),
    ],
)
def test_what_is_wrong_in_a_booking_is_named(booking: str, detail_of_error: str) -> None:
    with pytest.raises(BankFileError) as refused:
        read(statement(report(booking)))
    assert (refused.value.code, refused.value.detail) == ("bank_file_incomplete", detail_of_error)


@pytest.mark.parametrize(
    ("element", "detail_of_error"),
    [
        (b"Acct", "Stmt/Acct/Id/IBAN"),
        (b"IBAN", "Stmt/Acct/Id/IBAN"),
        (b"Id", "Stmt/Acct/Id/IBAN"),
        (b"MsgId", "BkToCstmrStmt/GrpHdr/MsgId"),
        (b"GrpHdr", "BkToCstmrStmt/GrpHdr/MsgId"),
        (b"Stmt", "BkToCstmrStmt/Stmt"),
        (b"BkToCstmrStmt", "Document/BkToCstmrStmt"),
    ],
)
def test_what_is_missing_in_a_statement_is_named(element: bytes, detail_of_error: str) -> None:
    data = statement(report())
    for tag in (b"<%s>", b"</%s>"):
        data = data.replace(tag % element, tag % b"Other")
    with pytest.raises(BankFileError) as refused:
        read(data)
    assert (refused.value.code, refused.value.detail) == ("bank_file_incomplete", detail_of_error)


@pytest.mark.parametrize(
    ("booking", "detail_of_error"),
    [
        (entry(currency="USD"), "Ntry/Amt"),
        (entry(currency="eur"), "Ntry/Amt"),
        (entry().replace(' Ccy="EUR"', ""), "Ntry/Amt"),
        (balance("CLBD", "1.00").replace("EUR", "GBP"), "Bal/Amt"),
        (
            entry(details=group(detail("A", "1.00").replace("EUR", "USD"), detail("B", "1.00"))),
            "TxDtls/Amt",
        ),
    ],
)
def test_another_currency_than_the_euro(booking: str, detail_of_error: str) -> None:
    with pytest.raises(BankFileError) as refused:
        read(statement(report(booking)))
    assert (refused.value.code, refused.value.detail) == ("bank_file_wrong_currency", detail_of_error)
