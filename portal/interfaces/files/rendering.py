"""The process that draws pages of one PDF: the file comes in on standard input, pictures go out on standard output.

It is run by its path (`pictures.py`), confined: no files, little memory and processor time, no other programs. So this
file imports nothing of ours.

Out go, for each page asked for: the length of the picture as four bytes, and the picture (JPEG). A page that cannot be
drawn has length nought; when the file itself cannot be read, nothing comes out.
"""

from __future__ import annotations

import math
import sys
from io import BytesIO

import pypdfium2

LONGEST_SIDE = 2000
"""Pixels of a picture's longer side: small print of a page stays readable when enlarged."""
LARGEST_SCALE = 6
"""How much a small page is enlarged at most: 1 is 72 dots to the inch."""
LARGEST_PAGE = 20_000
"""Points (1/72 inch) of the longest side of a page that is drawn; ISO 32000 has 14,400."""


def _drawn(page: pypdfium2.PdfPage) -> bytes:
    width, height = page.get_size()
    if not (math.isfinite(width) and math.isfinite(height) and min(width, height) > 0):
        return b""
    longest = max(width, height)
    if longest > LARGEST_PAGE:
        return b""
    scale = min(LONGEST_SIDE / longest, LARGEST_SCALE)
    picture = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
    out = BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()


def main(first: int, last: int) -> None:
    """Draw these pages, the first being 1."""
    document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
    for number in range(first, min(last, len(document)) + 1):
        try:
            picture = _drawn(document[number - 1])
        except (pypdfium2.PdfiumError, ValueError, MemoryError, OSError):
            picture = b""
        sys.stdout.buffer.write(len(picture).to_bytes(4, "big") + picture)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
