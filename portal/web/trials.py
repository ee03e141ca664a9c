"""Trial running: what is tried before a municipality goes live, what was found, and whether it is accepted."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.commands import trials as commands
from portal.commands.trials import MAY
from portal.models.trials import TrialFinding, TrialRun
from portal.queries import admin
from portal.queries import trials as queries
from portal.web import unit_of_work as uow
from portal.web.admin.forms import Form
from portal.web.papers import answered
from portal.words.trial_paper import paper_of
from portal.workshop import opening
from portal.workshop.pseudonymised import Part
from portal.workshop.trials import open_trial
from workflows.kernel import Refused
from workflows.parties import N_
from workflows.trials import ELEMENTS, SEVERITIES, VERDICTS, gaps

bp = Blueprint("trials", __name__, url_prefix="/proefdraaien")

BEGIN = {
    "trial_title_missing": "title", "trial_days_missing": "last", "trial_of_all": "place", "outside_your_work": "place",
}  # fmt: skip
CHECK = {"trial_point_unknown": "verdict", "trial_note_missing": "note"}
FIND = {
    "trial_class_missing": "severity", "trial_finding_missing": "said", "trial_owner_missing": "owner",
    "trial_due_missing": "due",
}  # fmt: skip
RESOLVE = {"trial_resolution_missing": "done", "trial_resolved": "done"}
ACCEPT = {"trial_decision_missing": "said"}
FINDING, DECISION, WORLD = "finding", "accept", "world"


def reach() -> frozenset[int] | None:
    """The municipalities for which one may do this."""
    return uow.viewer().reach(*MAY)


def found(run_id: int) -> TrialRun:
    """A trial of this work; others do not exist."""
    return queries.trial(uow.session(), run_id, reach()) or abort(HTTPStatus.NOT_FOUND)


def decides(run: TrialRun) -> bool:
    """Whether the reader may accept this trial."""
    places = uow.viewer().municipalities(Role.DIRECTOR)
    return places is None or run.municipality_id in places


@bp.get("")
@open_to(*MAY)
def overview() -> ResponseReturnValue:
    """The trials there are, and beginning one."""
    return _overview(Form("begin"))


def _overview(form: Form, status: int = HTTPStatus.OK) -> ResponseReturnValue:
    places = admin.municipalities(uow.session(), reach())
    everywhere = [("", i18n.gettext(N_("all municipalities")))] if reach() is None else []
    form.offer("place", [*everywhere, *((one.id, one.name) for one in places)])
    listed = queries.trials(uow.session(), reach())
    return render_template("trials/overview.html", trials=listed, form=form), status


@bp.post("")
@open_to(*MAY)
def begin() -> ResponseReturnValue:
    """Begin a trial."""
    form = Form("begin")
    places = {one.id: one for one in admin.municipalities(uow.session(), reach())}
    try:
        days = form.day("first"), form.day("last")
        run = commands.begin(
            uow.session(), uow.viewer(), places.get(form.number("place") or 0), form.text("title"), *days, uow.now()
        )
    except Refused as refused:
        form.blame(refused, BEGIN)
        return _overview(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(url_for("trials.show", run_id=run.id))


@bp.get("/<int:run_id>")
@open_to(*MAY)
def show(run_id: int) -> ResponseReturnValue:
    """A trial: its checklist by element, what was found, and the decision."""
    return _show(found(run_id))


def _show(run: TrialRun, sent: Form | None = None) -> ResponseReturnValue:
    said, listed = queries.checks(uow.session(), run), queries.findings(uow.session(), run)
    forms: dict[str, Form] = {}
    for element in ELEMENTS:
        for activity in element.activities:
            form = Form(activity.key)
            form.offer("verdict", [("", i18n.gettext(N_("Choose"))), *_labelled(VERDICTS)])
            forms[activity.key] = form
    forms[FINDING] = Form(FINDING).offer("severity", [("", i18n.gettext(N_("Choose"))), *_labelled(SEVERITIES)])
    elements = [(one.key, i18n.gettext(one.label)) for one in ELEMENTS]
    forms[FINDING].offer("element", [("", i18n.gettext(N_("Choose"))), *elements])
    for one in listed:
        forms[f"f{one.id}"] = Form(f"f{one.id}")
    forms[DECISION], forms[WORLD] = Form(DECISION), Form(WORLD, most=200)
    if sent is not None:
        kept = forms.get(sent.key, sent)
        for box in sent.wrong:
            kept[box.name].errors = box.errors
        kept.others = sent.others
        forms[sent.key] = kept
    verdicts = {key: told[0].verdict for key, told in said.items()}
    lacking = gaps((one.severity for one in listed if one.resolved_at is None), verdicts)
    return render_template(
        "trials/one.html", run=run, elements=ELEMENTS, said=said, findings=listed, forms=forms, verdicts=VERDICTS,
        severities=SEVERITIES, lacking=lacking, decides=decides(run),
        trains=uow.viewer().has(Role.TRAINER), named={one.key: one.label for one in ELEMENTS},
    ), HTTPStatus.UNPROCESSABLE_ENTITY if sent is not None else HTTPStatus.OK  # fmt: skip


def _labelled(labels: object) -> list[tuple[str, str]]:
    return [(key, i18n.gettext(label)) for key, label in dict(labels).items()]  # type: ignore[call-overload]


def _do(
    run: TrialRun, form: Form, where: dict[str, str], step: Callable[[], object], anchor: str
) -> ResponseReturnValue:
    """Take a step and go back to the page, or show it with what was typed and what is wrong."""
    try:
        step()
    except Refused as refused:
        form.blame(refused, where)
        return _show(run, form)
    return redirect(f"{url_for('trials.show', run_id=run.id)}#{anchor}")


@bp.post("/<int:run_id>/punt/<key>")
@open_to(*MAY)
def check(run_id: int, key: str) -> ResponseReturnValue:
    """Say of one activity what was tried."""
    run, form = found(run_id), Form(key)
    return _do(
        run, form, CHECK,
        lambda: commands.check(
            uow.session(), uow.viewer(), run, key, form.text("verdict"), form.text("note"), uow.now()
        ),
        key,
    )  # fmt: skip


@bp.post("/<int:run_id>/bevinding")
@open_to(*MAY)
def find(run_id: int) -> ResponseReturnValue:
    """Write down what was found."""
    run, form = found(run_id), Form(FINDING)
    return _do(
        run, form, FIND,
        lambda: commands.find(
            uow.session(), uow.viewer(), run, form.text("element"), form.text("severity"), form.text("said"),
            form.text("owner"), form.day("due"), uow.now(),
        ),
        "findings",
    )  # fmt: skip


@bp.post("/<int:run_id>/bevinding/<int:finding_id>")
@open_to(*MAY)
def resolve(run_id: int, finding_id: int) -> ResponseReturnValue:
    """Write down what was done about a finding."""
    run, form = found(run_id), Form(f"f{finding_id}")
    finding = uow.session().get(TrialFinding, finding_id)
    if finding is None or finding.run_id != run.id:
        abort(HTTPStatus.NOT_FOUND)
    return _do(
        run, form, RESOLVE,
        lambda: commands.resolve(uow.session(), uow.viewer(), run, finding, form.text("done"), uow.now()), "findings",
    )  # fmt: skip


@bp.post("/<int:run_id>/oefenwereld")
@open_to(*MAY)
def open_world(run_id: int) -> ResponseReturnValue:
    """Make a practice world of a part of the real one. Nobody waits for the database meanwhile."""
    run, form, viewer = found(run_id), Form(WORLD), uow.viewer()
    try:
        days = form.day("first"), form.day("last")
        most = commands.world_wanted(uow.session(), viewer, run, form.number("most"))
    except Refused as refused:
        form.blame(refused, dict.fromkeys(("trial_world_cases", "trial_world_place", "trial_world_there"), "most"))
        return _show(run, form)
    part, title = Part(run.municipality_id or 0, most, *days), run.title
    uow.let_go()
    opened = open_trial(uow.world(), part, title=title, trainer=viewer.name, wall=uow.world().wall.now())
    try:
        commands.world_opened(uow.session(), viewer, found(run_id), opened.code, uow.now())
    except Refused as refused:
        opening.delete(uow.world(), opened)
        form.blame(refused, {"trial_world_there": "most"})
        return _show(run, form)
    return redirect(f"{url_for('trials.show', run_id=run_id)}#world")


@bp.post("/<int:run_id>/besluit")
@open_to(Role.DIRECTOR)
def accept(run_id: int) -> ResponseReturnValue:
    """Accept what was tried."""
    run, form = found(run_id), Form(DECISION)
    return _do(
        run, form, ACCEPT,
        lambda: commands.accept(uow.session(), uow.viewer(), run, form.text("said"), uow.now()), "decision",
    )  # fmt: skip


@bp.get("/<int:run_id>/verslag.pdf")
@open_to(*MAY)
def report(run_id: int) -> ResponseReturnValue:
    """All of it on paper: the decision, the checklist and the findings."""
    run, session = found(run_id), uow.session()
    paper = paper_of(
        run, queries.checks(session, run), queries.findings(session, run), uow.world().settings.partnership, uow.now()
    )
    return answered(paper, f"proefdraaien-{run.id}")
