"""Filling in: type in a case (kept as typed, while one types), add receipts, review, and submit.

Every save is a redirect, so going back or pressing twice is safe.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from secrets import token_hex
from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage
from wtforms import FieldList

from portal import i18n
from portal.access import EMPLOYEE, open_to
from portal.clock import local
from portal.commands import cases as commands
from portal.commands.documents import SCANNER_AWAY, add_document, refused_file, remove_document
from portal.commands.lines import one_at_a_time, to_flag
from portal.commands.preparing import expect_may_fill_in
from portal.commands.sources import put_back
from portal.interfaces.files import FileRefused, Intake, ScannerUnavailable, take_in
from portal.models.cases import Case, Document
from portal.models.people import Person
from portal.queries.cases import documents_of, editable, events_of, situation_of, standing
from portal.queries.line import about, line_of, makers_of
from portal.queries.people import calendar_of
from portal.web import unit_of_work as uow
from portal.web.files import scanner
from portal.web.filled import Filled, filled_in
from portal.web.preparing import account_to_show, for_another
from portal.web.sent import whole
from portal.web.shaping import sentence_of
from portal.words.timeline import timeline_of
from workflows import CASE_TYPES
from workflows.currencies import PROOF
from workflows.deciding import leads_to
from workflows.kernel import Given, Refused, State
from workflows.parties import N_

bp = Blueprint("drafts", __name__)

LONGEST_VALUE, MOST_VALUES = 2000, 1000


def _editable(case_id: int) -> Case:
    return editable(uow.session(), uow.viewer(), case_id) or abort(HTTPStatus.NOT_FOUND)


def _typed() -> dict[str, str]:
    """The form fields as typed, without what is not the form's own; over-long values are cut, never refused."""
    own = ("csrf_token", "do", "version")
    items = [(k[:80].replace("\x00", ""), v[:LONGEST_VALUE]) for k, v in request.form.items() if k not in own]
    fields = [(k, v) for k, v in items if LINE_FIELD.match(k) or not k.startswith("lines")]
    return {key: value.replace("\x00", "") for key, value in fields[:MOST_VALUES]}


WHOLE_CASE = "file"
"""The field of a file that belongs to no line."""
LINE_FIELD = re.compile(r"^lines-([0-9]+)-(.+)$")


def renumbered(typed: Mapping[str, str], without: int | None = None) -> dict[str, str]:
    """The same fields with lines numbered 0, 1, 2…; one line left out when asked."""
    numbers = sorted({int(m[1]) for m in map(LINE_FIELD.match, typed) if m and int(m[1]) != without})
    place = {old: new for new, old in enumerate(numbers)}
    result = {key: value for key, value in typed.items() if not LINE_FIELD.match(key)}
    for key, value in typed.items():
        match = LINE_FIELD.match(key)
        if match and int(match[1]) in place:
            result[f"lines-{place[int(match[1])]}-{match[2]}"] = value
    return result


def _show_problems(filled: Filled) -> None:
    """Put each problem beside its field; what has no field of its own stands in the summary only."""
    fields = {f.name: f for f in filled.form}
    for line_list in [f for f in filled.form if isinstance(f, FieldList)]:
        fields |= {f.name: f for entry in line_list for f in entry.form}
    for problem in filled.problems:
        field = fields.get(problem.field)
        if field is not None:
            field.errors = (*field.errors, i18n.say(problem.sentence, problem.values))


@bp.get("/concept/<int:case_id>")
@open_to(EMPLOYEE)
def edit(case_id: int) -> ResponseReturnValue:
    """The form, with what was typed. After a try to go on, mistakes stand beside the fields."""
    case, session = _editable(case_id), uow.session()
    filled, judged = filled_in(case), "controle" in request.args
    if judged:
        _show_problems(filled)
    case_type = CASE_TYPES[case.type]
    return render_template(
        [f"cases/{case.type}/edit.html", "cases/edit.html"],
        case=case,
        case_type=case_type,
        form=filled.form,
        content=filled.content,
        facts=case_type.facts(filled.content),
        problems=filled.problems if judged else (),
        documents=filled.documents,
        upload_errors=cookie.pop("upload_errors", {}),
        bank_account=account_to_show(case, filled.account),
        preparing=for_another(case),
        manager=_manager(case, case_type.facts(filled.content).claimed_cents),
        hear_by=calendar_of(case.municipality).due(uow.now(), case_type.norm),
        policies=filled.policies,
        parent=session.get(Case, case.parent_id) if case.parent_id else None,
        last=timeline_of(case, events_of(session, case.id))[:1] if case.number else (),
    )


def _manager(case: Case, cents: int) -> Person | None:
    """Who will be asked to approve this amount: shown with the personal data."""
    line = line_of(uow.session(), case.municipality_id, case.type, uow.today())
    found = line.first(about(case, cents=cents, apart=makers_of(case)))
    return uow.session().get(Person, found.person_id) if found else None


@bp.post("/concept/<int:case_id>")
@open_to(EMPLOYEE)
def save(case_id: int) -> ResponseReturnValue:
    """Keep what was typed, and do what the button says: add or remove a line, go on, or just save."""
    case, received = _editable(case_id), _received()
    if received:
        case = _editable(case_id)
    typed = renumbered(_typed())
    what, _, which = request.form.get("do", "save").partition(":")
    if what == "remove" and (line := whole(which)) is not None:
        _drop_receipts(case, typed.get(f"lines-{line}-key", ""))
        typed = renumbered(typed, without=line)
    elif what == "add":
        count = len({m[1] for m in map(LINE_FIELD.match, typed) if m})
        typed[f"lines-{count}-key"] = token_hex(5)
    elif what == "unreceipt" and (document_id := whole(which)):
        _remove_receipt(case, document_id)
    commands.save_draft(uow.session(), case, typed, uow.now())
    _add_receipts(case, typed, received)
    if what == "review":
        return redirect(url_for("drafts.review", case_id=case.id))
    if what == "close":
        flash(i18n.gettext(N_("Your draft was saved.")), "success")
        return redirect(url_for("home.home"))
    anchor = f"line-{count}" if what == "add" else None
    return redirect(url_for("drafts.edit", case_id=case.id, _anchor=anchor))


def _own_document(case: Case, document_id: int) -> Document | None:
    document = uow.session().get(Document, document_id)
    return document if document is not None and document.case_id == case.id else None


def _remove_receipt(case: Case, document_id: int) -> None:
    document = _own_document(case, document_id)
    if document is not None:
        remove_document(uow.session(), document)


def _drop_receipts(case: Case, line_key: str) -> None:
    for document in documents_of(uow.session(), case.id):
        if document.line_key == line_key and document.frozen_at is None:
            remove_document(uow.session(), document)


def _judged(upload: FileStorage) -> Intake | Refused:
    """One file, cleaned and on disk, or why it cannot be taken in. Takes its time: no transaction may be open."""
    try:
        intake = take_in(upload.read(), upload.filename or "bon", scanner=scanner())
    except FileRefused as error:
        return Refused(refused_file(error))
    except ScannerUnavailable:
        return Refused(SCANNER_AWAY)
    for content in filter(None, (intake.content, intake.thumbnail)):
        uow.world().files.put(content)
    return intake


def _received() -> list[tuple[str, Intake | Refused]]:
    """Files that came along with the form (a browser without scripts), by the name of their field."""
    found = [
        (name, upload)
        for name, uploads in request.files.lists()
        for upload in uploads
        if (LINE_FIELD.match(name) or name == WHOLE_CASE) and upload.filename
    ]
    if found:
        uow.let_go()
    return [(name, _judged(upload)) for name, upload in found]


def _kind(word: str | None) -> str:
    """What a file was added as: a receipt, or the proof of a bank's rate."""
    return word if word == PROOF else "receipt"


def _add_receipt(case: Case, judged: Intake | Refused, line_key: str, kind: str) -> Document:
    """Add a file that was taken in to a line, or raise Refused with a sentence that names the file."""
    if isinstance(judged, Refused):
        raise judged
    return add_document(
        uow.session(),
        uow.world().files,
        case,
        judged,
        line_key=line_key,
        by=uow.viewer().person_id,
        at=uow.now(),
        kind=kind,
    )


def _said(refused: Refused) -> str:
    """Why a file was refused, with its name before it."""
    refusal = refused.refusals[0]
    name = refusal.values.get("name")
    return f"{name}: {sentence_of(refusal)}" if name else sentence_of(refusal)


def _add_receipts(case: Case, typed: Mapping[str, str], received: Sequence[tuple[str, Intake | Refused]]) -> None:
    """Add what came along. What is refused is told beside its line."""
    errors: dict[str, str] = {}
    for name, judged in received:
        match = LINE_FIELD.match(name)
        try:
            line_key = typed.get(f"lines-{match[1]}-key", "") if match else ""
            _add_receipt(case, judged, line_key, _kind(match[2] if match else None))
        except Refused as refused:
            errors[name] = _said(refused)
    if errors:
        cookie["upload_errors"] = errors


@bp.post("/concept/<int:case_id>/bewaren")
@open_to(EMPLOYEE)
def autosave(case_id: int) -> ResponseReturnValue:
    """Keep what is being typed; answers with the running total, for the page to show."""
    case = _editable(case_id)
    commands.save_draft(uow.session(), case, renumbered(_typed()), uow.now())
    filled = filled_in(case)
    facts = CASE_TYPES[case.type].facts(filled.content)
    amounts = {
        f"lines-{index}-shown": i18n.euro(line.get("sanctioned_cents"))
        for index, line in enumerate(filled.content.get("lines", ()))
    }
    return jsonify(
        saved_at=local(uow.now()).strftime("%H:%M"),
        version=case.version,
        total=i18n.euro(facts.sanctioned_cents),
        hints=amounts,
    ), HTTPStatus.CREATED


@bp.post("/concept/<int:case_id>/bijlagen")
@open_to(EMPLOYEE)
def upload(case_id: int) -> ResponseReturnValue:
    """Add one receipt to a line, at once; answers with its entry in the list."""
    _editable(case_id)
    file = next(iter(request.files.values()), None)
    if file is None or not file.filename:
        abort(HTTPStatus.BAD_REQUEST)
    uow.let_go()
    judged = _judged(file)
    case = _editable(case_id)
    try:
        line_key, kind = request.args.get("line", "").replace("\x00", ""), _kind(request.args.get("kind"))
        document = _add_receipt(case, judged, line_key, kind)
    except Refused as refused:
        return jsonify(error=_said(refused), code=refused.refusals[0].code), HTTPStatus.UNPROCESSABLE_ENTITY
    html = render_template("cases/_receipt.html", document=document, case=case, removable=True)
    return jsonify(html=html, id=document.id), HTTPStatus.CREATED


@bp.get("/concept/<int:case_id>/controleren")
@open_to(EMPLOYEE)
def review(case_id: int) -> ResponseReturnValue:
    """All once more before it is submitted; back to the form when something is wrong."""
    case = _editable(case_id)
    filled = filled_in(case)
    if filled.problems:
        return redirect(url_for("drafts.edit", case_id=case.id, controle=1))
    case_type = CASE_TYPES[case.type]
    return render_template(
        [f"cases/{case.type}/review.html", "cases/review.html"],
        case=case,
        case_type=case_type,
        form=filled.form,
        content=filled.content,
        leads_to=_leads_to(case, filled.content),
        documents=filled.documents,
        facts=case_type.facts(filled.content),
        bank_account=account_to_show(case, filled.account),
        preparing=for_another(case),
        hear_by=calendar_of(case.municipality).due(uow.now(), case_type.norm),
    )


def _leads_to(case: Case, content: Mapping[str, Any]) -> State:
    """Where the case goes when this is submitted: the review page says who comes next."""
    case_type, actor = CASE_TYPES[case.type], uow.viewer().actor(standing(case))
    flags = to_flag(uow.session(), case, content, uow.now())
    situation = situation_of(uow.session(), case, actor, uow.now(), Given(content=content), flags)
    return case_type.state(leads_to(case_type.filling_in, situation))


@bp.post("/concept/<int:case_id>/indienen")
@open_to(EMPLOYEE)
def submit(case_id: int) -> ResponseReturnValue:
    """Submit. Pressing twice submits once: the second time finds it submitted and shows it."""
    session, viewer = uow.session(), uow.viewer()
    case = editable(session, viewer, case_id)
    if case is None:
        done = session.get(Case, case_id)
        makers = (done.initiator_id, done.preparer_id, done.assignee_id) if done else ()
        if done is not None and viewer.person_id in makers and done.number:
            return redirect(url_for("cases.dossier", number=done.number))
        abort(HTTPStatus.NOT_FOUND)
    one_at_a_time(session, case.initiator_id)
    if (filled := filled_in(case)).problems:
        return redirect(url_for("drafts.edit", case_id=case.id, controle=1))
    expect_may_fill_in(session, viewer, case, uow.today())
    step = CASE_TYPES[case.type].filling_in.key
    commands.act_as(session, viewer, case, step, Given(content=filled.content), uow.now())
    flash(i18n.gettext(N_("Submitted. Your number is %(number)s."), number=case.number), "success")
    return redirect(url_for("cases.dossier", number=case.number))


@bp.post("/concept/<int:case_id>/weggooien")
@open_to(EMPLOYEE)
def discard(case_id: int) -> ResponseReturnValue:
    """Throw a draft away. A case that has a number is withdrawn from its own page instead."""
    case = _editable(case_id)
    if case.number is not None:
        abort(HTTPStatus.NOT_FOUND)
    for document in documents_of(uow.session(), case.id):
        remove_document(uow.session(), document)
    commands.act_as(uow.session(), uow.viewer(), case, "withdraw", Given(), uow.now())
    put_back(uow.session(), case)
    flash(i18n.gettext(N_("The draft was thrown away.")), "success")
    return redirect(url_for("home.home"))
