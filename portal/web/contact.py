"""Contact moments: find a person or a case, and record what was asked and answered."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal import i18n
from portal.access import Role, open_to
from portal.commands.contact import record_contact
from portal.models.cases import Case
from portal.models.contact import CHANNELS
from portal.models.people import Person
from portal.queries.cases import cases_of, visible
from portal.queries.contact import contacts_of
from portal.queries.people import find_people, person_within
from portal.web import unit_of_work as uow
from portal.web.sent import whole
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

bp = Blueprint("contact", __name__)


@bp.get("/contact")
@open_to(Role.CLERK)
def find() -> ResponseReturnValue:
    """Find a person, or a case by its number."""
    text = request.args.get("zoek", "").strip()[:100]
    if text:
        case = uow.session().scalars(select(Case).where(Case.number == text.upper(), visible(uow.viewer()))).first()
        if case is not None:
            return redirect(url_for("contact.new", person_id=case.initiator_id, zaak=case.number))
    found = find_people(uow.session(), text, uow.viewer().reach(Role.CLERK)) if len(text) >= 2 else ()
    return render_template("contact/find.html", text=text, found=found)


def _person(person_id: int) -> Person:
    """Somebody of a municipality this clerk works for."""
    found = person_within(uow.session(), person_id, uow.viewer().reach(Role.CLERK))
    return found or abort(HTTPStatus.NOT_FOUND)


def _show(person: Person, refusals: tuple[Refusal, ...] = (), status: int = 200) -> ResponseReturnValue:
    session = uow.session()
    page = render_template(
        "contact/new.html",
        about=person,
        cases=cases_of(session, uow.viewer(), person.id),
        contacts=contacts_of(session, person.id),
        channels=CHANNELS,
        refusals={r.code: r for r in refusals},
        typed=request.form,
        chosen=request.values.get("zaak", ""),
    )
    return page, status


@bp.get("/contact/<int:person_id>")
@open_to(Role.CLERK)
def new(person_id: int) -> ResponseReturnValue:
    """Record a contact with this person, beside their cases and earlier contacts."""
    return _show(_person(person_id))


@bp.post("/contact/<int:person_id>")
@open_to(Role.CLERK)
def record(person_id: int) -> ResponseReturnValue:
    """Record it, with the case it is about or without one."""
    session, form = uow.session(), request.form
    person = _person(person_id)
    number = form.get("zaak", "")
    case = session.scalars(
        select(Case).where(Case.number == number, Case.initiator_id == person_id, visible(uow.viewer()))
    ).first() if number else None  # fmt: skip
    line = form.get("line", "")
    try:
        record_contact(
            session,
            uow.viewer(),
            person_id,
            case.id if case else None,
            channel=form.get("channel", ""),
            line=whole(line) or 0,
            question=form.get("question", ""),
            answer=form.get("answer", ""),
            at=uow.now(),
        )
    except Refused as refused:
        return _show(person, refused.refusals, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("The contact was recorded.")), "success")
    if case is not None:
        return redirect(url_for("cases.dossier", number=case.number))
    return redirect(url_for("contact.new", person_id=person_id))
