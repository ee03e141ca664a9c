"""Removing what is stale: drafts nobody came back to, with their uploads, and stored files that nothing names."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from portal.commands.sign_in import SESSION_LIFE
from portal.jobs import scan_folder
from portal.jobs.telling import Told, unless_idle
from portal.models.cases import Case, Document
from portal.models.contact import ContactDraft
from portal.models.events import CaseEvent
from portal.models.imports import PeopleImport
from portal.models.invoices import InvoiceFile
from portal.models.people import SignIn
from portal.models.post import ScanPart
from portal.models.whatif import WhatIfModel, WhatIfRun
from portal.worlds import World

DRAFT_LIFE = timedelta(days=90)
"""How long a draft is kept after it was last typed in."""
IMAGINED_LIFE = timedelta(days=400)
"""How long the answer to a what-if question is kept, and what was measured for it."""
HANDED_IN_LIFE = timedelta(days=7)
"""How long a file with people may wait to be taken in."""
YOUNG = timedelta(days=1)
"""A stored file may be a day old before its row must be there: the upload may still be under way."""


def run(world: World, at: datetime) -> Told:
    """Remove stale drafts, files with people that wait too long and sessions that are over, then unnamed files."""
    with world.db.transaction() as session:
        drafts = _drop_drafts(session, at)
        session.execute(delete(SignIn).where(SignIn.begun_at <= at - SESSION_LIFE))
        session.execute(
            delete(PeopleImport).where(
                PeopleImport.taken_in_at.is_(None), PeopleImport.handed_in_at <= at - HANDED_IN_LIFE
            )
        )
        session.execute(delete(ContactDraft).where(ContactDraft.at < at - DRAFT_LIFE))
        _drop_imagined(session, at)
    files = _drop_files(world, at) + scan_folder.drop_old(world, at)
    return unless_idle("removed", drafts=drafts, files=files)


def _drop_imagined(session: Session, at: datetime) -> None:
    """Answers to what-if questions of long ago, and what was measured for nothing that is still there."""
    session.execute(delete(WhatIfRun).where(WhatIfRun.asked_at < at - IMAGINED_LIFE))
    used = select(WhatIfRun.id).where(WhatIfRun.model_id == WhatIfModel.id).exists()
    session.execute(delete(WhatIfModel).where(WhatIfModel.measured_at < at - IMAGINED_LIFE, ~used))


def _drop_drafts(session: Session, at: datetime) -> int:
    """Drafts were never submitted, so no number, no event and no evidence goes with them."""
    stale = session.scalars(
        select(Case.id).where(
            Case.number.is_(None),
            func.coalesce(Case.drafted_at, Case.created_at) < at - DRAFT_LIFE,
            ~select(CaseEvent.id).where(CaseEvent.case_id == Case.id).exists(),
        )
    ).all()
    if stale:
        session.execute(delete(Document).where(Document.case_id.in_(stale)))
        session.execute(delete(Case).where(Case.id.in_(stale)))
    return len(stale)


def _drop_files(world: World, at: datetime) -> int:
    dropped = world.files.sweep(at - YOUNG)
    for sha256 in list(world.files.iter_hashes()):
        if datetime.fromtimestamp(world.files.path(sha256).stat().st_mtime, tz=at.tzinfo) > at - YOUNG:
            continue
        with world.db.session(writes=False) as session:
            named = session.scalars(
                select(Document.id).where(or_(Document.sha256 == sha256, Document.thumb_sha256 == sha256)).limit(1)
            ).first()
            # Pages that wait for a clerk, and for a while those that were set aside.
            waits = or_(ScanPart.settled_at.is_(None), ScanPart.settled_at > at - scan_folder.KEPT)
            scanned = session.scalars(select(ScanPart.id).where(ScanPart.sha256 == sha256, waits).limit(1)).first()
            # A file with an invoice is evidence, whatever became of it.
            brought = session.scalars(select(InvoiceFile.id).where(InvoiceFile.sha256 == sha256).limit(1)).first()
        if named is None and scanned is None and brought is None:
            world.files.delete(sha256)
            dropped += 1
    return dropped
