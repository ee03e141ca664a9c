"""The calendars: the four lists of days that differ, and each municipality's own closing days."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import calendar, i18n
from portal.access import Role, open_to
from portal.commands import closing_days as commands
from portal.commands.leave_holidays import away_on
from portal.models.people import Municipality
from portal.queries import admin as queries
from portal.web import unit_of_work as uow
from portal.web.admin.blueprint import bp
from portal.web.admin.forms import Form
from portal.web.admin.people import author, places
from portal.web.sent import whole
from workflows.kernel import Refused
from workflows.parties import N_

LISTS = (
    ("public", N_("Holiday"), calendar.dutch_public_holidays),
    ("office", N_("Offices closed"), calendar.municipal_closing_days),
    ("legal", N_("No legal term ends"), calendar.termijnenwet_days),
    ("bank", N_("Banks pay nothing"), calendar.target2_closed),
)
AHEAD = 3
WHERE = {
    **dict.fromkeys(("closing_day_missing", "closing_day_past", "closing_day_far", "closing_day_closed",
                     "closing_day_unknown"), "day"),
    **dict.fromkeys(("name_missing", "name_too_long"), "name"), "change_reason_missing": "reason",
}  # fmt: skip
"""Beside which field each refusal belongs."""


def _year() -> int:
    today = uow.today().year
    asked = whole(request.args.get("jaar", "")) or today
    return asked if calendar.FIRST_YEAR <= asked <= today + AHEAD else today


def _days(year: int) -> list[tuple[date, str, frozenset[str]]]:
    """Every day of the four lists, with its name and the lists it is on."""
    names: dict[date, str] = {}
    on: dict[date, set[str]] = {}
    for key, _, listed in LISTS:
        for day, name in listed(year).items():
            names.setdefault(day, name)
            on.setdefault(day, set()).add(key)
    return [(day, names[day], frozenset(on[day])) for day in sorted(names)]


def _show(form: Form, status: int = 200) -> ResponseReturnValue:
    year, found = _year(), queries.municipalities(uow.session(), places())
    form.offer("place", [("", N_("Choose a municipality")), *((one.id, one.name) for one in found)])
    page = render_template(
        "admin/calendars.html", year=year, years=range(max(calendar.FIRST_YEAR, uow.today().year - 1),
                                                       uow.today().year + AHEAD + 1),
        lists=LISTS, days=_days(year), form=form,
        own=[(one, _own(one, year)) for one in found],
    )  # fmt: skip
    return page, status


def _own(municipality: Municipality, year: int) -> list[tuple[date, str]]:
    days = ((date.fromisoformat(day), name) for day, name in sorted(municipality.closing_days.items()))
    return [(day, name) for day, name in days if day.year == year]


@bp.get("/agenda")
@open_to(Role.FUNCTIONAL_MANAGER)
def show_calendars() -> ResponseReturnValue:
    """The lists of a year, and the days of each municipality's own."""
    return _show(Form("day"))


def _place(municipality_id: int | None) -> Municipality:
    mine = places()
    if municipality_id is None or (mine is not None and municipality_id not in mine):
        abort(HTTPStatus.NOT_FOUND)
    return uow.session().get(Municipality, municipality_id) or abort(HTTPStatus.NOT_FOUND)


@bp.post("/agenda")
@open_to(Role.FUNCTIONAL_MANAGER)
def add_closing_day() -> ResponseReturnValue:
    """Close a municipality's office on a day to come."""
    form = Form("day")
    chosen = form.number("place")
    if chosen is None:
        form["place"].errors.append(i18n.gettext(N_("Choose a municipality.")))
        return _show(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        day = form.day("day")
        commands.add_closing_day(
            uow.session(), author(), _place(chosen), day, form.text("name"), uow.now(), uow.today()
        )
    except Refused as refused:
        uow.session().rollback()
        form.blame(refused, WHERE)
        return _show(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("The closing day was added.")), "success")
    if day and (away := away_on(uow.session(), chosen, day)):
        said = i18n.ngettext("%(num)s person has leave on this day. They get its hours back within the hour.",
                             "%(num)s people have leave on this day. They get its hours back within the hour.",
                             away)  # fmt: skip
        flash(said, "info")
    return redirect(url_for("admin.show_calendars", jaar=day.year if day else None))


@bp.post("/agenda/<int:municipality_id>/<day>/weg")
@open_to(Role.FUNCTIONAL_MANAGER)
def remove_closing_day(municipality_id: int, day: str) -> ResponseReturnValue:
    """Open the office after all."""
    form = Form(f"away-{municipality_id}-{day}")
    try:
        gone = date.fromisoformat(day)
    except ValueError:
        abort(HTTPStatus.NOT_FOUND)
    try:
        kept = commands.remove_closing_day(
            uow.session(), author(), _place(municipality_id), gone, form.text("reason"), uow.now(), uow.today()
        )
    except Refused as refused:
        uow.session().rollback()
        for refusal in refused.refusals:
            flash(i18n.say(refusal.sentence, refusal.values), "error")
        return redirect(url_for("admin.show_calendars", jaar=gone.year))
    flash(i18n.gettext(N_("The closing day was taken away.")), "success")
    if kept:
        said = i18n.ngettext("%(num)s person had got hours of leave back for this day, keeps them and was mailed.",
                             "%(num)s people had got hours of leave back for this day, keep them and were mailed.",
                             kept)  # fmt: skip
        flash(said, "info")
    return redirect(url_for("admin.show_calendars", jaar=gone.year))
