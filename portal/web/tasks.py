"""The division of tasks: who does which process of personnel and finance, and what does not fit in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from http import HTTPStatus
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.commands import tasks as commands
from portal.models.catalogue import Service
from portal.models.people import Municipality
from portal.models.tasks import TaskDivision
from portal.queries import admin
from portal.queries import tasks as queries
from portal.queries.agreements import agrees
from portal.queries.catalogue import all_services
from portal.web import unit_of_work as uow
from portal.web.admin.forms import Form
from portal.web.tables import csv_answer
from workflows.kernel import Refused
from workflows.parties import N_
from workflows.tasks import DOERS, FUNCTIONS, GAPS, OVERLAPS, SAME_WORK, SENTENCES, TASKS, Finding, doer_of, findings

bp = Blueprint("tasks", __name__, url_prefix="/taakverdeling")

LOOK = (Role.DIRECTOR, Role.CONTRACT_MANAGER, Role.FUNCTIONAL_MANAGER)
WHERE: Mapping[str, str] = {
    "task_doer_unknown": "doer", "task_service_unknown": "services", "task_service_without_ssc": "services",
    "task_day_to_come": "first", "task_same_day": "first", "task_source_missing": "source",
    "change_reason_missing": "reason",
}  # fmt: skip
HEADER = (
    N_("Municipality"), N_("Function"), N_("Code"), N_("Process"), N_("Who"), N_("Services"), N_("Who does which part"),
    N_("From"), N_("Laid down in"), N_("What does not fit"),
)  # fmt: skip
GROUPS = ((N_("Gaps"), GAPS), (N_("Overlaps"), OVERLAPS), (N_("Four eyes"), frozenset(SENTENCES) - GAPS - OVERLAPS))


def _mine() -> Sequence[Municipality]:
    return admin.municipalities(uow.session(), uow.viewer().reach(*LOOK))


def _place(code: str) -> Municipality:
    return next((one for one in _mine() if one.code == code), None) or abort(HTTPStatus.NOT_FOUND)


def _services() -> dict[str, Service]:
    return {one.key: one for one in all_services(uow.session())}


def _offered(services: Mapping[str, Service], day: date) -> list[str]:
    return [one.key for one in services.values()
            if one.valid_from <= day and (one.valid_to is None or day <= one.valid_to)]  # fmt: skip


def called(key: str) -> str:
    """A process by its code and what it is."""
    return f"{key[0]} {TASKS[key].code} {i18n.gettext(TASKS[key].label)}"


def _named(services: Mapping[str, Service], keys: Sequence[str]) -> list[tuple[str, str]]:
    english = i18n.language() == "en"
    return [(key, (services[key].name_en if english else services[key].name) if key in services else key)
            for key in keys]  # fmt: skip


def _changes(place: Municipality) -> bool:
    return any(uow.viewer().has(role, place.id) for role in commands.MAY)


SHARED: Mapping[str, Any] = {
    "tasks": TASKS, "doers": DOERS, "functions": FUNCTIONS, "called": called,
    "tones": {"municipality": "neutral", "ssc": "info", "shared": "warning", "": "danger"},
    "icons": {"municipality": "people", "ssc": "check", "shared": "plus", "": "danger"},
}  # fmt: skip


@bp.get("")
@open_to(*LOOK)
def overview() -> ResponseReturnValue:
    """Every process beside who does it in each municipality, with how much does not fit."""
    mine, today, services = _mine(), uow.today(), _services()
    rows = queries.divisions_on(uow.session(), [one.id for one in mine], today)
    divided = {place: queries.divided(found) for place, found in rows.items()}
    counts = {place: len(findings(found, _offered(services, today))) for place, found in divided.items()}
    return render_template(
        "tasks/overview.html", places=mine, counts=counts, agrees=agrees(uow.viewer()),
        doer={(place, key): doer_of(found, key) for place, found in divided.items() for key in TASKS}, **SHARED,
    )  # fmt: skip


@bp.get("/<code>")
@open_to(*LOOK)
def one(code: str) -> ResponseReturnValue:
    """One municipality: what does not fit first, then every process with who, by which service and since when."""
    place, today, services = _place(code), uow.today(), _services()
    rows = queries.divisions_on(uow.session(), [place.id], today)[place.id]
    divided = queries.divided(rows)
    found = findings(divided, _offered(services, today))
    same = {key: [other for pair in SAME_WORK if key in pair for other in pair if other != key] for key in TASKS}
    return render_template(
        "tasks/one.html", place=place, places=_mine(), rows=rows, same=same, changes=_changes(place),
        doer={key: doer_of(divided, key) for key in TASKS}, sentences=SENTENCES,
        groups=[(label, [one for one in found if one.kind in kinds]) for label, kinds in GROUPS],
        services={key: _named(services, row.services) for key, row in rows.items()}, **SHARED,
    )  # fmt: skip


@bp.get("/verdeling.csv")
@open_to(*LOOK)
def download() -> ResponseReturnValue:
    """The division of every municipality of somebody's work, as it holds today."""
    mine, today, services = _mine(), uow.today(), _services()
    rows = queries.divisions_on(uow.session(), [place.id for place in mine], today)

    def lines() -> Iterator[Sequence[object]]:
        for place in mine:
            divided = queries.divided(rows[place.id])
            found = findings(divided, _offered(services, today))
            yield from (_line(place, key, rows[place.id].get(key), doer_of(divided, key), found, services)
                        for key in TASKS)  # fmt: skip

    return csv_answer("taakverdeling", [i18n.gettext(word) for word in HEADER], lines())


def _line(place: Municipality, key: str, row: TaskDivision | None, doer: str, found: Sequence[Finding],
          services: Mapping[str, Service]) -> Sequence[object]:  # fmt: skip
    wrong = [i18n.gettext(SENTENCES[one.kind]) for one in found if key in one.tasks]
    return (
        place.name, i18n.gettext(FUNCTIONS[key[0]]), TASKS[key].code, i18n.gettext(TASKS[key].label),
        i18n.gettext(DOERS[doer]) if doer else "",
        ", ".join(name for _, name in _named(services, row.services)) if row else "", row.note if row else "",
        row.valid_from if row else "", row.source if row else "", " ".join(wrong),
    )  # fmt: skip


@bp.get("/<code>/<key>")
@open_to(*commands.MAY)
def edit(code: str, key: str) -> ResponseReturnValue:
    """One process of a municipality: what held, holds and will hold, and the form for what follows."""
    return _edit(*_at(code, key))


def _at(code: str, key: str) -> tuple[Municipality, str]:
    place = _place(code)
    if key not in TASKS or TASKS[key].stays or not _changes(place):
        abort(HTTPStatus.NOT_FOUND)
    return place, key


def _edit(place: Municipality, key: str, sent: Form | None = None, status: int = 200) -> ResponseReturnValue:
    history, services, today = queries.history_of(uow.session(), place.id, key), _services(), uow.today()
    now = next((row for row in history if row.valid_from <= today), None)
    form = Form("divide", doer=now.doer if now else "", note=now.note if now else "",
                first=date.fromordinal(today.toordinal() + 1))  # fmt: skip
    back = {row.id: Form(f"back{row.id}") for row in history if row.valid_from > today}
    if sent is not None and sent.key == form.key:
        form = sent
    elif sent is not None:
        back |= {row.id: sent for row in history if sent.key == f"back{row.id}"}
    form.offer("doer", [("", N_("Choose")), *DOERS.items()])
    chosen = request.form.getlist("services") if form.sent else now.services if now else []
    page = render_template(
        "tasks/edit.html", place=place, key=key, form=form, history=history, back=back, chosen=chosen,
        offered=_named(services, _offered(services, today)), wrong=sent.wrong if sent else (),
        others=sent.others if sent else (), named={row.id: _named(services, row.services) for row in history}, **SHARED,
    )  # fmt: skip
    return page, status


@bp.post("/<code>/<key>")
@open_to(*commands.MAY)
def divide(code: str, key: str) -> ResponseReturnValue:
    """Let somebody do it from a day to come, or take back what is still to come."""
    place, key = _at(code, key)
    form = Form(request.form.get("form", ""))
    try:
        _do(place, key, form)
    except Refused as refused:
        uow.session().rollback()
        form.blame(refused, WHERE)
        return _edit(*_at(code, key), form, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("The division of tasks was saved.")), "success")
    return redirect(url_for("tasks.one", code=code))


def _do(place: Municipality, key: str, form: Form) -> None:
    session, author, now, today = uow.session(), commands.author_of(uow.viewer()), uow.now(), uow.today()
    if form.key == "divide":
        commands.divide(
            session, author, place, key, form.text("doer"), request.form.getlist("services"), form.text("note"),
            form.day("first"), form.text("source"), now, today,
        )  # fmt: skip
        return
    rows = queries.history_of(session, place.id, key)
    row = next((one for one in rows if form.key == f"back{one.id}"), None) or abort(HTTPStatus.NOT_FOUND)
    commands.take_back(session, author, row, form.text("reason"), now, today)
