"""What a file is, judged by its bytes alone, and which second file may be hiding in it.

Signatures: JPEG ITU-T T.81, PNG W3C PNG-3, WebP RFC 9649, HEIF ISO/IEC 23008-12 brands, PDF ISO 32000-2
7.5.2, ZIP PKWARE APPNOTE 4.3, ELF gABI, PE/COFF Microsoft. A library (puremagic) gives a second opinion.
"""

import re
from typing import Literal

import puremagic

from portal.interfaces.files.refusal import FileRefused

Kind = Literal["jpeg", "png", "webp", "heic", "pdf"]
"""The allowed kinds; everything else is refused."""

_OPINIONS: dict[Kind, str] = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "pdf": "application/pdf",
}
# PDF readers accept the header anywhere in the first 1024 bytes (Adobe PDF Reference 1.7, note 13).
_PDF_HEADER_REACH = 1024
# HEVC stills. Not "avif": that is another codec, which the installed decoder lacks.
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})

# In two parts, or virus scanners would refuse this very source file. Source: eicar.org.
_EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

# Version, flags and method bytes are bounded, as four bytes alone occur by chance in megabytes of video.
_ZIP_ENTRY = re.compile(rb"PK\x03\x04[\x00-\x3f][\x00-\x14]..[\x00-\x63]\x00", re.DOTALL)
_FOREIGN: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("pdf", re.compile(rb"%PDF-")),
    ("html", re.compile(rb"(?i)<(?:script|html|head|body|iframe|svg)[\s>/]|<!doctype\s+html|<\?php\s")),
    ("script", re.compile(rb"\A\s*#!\s*/")),
    ("zip", _ZIP_ENTRY),
    ("rar", re.compile(rb"Rar!\x1a\x07[\x00\x01]")),
    ("7z", re.compile(rb"7z\xbc\xaf\x27\x1c")),
    ("elf", re.compile(rb"\x7fELF[\x01\x02][\x01\x02]\x01")),
    ("exe", re.compile(rb"\A[\s\0]*MZ")),
)
_MZ = re.compile(rb"MZ(?=.{58}(....))", re.DOTALL)
_ZIP_END = b"PK\x05\x06"
_ZIP_END_REACH = 22 + 65535
"""A ZIP reader looks for the end record this far back: its size plus the longest comment."""


def kind_of(data: bytes) -> Kind:
    """The allowed kind of these bytes; raises `file_type`, or `file_polyglot` for a hidden PDF."""
    kind = _own_opinion(data)
    if kind is None and b"%PDF-" in data[:_PDF_HEADER_REACH]:
        raise FileRefused("file_polyglot", detail="bytes before the PDF header")
    if kind is None or not _library_agrees(data, kind):
        raise FileRefused("file_type", detail=", ".join(sorted(_library_opinions(data))) or "unknown")
    return kind


def refuse_test_virus(data: bytes) -> None:
    """Raises `file_infected` for the harmless EICAR test string anywhere, with or without a scanner."""
    if _EICAR in data:
        raise FileRefused("file_infected", detail="EICAR test string")


def foreign_signature(data: bytes) -> str | None:
    """The first second-file signature in these bytes ("zip", "html", ...), or None."""
    for label, pattern in _FOREIGN:
        if pattern.search(data):
            return label
    return "exe" if _holds_windows_program(data) else None


def holds_zip(data: bytes) -> bool:
    """Whether a ZIP reader, strict or lenient, would find something in these bytes."""
    return _ZIP_ENTRY.search(data) is not None or _ends_as_zip(data)


def hides_pdf(data: bytes) -> bool:
    """Whether a PDF reader would open these bytes of another kind."""
    return b"%PDF-" in data[:_PDF_HEADER_REACH]


def _own_opinion(data: bytes) -> Kind | None:
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data.startswith(b"%PDF-"):
        return "pdf"
    return "heic" if data[4:8] == b"ftyp" and _HEIC_BRANDS & _brands(data) else None


def _brands(data: bytes) -> set[bytes]:
    """Major and compatible brands of the leading `ftyp` box."""
    box = data[: min(int.from_bytes(data[:4], "big"), 256)]
    return {box[8:12]} | {box[at : at + 4] for at in range(16, len(box), 4)}


def _library_opinions(data: bytes) -> set[str]:
    try:
        return {match.mime_type for match in puremagic.magic_string(data) if match.mime_type}
    except (puremagic.PureError, ValueError):
        return set()


def _library_agrees(data: bytes, kind: Kind) -> bool:
    # puremagic 1.30 misses brands that phones write (mif1, msf1), so for HEIC our own check stands alone.
    return kind == "heic" or _OPINIONS[kind] in _library_opinions(data)


def _ends_as_zip(data: bytes) -> bool:
    """An end record whose comment runs to the last byte, whatever the entries look like."""
    reach = max(0, len(data) - _ZIP_END_REACH)
    at = data.rfind(_ZIP_END, reach)
    while at >= 0:
        if at + 22 + int.from_bytes(data[at + 20 : at + 22], "little") == len(data):
            return True
        at = data.rfind(_ZIP_END, reach, at)
    return False


def _holds_windows_program(data: bytes) -> bool:
    for found in _MZ.finditer(data):
        header = found.start() + int.from_bytes(found[1], "little")
        if data[header : header + 4] == b"PE\0\0":
            return True
    return False
