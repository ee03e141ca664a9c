"""A form as it stands in a draft, understood with all that it may know of the world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import FieldList

from portal import i18n
from portal.clock import local_date
from portal.models.cases import Case, Document
from portal.models.people import PersonAccount
from portal.queries.bank_accounts import account_of
from portal.queries.cases import documents_of
from portal.queries.known_by import colleagues_typed, suppliers_typed
from portal.queries.leave import hours_for
from portal.queries.lines import spent_besides
from portal.queries.people import policies_of, worked_at
from portal.queries.rates import rates_for
from portal.queries.statements import statements_for
from portal.web import unit_of_work as uow
from workflows import CASE_TYPES
from workflows.defaults import no_lines
from workflows.filling import FillingIn, Problem
from workflows.policies import PolicyBook


def _documents_by_line(documents: Any) -> dict[str, tuple[dict[str, Any], ...]]:
    by_line: dict[str, tuple[dict[str, Any], ...]] = {}
    for document in documents:
        entry = {"id": document.id, "sha256": document.sha256, "name": document.name, "kind": document.kind}
        by_line[document.line_key] = (*by_line.get(document.line_key, ()), entry)
    return by_line


@dataclass
class Filled:
    """A form as it stands in the draft, understood."""

    form: Any
    content: Mapping[str, Any]
    problems: tuple[Problem, ...]
    documents: list[Document]
    policies: PolicyBook
    account: PersonAccount | None


def filled_in(case: Case) -> Filled:
    """Read the draft. Lines without a key (the first, or typed without help) get one."""
    case_type = CASE_TYPES[case.type]
    session = uow.session()
    form = case_type.form(formdata=MultiDict(case.draft)) if case.draft else case_type.form()
    if not case.draft and "cost_centre" in form:
        form.cost_centre.data = case.cost_centre
    for line_list in (field for field in form if isinstance(field, FieldList)):
        for entry in line_list:
            entry.form.key.data = entry.form.key.data or token_hex(5)
    documents = list(documents_of(session, case.id))
    policies = policies_of(session, case.municipality_id)
    account = account_of(session, case.initiator_id)
    worked = worked_at(session, case.initiator_id, case.municipality_id)
    filling = FillingIn(
        today=uow.today(),
        policies=policies,
        employed=worked.here,
        elsewhere=worked.elsewhere,
        documents=_documents_by_line(documents),
        language=i18n.language(),
        account=account.iban if account else "",
        rates=rates_for(session, case.draft),
        statements=statements_for(session, case),
        spent=() if case_type.lines is no_lines else spent_besides(session, case),
        received=local_date(case.received_at) if case.received_at else None,
        hours=hours_for(session, case, uow.today()),
        colleagues=colleagues_typed(session, case, uow.today()),
        content=case.content,
        suppliers=suppliers_typed(session, case),
    )
    content, problems = case_type.read(form, filling)
    return Filled(form, content, problems, documents, policies, account)
