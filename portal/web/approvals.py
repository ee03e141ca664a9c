"""A manager's list of what waits for a decision, several at once when they want."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import EMPLOYEE, open_to
from portal.commands import cases as commands
from portal.queries.cases import case_by_number, decided_by, to_approve
from portal.queries.queue import open_flags
from portal.web import unit_of_work as uow
from workflows import CASE_TYPES
from workflows.kernel import Given, Refused
from workflows.parties import N_

bp = Blueprint("approvals", __name__)


@bp.get("/akkoord")
@open_to(EMPLOYEE)
def inbox() -> ResponseReturnValue:
    """What waits for my decision, the most urgent first, and what I decided lately."""
    session, viewer = uow.session(), uow.viewer()
    waiting = to_approve(session, viewer)
    return render_template(
        "approvals/inbox.html",
        cases=waiting,
        flags=open_flags(session, waiting) if waiting else {},
        decided=decided_by(session, viewer, limit=15),
    )


def _approve(entry: str) -> tuple[str, str | None]:
    """Approve one ticked request. Returns its number, and why not when it was refused."""
    session, viewer = uow.session(), uow.viewer()
    number, _, version = entry.partition(":")
    case = case_by_number(session, viewer, number)
    if case is None:
        return number, i18n.gettext(N_("This request was not found."))
    action = CASE_TYPES[case.type].approving(case.state)
    if action is None or version != str(case.version):
        return number, i18n.gettext(commands.JUST_BEFORE_YOU.sentence)
    try:
        commands.act_as(session, viewer, case, action.key, Given(), uow.now())
    except Refused as refused:
        return number, " ".join(i18n.say(r.sentence, r.values) for r in refused.refusals)
    return number, None


@bp.post("/akkoord")
@open_to(EMPLOYEE)
def approve_several() -> ResponseReturnValue:
    """Approve the ticked ones. Each stands alone: what is refused stays, with why."""
    ticked = request.form.getlist("case")[:100]
    outcomes = [_approve(entry) for entry in ticked]
    for number, why in outcomes:
        if why is not None:
            flash(f"{number}: {why}", "error")
    done = sum(why is None for _, why in outcomes)
    if done:
        flash(i18n.ngettext("%(num)s request approved.", "%(num)s requests approved.", done), "success")
    if not ticked:
        flash(i18n.gettext(N_("Tick at least one request.")), "error")
    return redirect(url_for("approvals.inbox"))
