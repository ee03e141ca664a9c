from datetime import UTC, datetime

import pytest

from portal.interfaces.bank import (
    OTHER_REASON,
    REASONS,
    BankFileError,
    LineStatus,
    PaymentStatus,
    StatusReport,
    read,
    return_reason_key,
)
from tests.bank_messages import block, line, status_report

REFUSED = "<PmtInfSts>RJCT</PmtInfSts><StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf>"
PARTLY = "<GrpSts>PART</GrpSts>"


def read_report(data: bytes) -> StatusReport:
    report = read(data)
    assert isinstance(report, StatusReport)
    return report


@pytest.mark.parametrize("version", [3, 10, 12, 15])
def test_a_report_of_any_version(version: int) -> None:
    report = read_report(
        status_report(
            block(
                line("DEC-1", "ACSC", amount="12.50"),
                line("DEC-2", "RJCT", "AC04", "Account closed"),
                status="<PmtInfSts>PART</PmtInfSts>",
            ),
            group=PARTLY,
            version=version,
        )
    )

    assert report == StatusReport(
        message_id="STS-1",
        original_message_id="FILE-1",
        created=datetime(2026, 11, 24, 8, 5, tzinfo=UTC),  # 09:05 without an offset is Dutch time
        group_status="PART",
        group_reason=None,
        group_text=None,
        payment_statuses=(PaymentStatus("BLOCK-1", "PART", None, None),),
        lines=(
            LineStatus("DEC-1", "ACSC", None, None, 1250, "BLOCK-1"),
            LineStatus("DEC-2", "RJCT", "AC04", "Account closed", None, "BLOCK-1"),
        ),
    )


def test_a_file_refused_as_a_whole() -> None:
    report = read_report(
        status_report(
            group="<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>FF01</Cd></Rsn>"
            "<AddtlInf>line 3</AddtlInf><AddtlInf>column 7</AddtlInf></StsRsnInf>"
        )
    )

    assert (report.group_status, report.group_reason, report.group_text) == (
        "RJCT",
        "FF01",
        "line 3 column 7",
    )
    assert report.lines == ()
    assert report.status_of("DEC-1", "BLOCK-1") == LineStatus(
        "DEC-1", "RJCT", "FF01", "line 3 column 7", None, "BLOCK-1"
    )


def test_a_block_refused_as_a_whole() -> None:
    report = read_report(status_report(block(status=REFUSED) + block(identification="BLOCK-2"), group=PARTLY))

    assert report.status_of("DEC-1", "BLOCK-1") == LineStatus("DEC-1", "RJCT", "AM04", None, None, "BLOCK-1")
    assert report.status_of("DEC-2", "BLOCK-2") is None


def test_a_payment_has_its_own_status_before_that_of_its_block() -> None:
    report = read_report(status_report(block(line("DEC-1", "PDNG"), status=REFUSED)))

    own = report.status_of("DEC-1", "BLOCK-1")
    assert own is not None
    assert own.status == "PDNG"


def test_a_line_without_status_has_that_of_its_block() -> None:
    report = read_report(status_report(block(line("DEC-1", reason="AC01"), status=REFUSED)))
    assert report.lines == (LineStatus("DEC-1", "RJCT", "AC01", None, None, "BLOCK-1"),)


def test_a_payment_that_a_partly_accepted_file_does_not_list_stays_open() -> None:
    report = read_report(status_report(block(line("DEC-1", "RJCT", "AC04")), group=PARTLY))
    assert report.status_of("DEC-2", "BLOCK-1") is None


def test_an_identification_that_the_bank_did_not_get() -> None:
    report = read_report(status_report(block(line("NOTPROVIDED", "RJCT"))))
    assert report.lines[0].end_to_end_id is None


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (status_report(block(line("DEC-1"))), "TxInfAndSts/TxSts"),
        (status_report(block(line("DEC-1"), status="<PmtInfSts>PART</PmtInfSts>")), "TxInfAndSts/TxSts"),
        (status_report(block(line("DEC-1", "ACCP", amount="1.234"))), "TxInfAndSts/OrgnlTxRef/Amt/InstdAmt"),
        (status_report(block(identification=" ")), "OrgnlPmtInfAndSts/OrgnlPmtInfId"),
        (status_report().replace(b"OrgnlMsgId", b"OtherMsgId"), "OrgnlGrpInfAndSts/OrgnlMsgId"),
        (status_report().replace(b"OrgnlGrpInfAndSts", b"Other"), "CstmrPmtStsRpt/OrgnlGrpInfAndSts"),
        (status_report().replace(b"CstmrPmtStsRpt", b"Other"), "Document/CstmrPmtStsRpt"),
        (status_report().replace(b"2026-11-24T", b"2026-13-24T"), "CstmrPmtStsRpt/GrpHdr/CreDtTm"),
        (status_report().replace(b"2026-11-24T", b"20261124T"), "CstmrPmtStsRpt/GrpHdr/CreDtTm"),
    ],
)
def test_what_is_missing_is_named(data: bytes, detail: str) -> None:
    with pytest.raises(BankFileError) as refused:
        read(data)
    assert (refused.value.code, refused.value.detail) == ("bank_file_incomplete", detail)


def test_an_old_kind_of_report_is_not_known() -> None:
    with pytest.raises(BankFileError) as refused:
        read(status_report(version=2))
    assert (refused.value.code, refused.value.detail) == ("bank_file_unknown_kind", "pain.002.001.02")


@pytest.mark.parametrize("code", ["AC01", "AC04", "AC06", "AG01", "AM04", "AM05", "BE05", "MD07", "MS03", "RC01"])
def test_a_reason_is_a_sentence(code: str) -> None:
    assert return_reason_key(code) == return_reason_key(code.lower()) == REASONS[code]


def test_every_reason_reads_as_a_sentence() -> None:
    for sentence in (*REASONS.values(), OTHER_REASON):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert len(sentence.split()) <= 14


@pytest.mark.parametrize("code", ["ZZ99", "", None])
def test_an_unknown_reason_is_a_sentence_too(code: str | None) -> None:
    assert return_reason_key(code) == OTHER_REASON
