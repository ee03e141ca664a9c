"""Agreements and rates: what holds, what will, and agreeing on something new."""

from __future__ import annotations

from http import HTTPStatus

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.commands import policies as commands
from portal.models.people import Policy
from portal.queries import admin as queries
from portal.queries.policies import policies, policy_within
from portal.web import unit_of_work as uow
from portal.web.admin.blueprint import bp
from portal.web.admin.forms import Form
from portal.web.admin.people import author, places
from portal.web.sent import whole
from workflows.kernel import Refused
from workflows.parties import N_
from workflows.policy_keys import POLICY_KEYS, SWITCHED, WRONG_SHAPE, Kind, PolicyKey, typed_as

ALL = "all"
WHERE = {
    **dict.fromkeys(
        ("policy_value_empty", "policy_not_whole", "policy_not_percent", "policy_not_rate", "policy_not_amount",
         "policy_not_offered", "policy_not_json", WRONG_SHAPE), "value"),
    **dict.fromkeys(("policy_place_unknown", "outside_your_work"), "place"),
    **dict.fromkeys(("policy_first_missing", "policy_long_ago", "policy_same_day"), "first"),
    **dict.fromkeys(("policy_ends_early", "policy_before_next", "policy_past_end", "policy_over"), "last"),
    "policy_source_missing": "source", "change_reason_missing": "reason",
}  # fmt: skip
"""Beside which field each refusal belongs."""


@bp.get("/afspraken")
@open_to(Role.FUNCTIONAL_MANAGER)
def show_policies() -> ResponseReturnValue:
    """Every dated agreement with its source."""
    return render_template("admin/policies.html", policies=policies(uow.session()), places=places())


@bp.get("/afspraken/nieuw")
@open_to(Role.FUNCTIONAL_MANAGER)
def choose_policy() -> ResponseReturnValue:
    """About what something is agreed."""
    return render_template("admin/policy_choose.html", keys=sorted(POLICY_KEYS.values(), key=_label))


def _label(row: PolicyKey) -> str:
    return i18n.gettext(row.label).casefold()


def _known(key: str) -> PolicyKey:
    return POLICY_KEYS.get(key) or abort(HTTPStatus.NOT_FOUND)


def _form(row: PolicyKey) -> Form:
    place = request.args.get("gemeente", "")
    held = policy_within(uow.session(), whole(request.args.get("na", "")) or 0, places())
    value = typed_as(row, held.value, decimal_comma=i18n.language() == "nl") if held and held.key == row.key else ""
    form = Form("policy", place=place, value=value)
    mine = places()
    choices: list[tuple[object, str]] = [("", N_("Choose for whom this holds"))]
    if mine is None:
        choices.append((ALL, N_("all municipalities")))
    choices += [(one.id, one.name) for one in queries.municipalities(uow.session(), mine)]
    form.offer("place", choices)
    if row.kind is Kind.SWITCH or row.choices:
        form.offer("value", [("", N_("Choose")), *(row.choices or SWITCHED).items()])
    return form


@bp.get("/afspraken/nieuw/<key>")
@open_to(Role.FUNCTIONAL_MANAGER)
def new_policy(key: str) -> ResponseReturnValue:
    """A form for one agreement; `?na=` is the one that it follows."""
    row = _known(key)
    return render_template("admin/policy_new.html", row=row, form=_form(row))


@bp.post("/afspraken/nieuw/<key>")
@open_to(Role.FUNCTIONAL_MANAGER)
def add_policy(key: str) -> ResponseReturnValue:
    """Agree on it."""
    row = _known(key)
    form = _form(row)
    try:
        place = None if form.text("place") == ALL else form.number("place") or 0
        typed = commands.Agreement(
            key,
            form.text("value"),
            place,
            form.day("first"),
            form.day("last"),
            form.text("source"),
            form.text("article"),
        )
        commands.agree(
            uow.session(), author(), typed, form.text("reason"), uow.now(), uow.today(),
            decimal_comma=i18n.language() == "nl",
        )  # fmt: skip
    except Refused as refused:
        uow.session().rollback()
        form.blame(refused, WHERE)
        return render_template("admin/policy_new.html", row=row, form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(i18n.gettext(N_("The agreement was added.")), "success")
    return redirect(url_for("admin.show_policies"))


def _found(policy_id: int) -> Policy:
    return policy_within(uow.session(), policy_id, places()) or abort(HTTPStatus.NOT_FOUND)


def _show(policy: Policy, form: Form, status: int = 200) -> ResponseReturnValue:
    coming = policy.valid_from > uow.today()
    return render_template("admin/policy_end.html", policy=policy, form=form, coming=coming), status


@bp.get("/afspraken/<int:policy_id>/einde")
@open_to(Role.FUNCTIONAL_MANAGER)
def ask_end(policy_id: int) -> ResponseReturnValue:
    """Ending an agreement that holds, or taking back one to come."""
    return _show(_found(policy_id), Form("end"))


@bp.post("/afspraken/<int:policy_id>/einde")
@open_to(Role.FUNCTIONAL_MANAGER)
def end_policy(policy_id: int) -> ResponseReturnValue:
    """End it, or take it back."""
    policy, form = _found(policy_id), Form("end")
    try:
        if policy.valid_from > uow.today():
            commands.take_back(uow.session(), author(), policy, form.text("reason"), uow.now(), uow.today())
        else:
            last = form.day("last")
            commands.end(uow.session(), author(), policy, last, form.text("reason"), uow.now(), uow.today())
    except Refused as refused:
        uow.session().rollback()
        form.blame(refused, WHERE)
        return _show(_found(policy_id), form, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("The agreement was changed.")), "success")
    return redirect(url_for("admin.show_policies"))
