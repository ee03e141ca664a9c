"""Adding to a closed dossier: a note, and documents that are frozen at once and show that they came later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.commands.cases import Step, act
from portal.commands.documents import add_document
from portal.interfaces.files import FileStore, Intake
from portal.models.cases import LATER, Case, Document
from portal.queries.cases import standing
from workflows.afterwards import ADD_LATER
from workflows.kernel import Given


def add_later(
    session: Session, files: FileStore, viewer: Viewer, case: Case, note: str, intakes: Sequence[Intake], at: datetime
) -> Sequence[Document]:
    """Add a note with documents, as a step of the case; the case stays as it ended."""
    added = [
        add_document(session, files, case, intake, line_key="", by=viewer.person_id, at=at, kind=LATER)
        for intake in intakes
    ]
    for document in added:
        document.frozen_at = at
    what = {"documents": [{"name": document.name, "sha256": document.sha256} for document in added]} if added else None
    act(session, case, Step(ADD_LATER, viewer.actor(standing(case)), at, Given(note), data=what))
    return added
