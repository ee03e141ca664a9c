"""Signing in and out, language, and one's own data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from http import HTTPStatus
from secrets import token_hex

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user
from sqlalchemy import select

from portal import i18n
from portal.access import ANYONE, EMPLOYEE, open_to
from portal.commands import accounts, bundles, leave_substitutes, people, rerouting, substitutes
from portal.commands import sign_in as signing
from portal.models.people import Account, Person, Substitution
from portal.queries.bank_accounts import paid_on
from portal.queries.people import colleagues, employments_of, names_of
from portal.web import doors
from portal.web import unit_of_work as uow
from portal.web.sent import whole
from portal.worlds import ACCOUNT
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

bp = Blueprint("account", __name__)


def _inside(target: str | None) -> str:
    """Where to go after signing in: only a path of this portal, in the world where one is."""
    inside = target is not None and PATH.fullmatch(target)
    return f"{request.script_root}{target}" if inside and target else url_for("home.home")


PATH = re.compile(r"/(?![/\\])[^\x00-\x20\x7f\\]*")
"""A path of this portal; browsers drop some signs and read `\\` as `/`, so none of those may be in it."""


@bp.get("/aanmelden")
@open_to(ANYONE)
def sign_in() -> ResponseReturnValue:
    """The sign-in page. In a practice world one joins instead."""
    if uow.world().practice:
        return redirect(doors.to_join())
    if current_user.is_authenticated:
        return redirect(_inside(request.args.get("next")))
    return render_template("account/sign_in.html", username="", refusal=None, next=request.args.get("next", ""))


@bp.post("/aanmelden")
@open_to(ANYONE)
def enter() -> ResponseReturnValue:
    """Sign in, or say why not; a failure is remembered. In a practice world nobody has a password."""
    if uow.world().practice:
        abort(HTTPStatus.NOT_FOUND)
    username = request.form.get("username", "")
    try:
        account = signing.sign_in(
            uow.session(), username, request.form.get("password", ""), request.remote_addr or "", uow.now()
        )
    except Refused as refused:
        page = render_template(
            "account/sign_in.html",
            username=username,
            refusal=refused.refusals[0],
            next=request.form.get("next", ""),
        )
        return uow.keep((page, HTTPStatus.UNAUTHORIZED))
    begin(account)
    return redirect(_inside(request.form.get("next")))


def begin(account: Account) -> None:
    """Begin a session of one's own: nothing of what was in the cookie before stays, but what is the browser's."""
    session, kept = uow.session(), {key: cookie[key] for key in ("language", doors.TRAINER) if key in cookie}
    if current_user.is_authenticated:
        signing.end(session, current_user.sign_in_id)
    cookie.clear()
    employments = employments_of(session, account.person_id)
    cookie["theme"] = employments[0].unit.municipality.code if employments else ""
    cookie.update(kept)
    cookie.permanent = True
    new, person = signing.begin(session, account, uow.now()), session.get_one(Person, account.person_id)
    session.flush()
    login_user(doors.SignedIn(new.nonce, new.id, account.id, person.id, person.name, person.language))


def _choosing(token: str) -> str:
    """The nonce of a link to choose a password; one that this world never signed does not exist."""
    return uow.world().nonce_of(token, ACCOUNT) or abort(HTTPStatus.NOT_FOUND)


@bp.get("/wachtwoord/<token>")
@open_to(ANYONE)
def show_choose(token: str) -> ResponseReturnValue:
    """The page behind a mailed link to choose a password. Looking at it changes nothing."""
    link = accounts.living_link(uow.session(), _choosing(token), uow.now())
    name = link.account.username if link else ""
    page = render_template("account/choose.html", token=token, username=name, refusal=None)
    return page, HTTPStatus.OK if link else HTTPStatus.GONE


@bp.post("/wachtwoord/<token>")
@open_to(ANYONE)
def choose(token: str) -> ResponseReturnValue:
    """Choose the password, once; then sign in with it."""
    nonce = _choosing(token)
    link = accounts.living_link(uow.session(), nonce, uow.now())
    try:
        accounts.choose_password(uow.session(), nonce, request.form.get("new", ""), uow.now())
    except Refused as refused:
        name = link.account.username if link else ""
        page = render_template("account/choose.html", token=token, username=name, refusal=refused.refusals[0])
        return page, HTTPStatus.UNPROCESSABLE_ENTITY if link else HTTPStatus.GONE
    flash(i18n.gettext(N_("Your password was saved. Sign in with it.")), "success")
    return redirect(url_for("account.sign_in"))


@bp.post("/afmelden")
@open_to(EMPLOYEE)
def sign_out() -> ResponseReturnValue:
    """End this session, wherever its cookie was copied to."""
    signing.end(uow.session(), current_user.sign_in_id)
    logout_user()
    return redirect(url_for("account.sign_in"))


@bp.post("/afmelden/overal")
@open_to(EMPLOYEE)
def sign_out_everywhere() -> ResponseReturnValue:
    """End every session of this account."""
    signing.sign_out_everywhere(uow.session(), current_user.account_id)
    logout_user()
    flash(i18n.gettext(N_("You are signed out on every device.")), "success")
    return redirect(url_for("account.sign_in"))


@bp.post("/taal/<code>")
@open_to(ANYONE)
def language(code: str) -> ResponseReturnValue:
    """Choose a language; for who is signed in it is remembered, and mails follow it."""
    if code in i18n.LANGUAGES:
        cookie["language"] = code
        if current_user.is_authenticated:
            people.set_language(uow.session(), uow.viewer().person_id, code)
    return redirect(_inside(request.form.get("next")))


def _mine(refusals: dict[str, Refusal] | None = None, status: int = 200) -> ResponseReturnValue:
    """One's own data; `refusals` by the name of the form they belong to."""
    session, me = uow.session(), uow.person()
    stand_ins = session.scalars(
        select(Substitution)
        .where(Substitution.absent_id == me.id, Substitution.valid_to >= uow.today())
        .order_by(Substitution.valid_from)
    ).all()
    names = names_of(session, {s.substitute_id for s in stand_ins})
    changing = whole(request.values.get("change", ""))
    employments = employments_of(session, me.id)
    decides = bool(uow.viewer().mandates or uow.viewer().stands_in_for)
    page = render_template(
        "account/mine.html",
        person=me,
        employments=employments,
        paid=paid_on(session, me.id, employments[0].unit.municipality if employments else None, uow.now()),
        client_key=token_hex(16),
        substitutions=stand_ins,
        names=names,
        colleagues=colleagues(session, me.id, uow.today()),
        refusals=refusals or {},
        typed=request.form or next((_as_typed(s) for s in stand_ins if s.id == changing), {}),
        daily_hours=bundles.HOURS,
        may_approve=decides,
        changing=next((s for s in stand_ins if s.id == changing), None),
        standing=leave_substitutes.standing_of(session, me.id) if decides else None,
        uncovered=_uncovered(me.id, stand_ins) if decides else (),
    )
    return page, status


def _uncovered(me: int, stand_ins: Sequence[Substitution]) -> list[str]:
    """The approved leave of somebody who decides on some day of which nobody stands in, in words."""
    found = leave_substitutes.uncovered(uow.session(), me, uow.today(), stand_ins)
    return [i18n.day(first, "d MMM") if first == last else f"{i18n.day(first, 'd MMM')} – {i18n.day(last, 'd MMM')}"
            for first, last in found]  # fmt: skip


def _as_typed(substitution: Substitution) -> dict[str, str]:
    """A substitution as its form holds it."""
    return {
        "substitute": str(substitution.substitute_id), "first": substitution.valid_from.isoformat(),
        "last": substitution.valid_to.isoformat(),
    }  # fmt: skip


@bp.get("/mijn-gegevens")
@open_to(EMPLOYEE)
def mine() -> ResponseReturnValue:
    """One's own data, language, password and substitutes."""
    return _mine()


@bp.post("/mijn-gegevens/wachtwoord")
@open_to(EMPLOYEE)
def password() -> ResponseReturnValue:
    """Change one's password; other sessions end."""
    account = current_user.account
    try:
        signing.change_password(uow.session(), account, request.form.get("current", ""), request.form.get("new", ""))
    except Refused as refused:
        field = "current" if "wrong_current_password" in refused.codes else "new"
        return _mine({field: refused.refusals[0]}, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("Your password was changed. Other devices are signed out.")), "success")
    begin(account)
    return redirect(url_for("account.mine"))


@bp.post("/mijn-gegevens/vervanging")
@open_to(EMPLOYEE)
def stand_in() -> ResponseReturnValue:
    """Let a colleague decide in one's place for a time, or change that; open requests go along at once."""
    form, substitute = request.form, whole(request.form.get("substitute", ""))
    session, me = uow.session(), uow.viewer().person_id
    try:
        first, last = date.fromisoformat(form.get("first", "")), date.fromisoformat(form.get("last", ""))
    except ValueError:
        return _mine({"substitution": SUBSTITUTE_INCOMPLETE}, HTTPStatus.UNPROCESSABLE_ENTITY)
    offered = {colleague.id for colleague in colleagues(session, me, uow.today())}
    if substitute is None or substitute not in offered:
        return _mine({"substitution": SUBSTITUTE_INCOMPLETE}, HTTPStatus.UNPROCESSABLE_ENTITY)
    wanted = substitutes.Arrangement(me, substitute, first, last)
    try:
        if changed := whole(form.get("change", "")):
            substitutes.change_substitution(session, changed, wanted, uow.today())
        else:
            substitutes.stand_in(session, me, substitute, first, last, uow.today())
    except Refused as refused:
        session.rollback()
        return _mine({"substitution": refused.refusals[0]}, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("Your substitute was saved.")), "success")
    return _requests_follow()


@bp.post("/mijn-gegevens/vervanging/vast")
@open_to(EMPLOYEE)
def name_standing() -> ResponseReturnValue:
    """Name who decides whenever one is on leave, or nobody; what is open goes along at once."""
    session, me, chosen = uow.session(), uow.viewer().person_id, request.form.get("standing", "")
    substitute = whole(chosen)
    offered = {colleague.id for colleague in colleagues(session, me, uow.today())}
    if chosen and substitute not in offered:
        return _mine({"standing": substitutes.SUBSTITUTE_UNKNOWN}, HTTPStatus.UNPROCESSABLE_ENTITY)
    leave_substitutes.name_standing(session, me, substitute, uow.now())
    flash(i18n.gettext(N_("Your standing substitute was saved.")), "success")
    return _requests_follow()


@bp.post("/mijn-gegevens/post")
@open_to(EMPLOYEE)
def daily() -> ResponseReturnValue:
    """Choose a mail for each request at once, or one a day at an hour."""
    chosen = request.form.get("daily", "")
    hour = whole(chosen) if chosen else None
    try:
        bundles.choose_daily(uow.session(), uow.viewer().person_id, -1 if chosen and hour is None else hour)
    except Refused as refused:
        return _mine({"daily": refused.refusals[0]}, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("Saved. This is how you get mail about requests from now on.")), "success")
    return redirect(url_for("account.mine"))


SUBSTITUTE_INCOMPLETE = Refusal("substitute_incomplete", N_("Choose a colleague, a first day and a last day."))


@bp.post("/mijn-gegevens/vervanging/<int:substitution_id>/stoppen")
@open_to(EMPLOYEE)
def end_stand_in(substitution_id: int) -> ResponseReturnValue:
    """Take a substitution back; open requests come back at once."""
    substitutes.end_substitution(uow.session(), uow.viewer().person_id, substitution_id, uow.today())
    return _requests_follow()


def _requests_follow() -> ResponseReturnValue:
    """Put what is open to whoever decides now: one's own requests, and of those for whom one stands in."""
    uow.session().flush()
    done = rerouting.reroute(uow.session(), uow.now(), of={uow.viewer().person_id} | uow.viewer().stands_in_for)
    if done.moved:
        said = i18n.ngettext("%(num)s open request went to whoever decides now.",
                             "%(num)s open requests went to whoever decides now.", done.moved)  # fmt: skip
        flash(said, "info")
    return redirect(url_for("account.mine") + "#substitutes")
