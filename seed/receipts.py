"""Receipts for the demonstration data: a till receipt as a phone photo and a train ticket as PDF.

The same arguments give the same bytes, so two seeded databases are alike and their files are stored once.
"""

import random
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

_WIDTH, _HEIGHT = 480, 720
_MARGIN = 44
_INK = 40
_PAPER = 248
# What black and white look like by the light of a lamp, of the day, and so on; then greys of table tops.
_TINTS = (
    ((42, 38, 32), (255, 250, 240)),
    ((35, 40, 43), (246, 251, 255)),
    ((43, 36, 48), (255, 246, 244)),
    ((38, 41, 31), (251, 253, 242)),
)
_TABLES = (96, 120, 150, 172)
_WEEKDAYS = ("ma", "di", "wo", "do", "vr", "za", "zo")
_MAX_LINES = 8


@dataclass
class _Roll:
    """Paper being printed on, from top to bottom; `y` is the next line in pixels."""

    draw: ImageDraw.ImageDraw
    y: int = 66

    def centre(self, text: str, size: int) -> None:
        self.draw.text((_WIDTH // 2, self.y), _till_text(text), _INK, _font(size), anchor="ma")
        self.y += size + 8

    def columns(self, left: str, right: str, size: int = 20) -> None:
        self.draw.text((_MARGIN + 20, self.y), _till_text(left), _INK, _font(size))
        self.draw.text((_WIDTH - _MARGIN - 20, self.y), right, _INK, _font(size), anchor="ra")
        self.y += size + 10

    def rule(self) -> None:
        self.draw.line((_MARGIN + 20, self.y + 4, _WIDTH - _MARGIN - 20, self.y + 4), _INK, 1)
        self.y += 16


def euros(cents: int) -> str:
    """Cents as a Dutch till prints them: 123450 is "1.234,50"."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole:,}".replace(",", ".") + f",{rest:02d}"


def receipt_image(
    *, seed: int, merchant: str, day: date, lines: Sequence[tuple[str, int]], total_cents: int, currency: str = "EUR"
) -> bytes:
    """A legible till receipt as JPEG of 480 by 720 pixels, at most 25 kB.

    `lines` are (description, cents), of which at most eight are printed; `seed` picks the light, the table,
    the angle and the numbers on it.
    """
    rng = random.Random(seed)  # noqa: S311 - looks, not secrets
    photo = Image.new("L", (_WIDTH, _HEIGHT), rng.choice(_TABLES))
    _print(photo, rng, merchant, day, lines, total_cents, currency)
    table = photo.getpixel((0, 0))
    photo = photo.rotate(rng.uniform(-1.6, 1.6), Image.Resampling.BILINEAR, fillcolor=table)
    photo = Image.blend(photo, _shade(rng), 0.12)
    photo.putpalette(_palette(*rng.choice(_TINTS)))
    output = BytesIO()
    photo.convert("RGB").save(output, "JPEG", quality=31)
    return output.getvalue()


def train_ticket_pdf(*, seed: int, traveller: str, origin: str, destination: str, day: date, total_cents: int) -> bytes:
    """A one-page PDF e-ticket of a fictional railway, second class, day return; well under 2 kB."""
    rng = random.Random(seed)  # noqa: S311 - looks, not secrets
    rows = (
        (20, "E-ticket trein"),
        (12, f"Reiziger: {traveller}"),
        (12, f"Reisdatum: {_dutch_day(day)}"),
        (14, f"{origin} - {destination} v.v."),
        (12, "Dagretour, 2e klas, vol tarief"),
        (12, f"Ticketnummer: {rng.randrange(10**9, 10**10)}"),
        (16, f"Prijs: EUR {euros(total_cents)}"),
        (9, "incl. 9% btw. Dit is tevens uw betaalbewijs."),
    )
    return sheet(rows)


def sheet(rows: Sequence[tuple[int, str]], apart: int = 38) -> bytes:
    """A PDF of one page with these rows of text, each of its own size."""
    return _pdf(b"\n".join(_text_row(size, 380 - apart * row, text) for row, (size, text) in enumerate(rows)))


def _print(
    photo: Image.Image,
    rng: random.Random,
    merchant: str,
    day: date,
    lines: Sequence[tuple[str, int]],
    total_cents: int,
    currency: str,
) -> None:
    roll = _Roll(ImageDraw.Draw(photo))
    roll.draw.rectangle((_MARGIN, 30, _WIDTH - _MARGIN, _HEIGHT - 60), fill=_PAPER)
    roll.centre(merchant[:26], 28)
    roll.centre(f"{_dutch_day(day)}   {rng.randint(8, 19):02d}:{rng.randint(0, 59):02d}", 17)
    roll.centre(f"bon {rng.randint(1000, 9999)}   kassa {rng.randint(1, 6)}", 17)
    roll.rule()
    for description, cents in lines[:_MAX_LINES]:
        roll.columns(description[:26], euros(cents))
    roll.rule()
    roll.columns(f"TOTAAL {currency}", euros(total_cents), 26)
    roll.columns("Betaald met pin", euros(total_cents), 17)
    roll.centre("Bedankt en tot ziens!", 17)


def _shade(rng: random.Random) -> Image.Image:
    """Uneven light over the photo, from a few random greys."""
    patches = Image.frombytes("L", (3, 4), rng.randbytes(12))
    return patches.resize((_WIDTH, _HEIGHT), Image.Resampling.BILINEAR)


@cache
def _palette(dark: tuple[int, int, int], light: tuple[int, int, int]) -> bytes:
    """A colour for each of 256 greys, from dark to light."""
    ranges = tuple(zip(dark, light, strict=True))
    return bytes(low + (high - low) * grey // 255 for grey in range(256) for low, high in ranges)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The scalable font inside Pillow, so no font has to be installed."""
    return ImageFont.load_default(size=size)


def _till_text(text: str) -> str:
    """Plain ASCII: the font in Pillow has no accents or euro sign, and many tills neither."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _dutch_day(day: date) -> str:
    return f"{_WEEKDAYS[day.weekday()]} {day:%d-%m-%Y}"


def _text_row(size: int, y: int, text: str) -> bytes:
    """One line of page content; parentheses and backslashes are escaped as ISO 32000-2 7.3.4.2 asks."""
    encoded = text.encode("cp1252", "replace")
    for special in (b"\\", b"(", b")"):
        encoded = encoded.replace(special, b"\\" + special)
    return b"BT /F1 %d Tf 40 %d Td (%s) Tj ET" % (size, y, encoded)


def _pdf(content: bytes) -> bytes:
    """The smallest valid one-page document (A5 landscape, 595 by 420 points) around this page content."""
    bodies = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 420]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>\nstream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    )
    file, offsets = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(bodies, start=1):
        offsets.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(bodies) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n" % size
    trailer = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(file))
    return file + head + table + trailer
