"""Where an image ends, so that what was glued behind it can be looked at.

Phones append harmless things (a gain map, a short film); attackers append a second file. Nothing behind the
end survives re-encoding, but an upload that is two files at once is no receipt and is refused.
"""

import re

from portal.interfaces.files.refusal import FileRefused
from portal.interfaces.files.signatures import Kind, foreign_signature, hides_pdf, holds_zip

# A marker in JPEG scan data: FF, then no stuffed 00, no restart D0-D7 and no fill FF (ITU-T T.81 B.1.1).
_JPEG_MARKER = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])")
_JPEG_END = 0xD9
_BOX_TYPE = re.compile(rb"[A-Za-z0-9 ]{4}")


def refuse_polyglot_image(data: bytes, kind: Kind) -> None:
    """Raises `file_polyglot` when the image is also a ZIP or PDF, or a second file follows its end."""
    hidden = foreign_signature(data[image_end(data, kind) :])
    if hidden is None and holds_zip(data):
        hidden = "zip"
    if hidden is None and hides_pdf(data):
        hidden = "pdf"
    if hidden is not None:
        raise FileRefused("file_polyglot", detail=f"{kind} with {hidden}")


def image_end(data: bytes, kind: Kind) -> int:
    """Offset of the first byte behind the image; the length when it is cut short (the decoder complains)."""
    ends = {"jpeg": _jpeg_end, "png": _png_end, "webp": _webp_end, "heic": _heic_end}
    return min(ends[kind](data), len(data))


def _jpeg_end(data: bytes) -> int:
    """The end of the last of the JPEGs in a row: phones glue a depth or brightness picture to the photo."""
    at = _one_jpeg_end(data, 0)
    while data.startswith(b"\xff\xd8\xff", at):
        at = _one_jpeg_end(data, at)
    return at


def _one_jpeg_end(data: bytes, start: int) -> int:
    """Walk the marker segments; scan data has no length and is searched for the next marker."""
    at = start + 2
    while found := _JPEG_MARKER.search(data, at):
        if found[1][0] == _JPEG_END:
            return found.end()
        at = found.end() + int.from_bytes(data[found.end() : found.end() + 2], "big")
    return len(data)


def _png_end(data: bytes) -> int:
    at = 8
    while at + 12 <= len(data):
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        at += 12 + length
        if name == b"IEND":
            return at
    return len(data)


def _webp_end(data: bytes) -> int:
    return 8 + int.from_bytes(data[4:8], "little")


def _heic_end(data: bytes) -> int:
    """Walk the top-level boxes; text or a program read as a box has an absurd size: there the image ends."""
    at = 0
    while at + 8 <= len(data):
        size = _box_size(data, at)
        if size < 8 or at + size > len(data) or not _BOX_TYPE.fullmatch(data, at + 4, at + 8):
            return at
        at += size
    return at


def _box_size(data: bytes, at: int) -> int:
    """Size of the box here (ISO/IEC 14496-12 4.2): 1 announces a 64-bit size, 0 means to the end."""
    size = int.from_bytes(data[at : at + 4], "big")
    if size == 1:
        return int.from_bytes(data[at + 8 : at + 16], "big")
    return size or len(data) - at
