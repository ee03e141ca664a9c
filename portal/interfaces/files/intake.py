"""The gate for uploaded receipts: bytes of a browser or phone come in, a file that is safe to keep goes on.

The order is cheap before costly and safe before risky: size, test virus, type, name, scanner, and only then
the decoders, which run on nothing the scanner refused.
"""

import hashlib
from dataclasses import dataclass

from portal.interfaces.files.antivirus import Scanner
from portal.interfaces.files.images import convert_image
from portal.interfaces.files.names import clean_name, foreign_extension, tidy
from portal.interfaces.files.pdfs import inspect_pdf
from portal.interfaces.files.refusal import FileRefused
from portal.interfaces.files.signatures import Kind, kind_of, refuse_test_virus
from portal.interfaces.files.trailing import refuse_polyglot_image

MAX_BYTES = 15 * 1024 * 1024
"""Largest upload: a 50-megapixel phone photo or a fifty-page scan."""

EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}
"""The media types that are stored, with the extension their names get."""


@dataclass(frozen=True, slots=True)
class Intake:
    """A file as it may be stored and shown.

    `content` is what is kept (`sha256` its hash); `original_sha256` is the hash of the bytes as sent, by
    which the same upload is recognised later. Width and height are pixels of `content`, None for a PDF.
    Thumbnail and preview are JPEG; `preview` is None when the content is no larger than that, and both are
    None for a PDF, which the browser shows itself.
    """

    name: str
    media_type: str
    content: bytes
    thumbnail: bytes | None
    preview: bytes | None
    width: int | None
    height: int | None
    pages: int
    original_sha256: str
    sha256: str


def take_in(data: bytes, filename: str, scanner: Scanner | None = None) -> Intake:
    """Judge and clean one upload.

    Raises `FileRefused` with a stable code and the cleaned name, or lets the scanner's `ScannerUnavailable`
    pass: without a verdict the upload fails.
    """
    try:
        return _take_in(data, filename, scanner)
    except FileRefused as refused:
        raise refused.named(tidy(filename)) from refused


def _take_in(data: bytes, filename: str, scanner: Scanner | None) -> Intake:
    _refuse_size(len(data))
    refuse_test_virus(data)
    kind = kind_of(data)
    _refuse_name(filename)
    if scanner is not None:
        scanner.scan(data)
    return _pdf(data, filename) if kind == "pdf" else _image(data, filename, kind)


def _refuse_size(size: int) -> None:
    if size == 0:
        raise FileRefused("file_empty")
    if size > MAX_BYTES:
        raise FileRefused("file_too_big", detail=f"{size} bytes")


def _refuse_name(filename: str) -> None:
    """A photo called .exe is a trick or a mistake; a photo called .pdf only gets its extension corrected."""
    if extension := foreign_extension(filename):
        raise FileRefused("file_type_mismatch", detail=f".{extension}")


def _pdf(data: bytes, filename: str) -> Intake:
    pages = inspect_pdf(data)
    sha256 = _sha256(data)
    return Intake(
        name=clean_name(filename, EXTENSIONS["application/pdf"]),
        media_type="application/pdf",
        content=data,
        thumbnail=None,
        preview=None,
        width=None,
        height=None,
        pages=pages,
        original_sha256=sha256,
        sha256=sha256,
    )


def _image(data: bytes, filename: str, kind: Kind) -> Intake:
    refuse_polyglot_image(data, kind)
    picture = convert_image(data, kind)
    return Intake(
        name=clean_name(filename, EXTENSIONS[picture.media_type]),
        media_type=picture.media_type,
        content=picture.content,
        thumbnail=picture.thumbnail,
        preview=picture.preview,
        width=picture.width,
        height=picture.height,
        pages=1,
        original_sha256=_sha256(data),
        sha256=_sha256(picture.content),
    )


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
