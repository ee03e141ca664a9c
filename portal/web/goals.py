"""The goals of working together: seen, set and withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.commands.goals import set_goal, withdraw
from portal.models.goals import Goal
from portal.models.people import Municipality
from portal.queries.goals import goals_of, measures
from portal.web import unit_of_work as uow
from portal.web.admin.forms import Form
from portal.web.businesscase import ALL, LOOK, bp, one_of
from portal.web.evaluating import valued
from workflows.goals import Measured, read
from workflows.kernel import Refused
from workflows.parties import N_

__all__ = ["bp"]

FIELDS = ("said", "indicator", "aimed", "agreed_by", "agreed_on", "realistic", "due", "instrument", "monitoring")


def place_of(code: str, *, only_director: bool = False) -> Municipality | None:
    """The municipality in an address; None for all together, which is the director's of all. Else 404."""
    if code != ALL:
        return one_of(code, only_director=only_director)
    if not uow.viewer().has(Role.DIRECTOR) or uow.viewer().reach(Role.DIRECTOR) is not None:
        abort(HTTPStatus.NOT_FOUND)
    return None


def name_of(place: Municipality | None) -> str:
    """How a municipality, or all together, is called."""
    return place.name if place else i18n.gettext(N_("All municipalities together"))


def may_set(place: Municipality | None) -> bool:
    """Whether this reader sets goals here."""
    viewer = uow.viewer()
    reach = viewer.reach(Role.DIRECTOR) if viewer.has(Role.DIRECTOR) else frozenset()
    return reach is None or (place is not None and place.id in reach)


def _measures(place: Municipality | None) -> Mapping[str, Measured]:
    return measures(uow.session(), place.id if place else None, uow.today())


def _show(code: str, form: Form | None = None, status: int = HTTPStatus.OK) -> ResponseReturnValue:
    place = place_of(code)
    known = _measures(place)
    setting = form if form is not None and form.key == "set" else Form("set", agreed_on=uow.today())
    setting.offer("indicator", [("", N_("Choose an indicator")), *((key, one.label) for key, one in known.items())])
    mine = may_set(place)
    rows = [
        (one, known.get(one.indicator), form if form and form.key == f"end{one.id}" else Form(f"end{one.id}"),
         mine and one.municipality_id == (place.id if place else None))
        for one in goals_of(uow.session(), place.id if place else None)
    ]  # fmt: skip
    page = render_template(
        "businesscase/goals.html", code=code, place=place, name=name_of(place), rows=rows, form=setting, mine=mine,
        wrong=form.wrong if form else (), others=form.others if form else (), valued=valued,
    )  # fmt: skip
    return page, status


@bp.get("/<code>/doelen")
@open_to(*LOOK)
def goals(code: str) -> ResponseReturnValue:
    """The goals of a municipality with those of all together, or only those."""
    return _show(code)


@bp.post("/<code>/doelen")
@open_to(Role.DIRECTOR)
def set_one(code: str) -> ResponseReturnValue:
    """Set a goal."""
    place, form = place_of(code, only_director=True), Form("set")
    typed = {name: form.text(name) for name in FIELDS}
    said, problems = read(typed, _measures(place), i18n.language(), uow.today())
    if said is None:
        for problem in problems:
            form[problem.field].errors.append(i18n.say(problem.sentence, problem.values))
        return _show(code, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    set_goal(uow.session(), uow.viewer(), place, said, uow.now())
    flash(i18n.gettext(N_("The goal was set.")), "success")
    return redirect(url_for("businesscase.goals", code=code))


@bp.post("/<code>/doelen/<int:goal_id>/intrekken")
@open_to(Role.DIRECTOR)
def withdraw_one(code: str, goal_id: int) -> ResponseReturnValue:
    """Withdraw a goal, with why."""
    place = place_of(code, only_director=True)
    goal = uow.session().get(Goal, goal_id)
    if goal is None or goal.municipality_id != (place.id if place else None):
        abort(HTTPStatus.NOT_FOUND)
    form = Form(f"end{goal_id}")
    try:
        withdraw(uow.session(), uow.viewer(), goal, form.text("reason"), uow.now())
    except Refused as refused:
        uow.session().rollback()
        form.blame(refused, {"change_reason_missing": "reason"})
        return _show(code, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("The goal was withdrawn.")), "success")
    return redirect(url_for("businesscase.goals", code=code))
