"""Adding documents to a case, and taking away what was never submitted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from portal.interfaces.files import FileRefused, FileStore, Intake
from portal.models.cases import Case, Document
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

MOST_DOCUMENTS = 100

FILE_SENTENCES = {
    "file_empty": N_("The file is empty."),
    "file_too_big": N_("The file is larger than 15 MB. Make it smaller, or take the photo again."),
    "file_type": N_("Only photos (JPEG, PNG, HEIC, WebP) and PDF files are possible."),
    "file_type_mismatch": N_("The file is not what its name says. Only photos and PDF files are possible."),
    "file_damaged": N_("The file is damaged. Print the PDF again to a new PDF, or take a photo."),
    "file_bomb": N_("The picture is far too large. Take a photo with fewer pixels."),
    "file_polyglot": N_("The file holds more than a picture or a PDF, so it is not safe."),
    "file_infected": N_("A virus was found in the file."),
    "file_encrypted": N_("The PDF is locked with a password. Save it without one."),
    "file_active_content": N_("The PDF holds a script or attached files. Print it to a new PDF first."),
    "file_too_many_pages": N_("The PDF has more than 50 pages. Add only the pages that matter."),
}
SCANNER_AWAY = Refusal("scanner_away", N_("Files cannot be checked for viruses right now. Try again in a few minutes."))
TOO_MANY = Refusal("too_many_documents", N_("A case holds at most 100 documents."))
FROZEN = Refusal("document_frozen", N_("This document was submitted: it can be added to, not removed."))


COUNT = select(func.count()).select_from(Document).where(Document.case_id == bindparam("case"))


def refused_file(error: FileRefused) -> Refusal:
    """The sentence for a file that was refused, with its name."""
    return Refusal(error.code, FILE_SENTENCES[error.code], {"name": error.name})


def add_document(session: Session, files: FileStore, case: Case, intake: Intake, *, line_key: str, by: int,
                 at: datetime, kind: str = "receipt") -> Document:  # fmt: skip
    """Add a file that was taken in. The content is stored before the row is: a crash leaves a file, never a hole."""
    count = session.scalar(COUNT, {"case": case.id}) or 0
    if count >= MOST_DOCUMENTS:
        raise Refused(TOO_MANY)
    document = Document(
        case_id=case.id,
        line_key=line_key[:40],
        kind=kind,
        name=intake.name,
        media_type=intake.media_type,
        size=len(intake.content),
        sha256=stored(files, intake.content),
        original_sha256=intake.original_sha256,
        thumb_sha256=stored(files, intake.thumbnail) if intake.thumbnail else None,
        pages=intake.pages,
        added_by_id=by,
        added_at=at,
    )
    session.add(document)
    session.flush()
    return document


def stored(files: FileStore, content: bytes) -> str:
    """Store it; what was there already becomes young again, for the job that clears out what nobody names yet."""
    sha256 = files.put(content)
    files.renew(sha256)
    return sha256


def remove_document(session: Session, document: Document) -> None:
    """Take away a document that was never submitted."""
    if document.frozen_at is not None:
        raise Refused(FROZEN)
    session.delete(document)
