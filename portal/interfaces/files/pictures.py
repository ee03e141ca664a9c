"""Pages of a stored PDF as pictures, drawn when first asked for and then kept beside the file."""

from __future__ import annotations

from threading import BoundedSemaphore

from portal.interfaces.confined import GIB, Limits, run
from portal.interfaces.files import rendering
from portal.interfaces.files.store import FileStore

TOGETHER = 4
"""So many pages are drawn by one process: starting it takes longer than drawing a page."""
LIMITS = Limits(memory=GIB, seconds=10)
PATIENCE = 25.0
"""Seconds on the clock for these pages, and to wait for another that is being drawn."""
AT_ONCE = BoundedSemaphore(2)
"""Drawing takes a processor whole; the other threads of this process go on serving pages."""


class PageUnshowable(ValueError):
    """This page cannot be drawn: the file is damaged, hostile, or takes too much."""


class Drawn:
    """The pictures of the pages of the PDFs in a store. Of a page that cannot be drawn an empty picture is kept."""

    def __init__(self, files: FileStore) -> None:
        self._files = files

    def ready(self, sha256: str, page: int) -> bool:
        """Whether this page was tried before, so that asking for it takes no time."""
        return self._files.exists_beside(sha256, _label(page))

    def picture(self, sha256: str, page: int) -> bytes:
        """One page as a JPEG, the first being 1. Raises `PageUnshowable`, or `FileMissing` when there is no file."""
        if not self.ready(sha256, page):
            first = page - (page - 1) % TOGETHER
            # Behind a page at which the drawing broke off it goes on with the next.
            self._draw(sha256, next(number for number in range(first, page + 1) if not self.ready(sha256, number)))
        if not self.ready(sha256, page):
            raise PageUnshowable(f"{sha256} has no page {page}")
        picture = self._files.read_beside(sha256, _label(page))
        if not picture:
            raise PageUnshowable(f"{sha256}, page {page}")
        return picture

    def _draw(self, sha256: str, first: int) -> None:
        data = self._files.read(sha256)
        if not AT_ONCE.acquire(timeout=PATIENCE):
            raise PageUnshowable("too much is being drawn")
        try:
            pictures = _pictures(data, first, first + TOGETHER - 1)
        finally:
            AT_ONCE.release()
        for number, picture in enumerate(pictures, first):
            self._files.put_beside(sha256, _label(number), picture)


def _label(page: int) -> str:
    return f"page-{page}"


def _pictures(data: bytes, first: int, last: int) -> list[bytes]:
    """A picture for each of these pages, empty where there is none. Where the drawing broke off it ends, with an empty
    one."""
    done = run(rendering.__file__, first, last, limits=LIMITS, patience=PATIENCE, data=data)
    found = _unpacked(done.out)
    return found + [b""] * (1 if done.failed else last - first + 1 - len(found))


def _unpacked(out: bytes) -> list[bytes]:
    found: list[bytes] = []
    while len(out) >= 4:
        size = int.from_bytes(out[:4], "big")
        if len(out) < 4 + size:
            break
        found.append(out[4 : 4 + size])
        out = out[4 + size :]
    return found
