"""A dossier on paper: it keeps to both standards, prints what was typed as it was typed, and knows its limits."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pdfua
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from portal.interfaces.charts import Point, trend
from portal.interfaces.dossier_pictures import draw
from portal.interfaces.files import FileStore
from portal.interfaces.paper import Attached, Entry, Paper, PdfFailed, Section, written
from tests import sample_files

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SAID = {"missing": "Is weg.", "corrupt": "Is anders.", "not_drawn": "Geen afbeelding.", "too_many": "Te veel."}
INJECTION = '#panic("x") $x^2$ *dik* _schuin_ = kop <label> @ref \\ #image("/etc/passwd") // weg /* ook */ `code`'


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "documents")


def paper(*sections: Section, attached: tuple[Attached, ...] = (), lang: str = "nl") -> Paper:
    title = "Declaratie DEC-2026-000001"
    return Paper(title, "SSC", "SSC", "Gemaakt.", AT, lang, (*sections, Section("Documenten")), attached)


def receipt(store: FileStore, content: bytes, kind: str = "image/jpeg", pages: int = 1) -> Attached:
    words = "bon, blz. %d van %d" if pages > 1 else "Bon"
    return Attached("bon", store.put(content), kind, pages, words, "Over de bon.", SAID)


def made(told: Paper, tmp_path: Path) -> tuple[PdfReader, str, Path]:
    """The PDF, its text and where it is; it keeps to the standards, or the test ends here."""
    file = tmp_path / "dossier.pdf"
    with written(told, tmp_path / "documents") as pdf:
        file.write_bytes(pdf.read())
    report = pdfua.validate(str(file))
    assert [(one.rule_id, one.message) for one in report.findings] == []
    reader = PdfReader(file)
    return reader, "\n".join(page.extract_text() for page in reader.pages), file


def _alternatives(node: Any) -> Iterator[str]:
    """What is said in place of the pictures in a PDF, of its tree of what is what."""
    here = node.get_object()
    if isinstance(here, list):
        for one in here:
            yield from _alternatives(one)
    elif isinstance(here, dict):
        if "/Alt" in here:
            yield str(here["/Alt"])
        if "/K" in here:
            yield from _alternatives(here["/K"])


def test_it_is_an_archive_everybody_can_read(store: FileStore, tmp_path: Path) -> None:
    facts = Section("Feiten").facts([("Naam", "Anna"), ("Leeg", "")])
    told = paper(
        facts.rows(["Wat", "Bedrag"], [["Bon", "€ 3"]], [3, 1], [1]),
        Section("Stappen").entries([Entry("Ingediend", "Anna", "ab" * 32, ["Omdat"], ["één", "twee"], "en")]),
        attached=(receipt(store, sample_files.jpeg()),),
        lang="en",
    )
    reader, text, file = made(told, tmp_path)
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author) == ("Declaratie DEC-2026-000001", "SSC")
    assert reader.metadata.creation_date == AT
    assert reader.root_object["/Lang"] == "en"
    xmp = file.read_bytes()
    assert b"<pdfaid:part>2</pdfaid:part>" in xmp
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in xmp
    assert b"<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert "/EmbeddedFiles" not in str(reader.root_object.get("/Names", ""))
    assert "Leeg" not in text
    assert all(said in text for said in ("Anna", "€ 3", "Ingediend", "ab" * 32, "Omdat", "twee", "Over de bon."))
    assert sum(len(page.images) for page in reader.pages) == 1


def test_the_same_dossier_gives_the_same_bytes(store: FileStore, tmp_path: Path) -> None:
    told = paper(Section("Feiten").text("Zelfde"), attached=(receipt(store, sample_files.jpeg()),))
    once, again = made(told, tmp_path)[2].read_bytes(), made(told, tmp_path)[2].read_bytes()
    assert once == again


def test_what_was_typed_is_printed_and_never_obeyed(store: FileStore, tmp_path: Path) -> None:
    sections = (
        Section(INJECTION).text(INJECTION).facts([(INJECTION, INJECTION)]).rows([INJECTION], [[INJECTION]], [1]),
        Section("x").entries([Entry(INJECTION, INJECTION, "", [INJECTION], [INJECTION])]),
    )
    shown = receipt(store, sample_files.jpeg())
    named = Attached(INJECTION, shown.sha256, shown.media_type, 1, INJECTION, INJECTION, SAID)
    _, text, _ = made(paper(*sections, attached=(named,)), tmp_path)
    flat, wanted = "".join(text.split()), "".join(INJECTION.split())
    assert flat.count(wanted) == 13
    assert "root:" not in text


STRANGE = ("👍 prima", "שלום", "e\u0301", "\u200b\ufeff\x07", "한국", "x" * 3000)


@given(said=st.text(max_size=80) | st.sampled_from(STRANGE))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_people_type_can_be_printed(said: str, tmp_path: Path) -> None:
    _, text, _ = made(paper(Section("Kop").text(said).rows([said], [[said]], [1]).entries([Entry(said)])), tmp_path)
    assert "Kop" in text


def test_a_sign_without_a_letter_is_written_as_its_code(tmp_path: Path) -> None:
    _, text, _ = made(paper(Section("Kop").text("Prima 👍 e\u0301n klaar")), tmp_path)
    assert "Prima [U+1F44D] én klaar" in text


def test_each_page_of_a_pdf_is_a_picture_with_words(store: FileStore, tmp_path: Path) -> None:
    told = paper(attached=(receipt(store, sample_files.pdf(pages=3), "application/pdf", 3),))
    reader, text, _ = made(told, tmp_path)
    assert all(f"bon, blz. {page} van 3" in text for page in (1, 2, 3))
    assert any(page.images for page in reader.pages)


def test_what_cannot_be_shown_is_said(store: FileStore, tmp_path: Path) -> None:
    broken, changed = receipt(store, b"no picture"), receipt(store, sample_files.png(), "image/png")
    store.path(changed.sha256).write_bytes(b"other bytes")
    gone = Attached("weg", "0" * 64, "image/jpeg", 1, "Bon", "Over.", SAID)
    damaged = receipt(store, b"%PDF-1.7 but not really", "application/pdf")
    _, text, _ = made(paper(attached=(broken, changed, gone, damaged)), tmp_path)
    assert text.count("Geen afbeelding.") == 2
    assert (text.count("Is anders."), text.count("Is weg.")) == (1, 1)


def test_when_drawing_takes_too_long_the_dossier_comes_without(store: FileStore, tmp_path: Path) -> None:
    one = receipt(store, sample_files.jpeg())
    assert draw(tmp_path, tmp_path / "documents", [{"sha256": one.sha256, "media_type": "image/jpeg"}], 0.001) == {}
    with pytest.raises(PdfFailed):
        written(paper(attached=(one,)), tmp_path / "documents", patience=0.001)


def test_two_hundred_documents_take_no_memory_of_the_portal(store: FileStore, tmp_path: Path) -> None:
    many = []
    for number in range(200):
        output = BytesIO()
        sample_files.receipt(400 + number, 700).save(output, "JPEG", quality=70)
        many.append(receipt(store, output.getvalue()))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with written(paper(attached=tuple(many)), tmp_path / "documents") as pdf:
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000
        assert sum(len(page.images) for page in PdfReader(pdf).pages) == 200


def test_what_would_become_too_large_is_left_out_and_said(store: FileStore, tmp_path: Path) -> None:
    noise = []
    for number in range(3):
        output = BytesIO()
        Image.effect_noise((900, 900), 60 + number).save(output, "JPEG", quality=70)
        noise.append(receipt(store, output.getvalue()))
    with written(paper(attached=tuple(noise)), tmp_path / "documents", most_bytes=700_000) as pdf:
        reader = PdfReader(pdf)
        text = "".join(page.extract_text() for page in reader.pages)
    shown = sum(len(page.images) for page in reader.pages)
    assert shown in (1, 2)
    assert text.count("Te veel.") == 3 - shown


def test_a_chart_has_words_for_who_does_not_see_it(tmp_path: Path) -> None:
    points = [Point("sep", Decimal(91), "91 %"), Point("okt", Decimal(96), "96 %")]
    drawn = trend(points, target=Decimal(95), target_said="norm 95 %")
    reader, text, _ = made(paper(Section("Op tijd").chart(drawn, "Van 91 naar 96 procent")), tmp_path)
    said = _alternatives(reader.root_object["/StructTreeRoot"])
    assert "Van 91 naar 96 procent" in said
    assert "norm 95 %" in text
