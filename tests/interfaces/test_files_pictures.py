"""Pages of a PDF as pictures: drawn once, kept beside the file, and whatever a file does, it only does to itself."""

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from portal.interfaces.files import Drawn, FileMissing, FileStore, PageUnshowable
from tests.sample_files import encrypted_pdf, pdf, stream


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def picture(store: FileStore, data: bytes, page: int = 1) -> Image.Image:
    return Image.open(BytesIO(Drawn(store).picture(store.put(data), page)))


def box(media_box: bytes) -> bytes:
    return pdf().replace(b"/MediaBox[0 0 595 420]", b"/MediaBox[" + media_box.ljust(13) + b"]")


def test_a_page_is_drawn_large_enough_to_read(store: FileStore) -> None:
    image = picture(store, pdf())
    assert (image.format, image.size) == ("JPEG", (2000, 1412))
    dark = sum(image.convert("L").histogram()[:64])
    assert dark > 1000, "the text stands in it"


def test_pages_are_drawn_together_and_once(store: FileStore) -> None:
    data = pdf(pages=6)
    sha256, drawn = store.put(data), Drawn(store)
    first = drawn.picture(sha256, 2)
    assert [drawn.ready(sha256, page) for page in range(1, 7)] == [True] * 4 + [False] * 2
    store.path(sha256).write_bytes(b"")
    assert drawn.picture(sha256, 2) == first, "what was kept is not drawn again"
    store.path(sha256).write_bytes(data)
    assert picture(store, data, 6).size == (2000, 1412)


def test_a_page_that_is_not_there_is_refused(store: FileStore) -> None:
    with pytest.raises(PageUnshowable):
        picture(store, pdf(), 2)
    with pytest.raises(FileMissing):
        Drawn(store).picture("0" * 64, 1)


HOSTILE = {
    "no PDF": b"%PDF-1.7 nothing of the kind",
    "locked": encrypted_pdf(),
    "cut short": pdf()[:300],
    "a page of no size": box(b"0 0 0 0"),
    "a page of a kilometre": box(b"0 0 2834645 9"),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_what_cannot_be_drawn_is_refused_and_not_tried_again(store: FileStore, data: bytes) -> None:
    sha256, drawn = store.put(data), Drawn(store)
    try:
        shown = Image.open(BytesIO(drawn.picture(sha256, 1)))
        assert max(shown.size) <= 2000, "the engine may mend what it can"
    except PageUnshowable:
        assert drawn.ready(sha256, 1)
        with pytest.raises(PageUnshowable):
            drawn.picture(sha256, 1)


def test_a_file_that_keeps_the_engine_busy_is_given_up(store: FileStore) -> None:
    """A form that draws a form that draws a form…, ten times each: a small file, ten thousand million drawings."""
    forms = [
        stream(
            b"/F Do " * 10, b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F %d 0 R>>>>" % (11 + at)
        )
        for at in range(10)
    ]
    last = stream(b"0 0 9 9 re f " * 20, b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]")
    data = pdf([*forms, last]).replace(b"/Font<</F1 5 0 R>>>>", b"/XObject<</F 10 0 R>>>>")
    data = data.replace(b"BT /F1 18 Tf 40 300 Td (Treinkaartje EUR 21,40) Tj ET", b"/F Do".ljust(53))
    began = time.monotonic()
    with pytest.raises(PageUnshowable):
        Drawn(store).picture(store.put(data), 1)
    assert time.monotonic() - began < 40


@given(st.binary(max_size=40), st.integers(0, 400))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_is_drawn_or_refused(store: FileStore, damage: bytes, at: int) -> None:
    whole = pdf()
    with suppress(PageUnshowable):
        assert max(picture(store, whole[:at] + damage + whole[at + len(damage) :]).size) <= 2000


def test_pictures_go_when_their_file_goes(store: FileStore, tmp_path: Path) -> None:
    sha256 = store.put(pdf())
    Drawn(store).picture(sha256, 1)
    assert list(store.iter_hashes()) == [sha256]
    store.delete(sha256)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_sweeping_takes_what_was_made_of_files_that_are_gone_and_failed_attempts(store: FileStore) -> None:
    kept, gone = store.put(b"kept"), store.put(b"gone")
    store.put_beside(kept, "page-1", b"picture")
    store.put_beside(kept, "page-2", b"")
    store.put_beside(gone, "page-1", b"picture")
    store.path(gone).unlink()
    now = datetime.fromtimestamp(store.path(kept).stat().st_mtime, UTC)
    assert store.sweep(now - timedelta(days=1)) == 0, "it may be under way"
    assert store.sweep(now + timedelta(days=1)) == 2
    assert [store.exists_beside(kept, f"page-{page}") for page in (1, 2)] == [True, False]
    assert not store.exists_beside(gone, "page-1")
    with pytest.raises(FileMissing):
        store.read_beside(kept, "page-2")


@pytest.mark.parametrize("label", ["", "../x", "Page", "a.b", "x" * 21])
def test_a_label_leads_nowhere_else(store: FileStore, label: str) -> None:
    with pytest.raises(ValueError, match="not a label"):
        store.put_beside(store.put(b"x"), label, b"y")


def test_what_is_kept_beside_is_as_closed_as_the_file(store: FileStore) -> None:
    sha256 = store.put(b"x")
    store.put_beside(sha256, "page-1", b"y")
    beside = store.path(sha256).with_name(f"{sha256}.page-1")
    assert beside.stat().st_mode & 0o777 == 0o640
