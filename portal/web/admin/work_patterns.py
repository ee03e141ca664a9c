"""On which days somebody works for how long: seen by employment, set from a day on, taken back before it begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from http import HTTPStatus

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm.attributes import set_committed_value

from portal import i18n
from portal.access import Role, open_to
from portal.commands import work_patterns as commands
from portal.models.people import Employment, Person
from portal.queries.leave_hours import other_hours_from
from portal.queries.people import employments_of, policies_of
from portal.queries.work_patterns import own_patterns
from portal.web import unit_of_work as uow
from portal.web.admin.blueprint import bp
from portal.web.admin.forms import Form
from portal.web.admin.people import author, found, places
from portal.web.weekdays import WEEKDAYS
from workflows.hours import hours_text, read_hours
from workflows.kernel import Refusal, Refused
from workflows.parties import N_
from workflows.work_patterns import Week, WorkPattern, agreed_patterns, pattern_on

WHERE = {
    "pattern_weeks_wrong": "ma", "first_day_missing": "first", "pattern_outside_employment": "first",
    "pattern_long_ago": "first", "pattern_same": "first", "change_reason_missing": "reason",
}  # fmt: skip


def _key(employment: Employment) -> str:
    return f"pattern{employment.id}"


def _back_key(employment: Employment, first: date) -> str:
    return f"back{employment.id}-{first.isoformat()}"


def day_of(text: str) -> date:
    """The day that an address names; others do not exist."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        abort(HTTPStatus.NOT_FOUND)


def _form(employment: Employment, pattern: WorkPattern | None) -> Form:
    """A form filled with what somebody works now."""
    comma, present = i18n.language() == "nl", dict[str, object](first=uow.today())
    for number, week in enumerate(pattern.weeks if pattern else ()):
        for (name, _), minutes in zip(WEEKDAYS, week, strict=True):
            present[f"{name}2" if number else name] = hours_text(minutes, decimal_comma=comma) if minutes else ""
    if pattern and len(pattern.weeks) > 1:
        today = uow.today()
        turned = timedelta(days=7 * (((today - pattern.anchor).days // 7) % 2))
        present["anchor"] = today - timedelta(days=today.weekday()) - turned
    return Form(_key(employment), **present)


@dataclass(frozen=True)
class Row:
    """One employment on the page: its own patterns, the one in force, what was agreed, and its forms."""

    employment: Employment
    known: Sequence[WorkPattern]
    now: WorkPattern | None
    agreed: WorkPattern
    form: Form
    back: Mapping[date, Form]


def sent_or(sent: Form | None, form: Form) -> Form:
    """The form that was sent, when it is this one."""
    return sent if sent is not None and sent.key == form.key else form


def _show(person: Person, sent: Form | None = None, status: int = 200) -> ResponseReturnValue:
    session, today = uow.session(), uow.today()
    employments = [one for one in employments_of(session, person.id) if one.valid_to is None or one.valid_to >= today]
    own = own_patterns(session, {one.id for one in employments})
    rows = []
    for one in employments:
        day = max(today, one.valid_from)
        (agreed,) = agreed_patterns(policies_of(session, one.unit.municipality_id), day, day)
        known = own.get(one.id, ())
        now = pattern_on(known, day)
        forms = {pattern.valid_from: Form(_back_key(one, pattern.valid_from)) for pattern in known}
        rows.append(Row(one, known, now, agreed, sent_or(sent, _form(one, now or agreed)), {
            first: sent_or(sent, form) for first, form in forms.items()
        }))  # fmt: skip
    page = render_template(
        "admin/work_patterns.html", about=person, rows=rows, weekdays=WEEKDAYS, mine=person.id == author().person_id,
        other_hours=len(other_hours_from(session, person.id, today)),
        wrong=sent.wrong if sent else (), others=sent.others if sent else (),
    )  # fmt: skip
    return page, status


@bp.get("/mensen/<int:person_id>/werktijden")
@open_to(Role.FUNCTIONAL_MANAGER)
def show_patterns(person_id: int) -> ResponseReturnValue:
    """The work patterns of somebody: what holds, what comes, and what held before."""
    return _show(found(person_id))


def _of(person: Person, employment_id: int) -> Employment:
    reach = places()
    mine = (one for one in employments_of(uow.session(), person.id) if one.id == employment_id)
    employment = next(mine, None)
    if employment is None or (reach is not None and employment.unit.municipality_id not in reach):
        abort(HTTPStatus.NOT_FOUND)
    set_committed_value(employment, "person", person)
    return employment


def _weeks(form: Form) -> tuple[Week, ...]:
    """The weeks as typed; a second one only when something stands in it. Raises Refused, with each field blamed."""
    found: list[Week] = []
    wrong: list[Refusal] = []
    for turn in ("", "2"):
        week = []
        for name, _ in WEEKDAYS:
            try:
                week.append(read_hours(form.text(f"{name}{turn}")))
            except Refused as refused:
                form.blame(refused, {}, f"{name}{turn}")
                wrong += refused.refusals
        if not turn or any(form.text(f"{name}{turn}").strip() for name, _ in WEEKDAYS):
            found.append(tuple(week))
    if wrong:
        raise Refused()
    return tuple(found)


@bp.post("/mensen/<int:person_id>/werktijden/<int:employment_id>")
@open_to(Role.FUNCTIONAL_MANAGER)
def set_pattern(person_id: int, employment_id: int) -> ResponseReturnValue:
    """Let somebody work so from a day on."""
    person = found(person_id)
    employment = _of(person, employment_id)
    form = Form(_key(employment))
    try:
        commands.set_pattern(
            uow.session(), author(), employment, _weeks(form), form.day("anchor"), form.day("first"),
            form.text("reason"), uow.now(), uow.today(),
        )  # fmt: skip
    except Refused as refused:
        return _refuse(person, form, refused)
    return _saved(person)


@bp.post("/mensen/<int:person_id>/werktijden/<int:employment_id>/terugnemen/<first>")
@open_to(Role.FUNCTIONAL_MANAGER)
def take_back_pattern(person_id: int, employment_id: int, first: str) -> ResponseReturnValue:
    """Take back a pattern that has not begun."""
    person = found(person_id)
    employment, day = _of(person, employment_id), day_of(first)
    form = Form(_back_key(employment, day))
    try:
        commands.take_back_pattern(
            uow.session(), author(), employment, day, form.text("reason"), uow.now(), uow.today()
        )
    except Refused as refused:
        return _refuse(person, form, refused)
    return _saved(person)


def _refuse(person: Person, form: Form, refused: Refused) -> ResponseReturnValue:
    uow.session().rollback()
    form.blame(refused, WHERE)
    return _show(found(person.id), form, HTTPStatus.UNPROCESSABLE_ENTITY)


def _saved(person: Person) -> ResponseReturnValue:
    flash(i18n.gettext(N_("The work pattern of %(name)s was saved."), name=person.name), "success")
    return redirect(url_for("admin.show_patterns", person_id=person.id))


@bp.app_template_global()
def hours(minutes: Fraction | int) -> str:
    """Minutes as hours in the reader's notation."""
    return hours_text(int(minutes), decimal_comma=i18n.language() == "nl")
