"""PDF: only plain pages get in, and no file keeps the parser busy for long."""

import zlib

import pytest

from portal.interfaces.files import FileRefused, take_in
from tests import sample_files
from tests.sample_files import object_stream_pdf, pdf, stream

ACTION = b"/OpenAction 10 0 R"
ACTIVE = {
    "script at opening": pdf([b"<</S/JavaScript/JS(x)>>"], ACTION),
    "script under a disguised name": pdf([b"<</S/J#61vaScript/J#53(x)>>"], ACTION),
    "script whose kind is in another object": pdf([b"<</S 11 0 R>>", b"/J#61vaScript"], ACTION),
    "script in a list of named scripts": pdf([b"<</Names[(a) 11 0 R]>>"], b"/Names<</JavaScript 10 0 R>>"),
    "script in a page event": pdf([b"<</S/JavaScript/JS(x)>>"], page=b"/AA<</O 10 0 R>>"),
    "script as the second action": pdf([b"<</S/URI/URI(x)/Next[<</S/J#61vaScript/JS(x)>>]>>"], ACTION),
    "script in an object stream": object_stream_pdf(b"<</S/JavaScript/JS(x)>>"),
    "a program started": pdf([b"<</S/Launch/F(cmd.exe)>>"], ACTION),
    "a form sent": pdf([b"<</S/SubmitForm/F(http://example.org)>>"], ACTION),
    "another file opened": pdf([b"<</S/GoToR/F(\\\\\\\\host\\\\share)>>"], ACTION),
    "a file inside": pdf([b"<</Type/Filespec/F(a)/EF<</F 11 0 R>>>>", stream(b"x", b"/Type/Embedded#46ile")]),
    "a list of files inside": pdf(catalog=b"/Names<</EmbeddedFiles<<>>>>"),
    "a file pinned to a page": pdf(page=b"/Annots[<</Type/Annot/Subtype/FileAttachment>>]"),
    "a film": pdf(page=b"/Annots[<</Type/Annot/Subtype/RichMedia>>]"),
    "an XML form": pdf(catalog=b"/AcroForm<</XFA 10 0 R/Fields[]>>", extra=[stream(b"<xdp/>")]),
    "a script no reference leads to": pdf([b"<</S/J#61vaScript/J#53(x)>>"]),
}
HARMLESS = {
    "a link": pdf(page=b"/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://x.nl)>>>>]"),
    "a place to open at": pdf([b"<</S/GoTo/D[3 0 R/Fit]>>"], ACTION),
    "a fill-in form": pdf(catalog=b"/AcroForm<</Fields[]>>"),
    "an object stream": object_stream_pdf(b"<</S/GoTo/D[3 0 R/Fit]>>"),
    "a page count in another object": pdf([b"1"], count=b"10 0 R"),
    "blank lines at the end": pdf() + b"\r\n\0\n",
}


def refusal(data: bytes) -> str:
    with pytest.raises(FileRefused) as refused:
        take_in(data, "bon.pdf")
    return refused.value.code


@pytest.mark.parametrize("data", ACTIVE.values(), ids=ACTIVE)
def test_active_content_is_refused(data: bytes) -> None:
    assert refusal(data) == "file_active_content"


@pytest.mark.parametrize("data", HARMLESS.values(), ids=HARMLESS)
def test_plain_documents_are_taken_in(data: bytes) -> None:
    assert take_in(data, "bon.pdf").pages == 1


def test_a_script_in_an_older_revision_is_refused() -> None:
    old = sample_files.pdf_with_script()
    clean = b"1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n10 0 obj\nnull\nendobj\n"
    table = b"xref\n1 1\n%010d 00000 n \n" % len(old)
    trailer = b"trailer\n<</Size 11/Root 1 0 R/Prev %d>>\n" % old.index(b"xref\n")
    assert refusal(old + clean + table + trailer + b"startxref\n%d\n%%%%EOF" % len(old + clean)) == (
        "file_active_content"
    )


@pytest.mark.parametrize(
    "data",
    [
        b"\n" + pdf(),
        b"<html><!--" + pdf(),
        b"MZ" + bytes(100) + pdf(),
        pdf() + b"<script>alert(1)</script>",
        pdf() + b"rubbish",
        pdf() + sample_files.zip_file() + b"\n%%EOF",
        pdf() + b"<html>\n%%EOF",
        pdf([stream(sample_files.zip_file())]) + b"%" + sample_files.zip_file()[-22:-2] + b"\x06\0\n%%EOF",
    ],
)
def test_a_pdf_that_is_a_second_file_as_well_is_refused(data: bytes) -> None:
    assert refusal(data) == "file_polyglot"


@pytest.mark.parametrize("algorithm", ["RC4-40", "RC4-128"])
def test_a_password_is_refused(algorithm: str) -> None:
    assert refusal(sample_files.encrypted_pdf(algorithm)) == "file_encrypted"


def test_an_unknown_cipher_is_refused_as_encrypted() -> None:
    aes = b"<</Filter/Standard/V 5/R 6/Length 256/P -4/O<%s>/U<%s>/OE<%s>/UE<%s>/Perms<%s>/CF<<>>>>"
    data = pdf([aes % (b"00" * 48, b"00" * 48, b"00" * 32, b"00" * 32, b"00" * 16)])
    assert refusal(data.replace(b"/Root 1 0 R", b"/Encrypt 10 0 R/Root 1 0 R")) == "file_encrypted"
    custom = pdf([b"<</Filter/Acme.DRM/V 1>>"]).replace(b"/Root 1 0 R", b"/Encrypt 10 0 R/Root 1 0 R")
    assert refusal(custom) == "file_encrypted"


@pytest.mark.parametrize(
    "data",
    [
        pdf(pages=0),
        pdf()[:-20],
        pdf().replace(b"/Type/Pages", b"/Type/Paged").replace(b"/Kids", b"/Kidz"),
        pdf().replace(b"/Root 1 0 R", b"/Root 9 0 R"),
        pdf().replace(b"xref\n0", b"xrfe\n0"),
        pdf([b"[" * 100_000 + b"]" * 100_000]),
    ],
)
def test_a_broken_pdf_is_refused_as_damaged(data: bytes) -> None:
    assert refusal(data) == "file_damaged"


def test_pages_are_counted_and_not_believed() -> None:
    assert refusal(pdf(pages=51)) == "file_too_many_pages"
    assert refusal(pdf(pages=60, count=b"6")) == "file_too_many_pages"


SLOW = {
    "an object stream of 200 MB": object_stream_pdf(b"", packed=zlib.compress(b"10 0 " + bytes(200_000_000))),
    "endless arrays": pdf([b"[" + b"1 " * 49_000 + b"]"] * 140),
    "an endless text": pdf([b"(" + b"a" * 14_000_000 + b")"]),
    "countless objects": pdf([b"1"] * 60_000),
    "references that are all wrong": pdf([b"1"] * 20_000).replace(b" 00000 n", b" 00001 n"),
    "a table longer than the file": pdf().replace(b"xref\n0 ", b"xref\n0 99999999"),
    "an object header every few bytes": b"%PDF-1.4\n" + b"1 0 obj[ " * 1_000_000 + b"\nstartxref\n0\n%%EOF",
}


@pytest.mark.parametrize("data", SLOW.values(), ids=SLOW)
def test_no_file_keeps_the_parser_busy(data: bytes) -> None:
    """The reading budget ends each within a few seconds; without it some would take hours."""
    assert refusal(data) in {"file_bomb", "file_damaged"}
