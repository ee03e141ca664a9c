"""Opening an XML file that comes from outside: hostile until proved otherwise.

No document type (the door to entity bombs and to reading our files), no network, bounded size and depth, UTF-8 only.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

_ENCODING = re.compile(r"""\s*<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']""")


class UnsafeXml(Exception):
    """A file that is not opened. `code` is one of too_big, encoding, doctype and not_xml; `detail` says where."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail


def opened(data: bytes, max_bytes: int, max_tags: int) -> Any:
    """The root element, without comments and processing instructions. Raises UnsafeXml.

    `max_tags` bounds the memory: an element takes much more of it than its bytes in the file.
    """
    if len(data) > max_bytes:
        raise UnsafeXml("too_big", str(len(data)))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnsafeXml("encoding") from None
    declared = _ENCODING.match(text[:200])
    if declared and declared[1].lower() not in {"utf-8", "us-ascii"}:
        raise UnsafeXml("encoding", declared[1][:20])
    # Looked for before parsing, so that nothing inside a document type is ever read. The parser below is told
    # to read UTF-8 too, so it cannot see another text than the one searched here.
    if "<!DOCTYPE" in text:
        raise UnsafeXml("doctype")
    if text.count("<") > max_tags:
        raise UnsafeXml("too_big", "elements")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,  # keeps the limits of libxml2: 256 levels deep, 10 million characters of text
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise UnsafeXml("not_xml", f"line {error.lineno}") from None
