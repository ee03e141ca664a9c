"""The gate as a whole: every refusal, every allowed kind, and bytes nobody thought of."""

import hashlib
from io import BytesIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from portal.interfaces.files import (
    EXTENSIONS,
    MAX_BYTES,
    REFUSAL_CODES,
    FileRefused,
    Intake,
    RefusalCode,
    ScannerUnavailable,
    take_in,
)
from tests import sample_files

REFUSED: list[tuple[RefusalCode, str, bytes]] = [
    ("file_empty", "bon.jpg", b""),
    ("file_too_big", "bon.jpg", sample_files.jpeg() + bytes(MAX_BYTES)),
    ("file_type", "bon.gif", sample_files.gif()),
    ("file_type", "bon.jpg", sample_files.zip_file()),
    ("file_type", "bon.jpg", sample_files.windows_program()),
    ("file_type", "bon.html", b"<!doctype html><script>alert(1)</script>"),
    ("file_type", "bon.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
    ("file_type", "bon.heic", b"\0\0\0\x1cftypavif\0\0\0\0mif1avifmiaf" + bytes(100)),
    ("file_type_mismatch", "bon.exe", sample_files.jpeg()),
    ("file_type_mismatch", "bon.pdf.js", sample_files.pdf()),
    ("file_damaged", "bon.jpg", sample_files.jpeg()[:5000]),
    ("file_damaged", "bon.png", sample_files.png()[:5000]),
    ("file_damaged", "bon.heic", sample_files.heic()[:5000]),
    ("file_damaged", "bon.pdf", sample_files.pdf()[:300]),
    ("file_bomb", "bon.png", sample_files.bomb_png()),
    ("file_bomb", "bon.png", sample_files.bomb_png(10_000, 10_000)),
    ("file_bomb", "bon.png", sample_files.bomb_png(8_001, 8_000)),
    ("file_bomb", "bon.png", sample_files.bomb_png(30_001, 1)),
    ("file_polyglot", "bon.jpg", sample_files.jpeg() + sample_files.zip_file()),
    ("file_polyglot", "bon.pdf", sample_files.pdf() + sample_files.zip_file()),
    ("file_infected", "bon.jpg", sample_files.jpeg() + sample_files.EICAR),
    ("file_infected", "bon.com", sample_files.EICAR),
    ("file_infected", "bon.pdf", sample_files.pdf(extra=[b"(" + sample_files.EICAR + b")"])),
    ("file_encrypted", "bon.pdf", sample_files.encrypted_pdf()),
    ("file_active_content", "bon.pdf", sample_files.pdf_with_script()),
    ("file_too_many_pages", "bon.pdf", sample_files.pdf(pages=51)),
]
TAKEN = [
    ("image/jpeg", sample_files.jpeg()),
    ("image/jpeg", sample_files.png()),
    ("image/png", sample_files.line_art_png()),
    ("image/jpeg", sample_files.webp()),
    ("image/jpeg", sample_files.animated_webp()),
    ("image/jpeg", sample_files.heic()),
    ("image/jpeg", sample_files.multi_picture_jpeg()),
    ("image/jpeg", sample_files.motion_photo()),
    ("application/pdf", sample_files.pdf()),
    ("application/pdf", sample_files.pdf(pages=50)),
]
SAMPLES = [data for _, data in TAKEN] + [data for code, _, data in REFUSED if code != "file_too_big"]


@pytest.mark.parametrize(("code", "filename", "data"), REFUSED)
def test_a_refusal_has_its_code_and_names_the_file(code: RefusalCode, filename: str, data: bytes) -> None:
    with pytest.raises(FileRefused) as refused:
        take_in(data, f"C:\\fotos\\{filename}")
    assert (refused.value.code, refused.value.name) == (code, filename)


def test_every_code_is_reachable() -> None:
    assert {code for code, _, _ in REFUSED} == set(REFUSAL_CODES)


@pytest.mark.parametrize(("media_type", "data"), TAKEN)
def test_what_is_taken_in_is_stored_as_one_of_three_types(media_type: str, data: bytes) -> None:
    intake = take_in(data, "Bon 20-11.heic")
    assert intake.media_type == media_type
    assert intake.name == f"Bon 20-11.{EXTENSIONS[media_type]}"
    assert intake.original_sha256 == hashlib.sha256(data).hexdigest()
    assert intake.sha256 == hashlib.sha256(intake.content).hexdigest()


@pytest.mark.parametrize(("_media_type", "data"), TAKEN)
def test_taking_in_twice_changes_nothing_of_note(_media_type: str, data: bytes) -> None:
    once = take_in(data, "bon")
    twice = take_in(once.content, once.name)
    assert (twice.name, twice.media_type, twice.pages) == (once.name, once.media_type, once.pages)
    assert (twice.width, twice.height) == (once.width, once.height)


def test_the_same_upload_gives_the_same_bytes() -> None:
    assert take_in(sample_files.jpeg(), "a.jpg").content == take_in(sample_files.jpeg(), "b.jpg").content


def test_a_pdf_is_kept_byte_for_byte_and_has_no_pictures() -> None:
    intake = take_in(sample_files.pdf(pages=3), "kaartje.jpg")
    assert (intake.content, intake.pages, intake.name) == (sample_files.pdf(pages=3), 3, "kaartje.pdf")
    assert (intake.thumbnail, intake.preview, intake.width, intake.height) == (None, None, None, None)


class Recorder:
    """A scanner that remembers what it saw and answers as told."""

    def __init__(self, answer: Exception | None = None) -> None:
        self.seen: list[bytes] = []
        self.answer = answer

    def scan(self, data: bytes) -> None:
        self.seen.append(data)
        if self.answer:
            raise self.answer


def test_the_scanner_sees_the_upload_as_sent() -> None:
    scanner = Recorder()
    take_in(sample_files.jpeg(), "bon.jpg", scanner)
    assert scanner.seen == [sample_files.jpeg()]


def test_the_scanner_is_asked_before_any_decoder() -> None:
    with pytest.raises(FileRefused) as refused:
        take_in(sample_files.bomb_png(), "bon.png", Recorder(FileRefused("file_infected", detail="Win.Test")))
    assert (refused.value.code, refused.value.name, refused.value.detail) == (
        "file_infected",
        "bon.png",
        "Win.Test",
    )


def test_the_scanner_is_not_bothered_with_kinds_that_are_refused_anyway() -> None:
    scanner = Recorder()
    with pytest.raises(FileRefused):
        take_in(sample_files.gif(), "bon.gif", scanner)
    assert scanner.seen == []


def test_without_a_verdict_nothing_is_taken_in() -> None:
    with pytest.raises(ScannerUnavailable):
        take_in(sample_files.jpeg(), "bon.jpg", Recorder(ScannerUnavailable("down")))


def accept_or_refuse(data: bytes, filename: str) -> None:
    """The only two ends an upload may have; what is accepted opens as what it says it is."""
    try:
        intake = take_in(data, filename)
    except FileRefused:
        return
    assert_opens(intake)


def assert_opens(intake: Intake) -> None:
    assert intake.name.endswith("." + EXTENSIONS[intake.media_type])
    if intake.media_type != "application/pdf":
        with Image.open(BytesIO(intake.content)) as image:
            image.load()
            assert image.size == (intake.width, intake.height)


@given(data=st.binary(max_size=2000), filename=st.text(max_size=200))
@example(data=b"\xff\xd8\xff", filename="")
@example(data=b"RIFF\0\0\0\0WEBP", filename="..")
@example(data=b"\0\0\0\x00ftypheic", filename="a/b")
@example(data=b"\0\0\0\x08ftyp", filename="a/b")
@example(data=b"\x89PNG\r\n\x1a\n", filename="\0")
@example(data=b"%PDF-%%EOF", filename="x.pdf")
def test_any_bytes_end_as_intake_or_refusal(data: bytes, filename: str) -> None:
    accept_or_refuse(data, filename)


@given(head=st.sampled_from([data[:64] for data in SAMPLES]), rest=st.binary(max_size=500))
def test_any_bytes_behind_a_known_beginning_end_as_intake_or_refusal(head: bytes, rest: bytes) -> None:
    accept_or_refuse(head + rest, "bon.jpg")


@settings(deadline=None)
@given(data=st.sampled_from(SAMPLES), at=st.floats(0, 1), change=st.binary(max_size=40), cut=st.integers(0, 40))
def test_damaged_samples_end_as_intake_or_refusal(data: bytes, at: float, change: bytes, cut: int) -> None:
    place = int(at * len(data))
    accept_or_refuse(data[:place] + change + data[place + cut :], "bon.jpg")
