"""What if: questions about how the work would go otherwise, asked at one press, and their answers. Nothing is simulated
here: a job works out what is asked, and the page of a question follows it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import open_to
from portal.commands import whatif as commands
from portal.commands.whatif import MAY
from portal.models.whatif import WhatIfRun
from portal.queries import whatif as queries
from portal.web import unit_of_work as uow
from portal.web.papers import answered
from portal.web.sent import whole
from portal.web.tables import csv_answer
from portal.web.whatif_paper import paper_of
from portal.web.whatif_result import Shown, rows_of
from portal.web.whatif_words import name_of
from portal.whatif.questions import QUESTIONS, asked
from workflows.kernel import Refused
from workflows.parties import N_

bp = Blueprint("whatif", __name__, url_prefix="/wat-als")
FORECAST, DESIGN = "forecast", "design"
WHEN_DONE = N_("When will what is open now be done?")
HEADER = (
    N_("Scenario"), N_("What"), N_("Of"), N_("Mean"), N_("Low"), N_("High"), N_("Difference"), N_("Low of difference"),
    N_("High of difference"), N_("Demonstrable"),
)  # fmt: skip


def scope() -> str:
    """Of which municipalities this reader may ask."""
    return queries.scope_of(uow.viewer().reach(*MAY))


def run_of(run_id: int) -> WhatIfRun:
    """One question within this reader's reach, or 404."""
    return queries.run_within(uow.session(), scope(), run_id) or abort(HTTPStatus.NOT_FOUND)


def title_of(run: WhatIfRun) -> str:
    """What was asked, in the reader's language."""
    if run.question:
        return run.question
    alone = QUESTIONS.get(run.scenarios[0]["question"]) if len(run.scenarios) == 1 else None
    if alone is not None:
        return i18n.gettext(alone.ask)
    names = [name_of(one) for one in run.scenarios]
    if names:
        return "; ".join([names[0], *(one[:1].lower() + one[1:] for one in names[1:])])
    return i18n.gettext(WHEN_DONE if run.begins == FORECAST else N_("How does it go now?"))


@bp.get("")
@open_to(*MAY)
def overview() -> ResponseReturnValue:
    """The questions that can be asked at one press, and those that were asked."""
    return _overview()


def _overview(refused: Refused | None = None) -> ResponseReturnValue:
    earlier, after = queries.runs(uow.session(), scope(), whole(request.args.get("na", "")))
    page = render_template(
        "whatif/overview.html", questions=QUESTIONS.values(), earlier=earlier, title_of=title_of,
        chosen=request.form.getlist("q"), together=bool(request.form.get("together")), paged="na" in request.args,
        next_url=url_for("whatif.overview", na=after) if after else None, refusals=refused.refusals if refused else (),
        model=queries.last_model(uow.session(), scope()), most=commands.MOST_SCENARIOS, when_done=WHEN_DONE,
    )  # fmt: skip
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK


@bp.post("")
@open_to(*MAY)
def ask() -> ResponseReturnValue:
    """Ask one question, or compare those that are ticked."""
    only = request.form.get("one", "")
    keys = [only] if only else request.form.getlist("q")
    begins = FORECAST if only == FORECAST else DESIGN
    known = [key for key in QUESTIONS if key in keys]
    try:
        run = commands.ask(
            uow.session(), uow.viewer(), "", asked(known, together=not only and bool(request.form.get("together"))),
            uow.now(), begins=begins,
        )  # fmt: skip
    except Refused as refused:
        uow.session().rollback()
        return _overview(refused)
    return redirect(url_for("whatif.one", run_id=run.id))


@bp.get("/<int:run_id>")
@open_to(*MAY)
def one(run_id: int) -> ResponseReturnValue:
    """One question: how far it is, or its answer."""
    run = run_of(run_id)
    if run.kind == "trust":
        return redirect(url_for("whatif.trust"))
    values: dict[str, Any] = {"run": run, "title": title_of(run)}
    if run.result is not None and not run.error:
        shown = Shown(run)
        nth = whole(request.args.get("bij", "")) or 0
        scene = shown.scenes[nth] if nth < len(shown.scenes) else abort(HTTPStatus.NOT_FOUND)
        return render_template("whatif/answer.html", shown=shown, scene=scene, **values)
    ahead = 0 if run.finished_at or run.begun_at else queries.ahead_of(uow.session(), run)
    return render_template("whatif/progress.html", ahead=ahead, **values)


@bp.post("/<int:run_id>/stoppen")
@open_to(*MAY)
def stop(run_id: int) -> ResponseReturnValue:
    """Let go of a question."""
    run = run_of(run_id)
    commands.stop(uow.session(), run, uow.now())
    flash(i18n.gettext(N_("The question was stopped.")), "success")
    return redirect(url_for("whatif.trust" if run.kind == "trust" else "whatif.overview"))


def _answered(run_id: int) -> tuple[WhatIfRun, Shown]:
    run = run_of(run_id)
    if run.result is None or run.error or run.kind != "question":
        abort(HTTPStatus.NOT_FOUND)
    return run, Shown(run)


@bp.get("/<int:run_id>/cijfers.csv")
@open_to(*MAY)
def download(run_id: int) -> Response:
    """All figures as a file: durations in hours of office time, costs in cents, shares of one."""
    run, shown = _answered(run_id)
    return csv_answer(f"wat-als-{run.id}", [i18n.gettext(word) for word in HEADER], rows_of(shown))


@bp.get("/<int:run_id>/antwoord.pdf")
@open_to(*MAY)
def paper(run_id: int) -> Response:
    """The answer on paper."""
    run, shown = _answered(run_id)
    return answered(paper_of(title_of(run), shown), f"wat-als-{run.id}")
