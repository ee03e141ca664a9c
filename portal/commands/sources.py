"""What a draft was made from: pages of the post or a file with an invoice, which wait again when it is thrown away."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.models.cases import Case
from portal.models.invoices import InvoiceFile
from portal.models.post import ScanPart


def put_back(session: Session, case: Case) -> None:
    """Let what this draft was made from wait for a clerk again."""
    session.flush()
    for source in (ScanPart, InvoiceFile):
        session.execute(
            update(source).where(source.case_id == case.id)
            .values(case_id=None, settled_at=None, settled_by_id=None)
        )  # fmt: skip
