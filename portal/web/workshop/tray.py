"""The mail of one's own seat: what the portal sent to the person one plays, with links that work."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal.access import EMPLOYEE, open_to
from portal.models.mail import OutboxMail
from portal.web import unit_of_work as uow
from portal.web.letters import as_read
from portal.web.sent import whole
from portal.web.workshop import here

bp = Blueprint("workshop_tray", __name__)
PAGE = 30


@bp.get("/mijn-post")
@open_to(EMPLOYEE)
def mine() -> ResponseReturnValue:
    """My mail, the newest first."""
    seat, after = here.seat(), whole(request.args.get("after", ""))
    query = select(OutboxMail).where(OutboxMail.person_id == seat.person_id, OutboxMail.part.is_(False))
    if after is not None:
        query = query.where(OutboxMail.id < after)
    mails = uow.session().scalars(query.order_by(OutboxMail.id.desc()).limit(PAGE)).all()
    return render_template("workshop/tray.html", mails=mails, full=len(mails) == PAGE)


@bp.get("/mijn-post/<int:mail_id>")
@open_to(EMPLOYEE)
def letter(mail_id: int) -> ResponseReturnValue:
    """One mail of mine, as it is read: the link in it decides, as it would in a real one."""
    found = uow.session().scalars(
        select(OutboxMail).where(OutboxMail.id == mail_id, OutboxMail.person_id == here.seat().person_id)
    ).first() or abort(HTTPStatus.NOT_FOUND)
    return render_template("workshop/letter.html", mail=found, text=as_read(found, here.address()))
