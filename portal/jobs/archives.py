"""Archives that were granted: each is made by the job, and its file cleared out when it was kept long enough."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import or_, select, update

from portal.jobs.archive_making import make
from portal.jobs.progress import progress
from portal.jobs.telling import Told, told
from portal.models.passages import ArchiveRequest, Passage
from portal.models.people import Municipality
from portal.settings import Settings
from portal.worlds import World

log = logging.getLogger("portal.jobs")
KEPT = timedelta(days=90)
"""How long a file stays here: it holds all that a municipality has."""
CUT_SHORT = timedelta(hours=12)
"""After so long whoever began it is not at it any more."""


def file_of(settings: Settings, request_id: int) -> Path:
    """Where the archive of this request stands."""
    return settings.instance / "archives" / f"{request_id}.zip"


def run(world: World, at: datetime) -> Told:
    """Make what was granted, one after the other; then clear out what was kept long enough."""
    done: Told = []
    while (claimed := _claim(world, at)) is not None:
        done += _make(world, *claimed, at)
    return done + _clear(world, at)


def _claim(world: World, at: datetime) -> tuple[int, int] | None:
    """The next request and its municipality; of two processes one gets it."""
    free = or_(ArchiveRequest.begun_at.is_(None), ArchiveRequest.begun_at < at - CUT_SHORT)
    waits = (ArchiveRequest.granted.is_(True), ArchiveRequest.made_at.is_(None), ArchiveRequest.error == "", free)
    with world.db.session(writes=False) as session:
        found = session.execute(
            select(ArchiveRequest.id, Passage.municipality_id)
            .join(Passage, Passage.id == ArchiveRequest.passage_id)
            .where(*waits)
            .order_by(ArchiveRequest.id)
            .limit(1)
        ).first()
    if found is None:
        return None
    with world.db.transaction() as session:
        mine = session.execute(
            update(ArchiveRequest).where(ArchiveRequest.id == found.id, *waits).values(begun_at=at)
            .execution_options(synchronize_session=False).returning(ArchiveRequest.id)
        ).first()  # fmt: skip
    return (found.id, found.municipality_id) if mine else None


def _make(world: World, request_id: int, place_id: int, at: datetime) -> Told:
    with world.db.session(writes=False) as session:
        name = session.get_one(Municipality, place_id).name
    try:
        made = make(world, place_id, file_of(world.settings, request_id), at, progress)
    except Exception as failure:
        log.exception("no archive of %s", name)
        _write(world, request_id, error=f"{type(failure).__name__}: {failure}"[:1000])
        return told("archive_failed", name=name)
    files = len(made.manifest["files"])
    _write(world, request_id, made_at=world.clock.now(), sha256=made.sha256, size=made.size, files=files,
           lacking=made.lacking)  # fmt: skip
    return told("archive_made", name=name, files=files)


def _write(world: World, request_id: int, **values: object) -> None:
    with world.db.transaction() as session:
        session.execute(update(ArchiveRequest).where(ArchiveRequest.id == request_id).values(**values))


def _clear(world: World, at: datetime) -> Told:
    with world.db.session(writes=False) as session:
        old = session.scalars(
            select(ArchiveRequest.id).where(ArchiveRequest.made_at <= at - KEPT, ArchiveRequest.gone_at.is_(None))
        ).all()
    for request_id in old:
        file_of(world.settings, request_id).unlink(missing_ok=True)
        _write(world, request_id, gone_at=at)
    return told("archives_cleared", count=len(old)) if old else []
