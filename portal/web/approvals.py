"""A manager's list of what waits for a decision, several at once when they want."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import EMPLOYEE, open_to
from portal.commands import cases as commands
from portal.queries.cases import case_by_number, decided_by, to_approve
from portal.web import unit_of_work as uow
from workflows import CASE_TYPES
from workflows.kernel import N_, Given, Refused

bp = Blueprint("approvals", __name__)


@bp.get("/akkoord")
@open_to(EMPLOYEE)
def inbox() -> ResponseReturnValue:
    """What waits for my decision, the most urgent first, and what I decided lately."""
    session, viewer = uow.session(), uow.viewer()
    return render_template(
        "approvals/inbox.html",
        cases=to_approve(session, viewer),
        decided=decided_by(session, viewer, limit=15),
    )


@bp.post("/akkoord")
@open_to(EMPLOYEE)
def approve_several() -> ResponseReturnValue:
    """Approve the ticked ones. Each stands alone: what is refused stays, with why."""
    session, viewer = uow.session(), uow.viewer()
    done = 0
    for entry in request.form.getlist("case")[:100]:
        number, _, version = entry.partition(":")
        case = case_by_number(session, viewer, number)
        if case is None:
            continue
        action = next((a for a in CASE_TYPES[case.type].actions if a.binds and case.state in a.at), None)
        try:
            commands.expect_version(case, int(version) if version.isdigit() else None)
            if action is None:
                raise Refused(commands.JUST_BEFORE_YOU)
            commands.act_as(session, viewer, case, action.key, Given(), uow.now())
            done += 1
        except Refused as refused:
            sentence = " ".join(i18n.say(r.sentence, r.values) for r in refused.refusals)
            flash(f"{number}: {sentence}", "error")
    if done:
        flash(i18n.ngettext("%(num)s request approved.", "%(num)s requests approved.", done), "success")
    elif not request.form.getlist("case"):
        flash(i18n.gettext(N_("Tick at least one request.")), "error")
    return redirect(url_for("approvals.inbox"))
