"""The register of mandates: who may sign for what, giving a mandate and ending one. Seen first, then saved."""

from __future__ import annotations

from http import HTTPStatus

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.commands import mandates as commands
from portal.models.people import Mandate, Municipality
from portal.queries import admin as queries
from portal.queries.authority import kinds, register
from portal.web import unit_of_work as uow
from portal.web.admin.blueprint import bp
from portal.web.admin.choosing import somebody
from portal.web.admin.foreseeing import made
from portal.web.admin.forms import Form
from portal.web.admin.people import author, places
from workflows.kernel import Refusal, Refused
from workflows.money import MoneyError, parse_euro
from workflows.parties import N_

AMOUNT = Refusal("mandate_amount", N_("Fill in up to which amount, such as 1000.00."))
WHERE = {
    "mandate_holder": "who", "own_rights": "who", "who_unknown": "who", "who_several": "who", "mandate_kind": "kind",
    "mandate_amount": "amount", "mandate_centres": "centres", "first_day_missing": "first", "mandate_past": "first",
    "last_before_first": "last", "last_day_missing": "last", "mandate_over": "last", "change_reason_missing": "reason",
}  # fmt: skip


def _municipality() -> Municipality:
    here = queries.municipalities(uow.session(), places())
    code = request.values.get("gemeente", "")
    chosen = [one for one in here if one.code == code] if code else here[:1]
    return chosen[0] if chosen else abort(HTTPStatus.NOT_FOUND)


def _show(municipality: Municipality, sent: Form | None = None, status: int = 200) -> ResponseReturnValue:
    session = uow.session()
    rows = register(session, uow.today(), frozenset({municipality.id}), coming=True)
    forms = {f"end{row.mandate.id}": Form(f"end{row.mandate.id}", last=uow.today()) for row in rows}
    forms["give"] = Form("give", first=uow.today())
    if sent is not None:
        forms[sent.key] = sent
    forms["give"].offer("kind", kinds().items())
    page = render_template(
        "admin/mandates.html", municipality=municipality, rows=rows, forms=forms,
        municipalities=queries.municipalities(session, places()), kinds=kinds(),
        wrong=sent.wrong if sent else (), others=sent.others if sent else (),
    )  # fmt: skip
    return page, status


def _refuse(form: Form, refused: Refused) -> ResponseReturnValue:
    uow.session().rollback()
    form.blame(refused, WHERE)
    return _show(_municipality(), form, HTTPStatus.UNPROCESSABLE_ENTITY)


@bp.get("/mandaten")
@open_to(Role.FUNCTIONAL_MANAGER)
def show_mandates() -> ResponseReturnValue:
    """The mandates of a municipality that hold today or later."""
    return _show(_municipality())


def _terms(form: Form, municipality: Municipality) -> commands.Terms:
    try:
        cents = parse_euro(form.text("amount"), decimal_comma=i18n.language() == "nl")
    except MoneyError as error:
        raise Refused(AMOUNT) from error
    return commands.Terms(
        municipality.id, form.text("kind"), cents, form.text("centres"), bool(form.text("designated")),
        form.day("first"), form.day("last"),
    )  # fmt: skip


@bp.post("/mandaten")
@open_to(Role.FUNCTIONAL_MANAGER)
def give_mandate() -> ResponseReturnValue:
    """Give somebody a mandate, once what follows was seen."""
    municipality, form, session = _municipality(), Form("give"), uow.session()
    try:
        # A mandate for those at the top may go to somebody of another municipality.
        holder = somebody(form, "who", None if form.text("designated") else municipality.id)
        terms = _terms(form, municipality)

        def change() -> None:
            commands.give_mandate(
                session, author(), holder, terms, frozenset(kinds()), form.text("reason"), uow.now(), uow.today()
            )  # fmt: skip

        title = i18n.gettext(N_("%(name)s gets a mandate"), name=holder.name)
        page = made(change, title, {municipality.id}, terms.first, _back(municipality), always=True)
    except Refused as refused:
        return _refuse(form, refused)
    return page or _saved(municipality)


@bp.post("/mandaten/<int:mandate_id>/einde")
@open_to(Role.FUNCTIONAL_MANAGER)
def end_mandate(mandate_id: int) -> ResponseReturnValue:
    """End a mandate after a day, once what follows was seen."""
    municipality, form, session = _municipality(), Form(f"end{mandate_id}"), uow.session()
    mandate = session.get(Mandate, mandate_id)
    if mandate is None or mandate.municipality_id != municipality.id:
        abort(HTTPStatus.NOT_FOUND)
    try:
        last = form.day("last")

        def change() -> None:
            commands.end_mandate(session, author(), mandate, last, form.text("reason"), uow.now(), uow.today())

        title = i18n.gettext(N_("A mandate ends"))
        page = made(change, title, {municipality.id}, last and last + commands.ONE_DAY, _back(municipality),
                    always=True)  # fmt: skip
    except Refused as refused:
        return _refuse(form, refused)
    return page or _saved(municipality)


def _back(municipality: Municipality) -> str:
    return url_for("admin.show_mandates", gemeente=municipality.code)


def _saved(municipality: Municipality) -> ResponseReturnValue:
    flash(i18n.gettext(N_("The mandate was saved.")), "success")
    return redirect(_back(municipality))
