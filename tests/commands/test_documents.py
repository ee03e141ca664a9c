"""Documents, which are added to and never taken away once submitted."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commands import documents
from portal.interfaces.files import REFUSAL_CODES, FileRefused
from portal.models.cases import Document
from portal.worlds import World
from tests.cast import Cast, sample_receipt
from tests.commands.helpers import refused


def test_a_submitted_document_stays(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.draft(session, "anna")
        documents.remove_document(session, session.scalars(select(Document)).one())
        session.flush()
        assert session.query(Document).count() == 0
        add(session, cast, case)
        cast.act(session, "anna", case, "submit", content=cast.content(case))
        frozen = session.scalars(select(Document).execution_options(populate_existing=True)).one()
        assert refused(lambda: documents.remove_document(session, frozen)) == {"document_frozen"}
        added = add(session, cast, case)
        assert added.frozen_at is None


def add(session: Session, cast: Cast, case: Any) -> Document:
    receipt, now = sample_receipt(), cast.world.clock.now()
    return documents.add_document(
        session, cast.world.files, case, receipt, line_key="a" * 60, by=case.initiator_id, at=now
    )


def test_a_document_is_stored_by_its_content(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        document = add(session, cast, cast.draft(session, "anna"))
        receipt = sample_receipt()
        assert (document.sha256, document.original_sha256) == (receipt.sha256, receipt.original_sha256)
        assert (document.line_key, document.size) == ("a" * 40, len(receipt.content))
        assert world.files.read(document.sha256) == receipt.content
        assert world.files.read(document.thumb_sha256 or "") == receipt.thumbnail


def test_a_case_holds_a_hundred_documents_at_most(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.draft(session, "anna")
        for _ in range(documents.MOST_DOCUMENTS - 1):
            add(session, cast, case)
        assert refused(lambda: add(session, cast, case)) == {"too_many_documents"}


def test_every_reason_to_refuse_a_file_has_its_sentence() -> None:
    assert set(documents.FILE_SENTENCES) == set(REFUSAL_CODES)
    refusal = documents.refused_file(FileRefused("file_bomb", "bon.jpg"))
    assert (refusal.code, refusal.values) == ("file_bomb", {"name": "bon.jpg"})
