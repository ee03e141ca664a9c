"""Sample uploads for tests: honest receipts in every allowed kind, and the tricks that must be refused.

Nothing here is stored on disk: each function makes its bytes anew, small and always the same.
"""

import struct
import zipfile
import zlib
from collections.abc import Sequence
from io import BytesIO

import pillow_heif
from PIL import Image, ImageDraw, ImageFont
from pypdf import PdfWriter

GPS_TAG, ORIENTATION_TAG, MAKE_TAG = 0x8825, 0x0112, 0x010F
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The harmless string every virus scanner reports (eicar.org), in two parts so none reports this file."""


def receipt(width: int = 480, height: int = 720) -> Image.Image:
    """A till receipt on a table: paper, text, and a red corner at the top left to see turning by."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    draw, unit = ImageDraw.Draw(image), width // 24
    draw.rectangle((2 * unit, unit, width - 2 * unit, height - unit), fill=(250, 248, 240))
    font = ImageFont.load_default(size=max(8, unit))
    for row, text in enumerate(("Eetcafe De Brug", "20-11-2026 12:41", "Koffie  3,75", "TOTAAL  EUR 3,75")):
        draw.text((3 * unit, (3 + 2 * row) * unit), text, (30, 30, 30), font)
    draw.rectangle((0, 0, 2 * unit, 2 * unit), fill=(220, 20, 20))
    return image


def exif(orientation: int = 1) -> Image.Exif:
    """What a phone writes: its make, how it was held, and where (in Utrecht)."""
    tags = Image.Exif()
    tags[MAKE_TAG] = "Fairphone"
    tags[ORIENTATION_TAG] = orientation
    tags[GPS_TAG] = {1: "N", 2: (52.0, 5.0, 30.0), 3: "E", 4: (5.0, 7.0, 10.0)}
    return tags


def jpeg(width: int = 480, height: int = 720, orientation: int = 1) -> bytes:
    """A phone photo with EXIF, GPS position and a comment."""
    return _save(receipt(width, height), "JPEG", quality=85, exif=exif(orientation), comment=b"at home")


def png() -> bytes:
    """A colourful PNG, with a text chunk and EXIF."""
    return _save(receipt(), "PNG", exif=exif())


def line_art_png() -> bytes:
    """A black and white drawing."""
    image = Image.new("1", (300, 200), 1)
    ImageDraw.Draw(image).text((20, 20), "BON 42", 0)
    return _save(image, "PNG")


def webp() -> bytes:
    """A WebP photo with EXIF."""
    return _save(receipt(), "WEBP", quality=80, exif=exif().tobytes())


def animated_webp() -> bytes:
    """Two frames: first the receipt, then a blank."""
    blank = Image.new("RGB", (480, 720), "white")
    return _save(receipt(), "WEBP", save_all=True, append_images=[blank], duration=100)


def heic() -> bytes:
    """An iPhone-like photo with EXIF and GPS position."""
    output = BytesIO()
    pillow_heif.from_pillow(receipt()).save(output, quality=60, exif=exif().tobytes())
    return output.getvalue()


def multi_picture_jpeg() -> bytes:
    """A JPEG with a second one behind its end, as phones write for depth or brightness."""
    return _save(receipt(), "MPO", save_all=True, append_images=[Image.new("RGB", (60, 90), "gray")])


def motion_photo() -> bytes:
    """A JPEG with a film behind its end: the film's bytes hold short signatures by chance."""
    return jpeg() + b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 40 + b"MZ PK\x03\x04\xff\xff\xff\xff <svg"


def gif() -> bytes:
    """A kind that is not allowed."""
    return _save(receipt(60, 90), "GIF")


def zip_file() -> bytes:
    """A ZIP with a script."""
    output = BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr("run.sh", "echo hello")
    return output.getvalue()


def windows_program() -> bytes:
    """The headers of a Windows program (PE/COFF), without the program."""
    return b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + bytes(60)


def bomb_png(width: int = 60_000, height: int = 60_000) -> bytes:
    """A few bytes that claim to be a picture of gigabytes."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = _png_chunk(b"IHDR", header) + _png_chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunks + _png_chunk(b"IEND", b"")


def pdf(
    extra: Sequence[bytes] = (), catalog: bytes = b"", page: bytes = b"", pages: int = 1, count: bytes = b""
) -> bytes:
    """A hand-made ticket of equal pages, with entries for catalog and page and objects from number 10 on.

    The object numbers in use are 1 catalog, 2 page tree, 3 page, 4 content and 5 font.
    """
    content = b"BT /F1 18 Tf 40 300 Td (Treinkaartje EUR 21,40) Tj ET"
    kids = b" ".join([b"3 0 R"] * pages)
    bodies = {
        1: b"<</Type/Catalog/Pages 2 0 R %s>>" % catalog,
        2: b"<</Type/Pages/Kids[%s]/Count %s>>" % (kids, count or b"%d" % pages),
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 420]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>%s>>" % page,
        4: stream(content),
        5: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        **dict(enumerate(extra, start=10)),
    }
    return _assemble(bodies)


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """The body of a PDF stream object."""
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(content), entries, content)


def pdf_with_script() -> bytes:
    """A PDF that runs JavaScript on opening."""
    return pdf(extra=[b"<</S/JavaScript/JS(app.alert\\(1\\))>>"], catalog=b"/OpenAction 10 0 R")


def object_stream_pdf(body: bytes, packed: bytes | None = None) -> bytes:
    """A PDF with object 10, of this body, in an object stream; `packed` replaces the stream's bytes."""
    inner = zlib.compress(b"10 0 " + body) if packed is None else packed
    first = b"<</Type/ObjStm/N 1/First 5/Filter/FlateDecode/Length %d>>" % len(inner)
    bodies = {
        1: b"<</Type/Catalog/Pages 2 0 R/OpenAction 10 0 R>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 420]>>",
        4: first + b"\nstream\n" + inner + b"\nendstream",
    }
    return _assemble_with_xref_stream(bodies, packed={10: 4})


def encrypted_pdf(algorithm: str = "RC4-128") -> bytes:
    """A PDF with a password."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.encrypt("geheim", algorithm=algorithm)
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def _save(image: Image.Image, kind: str, **options: object) -> bytes:
    output = BytesIO()
    image.save(output, kind, **options)
    return output.getvalue()


def _png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _objects(bodies: dict[int, bytes], header: bytes) -> tuple[bytes, dict[int, int]]:
    file, offsets = header, {}
    for number, body in bodies.items():
        offsets[number] = len(file)
        file += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    return file, offsets


def _assemble(bodies: dict[int, bytes]) -> bytes:
    file, offsets = _objects(bodies, b"%PDF-1.4\n")
    size = max(bodies) + 1
    entries = [b"%010d 00000 n \n" % offsets[n] if n in offsets else b"0000000000 65535 f \n" for n in range(size)]
    trailer = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(file))
    return file + b"xref\n0 %d\n" % size + b"".join(entries) + trailer


def _assemble_with_xref_stream(bodies: dict[int, bytes], packed: dict[int, int]) -> bytes:
    """Cross-reference stream (ISO 32000-2 7.5.8): per object a type byte, four bytes of place, an index."""
    file, offsets = _objects(bodies, b"%PDF-1.5\n")
    number = max([*bodies, *packed]) + 1
    offsets[number] = len(file)
    rows = b"".join(_xref_row(n, offsets, packed) for n in range(number + 1))
    entries = b"/Type/XRef/W[1 4 1]/Root 1 0 R/Size %d" % (number + 1)
    file += b"%d 0 obj\n%s\nendobj\n" % (number, stream(rows, entries))
    return file + b"startxref\n%d\n%%%%EOF\n" % offsets[number]


def _xref_row(number: int, offsets: dict[int, int], packed: dict[int, int]) -> bytes:
    if number in packed:
        return struct.pack(">BIB", 2, packed[number], 0)
    if number in offsets:
        return struct.pack(">BIB", 1, offsets[number], 0)
    return struct.pack(">BIB", 0, 0, 255)
