"""The clerks' queue: what waits, in which order and why, and handing out the next case. The bench is in `bench.py`."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from portal.access import Role, open_to
from portal.queries.facets import facets
from portal.queries.payments import municipalities_of
from portal.queries.queue import clerks, held_by, open_flags
from portal.queries.queue import queue as queue_page
from portal.queries.views import views_for
from portal.web import desk, filters
from portal.web import unit_of_work as uow
from portal.web.presenting import arrived

bp = Blueprint("queue", __name__)


@bp.get("/werkvoorraad")
@open_to(Role.CLERK)
def inbox() -> ResponseReturnValue:
    """The queue, the most urgent first."""
    session, viewer, at = uow.session(), uow.viewer(), uow.now()
    views = views_for(session, viewer.person_id)
    # Who asks for nothing in particular begins with the view they chose for that.
    wanted = filters.read(request.args if request.args or views.first is None else views.first.wanted)
    try:
        page = queue_page(session, viewer, wanted, at, request.args.get("after") or None)
    except (ValueError, OverflowError):
        abort(HTTPStatus.NOT_FOUND)
    counted = facets(session, viewer, wanted, at)
    colleagues = clerks(session, viewer, at)
    places = municipalities_of(session, viewer, Role.CLERK)
    return render_template(
        "queue/inbox.html",
        page=page,
        wanted=wanted,
        keep=filters.write(wanted),
        counted=counted,
        fields=filters.fields(wanted, counted, places, colleagues, viewer.person_id),
        arrivals=arrived(session, page.cases),
        flags=open_flags(session, page.cases),
        held=held_by(session, viewer),
        views=views,
        colleagues=colleagues,
    )


@bp.post("/werkvoorraad/volgende")
@open_to(Role.CLERK)
def take_next() -> ResponseReturnValue:
    """Hand out the most urgent free case that fits the filter."""
    return desk.begin_series(request.form)
