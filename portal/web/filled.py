"""A form as it stands in a draft, understood with all that it may know of the world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import FieldList

from portal import i18n
from portal.models.cases import Case, Document
from portal.models.people import PersonAccount
from portal.queries.bank_accounts import account_of
from portal.queries.cases import documents_of
from portal.queries.filling import filling_in
from portal.web import unit_of_work as uow
from workflows import CASE_TYPES
from workflows.filling import Problem
from workflows.policies import PolicyBook


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
    case_type, session = CASE_TYPES[case.type], uow.session()
    form = case_type.form(formdata=MultiDict(case.draft)) if case.draft else case_type.form()
    if not case.draft and "cost_centre" in form:
        form.cost_centre.data = case.cost_centre
    for line_list in (field for field in form if isinstance(field, FieldList)):
        for entry in line_list:
            entry.form.key.data = entry.form.key.data or token_hex(5)
    documents = list(documents_of(session, case.id))
    account = account_of(session, case.initiator_id)
    filling = filling_in(
        session, case, documents, uow.today(), account=account.iban if account else "", language=i18n.language()
    )
    content, problems = case_type.read(form, filling)
    return Filled(form, content, problems, documents, filling.policies, account)
