"""Contact moments: find a person or a case, record what was asked and answered, and do what was promised."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from secrets import token_hex
from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal import i18n
from portal.access import Role, open_to
from portal.clock import local
from portal.commands.contact import OWN_CONTACT, home_of, judge, record_contact, terms_of
from portal.commands.contact_drafts import draft_of, drop_draft, save_draft
from portal.models.cases import Case
from portal.models.contact import CHANNELS, SUBJECTS, ContactQuestion
from portal.models.people import Person
from portal.queries.cases import cases_of, visible
from portal.queries.contact import questions_of, repeats, to_do
from portal.queries.finding import find as find_all
from portal.queries.people import person_within
from portal.web import contact_form
from portal.web import unit_of_work as uow
from portal.web.sent import whole
from workflows.filling import Problem
from workflows.parties import N_

bp = Blueprint("contact", __name__)

FIRST = 8
"""How much of what waits is shown where a call begins."""


@bp.get("/contact")
@open_to(Role.CLERK)
def find() -> ResponseReturnValue:
    """Find a person or a case; when there is only one it is shown at once."""
    session, viewer = uow.session(), uow.viewer()
    text = request.args.get("zoek", "").replace("\x00", "").strip()[:100]
    found = find_all(session, viewer, text, uow.today())
    persons = {employment.person_id for employment in found.people}
    if len(found.cases) == 1 and not persons:
        case = found.cases[0]
        return redirect(url_for("contact.new", person_id=case.initiator_id, zaak=case.number))
    if len(persons) == 1 and not found.cases:
        return redirect(url_for("contact.new", person_id=persons.pop()))
    waiting = to_do(session, viewer, limit=FIRST) if not text else None
    return render_template("contact/find.html", text=text, found=found, waiting=waiting)


def _person(person_id: int) -> Person:
    """Somebody of a municipality this clerk works for."""
    found = person_within(uow.session(), person_id, uow.viewer().reach(Role.CLERK))
    return found or abort(HTTPStatus.NOT_FOUND)


def _show(person: Person | None, typed: Mapping[str, str], problems: tuple[Problem, ...] = (),
          status: int = 200, saved_at: Any = None) -> ResponseReturnValue:  # fmt: skip
    session, viewer = uow.session(), uow.viewer()
    wrong: dict[str, str] = {}
    for problem in problems:
        wrong.setdefault(problem.field, i18n.say(problem.sentence, problem.values))
    questions = questions_of(session, person.id) if person else ()
    page = render_template(
        "contact/new.html",
        about=person,
        cases=cases_of(session, viewer, person.id) if person else (),
        chosen=request.args.get("zaak", ""),
        questions=questions,
        repeats=repeats(session, questions) if questions else {},
        channels=CHANNELS,
        subjects=SUBJECTS,
        form=contact_form.Fields(typed, wrong),
        own=person is not None and person.id == viewer.person_id,
        own_sentence=i18n.gettext(OWN_CONTACT.sentence),
        saved_at=saved_at,
    )
    return page, status


def _begun(person: Person | None) -> ResponseReturnValue:
    """The form, with what was being typed when it was left."""
    draft = draft_of(uow.session(), uow.viewer().person_id, person.id if person else None)
    if draft is not None:
        return _show(person, draft.typed, saved_at=draft.at)
    return _show(person, {"client_key": token_hex(16), "case-0": request.args.get("zaak", "")})


def _recorded(person: Person | None) -> ResponseReturnValue:
    session, viewer, at = uow.session(), uow.viewer(), uow.now()
    person_id, typed = person.id if person else None, contact_form.renumbered(contact_form.kept(request.form))
    what, _, which = request.form.get("do", "record").partition(":")
    if what == "drop":
        drop_draft(session, viewer.person_id, person_id)
        return redirect(_address(person))
    if what in ("add", "remove"):
        left_out = whole(which)
        new = contact_form.with_one_more(typed) if what == "add" else contact_form.renumbered(typed, without=left_out)
        save_draft(session, viewer.person_id, person_id, new, at)
        # Without the name of a place in the page: the last question then has the focus.
        return redirect(_address(person))
    spoken = contact_form.read(typed, person_id, _own_cases(typed, person_id))
    terms = terms_of(session, home_of(session, person_id) if person_id else None, at)
    problems = tuple(judge(spoken, terms, at))
    if problems or person_id == viewer.person_id:
        return _show(person, typed, problems, HTTPStatus.UNPROCESSABLE_ENTITY)
    contact = record_contact(session, viewer, spoken, at)
    flash(i18n.gettext(N_("The contact was recorded.")), "success")
    numbers = {number for n in contact_form.numbers(typed) if (number := typed.get(f"case-{n}", ""))}
    if person is not None and len(numbers) == 1 and spoken.questions[0].case_id:
        return redirect(url_for("cases.dossier", number=numbers.pop()))
    if person is not None:
        return redirect(_address(person))
    first = select(ContactQuestion.id).where(ContactQuestion.contact_id == contact.id).order_by(ContactQuestion.id)
    return redirect(url_for("contact.question", question_id=session.scalars(first).first()))


def _address(person: Person | None) -> str:
    return url_for("contact.new", person_id=person.id) if person else url_for("contact.unknown")


def _own_cases(typed: Mapping[str, str], person_id: int | None) -> dict[str, int]:
    """The cases of this person that were chosen, with their keys, as far as this clerk may see them."""
    chosen = {value for name, value in typed.items() if name.startswith("case-") and value}
    if not chosen or person_id is None:
        return {}
    rows = uow.session().execute(
        select(Case.number, Case.id).where(
            Case.number.in_(chosen), Case.initiator_id == person_id, visible(uow.viewer())
        )
    )
    return {row.number or "": row.id for row in rows}


def _kept(person: Person | None) -> ResponseReturnValue:
    typed = contact_form.renumbered(contact_form.kept(request.form))
    save_draft(uow.session(), uow.viewer().person_id, person.id if person else None, typed, uow.now())
    return jsonify(saved_at=local(uow.now()).strftime("%H:%M")), HTTPStatus.CREATED


@bp.get("/contact/<int:person_id>")
@open_to(Role.CLERK)
def new(person_id: int) -> ResponseReturnValue:
    """Record a contact with this person, beside their cases and earlier contacts."""
    return _begun(_person(person_id))


@bp.post("/contact/<int:person_id>")
@open_to(Role.CLERK)
def record(person_id: int) -> ResponseReturnValue:
    """Record it, or add a question to it first; with the cases it is about or without one."""
    return _recorded(_person(person_id))


@bp.post("/contact/<int:person_id>/bewaren")
@open_to(Role.CLERK)
def keep(person_id: int) -> ResponseReturnValue:
    """Keep what is being typed."""
    return _kept(_person(person_id))


@bp.get("/contact/onbekend")
@open_to(Role.CLERK)
def unknown() -> ResponseReturnValue:
    """Record a contact with somebody of whom it is not known yet who it is."""
    return _begun(None)


@bp.post("/contact/onbekend")
@open_to(Role.CLERK)
def record_unknown() -> ResponseReturnValue:
    """Record it; later it is tied to a person or a case."""
    return _recorded(None)


@bp.post("/contact/onbekend/bewaren")
@open_to(Role.CLERK)
def keep_unknown() -> ResponseReturnValue:
    """Keep what is being typed."""
    return _kept(None)
