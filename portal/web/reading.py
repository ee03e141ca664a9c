"""Reading a dossier leaves a trace; outside one's own work it asks why first.

What a page about a case does: `enter(case)` before it shows anything. What the trace shows to whom: the screens here.
"""

from __future__ import annotations

from datetime import date
from http import HTTPStatus

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import EMPLOYEE, Role, open_to
from portal.commands.reads import record_read
from portal.models.cases import Case
from portal.models.reads import DossierRead
from portal.queries.reads import is_ones_own, is_own_work, read_on, reads_about, reads_outside_work
from portal.web import unit_of_work as uow
from portal.web.admin.blueprint import bp as admin
from portal.web.sent import whole
from portal.web.tables import csv_answer
from workflows.kernel import Refusal
from workflows.parties import N_

bp = Blueprint("reading", __name__)


def enter(case: Case, channel: str = "portal") -> bool:
    """Whether this person may look into the dossier now. When so, it is put on record once the page is made.

    When not, the page that asks for the reason comes first.
    """
    viewer, at = uow.viewer(), uow.now()
    if is_ones_own(viewer, case) or (known := (uow.today(), case.id, viewer.person_id)) in _recorded():
        return True
    if not is_own_work(viewer, case):
        return read_on(uow.session(), case.id, viewer.person_id, uow.today())
    uow.leave_behind(
        lambda session: record_read(session, viewer, case, at, channel=channel), lambda: _recorded().add(known)
    )
    return True


def _recorded() -> set[tuple[date, int, int]]:
    """What this process recorded today in this world: so that opening a dossier again asks the database nothing."""
    by_world: dict[str, set[tuple[date, int, int]]] = current_app.extensions.setdefault("recorded reads", {})
    recorded = by_world.setdefault(uow.world().db.url, set())
    if recorded and next(iter(recorded))[0] != uow.today():
        recorded.clear()
    return recorded


def ask_why(case: Case, refusal: Refusal | None = None, status: int = HTTPStatus.OK) -> ResponseReturnValue:
    """The page that asks why somebody needs to see a dossier that is not their work."""
    return render_template("reading/why.html", case=case, refusal=refusal, typed=request.form), status


@bp.get("/mijn-gegevens/inzage")
@open_to(EMPLOYEE)
def mine() -> ResponseReturnValue:
    """Who looked into one's own dossiers."""
    reads, after = reads_about(uow.session(), uow.viewer().person_id, whole(request.args.get("after", "")))
    return render_template(
        "reading/mine.html",
        reads=reads,
        next_url=url_for("reading.mine", after=after) if after else None,
        first_url=url_for("reading.mine") if "after" in request.args else None,
    )


@admin.get("/inzage")
@open_to(Role.FUNCTIONAL_MANAGER)
def outside_work() -> ResponseReturnValue:
    """Reading outside one's own work, with the reasons; `?csv=1` gives all of it as a file."""
    session, places = uow.session(), uow.viewer().reach(Role.FUNCTIONAL_MANAGER)
    if request.args.get("csv"):
        header = (N_("When"), N_("Who"), N_("Case"), N_("Employee"), N_("Municipality"), N_("Why"), N_("Copy"))
        rows = [_row(read) for read in _all(places)]
        return csv_answer("inzage", [i18n.gettext(word) for word in header], rows)
    reads, after = reads_outside_work(session, places, whole(request.args.get("after", "")))
    return render_template(
        "reading/outside_work.html",
        reads=reads,
        next_url=url_for("admin.outside_work", after=after) if after else None,
        first_url=url_for("admin.outside_work") if "after" in request.args else None,
        csv_url=url_for("admin.outside_work", csv=1),
    )


def _all(places: frozenset[int] | None) -> list[DossierRead]:
    """Every reading outside one's own work, some hundreds at a time."""
    reads, after = reads_outside_work(uow.session(), places, limit=500)
    found = list(reads)
    while after is not None:
        reads, after = reads_outside_work(uow.session(), places, after, limit=500)
        found += reads
    return found


def _row(read: DossierRead) -> tuple[str, ...]:
    case = read.case
    at = read.at.isoformat(timespec="seconds")
    return (
        at,
        read.person.name,
        case.number or "",
        case.initiator.name,
        case.municipality.name,
        read.reason,
        read.copied_as,
    )


def back_to(case: Case) -> ResponseReturnValue:
    """To the dossier, which asks why or shows itself."""
    return redirect(url_for("cases.dossier", number=case.number))
