"""PDF receipts and tickets: opened within limits, refused when they hold anything but pages.

A PDF is stored byte for byte. Writing it anew would drop its metadata but also break a digital signature,
and the file is evidence. So what may do harm is refused instead of removed, and the document properties
stay visible.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import IO, Any, cast

from pypdf import PdfReader, apply_configuration
from pypdf.errors import LimitReachedError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject, StreamObject

from portal.interfaces.files.refusal import FileRefused, RefusalCode
from portal.interfaces.files.signatures import foreign_signature, holds_zip

MAX_PAGES = 50
"""Pages in one receipt."""

MAX_OBJECTS = 50_000
"""Objects in one document; fifty richly tagged pages have about half of that."""

MAX_UNPACKED = 8 * 1024 * 1024
"""Bytes of document structure, all object streams together, unpacked. Page content is never unpacked."""

LIMITS: dict[str, Any] = {
    "zlib_maximum_output_length": MAX_UNPACKED,
    "zlib_maximum_recovery_input_length": 1024 * 1024,
    "lzw_maximum_output_length": MAX_UNPACKED,
    "run_length_maximum_output_length": MAX_UNPACKED,
    "brotli_maximum_output_length": MAX_UNPACKED,
    "jbig2_maximum_output_length": MAX_UNPACKED,
    "array_based_stream_maximum_output_length": MAX_UNPACKED,
    "stream_decoding_work_maximum_length": 4 * MAX_UNPACKED,
    "stream_filters_maximum_length": 4,
    "page_tree_maximum_entries": 20 * MAX_PAGES,
    "page_tree_maximum_page_entries": 100_000,
    "jbig2dec_binary": None,  # an object stream must not make us start a program
}

# ISO 32000-2: 12.6.4 actions, 12.5.6 annotations, 12.7.8 XFA, 7.11.4 embedded files. Links are fine.
_ACTIVE_KEYS = frozenset({"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/XFA", "/RichMediaContent"})
_ACTIVE_NAMES = {
    "/S": frozenset(
        {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition", "/Movie"}
        | {"/Sound", "/RichMediaExecute", "/GoTo3DView"}
    ),
    "/Subtype": frozenset({"/RichMedia", "/3D", "/Movie", "/Sound", "/Screen", "/FileAttachment"}),
    "/Type": frozenset({"/EmbeddedFile"}),
}
# Also looked for in the plain bytes: an older revision that a repairing reader could bring back.
_ACTIVE_BYTES = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia)(?![A-Za-z0-9])")
_END_MARK = b"%%EOF"
# A later revision goes on with an object, a comment, "xref", "trailer" or "startxref" (ISO 32000-2 7.5.6).
_STRANGE_REVISION = re.compile(rb"%%EOF[\s\0]*[^\s\0\d%xts]")


class _MeteredFile:
    """The uploaded bytes with a limit on how much reading they may cause.

    A repairing parser rescans the file for each broken reference, so a small hostile file could keep it
    busy for hours. Reading each byte a few times is enough for an honest file.
    """

    def __init__(self, data: bytes) -> None:
        self._file = BytesIO(data)
        self._bytes_left = 4 * len(data) + 1_000_000
        self._calls_left = 4_000_000

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self._bytes_left -= len(chunk)
        self._calls_left -= 1
        if self._bytes_left < 0 or self._calls_left < 0:
            raise LimitReachedError("reading budget spent")
        return chunk

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def inspect_pdf(data: bytes, most: int = MAX_PAGES) -> int:
    """The number of pages, at most `most`, of a harmless PDF.

    Raises `file_polyglot`, `file_damaged`, `file_encrypted`, `file_too_many_pages`, `file_bomb` or
    `file_active_content`. The parser is strict: what two readers could read differently is refused as
    damaged.
    """
    _refuse_wrapping(data)
    try:
        with apply_configuration(**LIMITS):
            return _inspect(data, most)
    except FileRefused:
        raise
    except LimitReachedError as error:
        raise FileRefused("file_bomb", detail=str(error)) from error
    except Exception as error:  # a parser raises whatever hostile bytes make it raise
        # Ciphers that pypdf lacks end here too; the key that announces encryption is never itself compressed.
        code: RefusalCode = "file_encrypted" if b"/Encrypt" in data else "file_damaged"
        raise FileRefused(code, detail=repr(error)) from error


def _inspect(data: bytes, most: int) -> int:
    reader = PdfReader(cast(IO[bytes], _MeteredFile(data)), strict=True, root_object_recovery_limit=0)
    if reader.is_encrypted:
        raise FileRefused("file_encrypted")
    _refuse_page_count(_declared_pages(reader), most)
    _refuse_active_content(reader, data)
    pages = len(reader.pages)
    _refuse_page_count(pages, most)
    return pages


def _refuse_wrapping(data: bytes) -> None:
    """Nothing may follow the last end mark or stand between revisions, and the file may not be a ZIP too."""
    end = data.rfind(_END_MARK)
    if end < 0:
        raise FileRefused("file_damaged", detail="no end mark: cut short")
    behind = data[end + len(_END_MARK) :]
    if behind.strip(b"\0\t\n\f\r "):
        raise FileRefused("file_polyglot", detail=f"pdf with {foreign_signature(behind) or 'data'} behind")
    if holds_zip(data) or _STRANGE_REVISION.search(data):
        raise FileRefused("file_polyglot", detail="pdf with a second file inside")


def _declared_pages(reader: PdfReader) -> int:
    """The count in the page tree. It may lie; an honest long document is so named, not called a bomb."""
    tree = reader.root_object["/Pages"].get_object()
    # Indexing, unlike get, follows a reference to the number.
    count = tree["/Count"] if isinstance(tree, DictionaryObject) and "/Count" in tree else None
    return count if isinstance(count, int) else 0


def _refuse_page_count(pages: int, most: int) -> None:
    if pages > most:
        raise FileRefused("file_too_many_pages", detail=f"{pages} pages")
    if pages < 1:
        raise FileRefused("file_damaged", detail="no pages")


def _refuse_active_content(reader: PdfReader, data: bytes) -> None:
    if found := _ACTIVE_BYTES.search(data):
        raise FileRefused("file_active_content", detail=found[0].decode("ascii"))
    for dictionary in _dictionaries([reader.trailer, *_objects(reader)]):
        if reason := _active_reason(dictionary):
            raise FileRefused("file_active_content", detail=reason)


def _objects(reader: PdfReader) -> Iterator[PdfObject]:
    """Every object in the cross-reference, used or not, so no reference has to be followed to find one."""
    plain = [(number, generation) for generation, table in reader.xref.items() for number in table]
    if len(plain) + len(reader.xref_objStm) > MAX_OBJECTS:
        raise FileRefused("file_bomb", detail="too many objects")
    _refuse_bulky_streams(reader)
    for number, generation in [*plain, *((number, 0) for number in reader.xref_objStm)]:
        found = reader.get_object(IndirectObject(number, generation, reader))
        if found is not None:
            yield found


def _refuse_bulky_streams(reader: PdfReader) -> None:
    """Unpack the object streams once (pypdf keeps the result) and add up what comes out."""
    unpacked = 0
    for number in {stream for stream, _ in reader.xref_objStm.values()}:
        packed = reader.get_object(number)
        unpacked += len(packed.get_data()) if isinstance(packed, StreamObject) else 0
        if unpacked > MAX_UNPACKED:
            raise FileRefused("file_bomb", detail="object streams unpack to too much")


def _dictionaries(objects: list[PdfObject]) -> Iterator[DictionaryObject]:
    """Every dictionary nested directly in these objects; references are not followed."""
    waiting: list[object] = list(objects)
    while waiting:
        item = waiting.pop()
        if isinstance(item, DictionaryObject):
            yield item
            waiting.extend(dict.values(item))
        elif isinstance(item, ArrayObject):
            waiting.extend(list.__iter__(item))


def _active_reason(dictionary: DictionaryObject) -> str | None:
    for key in _ACTIVE_KEYS.intersection(dict.keys(dictionary)):
        return key
    for key, names in _ACTIVE_NAMES.items():
        # Indexing resolves a reference: the name itself may be hidden in another object.
        if key in dictionary and isinstance(name := dictionary[key], str) and name in names:
            return f"{key} {name}"
    return None
