"""What a form needs to know of the world to judge what was typed in a draft."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.models.cases import Case, Document
from portal.queries.known_by import colleagues_typed, suppliers_typed
from portal.queries.leave import hours_for
from portal.queries.lines import spent_besides
from portal.queries.people import policies_of, worked_at
from portal.queries.rates import rates_for
from portal.queries.statements import statements_for
from workflows import CASE_TYPES
from workflows.defaults import no_lines
from workflows.filling import FillingIn


def _documents_by_line(documents: Iterable[Document]) -> dict[str, tuple[dict[str, Any], ...]]:
    by_line: dict[str, tuple[dict[str, Any], ...]] = {}
    for document in documents:
        entry = {"id": document.id, "sha256": document.sha256, "name": document.name, "kind": document.kind}
        by_line[document.line_key] = (*by_line.get(document.line_key, ()), entry)
    return by_line


def filling_in(
    session: Session, case: Case, documents: Iterable[Document], today: date, *, account: str, language: str
) -> FillingIn:
    """The same for whoever fills in this case today, with the documents that are in it; `account` is theirs."""
    worked = worked_at(session, case.initiator_id, case.municipality_id)
    return FillingIn(
        today=today,
        policies=policies_of(session, case.municipality_id),
        employed=worked.here,
        elsewhere=worked.elsewhere,
        documents=_documents_by_line(documents),
        language=language,
        account=account,
        rates=rates_for(session, case.draft),
        statements=statements_for(session, case),
        spent=() if CASE_TYPES[case.type].lines is no_lines else spent_besides(session, case),
        received=local_date(case.received_at) if case.received_at else None,
        hours=hours_for(session, case, today),
        colleagues=colleagues_typed(session, case, today),
        content=case.content,
        suppliers=suppliers_typed(session, case),
    )
