"""Satisfaction: giving a case of one's own a mark, and what all together say of the SSC, without names."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import EMPLOYEE, open_to
from portal.commands.satisfaction import NOT_ASKED
from portal.commands.satisfaction import say as give
from portal.web import unit_of_work as uow
from portal.web.cases import find, show
from portal.web.sent import whole
from workflows.kernel import Refused
from workflows.parties import N_

bp = Blueprint("satisfaction", __name__)


@bp.post("/zaken/<number>/waardering")
@open_to(EMPLOYEE)
def say(number: str) -> ResponseReturnValue:
    """Give a case of one's own a mark, or change it."""
    case = find(number)
    try:
        give(uow.session(), uow.viewer(), case, whole(request.form.get("score", "")),
             request.form.get("remark", ""), uow.now())  # fmt: skip
    except Refused as refused:
        if NOT_ASKED in refused.refusals:
            raise
        return show(case, {"mark": refused.refusals}, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("Thank you. Nobody in the SSC sees that this mark is yours.")), "success")
    return redirect(url_for("cases.dossier", number=case.number))
