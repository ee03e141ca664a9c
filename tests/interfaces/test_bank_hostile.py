"""What somebody who means harm, or a broken download, may upload as a bank file."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.interfaces.bank import BankFileError, read_all
from tests.bank_messages import batch, block, detail, document, entry, line, report, statement, status_report

GOOD = statement(report(entry(details=f"<NtryDtls>{batch(2)}{detail('A', '1.00')}</NtryDtls>")))
HEAD = b'<?xml version="1.0" encoding="UTF-8"?>'
CODES = {
    "bank_file_too_big",
    "bank_file_encoding",
    "bank_file_doctype",
    "bank_file_not_xml",
    "bank_file_unknown_kind",
    "bank_file_incomplete",
    "bank_file_wrong_currency",
}


def code_of(data: bytes, **limits: int) -> str:
    with pytest.raises(BankFileError) as refused:
        read_all(data, **limits)
    return refused.value.code


def with_doctype(declarations: str, text: str) -> bytes:
    return GOOD.replace(HEAD, HEAD + f"<!DOCTYPE Document [{declarations}]>".encode()).replace(b"MSG-1", text.encode())


def test_a_bomb_of_entities() -> None:
    laughs = "".join(
        f'<!ENTITY lol{step} "{f"&lol{step - 1};" * 10}">' if step else '<!ENTITY lol0 "lol">' for step in range(10)
    )
    assert code_of(with_doctype(laughs, "&lol9;")) == "bank_file_doctype"


def test_an_entity_that_reads_one_of_our_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the password")
    assert code_of(with_doctype(f'<!ENTITY x SYSTEM "{secret.as_uri()}">', "&x;")) == "bank_file_doctype"


@pytest.mark.parametrize(
    "doctype",
    [
        b"<!DOCTYPE Document>",
        b'<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/evil.dtd">',
        b'<!DOCTYPE Document [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]>',
        b'<!DOCTYPE Document [<!ATTLIST Document a CDATA "&x;"> <!ENTITY x "y">]>',
    ],
)
def test_any_document_type(doctype: bytes) -> None:
    assert code_of(GOOD.replace(HEAD, HEAD + doctype)) == "bank_file_doctype"


def test_an_entity_that_nobody_declared() -> None:
    assert code_of(GOOD.replace(b"MSG-1", b"&evil;")) == "bank_file_not_xml"


def test_an_include_is_only_text() -> None:
    include = b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
    assert code_of(GOOD.replace(b"MSG-1", include)) == "bank_file_incomplete"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "cp037"])
def test_another_encoding_cannot_hide_anything(encoding: str) -> None:
    text = with_doctype('<!ENTITY x "y">', "&x;").decode().replace("UTF-8", encoding)
    assert code_of(text.encode(encoding)) in {"bank_file_encoding", "bank_file_not_xml"}


@pytest.mark.parametrize("declared", [b"UTF-16", b"UTF-7", b"ISO-8859-1", b"EBCDIC-CP-NL"])
def test_an_encoding_that_is_only_declared(declared: bytes) -> None:
    assert code_of(GOOD.replace(b"UTF-8", declared)) == "bank_file_encoding"


@pytest.mark.parametrize("head", [b"", b"\xef\xbb\xbf" + HEAD, b"\xef\xbb\xbf", b"<?xml version='1.0'?>"])
def test_utf_8_in_all_its_forms(head: bytes) -> None:
    name = "Jörgen".encode()
    (read_back,) = read_all(GOOD.replace(HEAD, head).replace(b"MSG-1", name))
    assert read_back.message_id == "Jörgen"


def test_a_file_that_is_too_big() -> None:
    assert code_of(GOOD + b" " * 21_000_000) == "bank_file_too_big"
    assert code_of(GOOD, max_bytes=len(GOOD) - 1) == "bank_file_too_big"
    assert len(read_all(GOOD, max_bytes=len(GOOD))) == 1


def test_a_file_of_nothing_but_elements() -> None:
    assert code_of(GOOD.replace(b"MSG-1", b"<a/>" * 2_200_000)) == "bank_file_too_big"


@pytest.mark.parametrize("depth", [300, 100_000])
def test_elements_in_elements_in_elements(depth: int) -> None:
    assert code_of(GOOD.replace(b"MSG-1", b"<a>" * depth + b"</a>" * depth)) == "bank_file_not_xml"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"\0",
        b"not xml at all",
        b":20:940S123456\n:25:NL91ABNA0417164300 EUR",
        b"%PDF-1.7",
        b"PK\x03\x04",
        GOOD[: len(GOOD) // 2],
        GOOD[:-1],
        GOOD + b"<more/>",
        GOOD.replace(b"MSG-1", b"MSG\0-1"),
        GOOD.replace(b"MSG-1", b"MSG&#0;-1"),
        GOOD.replace(b"MSG-1", b"MSG&#x1F;-1"),
        GOOD.replace(b"<Stmt>", b"<Stmt a='1' a='2'>"),
        GOOD + b"\0",
    ],
)
def test_what_is_not_xml(data: bytes) -> None:
    assert code_of(data) == "bank_file_not_xml"


@pytest.mark.parametrize(
    "data",
    [
        b"<html><body>Sign in again</body></html>",
        b"<Document/>",
        document("camt.052.001.08", "<BkToCstmrAcctRpt/>"),
        document("pacs.004.001.09", "<PmtRtr/>"),
        document("pain.001.001.09", "<CstmrCdtTrfInitn/>"),
        document("camt.053.001.01", "<BkToCstmrStmt/>"),
        document("camt.053.002.02", "<BkToCstmrStmt/>"),
        GOOD.replace(b"urn:iso:std:iso:20022:tech:xsd:", b"urn:evil:"),
        GOOD.replace(b"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08", b""),
        GOOD.replace(b"Document", b"Dokument"),
    ],
)
def test_a_file_of_another_kind(data: bytes) -> None:
    assert code_of(data) == "bank_file_unknown_kind"


def test_elements_of_another_namespace_are_not_ours() -> None:
    disguised = GOOD.replace(b"<GrpHdr>", b'<GrpHdr xmlns="urn:evil">')
    assert code_of(disguised) == "bank_file_incomplete"


def test_comments_and_instructions_inside_a_value_change_nothing() -> None:
    (read_back,) = read_all(GOOD.replace(b"MSG-1", b"MS<!-- -->G<?php evil() ?>-1"))
    assert read_back.message_id == "MSG-1"


def test_an_error_says_where_and_not_what() -> None:
    with pytest.raises(BankFileError) as refused:
        read_all(GOOD.replace(b"12.50", b"<script>"))
    assert refused.value.detail == "line 1"


REPORT = status_report(block(line("A", "RJCT", "AC04", "text", "1.00")), group="<GrpSts>PART</GrpSts>")


@given(st.sampled_from([GOOD, REPORT]), st.data())
def test_a_damaged_file_is_read_or_gives_a_code(good: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(len(good), start + 40)))
    damage = data.draw(st.one_of(st.binary(max_size=8), st.text(max_size=8).map(str.encode)))
    try:
        read_all(good[:start] + damage + good[end:])
    except BankFileError as refused:
        code = refused.code
    else:
        code = "bank_file_not_xml"
    assert code in CODES


@given(st.binary(max_size=400))
def test_any_bytes_give_a_code(data: bytes) -> None:
    assert code_of(data) in CODES
