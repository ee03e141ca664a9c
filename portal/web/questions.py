"""One's own questions to the SSC: ask one, and read what was asked and answered before, by whichever way."""

from __future__ import annotations

from http import HTTPStatus
from secrets import token_hex

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import EMPLOYEE, open_to
from portal.clock import local
from portal.commands.contact import Asked, ask_question, home_of, terms_of
from portal.commands.contact_drafts import draft_of, drop_draft, save_draft
from portal.models.contact import SUBJECTS
from portal.queries.cases import my_cases
from portal.queries.contact import entries_of, questions_of
from portal.web import unit_of_work as uow
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

bp = Blueprint("questions", __name__)

MOST = 50


FIELDS = ("asked", "subject", "case", "client_key")


def _sent() -> dict[str, str]:
    """What belongs to the form, as typed; without signs that no database keeps."""
    return {name: request.form[name].replace("\x00", "") for name in FIELDS if name in request.form}


def _show(refusals: tuple[Refusal, ...] = (), status: int = 200) -> ResponseReturnValue:
    session, viewer = uow.session(), uow.viewer()
    questions = questions_of(session, viewer.person_id, MOST)
    # Nobody else records a contact with themselves, so what is kept under one's own name is one's own question.
    draft = None if refusals else draft_of(session, viewer.person_id, viewer.person_id)
    typed = _sent() if refusals else draft.typed if draft else {}
    page = render_template(
        "questions/mine.html",
        questions=questions,
        entries=entries_of(session, questions) if questions else {},
        cases=[case for case in my_cases(session, viewer, limit=30).cases if case.number],
        subjects=SUBJECTS,
        refusals={refusal.code: refusal for refusal in refusals},
        typed=typed,
        saved_at=draft.at if draft else None,
        client_key=typed.get("client_key") or token_hex(16),
        terms=terms_of(session, home_of(session, viewer.person_id), uow.now()),
    )
    return page, status


@bp.get("/vragen")
@open_to(EMPLOYEE)
def mine() -> ResponseReturnValue:
    """Ask something, and read earlier questions with their answers."""
    return _show()


@bp.post("/vragen/bewaren")
@open_to(EMPLOYEE)
def keep() -> ResponseReturnValue:
    """Keep what is being typed."""
    me = uow.viewer().person_id
    save_draft(uow.session(), me, me, _sent(), uow.now())
    return jsonify(saved_at=local(uow.now()).strftime("%H:%M")), HTTPStatus.CREATED


@bp.post("/vragen")
@open_to(EMPLOYEE)
def ask() -> ResponseReturnValue:
    """Ask the SSC a question."""
    session, viewer = uow.session(), uow.viewer()
    sent = _sent()
    number = sent.get("case", "")
    cases = {case.number: case.id for case in my_cases(session, viewer, limit=30).cases if case.number}
    asked = Asked(sent.get("subject", ""), sent.get("asked", ""), case_id=cases.get(number))
    try:
        contact = ask_question(session, viewer, asked, sent.get("client_key", "")[:64], uow.now())
    except Refused as refused:
        return _show(refused.refusals, HTTPStatus.UNPROCESSABLE_ENTITY)
    drop_draft(session, viewer.person_id, viewer.person_id)
    by = terms_of(session, contact.municipality_id, uow.now()).answer_by(uow.now())
    flash(i18n.gettext(N_("We received your question. You get an answer by %(day)s at the latest."), day=i18n.day(by)),
          "success")  # fmt: skip
    return redirect(url_for("questions.mine"))
