"""Scans to test with: cover sheets and receipts as a scanner makes them, askew, speckled and upside down."""

from __future__ import annotations

import random
from collections.abc import Sequence
from io import BytesIO

import segno
from PIL import Image, ImageDraw, ImageFilter

from portal.interfaces.cover_codes import code_for
from portal.worlds import COVER, World
from tests.sample_files import receipt

WIDE, HIGH = 1240, 1754
"""A4 at 150 dots to the inch."""


def sheet(code: str, angle: float = 0, speckles: int = 0) -> Image.Image:
    """A printed cover sheet, laid askew on the glass."""
    picture = BytesIO()
    segno.make_qr(code, error="q", boost_error=False).save(picture, kind="png", scale=5, border=4)
    paper = Image.new("L", (WIDE, HIGH), 255)
    paper.paste(Image.open(picture).convert("L"), (WIDE - 330, 90))
    ImageDraw.Draw(paper).text((100, 400), code, 0, font_size=28)
    return spoilt(paper, angle, speckles)


def spoilt(paper: Image.Image, angle: float, speckles: int) -> Image.Image:
    """The same paper turned, with dust on the glass, and a little out of focus."""
    turned = paper.rotate(angle, Image.Resampling.BILINEAR, expand=True, fillcolor=255)
    chance = random.Random(speckles)
    for _ in range(speckles):
        turned.putpixel((chance.randrange(turned.width), chance.randrange(turned.height)), chance.randrange(256))
    return turned.filter(ImageFilter.GaussianBlur(0.8)) if speckles else turned


def paper(mark: int = 0) -> Image.Image:
    """A receipt on a sheet; `mark` makes one unlike another."""
    sheet = Image.new("L", (WIDE, HIGH), 250)
    sheet.paste(receipt().convert("L"), (120, 150))
    ImageDraw.Draw(sheet).text((120, 1000), f"bon {mark}", 0, font_size=40)
    return sheet


def pdf(pages: Sequence[Image.Image]) -> bytes:
    """These pages as one PDF, as scanners make it: a picture a page."""
    out = BytesIO()
    first, *others = pages
    first.save(out, "PDF", save_all=True, append_images=others, resolution=150)
    return out.getvalue()


def cover(world: World, number: str | None, line_key: str = "", angle: float = 0, speckles: int = 0) -> Image.Image:
    """The true cover sheet of a case in this world."""
    return sheet(code_for(world.key(COVER), number or "", line_key), angle, speckles)
