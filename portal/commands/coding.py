"""Coding the lines of a case by hand, by what its municipality's chart has today; and keeping it to suggest again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.clock import local_date
from portal.commands import lines
from portal.commands.cases import act_as
from portal.models.cases import Case
from portal.models.lines import CodedLine
from portal.queries.chart import chart_of
from portal.queries.coding import alike, choices
from workflows import CASE_TYPES
from workflows.coding import CODE, FIELDS
from workflows.filling import Problem
from workflows.kernel import Given
from workflows.parties import N_

UNKNOWN: Mapping[str, tuple[str, str]] = {
    "account": ("coding_account_unknown", N_("This is no ledger account for costs of this municipality today.")),
    "cost_centre": ("coding_cost_centre_unknown", N_("This is no cost centre of this municipality today.")),
    "task": ("coding_task_unknown", N_("This is no taakveld of this municipality today.")),
}
Typed = Mapping[str, Mapping[str, str]]


def judged(session: Session, case: Case, typed: Typed, at: datetime) -> tuple[dict[str, dict[str, str]], list[Problem]]:
    """The coding of each line as it was typed, and what is wrong with it; a field is `coding-<line>-<name>`.

    A line without an account is left to the posting rules.
    """
    chart, today = chart_of(session, case.municipality_id), local_date(at)
    allowed = {name: {row.code for row in rows} for name, rows in choices(chart, today).items()}
    found: dict[str, dict[str, str]] = {}
    problems: list[Problem] = []
    for line in CASE_TYPES[case.type].to_code(case.content):
        # What a browser offers says the name after the code.
        codes = {name: typed.get(line.key, {}).get(name, "").strip().partition(" ")[0][:40] for name in FIELDS}
        problems += [
            Problem(f"coding-{line.key}-{name}", *UNKNOWN[name])
            for name, code in codes.items() if code and code not in allowed[name]
        ]  # fmt: skip
        if not codes["account"] and any(codes.values()):
            problems.append(
                Problem(f"coding-{line.key}-account", "coding_account_missing", N_("Fill in the ledger account too."))
            )
        if codes["account"]:
            found[line.key] = codes
    return found, problems


def code(session: Session, viewer: Viewer, case: Case, coding: Mapping[str, Mapping[str, str]], at: datetime) -> None:
    """Take over the coding of all lines, as a step of the case."""
    content = {**case.content, "coding": {key: dict(codes) for key, codes in coding.items()}}
    act_as(session, viewer, case, CODE, Given(content=content), at)
    lines.flag_coding(session, case, at)
    session.execute(delete(CodedLine).where(CodedLine.case_id == case.id))
    case_type = CASE_TYPES[case.type]
    supplier = case_type.payee(case.content)
    texts = {line.key: line.text for line in case_type.to_code(case.content)}
    if supplier is not None:
        session.add_all(
            CodedLine(
                case_id=case.id, line_key=key, municipality_id=case.municipality_id, supplier_id=supplier,
                alike=alike(texts[key]), **codes,
            )
            for key, codes in coding.items()
        )  # fmt: skip
    session.flush()
