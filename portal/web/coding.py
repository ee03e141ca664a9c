"""The page on which a clerk codes the lines of a case: ledger account, cost centre and taakveld, with suggestions."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.commands import coding as commands
from portal.commands.cases import expect_version
from portal.models.cases import Case
from portal.queries.cases import offers_to
from portal.queries.chart import chart_of
from portal.queries.coding import choices, suggestions
from portal.web import reading
from portal.web import unit_of_work as uow
from portal.web.cases import find, posted_version
from workflows import CASE_TYPES
from workflows.coding import CODE, FIELDS, coding_of
from workflows.filling import Problem
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

bp = Blueprint("coding", __name__)

LABELS = {"account": N_("Ledger account"), "cost_centre": N_("Cost centre"), "task": N_("Task field")}


def _case(number: str) -> tuple[Case, bool]:
    """A case whose lines are coded now, and whether by this clerk; anything else is not here."""
    case = find(number)
    offers = [o for o in offers_to(uow.session(), uow.viewer(), case, uow.now()) if o.action.key == CODE]
    return (case, not offers[0].refusals) if offers else abort(HTTPStatus.NOT_FOUND)


def _typed(case: Case) -> dict[str, dict[str, str]]:
    """What was typed for each line."""
    return {
        line.key: {name: request.form.get(f"coding-{line.key}-{name}", "")[:200] for name in FIELDS}
        for line in CASE_TYPES[case.type].to_code(case.content)
    }


def _show(
    case: Case, problems: list[Problem] | None = None, refusals: tuple[Refusal, ...] = (), status: int = 200
) -> ResponseReturnValue:
    session, today = uow.session(), uow.today()
    chart = chart_of(session, case.municipality_id)
    offered = suggestions(session, case, chart, today)
    known: Mapping[str, Mapping[str, str]] = coding_of(case.content)
    typed = _typed(case) if request.method == "POST" else {}
    shown = {
        line.key: typed.get(line.key) or known.get(line.key)
        or {name: getattr(offered[line.key], name) if line.key in offered else "" for name in FIELDS}
        for line in CASE_TYPES[case.type].to_code(case.content)
    }  # fmt: skip
    page = render_template(
        "coding/page.html", case=case, lines=CASE_TYPES[case.type].to_code(case.content), shown=shown,
        offered={key: one for key, one in offered.items() if not typed and key not in known},
        choices=choices(chart, today), labels=LABELS, refusals=refusals, problems=problems or [],
        wrong={problem.field: i18n.say(problem.sentence, problem.values) for problem in problems or ()},
    )  # fmt: skip
    return page, status


@bp.get("/zaken/<number>/coderen")
@open_to(Role.CLERK)
def page(number: str) -> ResponseReturnValue:
    """The lines with how they are coded, or how they best would be. What somebody else works on is shown as it is."""
    case, mine = _case(number)
    if not mine:
        return redirect(url_for("cases.dossier", number=number))
    return _show(case) if reading.enter(case) else reading.back_to(case)


@bp.post("/zaken/<number>/coderen")
@open_to(Role.CLERK)
def save(number: str) -> ResponseReturnValue:
    """Code all lines, or say beside the field what is wrong; then nothing is changed."""
    case, mine = _case(number)
    if not mine:
        abort(HTTPStatus.NOT_FOUND)
    expect_version(case, posted_version())
    found, problems = commands.judged(uow.session(), case, _typed(case), uow.now())
    if problems:
        return _show(case, problems, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        commands.code(uow.session(), uow.viewer(), case, found, uow.now())
    except Refused as refused:
        return _show(case, refusals=refused.refusals, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(f"{case.number}: {i18n.gettext(N_('Lines coded'))}", "success")
    return redirect(url_for("queue.bench", number=case.number))
