"""What people noticed while playing: anybody writes it down, the trainer says how bad it is."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from portal import i18n
from portal.access import EMPLOYEE, TRAINER_DESK, open_to
from portal.models.cases import Case
from portal.queries.cases import visible
from portal.web import unit_of_work as uow
from portal.web.workshop import here
from portal.workshop import seats, talking
from portal.workshop.tables import Finding
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

bp = Blueprint("workshop_findings", __name__, url_prefix="/bevindingen")

SEVERITY_LABELS = {"blocking": N_("Blocking"), "hindering": N_("Hindering"), "awkward": N_("Awkward"),
                   "": N_("Not yet classed")}  # fmt: skip
SEVERITY_TONES = {"blocking": "danger", "hindering": "warning", "awkward": "info", "": "neutral"}


def _roles() -> dict[int, str]:
    """The role of each seat in words: a finding says from which place it was seen, and not by whom."""
    roles, language = here.scenario().roles, i18n.language()
    return {one.id: roles[one.role].name.said(language) for one in seats.all_seats(uow.session())}


def _page(refusal: Refusal | None = None, status: int = 200) -> ResponseReturnValue:
    trainer = here.trainer()
    found = talking.findings(uow.session())
    mine = None if trainer else here.seat().id
    shown = found if trainer else [one for one in found if one.seat_id == mine]
    page = render_template(
        "workshop/findings.html",
        findings=shown,
        trainer=trainer,
        roles=_roles() if trainer else {},
        labels=SEVERITY_LABELS,
        tones=SEVERITY_TONES,
        severities=talking.SEVERITIES,
        refusal=refusal,
        typed=request.form.get("text", ""),
        number=request.values.get("zaak", "")[:40],
        numbers=_numbers([one.case_id for one in shown if one.case_id]),
    )
    return page, status


def _numbers(ids: list[int]) -> dict[int, str]:
    rows = uow.session().execute(select(Case.id, Case.number).where(Case.id.in_(ids))) if ids else ()
    return {case_id: number or "" for case_id, number in rows}


@bp.get("")
@open_to(EMPLOYEE, TRAINER_DESK)
def show() -> ResponseReturnValue:
    """One's own findings; to the trainer all of them."""
    here.practice()
    return _page()


@bp.post("")
@open_to(EMPLOYEE, TRAINER_DESK)
def record() -> ResponseReturnValue:
    """Write down what one noticed, about the case at hand where there is one."""
    session, practice = uow.session(), here.practice()
    seat_id = here.seat().id if current_user.is_authenticated else None
    number, case_id = request.form.get("zaak", "").strip(), None
    if number and current_user.is_authenticated:
        case_id = session.scalar(select(Case.id).where(Case.number == number, visible(uow.viewer())))
    try:
        talking.record(session, request.form.get("text", ""), practice.round, uow.now(), here.wall(), seat_id, case_id)
    except Refused as refused:
        return _page(refused.refusals[0], HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("Thank you, it was written down.")), "success")
    return redirect(url_for("workshop_findings.show"))


@bp.post("/<int:finding_id>")
@open_to(TRAINER_DESK)
def classify(finding_id: int) -> ResponseReturnValue:
    """Say how bad a finding is."""
    found = uow.session().get(Finding, finding_id) or abort(HTTPStatus.NOT_FOUND)
    talking.classify(uow.session(), found, request.form.get("severity", ""))
    return redirect(url_for("workshop_findings.show") + f"#finding-{found.id}")
