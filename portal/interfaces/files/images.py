"""Receipt photos made safe and small: decoded within limits, turned upright, stripped and encoded again.

Only pixels survive. EXIF (with the GPS position of someone's home), XMP, comments, colour profiles, further
frames and anything hidden between or behind the image data are gone, because nothing but pixels is written.
"""

import math
from dataclasses import dataclass
from io import BytesIO
from typing import cast

from PIL import Image
from pillow_heif import HeifImageFile

from portal.interfaces.files.refusal import FileRefused
from portal.interfaces.files.signatures import Kind

MAX_PIXELS = 64_000_000
"""Width times height as declared, before decoding: above a phone's usual 50 MP, 192 MB decoded."""

MAX_DECLARED_SIDE = 30_000
"""Pixels; JPEG cannot hold more than 65535, and a longer strip is no receipt."""

MAX_SIDE = 2600
"""Pixels on the longest side as stored: small print of an A4 page at 220 dots per inch."""

MIN_READABLE_SIDE = 1000
"""Pixels the short side of a long till roll keeps, as 2600 on the long side would make it unreadable."""

PREVIEW_SIDE = 1280
"""Pixels on the longest side of the copy that a checker reads beside the claim."""

THUMBNAIL_SIDE = 480
"""Pixels on the longest side of the copy in lists."""

MAX_SCANS = 100
"""Scans in a JPEG, its own previews included. Cameras write 1, optimisers about 15, time bombs thousands."""

LINE_ART_COLOURS = 256
"""A PNG with at most this many colours is a screenshot or a drawing, which JPEG would smear."""

_PILLOW_FORMAT: dict[Kind, str] = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}
_ORIENTATION_TAG = 0x0112
# EXIF 2.32, 4.6.4 A "Orientation": how to turn the stored pixels upright.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A clean image: `content` in `media_type`, a `preview` if the content is larger, and a thumbnail."""

    media_type: str
    content: bytes
    preview: bytes | None
    thumbnail: bytes
    width: int
    height: int


def convert_image(data: bytes, kind: Kind) -> Picture:
    """The stored form of an uploaded image; raises `file_bomb` or `file_damaged`.

    A PNG of few colours that needs no shrinking stays PNG; every other image becomes JPEG. Of an animation
    or a burst the first (primary) picture is taken.
    """
    try:
        image = _decode(data, kind)
        whole = _shrink(image, fit(*image.size))
        line_art = kind == "png" and whole is image and image.getcolors(LINE_ART_COLOURS) is not None
        return _encode_all(whole, line_art)
    except FileRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise FileRefused("file_bomb", detail=str(error)) from error
    except Exception as error:  # decoders raise whatever hostile bytes make them raise
        raise FileRefused("file_damaged", detail=repr(error)) from error


def fit(width: int, height: int) -> tuple[int, int]:
    """The stored size: longest side `MAX_SIDE`, or more for a long strip that would become unreadable."""
    longest, shortest = max(width, height), min(width, height)
    readable = min(MIN_READABLE_SIDE / shortest, MAX_SIDE / math.sqrt(width * height))
    scale = min(1.0, max(MAX_SIDE / longest, readable))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _decode(data: bytes, kind: Kind) -> Image.Image:
    """Upright opaque pixels in mode L or RGB, at least as large as needed."""
    if kind == "jpeg" and data.count(b"\xff\xda") > MAX_SCANS:
        raise FileRefused("file_bomb", detail="too many JPEG scans")
    image = _open(data, kind)
    _refuse_huge(*image.size)
    # A JPEG decoder can halve large photos while decoding, at a fraction of the time and memory.
    image.draft(None, fit(*image.size))
    image.load()
    return _turn_upright(_opaque(image), _orientation(image))


def _open(data: bytes, kind: Kind) -> Image.Image:
    """Header only: nothing is decoded yet, and only the format seen in the signature is tried."""
    if kind == "heic":
        return cast(Image.Image, HeifImageFile(BytesIO(data)))  # type: ignore[no-untyped-call]
    return Image.open(BytesIO(data), formats=[_PILLOW_FORMAT[kind]])


def _refuse_huge(width: int, height: int) -> None:
    if width * height > MAX_PIXELS or max(width, height) > MAX_DECLARED_SIDE:
        raise FileRefused("file_bomb", detail=f"{width}x{height} pixels")


def _orientation(image: Image.Image) -> int:
    """EXIF orientation 1-8; unreadable EXIF is no reason to refuse a readable receipt."""
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:
        return 1


def _turn_upright(image: Image.Image, orientation: int) -> Image.Image:
    turn = _UPRIGHT.get(orientation)
    return image if turn is None else image.transpose(turn)


def _opaque(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        image = image.point(lambda value: value / 256)  # 16-bit scans; a plain conversion clips to white
    if image.has_transparency_data:
        return _on_white_paper(image.convert("RGBA"))
    return image.convert("L" if image.mode in {"1", "L", "I", "I;16"} else "RGB")


def _on_white_paper(image: Image.Image) -> Image.Image:
    """See-through pixels become paper, not black."""
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper


def _shrink(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    if image.size == size:
        return image
    return image.resize(size, Image.Resampling.HAMMING, reducing_gap=2.0)


def _within(image: Image.Image, side: int) -> Image.Image:
    scale = min(1.0, side / max(image.size))
    return _shrink(image, (max(1, round(image.width * scale)), max(1, round(image.height * scale))))


def _encode_all(image: Image.Image, line_art: bool) -> Picture:
    smaller = _within(image, PREVIEW_SIDE)
    return Picture(
        media_type="image/png" if line_art else "image/jpeg",
        content=_png(image) if line_art else _jpeg(image, quality=82, progressive=True),
        preview=None if smaller is image else _jpeg(smaller, quality=78),
        thumbnail=_jpeg(_within(smaller, THUMBNAIL_SIDE), quality=72),
        width=image.width,
        height=image.height,
    )


def _jpeg(image: Image.Image, quality: int, progressive: bool = False) -> bytes:
    return _encode(image, "JPEG", quality=quality, progressive=progressive, optimize=True)


def _png(image: Image.Image) -> bytes:
    return _encode(image, "PNG", optimize=True)


def _encode(image: Image.Image, pillow_format: str, **options: int) -> bytes:
    image.info = {}  # Pillow would copy a comment, profile or resolution found here into the new file
    output = BytesIO()
    image.save(output, pillow_format, **options)
    return output.getvalue()
