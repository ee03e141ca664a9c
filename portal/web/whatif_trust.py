"""What if: how well the imitation fits what really happened, and what cannot be known."""

from __future__ import annotations

from http import HTTPStatus

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.access import open_to
from portal.commands import whatif as commands
from portal.commands.whatif import MAY
from portal.queries import whatif as queries
from portal.web import unit_of_work as uow
from portal.web.whatif import bp as bp  # noqa: PLC0414 - one blueprint for all of what-if
from portal.web.whatif import scope
from portal.web.whatif_fit import Fit
from workflows.kernel import Refused


def _page(refused: Refused | None = None) -> ResponseReturnValue:
    run = queries.last_trial(uow.session(), scope())
    ahead = queries.ahead_of(uow.session(), run) if run and not run.begun_at and not run.finished_at else 0
    fit = Fit(run) if run and run.result is not None and not run.error else None
    refusals = refused.refusals if refused else ()
    page = render_template("whatif/trust.html", run=run, ahead=ahead, fit=fit, refusals=refusals)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK


@bp.get("/vertrouwen")
@open_to(*MAY)
def trust() -> ResponseReturnValue:
    """The last trial."""
    return _page()


@bp.post("/vertrouwen")
@open_to(*MAY)
def measure() -> ResponseReturnValue:
    """Measure how it goes now, and try how well that can be imitated."""
    try:
        commands.measure(uow.session(), uow.viewer(), uow.now())
    except Refused as refused:
        uow.session().rollback()
        return _page(refused)
    return redirect(url_for("whatif.trust"))
