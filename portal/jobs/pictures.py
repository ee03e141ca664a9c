"""Drawing the pages of PDF receipts before a clerk asks for them: of the cases that are the next to be checked."""

from __future__ import annotations

from datetime import datetime

from portal.interfaces.files import Drawn, FileMissing, PageUnshowable
from portal.jobs.progress import progress
from portal.jobs.telling import Told, unless_idle
from portal.queries.queue import pdfs_next
from portal.worlds import World

MOST_PAGES = 20
"""What one run draws at most, so that other jobs need not wait long."""


def run(world: World, at: datetime) -> Told:
    """Draw what is not drawn yet, the most urgent case first. Nobody is given a case for it."""
    with world.db.session(writes=False) as session:
        waiting = pdfs_next(session)
    drawn = Drawn(world.files)
    pages = [(sha256, page) for sha256, count in waiting for page in range(1, count + 1)]
    todo = [one for one in pages if not drawn.ready(*one)][:MOST_PAGES]
    count = 0
    for place, one in enumerate(todo):
        progress(place, len(todo))
        count += _is_drawn(drawn, *one)
    return unless_idle("pages_drawn", count=count)


def _is_drawn(drawn: Drawn, sha256: str, page: int) -> bool:
    try:
        drawn.picture(sha256, page)
    except (PageUnshowable, FileMissing):
        return False
    return True
