"""People as administration sees them: the list, somebody's page, and whoever is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm.attributes import set_committed_value

from portal import i18n
from portal.access import ROLE_LABELS, Role, open_to
from portal.commands import employments as commands
from portal.commands.changes import Author
from portal.models.people import Employment, ManagerRelation, Municipality, Person, RoleGrant, Unit
from portal.queries import admin as queries
from portal.queries.changes import Wanted, changes
from portal.queries.leading import signs_in
from portal.queries.people import employments_of, municipality_names, person_within
from portal.web import unit_of_work as uow
from portal.web.admin.blueprint import bp
from portal.web.admin.foreseeing import made
from portal.web.admin.forms import Form
from portal.web.admin.words import LANGUAGES, role_of
from portal.web.sent import whole
from portal.web.tables import csv_answer
from workflows.kernel import Refused
from workflows.parties import N_

KINDS = {
    "left": N_("Has left"),
    "no_account": N_("Has no account"),
    "locked": N_("Account is locked"),
}
WHERE: Mapping[str, str] = {
    "given_name_missing": "given_name", "name_missing": "family_name", "name_too_long": "family_name",
    "email_wrong": "email", "email_taken": "email", "language_unknown": "language", "number_wrong": "number",
    "number_taken": "number", "title_too_long": "job_title", "unit_unknown": "unit", "unit_closed": "unit",
    "employment_overlaps": "unit", "move_same_unit": "unit", "outside_your_work": "unit",
    "first_day_missing": "first", "move_too_early": "first", "last_day_missing": "last", "last_before_first": "last",
    "change_reason_missing": "reason", "role_unknown": "role", "role_held": "role", "role_asked": "role",
    "role_past": "first", "role_over": "last", "username_wrong": "username", "username_taken": "username",
    "has_account": "username",
}  # fmt: skip
"""Beside which field each refusal belongs."""


def places() -> frozenset[int] | None:
    """The municipalities of this functional manager's work."""
    return uow.viewer().reach(Role.FUNCTIONAL_MANAGER)


def author() -> Author:
    """Who changes things."""
    return Author.of(uow.viewer())


def found(person_id: int) -> Person:
    """Somebody of a municipality of this work; others do not exist."""
    return person_within(uow.session(), person_id, places()) or abort(HTTPStatus.NOT_FOUND)


def unit_choices() -> list[tuple[object, str]]:
    """Every unit that people can be put in, to choose from."""
    units = queries.open_units(uow.session(), places(), uow.today())
    one = len({unit.municipality_id for unit in units}) == 1
    return [(unit.id, unit.name if one else _whole_name(unit)) for unit in units]


def _whole_name(unit: Unit) -> str:
    return f"{unit.municipality.name}: {unit.name}"


def _sought() -> queries.Sought:
    kind = request.args.get("soort", "")
    return queries.Sought(
        text=request.args.get("zoek", "").strip()[:100],
        municipality_id=whole(request.args.get("gemeente", "")),
        role=role_of(request.args.get("rol", "")),
        kind=kind if kind in KINDS else "",
    )


@bp.get("/mensen")
@open_to(Role.FUNCTIONAL_MANAGER)
def list_people() -> ResponseReturnValue:
    """Everybody, by name; `?csv=1` gives all that the filter finds as a file."""
    session, sought = uow.session(), _sought()
    if request.args.get("csv"):
        return _file(queries.all_people(session, places(), sought, uow.today()))
    rows, after = queries.people(session, places(), sought, uow.today(), request.args.get("after", ""))
    asked: dict[str, Any] = {name: value for name, value in request.args.items() if name != "after"}
    return render_template(
        "admin/people.html",
        rows=rows,
        sought=sought,
        kinds=KINDS,
        roles={role.value: label for role, label in ROLE_LABELS.items()},
        municipalities=queries.municipalities(session, places()),
        requests=queries.role_requests(session, places()),
        places=municipality_names(session),
        next_url=url_for("admin.list_people", **{**asked, "after": after}) if after else None,
        first_url=url_for("admin.list_people", **asked) if "after" in request.args else None,
        csv_url=url_for("admin.list_people", **{**asked, "csv": "1"}),
    )


def _file(rows: Any) -> ResponseReturnValue:
    words = (N_("Last name"), N_("First name"), N_("E-mail address"), N_("Personnel number"), N_("Job title"),
             N_("Unit"), N_("Municipality"), N_("From"), N_("Up to and including"), N_("User name"),
             N_("Last signed in"), N_("Roles"))  # fmt: skip
    return csv_answer(
        "mensen",
        [i18n.gettext(word) for word in words],
        (
            (row.person.family_name, row.person.given_name, row.person.email, row.employment.personnel_number,
             row.employment.job_title, row.employment.unit.name, row.employment.unit.municipality.name,
             row.employment.valid_from, row.employment.valid_to, row.account.username if row.account else "",
             row.account.last_sign_in_at.isoformat(timespec="seconds")
             if row.account and row.account.last_sign_in_at else "",
             ", ".join(i18n.gettext(ROLE_LABELS[Role(role)]) for role in row.roles))
            for row in rows
        ),
    )  # fmt: skip


def _new_form() -> Form:
    form = Form("new", language="nl", first=uow.today())
    form.offer("unit", [("", N_("Choose a unit")), *unit_choices()])
    return form.offer("language", LANGUAGES.items())


@bp.get("/mensen/nieuw")
@open_to(Role.FUNCTIONAL_MANAGER)
def new_person() -> ResponseReturnValue:
    """A form for somebody new."""
    return render_template("admin/person_new.html", form=_new_form())


@bp.post("/mensen/nieuw")
@open_to(Role.FUNCTIONAL_MANAGER)
def add_person() -> ResponseReturnValue:
    """Add somebody with their employment."""
    form = _new_form()
    try:
        terms = commands.Terms(form.text("number"), form.text("job_title"), form.day("first"), form.day("last"))
        person = commands.add_person(uow.session(), author(), _details(form), form.number("unit"), terms, uow.now())
    except Refused as refused:
        form.blame(refused, WHERE)
        return render_template("admin/person_new.html", form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(i18n.gettext(N_("%(name)s was added."), name=person.name), "success")
    return redirect(url_for("admin.show_person", person_id=person.id))


def _details(form: Form) -> commands.Details:
    return commands.Details(
        form.text("given_name"), form.text("family_name"), form.text("email"), form.text("language"), form.text("phone")
    )


def show(person: Person, sent: Form | None = None, status: int = 200) -> ResponseReturnValue:
    """Somebody's page; `sent` is the form that was refused."""
    session, today = uow.session(), uow.today()
    employments = employments_of(session, person.id)
    units = [("", N_("Choose a unit")), *unit_choices()]
    forms = {
        "details": Form("details", **vars(commands.details_of(person))).offer("language", LANGUAGES.items()),
        "employ": Form("employ", first=today).offer("unit", units),
        "role": Form("role", first=today),
        "account": Form("account", username=person.email.lower()),
        "link": Form("link"),
        "lock": Form("lock"),
    }
    for each in employments:
        key = f"end{each.id}"
        forms[key] = Form(key, last=each.valid_to)
        key = f"move{each.id}"
        forms[key] = Form(key, number=each.personnel_number, job_title=each.job_title).offer("unit", units)
    standing, known = queries.rights_of(session, person.id), queries.municipalities(session, None)
    for grant in standing.roles:
        forms[f"role{grant.id}"] = Form(f"role{grant.id}", last=today)
    if sent is not None:
        forms[sent.key] = sent
        for name in ("unit", "language"):
            if sent.key in forms and not sent[name].choices:
                sent.offer(name, units if name == "unit" else LANGUAGES.items())
    _offer_roles(forms["role"], known)
    page = render_template(
        "admin/person.html",
        about=person,
        employments=employments,
        standing=standing,
        account=queries.account_for(session, person.id),
        requests=queries.role_requests(session, places(), person.id),
        places={municipality.id: municipality.name for municipality in known},
        log=changes(session, places(), Wanted(person_id=person.id), limit=5)[0],
        forms=forms,
        wrong=sent.wrong if sent else (),
        others=sent.others if sent else (),
        mine=person.id == uow.viewer().person_id,
    )
    return page, status


def _offer_roles(form: Form, known: Sequence[Municipality]) -> None:
    mine = places()
    everywhere = [("", N_("All municipalities"))] if mine is None else []
    there = [(m.id, m.name) for m in known if mine is None or m.id in mine]
    form.offer("role", [("", N_("Choose a role")), *((role.value, label) for role, label in ROLE_LABELS.items())])
    form.offer("municipality", [*everywhere, *there])


@bp.get("/mensen/<int:person_id>")
@open_to(Role.FUNCTIONAL_MANAGER)
def show_person(person_id: int) -> ResponseReturnValue:
    """Somebody's data, employments, roles and account, with the last changes."""
    return show(found(person_id))


def refuse(person: Person, form: Form, refused: Refused) -> ResponseReturnValue:
    """Show somebody's page again, with what is wrong with the form that was sent. Nothing of it is kept."""
    uow.session().rollback()
    form.blame(refused, WHERE)
    return show(found(person.id), form, HTTPStatus.UNPROCESSABLE_ENTITY)


def back_to(person: Person, sentence: str, **values: object) -> ResponseReturnValue:
    """Back to somebody's page, saying what was done."""
    flash(i18n.gettext(sentence, name=person.name, **values), "success")
    return redirect(url_for("admin.show_person", person_id=person.id))


@bp.post("/mensen/<int:person_id>/gegevens")
@open_to(Role.FUNCTIONAL_MANAGER)
def change_person(person_id: int) -> ResponseReturnValue:
    """Correct somebody's names, address, telephone number or language."""
    person, form = found(person_id), Form("details")
    try:
        commands.change_person(uow.session(), author(), person, _details(form), uow.now())
    except Refused as refused:
        return refuse(person, form, refused)
    return back_to(person, N_("The data of %(name)s were saved."))


@bp.post("/mensen/<int:person_id>/dienstverband")
@open_to(Role.FUNCTIONAL_MANAGER)
def employ(person_id: int) -> ResponseReturnValue:
    """Give somebody another employment."""
    person, form = found(person_id), Form("employ")
    try:
        terms = commands.Terms(form.text("number"), form.text("job_title"), form.day("first"), form.day("last"))
        commands.employ(uow.session(), author(), person, form.number("unit"), terms, uow.now())
    except Refused as refused:
        return refuse(person, form, refused)
    return back_to(person, N_("The employment of %(name)s was added."))


def _employment(person: Person, employment_id: int) -> Employment:
    mine = (each for each in employments_of(uow.session(), person.id) if each.id == employment_id)
    employment = next(mine, None) or abort(HTTPStatus.NOT_FOUND)
    set_committed_value(employment, "person", person)
    return employment


def _back(person: Person) -> str:
    return url_for("admin.show_person", person_id=person.id)


def _leads(person: Person) -> list[ManagerRelation]:
    return [relation for relation, _ in queries.rights_of(uow.session(), person.id).leads]


@bp.post("/mensen/<int:person_id>/dienstverband/<int:employment_id>/einde")
@open_to(Role.FUNCTIONAL_MANAGER)
def end_employment(person_id: int, employment_id: int) -> ResponseReturnValue:
    """Put the last day of an employment."""
    person, form = found(person_id), Form(f"end{employment_id}")
    employment = _employment(person, employment_id)
    roles: list[RoleGrant] = []

    def change() -> None:
        roles[:] = commands.end_employment(uow.session(), author(), employment, last, form.text("reason"), uow.now())

    try:
        last = form.day("last")
        title = i18n.gettext(N_("The last day of %(name)s"), name=person.name)
        page = made(change, title, signs_in(uow.session(), person.id), last and last + timedelta(days=1), _back(person))
    except Refused as refused:
        return refuse(person, form, refused)
    if page is not None:
        return page
    if roles:
        flash(i18n.gettext(N_("The roles of %(name)s end on the same day."), name=person.name), "info")
    if any(relation.valid_to is None for relation in _leads(person)):
        sentence = N_("%(name)s leads a unit. Name a new leader from the day after.")
        flash(i18n.gettext(sentence, name=person.name), "warning")
    return back_to(person, N_("The last day of %(name)s was saved."))


@bp.post("/mensen/<int:person_id>/dienstverband/<int:employment_id>/overplaatsen")
@open_to(Role.FUNCTIONAL_MANAGER)
def move(person_id: int, employment_id: int) -> ResponseReturnValue:
    """Move somebody to another unit from a day on."""
    person, form = found(person_id), Form(f"move{employment_id}")
    employment = _employment(person, employment_id)
    try:
        first = form.day("first")
        page = made(
            lambda: commands.move(
                uow.session(), author(), employment, form.number("unit"), form.text("number"), form.text("job_title"),
                first, form.text("reason"), uow.now(),
            ),
            i18n.gettext(N_("The move of %(name)s"), name=person.name), signs_in(uow.session(), person.id), first,
            _back(person),
        )  # fmt: skip
    except Refused as refused:
        return refuse(person, form, refused)
    if page is not None:
        return page
    return back_to(person, N_("The move of %(name)s was saved."))
