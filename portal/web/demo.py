"""Pages of a demo only: who can sign in, with one click, and the mail that was sent to whom."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.access import ANYONE, open_to
from portal.models.mail import OutboxMail
from portal.models.people import Account
from portal.queries.demo import cast
from portal.queries.mail import tray
from portal.web import account
from portal.web import unit_of_work as uow
from portal.web.letters import as_read
from portal.web.sent import whole

bp = Blueprint("demo", __name__, url_prefix="/demo")


@bp.before_request
def only_in_a_demo() -> None:
    """Outside a demo these pages do not exist."""
    if not uow.world().settings.demo:
        abort(HTTPStatus.NOT_FOUND)


@bp.get("/")
@open_to(ANYONE)
def people() -> ResponseReturnValue:
    """The people one can be."""
    return render_template("demo/people.html", cast=cast(uow.session(), uow.today()))


@bp.post("/aanmelden/<int:account_id>")
@open_to(ANYONE)
def sign_in(account_id: int) -> ResponseReturnValue:
    """Become one of them."""
    found = uow.session().scalars(
        select(Account).where(Account.id == account_id).options(joinedload(Account.person))
    ).first() or abort(HTTPStatus.NOT_FOUND)
    account.begin(found)
    return redirect(url_for("home.home"))


@bp.get("/post")
@open_to(ANYONE)
def mail() -> ResponseReturnValue:
    """The mail tray, the newest first."""
    to = request.args.get("aan", "").strip()[:100]
    mails = tray(uow.session(), whole(request.args.get("after", "")), to)
    return render_template("demo/tray.html", mails=mails, to=to)


@bp.get("/post/<int:mail_id>")
@open_to(ANYONE)
def letter(mail_id: int) -> ResponseReturnValue:
    """One mail as its reader would see it, links and all."""
    found = uow.session().get(OutboxMail, mail_id) or abort(HTTPStatus.NOT_FOUND)
    return render_template("demo/letter.html", mail=found, text=as_read(found, request.url_root.rstrip("/")))
