"""Who stands in for somebody who cannot arrange it: arranged by administration, with a reason, and taken back."""

from __future__ import annotations

from http import HTTPStatus

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal.access import Role, open_to
from portal.commands import rerouting
from portal.commands import substitutes as commands
from portal.models.people import Person, Substitution
from portal.queries.leading import signs_in
from portal.queries.people import names_of, viewer_of
from portal.web import unit_of_work as uow
from portal.web.admin.blueprint import bp
from portal.web.admin.choosing import somebody
from portal.web.admin.forms import Form
from portal.web.admin.people import author, back_to, found
from workflows.kernel import Refused
from workflows.parties import N_

WHERE = {
    "who_unknown": "who", "who_several": "who", "substitute_self": "who", "substitute_circle": "who",
    "substitute_pays": "who", "substitute_not_there": "who", "substitute_nowhere": "who", "own_rights": "who",
    "first_day_missing": "first", "last_day_missing": "last", "substitute_period": "last", "substitute_past": "last",
    "change_reason_missing": "reason",
}  # fmt: skip


def _show(person: Person, form: Form, status: int = 200) -> ResponseReturnValue:
    session = uow.session()
    rows = session.scalars(
        select(Substitution)
        .where(Substitution.absent_id == person.id, Substitution.valid_to >= uow.today())
        .order_by(Substitution.valid_from, Substitution.id)
    ).all()
    page = render_template(
        "admin/substitutes.html", about=person, form=form, substitutions=rows,
        names=names_of(session, {row.substitute_id for row in rows}),
    )  # fmt: skip
    return page, status


@bp.get("/mensen/<int:person_id>/vervanging")
@open_to(Role.FUNCTIONAL_MANAGER)
def show_substitutes(person_id: int) -> ResponseReturnValue:
    """Who stands in for somebody, now and later."""
    return _show(found(person_id), Form("substitute", first=uow.today()))


@bp.post("/mensen/<int:person_id>/vervanging")
@open_to(Role.FUNCTIONAL_MANAGER)
def name_substitute(person_id: int) -> ResponseReturnValue:
    """Let a colleague decide in somebody's place; open requests go along at once."""
    person, form = found(person_id), Form("substitute")
    try:
        first, last = form.day("first"), form.day("last")
        substitute = somebody(form, "who", signs_in(uow.session(), person.id))
        commands.arrange_for(
            uow.session(), author(), person, substitute, first, last, form.text("reason"), uow.now(), uow.today()
        )
    except Refused as refused:
        uow.session().rollback()
        form.blame(refused, WHERE)
        return _show(found(person_id), form, HTTPStatus.UNPROCESSABLE_ENTITY)
    _follow(person)
    return back_to(person, N_("The substitute of %(name)s was saved."))


@bp.post("/mensen/<int:person_id>/vervanging/<int:substitution_id>/stoppen")
@open_to(Role.FUNCTIONAL_MANAGER)
def end_substitute(person_id: int, substitution_id: int) -> ResponseReturnValue:
    """Take a substitution back; open requests come back at once."""
    person = found(person_id)
    commands.take_back_for(uow.session(), author(), person, substitution_id, uow.now(), uow.today())
    _follow(person)
    return redirect(url_for("admin.show_substitutes", person_id=person.id))


def _follow(person: Person) -> None:
    """Put what is open to whoever decides now: their requests, and of those for whom they stand in."""
    session = uow.session()
    session.flush()
    rerouting.reroute(session, uow.now(), of={person.id} | viewer_of(session, person, uow.today()).stands_in_for)
