"""The process that looks for codes on the pages of one PDF: the file comes in on standard input, codes go out.

As `rendering.py` it is run by its path, confined, and imports nothing of ours. A line a page goes out: a JSON list of
the texts of all QR codes on it, from a page that cannot be drawn `null`.
"""

from __future__ import annotations

import json
import math
import sys

import pypdfium2
import zxingcpp
from PIL import Image

LONGEST_SIDE = 2200
"""Pixels of a page's longer side: about 190 dots to the inch on A4, at which a code of three centimetres is sharp."""
AGAIN_AT = 1300
"""A noisy page is read better when its speckles are averaged away."""
LARGEST_PAGE = 20_000
QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def _codes(page: pypdfium2.PdfPage) -> list[str] | None:
    width, height = page.get_size()
    if not (math.isfinite(width) and math.isfinite(height) and min(width, height) > 0):
        return None
    longest = max(width, height)
    if longest > LARGEST_PAGE:
        return None
    picture = page.render(scale=min(LONGEST_SIDE / longest, 6), may_draw_forms=False, grayscale=True).to_pil()
    found = _read(picture)
    if not found and max(picture.size) > AGAIN_AT:
        picture.thumbnail((AGAIN_AT, AGAIN_AT), Image.Resampling.BOX)
        found = _read(picture)
    return found


def _read(picture: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(picture, formats=QR)]


def main(first: int) -> None:
    """Look at the pages from this one on, the first being 1."""
    document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
    for number in range(first, len(document) + 1):
        try:
            found = _codes(document[number - 1])
        except (pypdfium2.PdfiumError, ValueError, MemoryError, OSError):
            found = None
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
