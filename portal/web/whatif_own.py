"""What if: a question of one's own, in which every input of the model can be changed."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import open_to
from portal.commands import whatif as commands
from portal.commands.whatif import MAY
from portal.queries import whatif as queries
from portal.web import unit_of_work as uow
from portal.web import whatif_form as forms
from portal.web.admin.forms import Form
from portal.web.whatif import DESIGN, FORECAST, scope
from portal.web.whatif import bp as bp  # noqa: PLC0414 - one blueprint for all of what-if
from portal.whatif.model import Model
from portal.whatif.plain import from_plain
from portal.whatif.questions import QUESTIONS, as_kept, asked
from portal.whatif.saying import WEEKDAYS, change_said
from portal.whatif.scenarios import Change, Scenario, applied
from workflows.kernel import Refused
from workflows.parties import N_

WRONG_SEED = N_("Fill in a whole number from 1 to %(most)s.")
WHERE = {"whatif_name_long": "name"}


def _page(model: Model | None, form: Form, groups: Sequence[forms.Group],
          status: int = HTTPStatus.OK) -> ResponseReturnValue:  # fmt: skip
    form.offer("holds", [
        ("scenario", i18n.gettext(N_("What if: compare it with how it goes now"))),
        ("now", i18n.gettext(N_("A correction: this is how it really is now, also for the questions below"))),
    ]).offer("begins", [
        (DESIGN, i18n.gettext(N_("An ordinary year: how long do requests take?"))),
        (FORECAST, i18n.gettext(N_("What is open today: when will it be done?"))),
    ])  # fmt: skip
    return render_template(
        "whatif/own.html", model=model, measured=queries.last_model(uow.session(), scope()), form=form, groups=groups,
        questions=QUESTIONS.values(), chosen=request.form.getlist("q"), days=forms.days_ticked(form),
        weekdays=WEEKDAYS, wrong=form.wrong, others=form.others,
    ), status  # fmt: skip


def _model() -> tuple[Model | None, list[forms.Group]]:
    held = queries.last_model(uow.session(), scope())
    model = from_plain(Model, held.model) if held is not None else None
    return model, forms.groups_of(model) if model is not None else []


@bp.get("/eigen")
@open_to(*MAY)
def own() -> ResponseReturnValue:
    """All inputs, with how each is known."""
    model, groups = _model()
    return _page(model, forms.filled(groups), groups)


@bp.post("/eigen")
@open_to(*MAY)
def ask_own() -> ResponseReturnValue:
    """Ask it; or put an input back as it was."""
    model, groups = _model()
    form = forms.filled(groups)
    if model is None or request.form.get("reset"):
        return _page(model, form, groups)
    changes = forms.changes_in(form, groups)
    seed = form.number("seed")
    if seed is None or not 1 <= seed <= commands.LARGEST_SEED:
        form["seed"].errors.append(i18n.gettext(WRONG_SEED, most=i18n.number(commands.LARGEST_SEED)))
    if form.wrong or seed is None:
        return _page(model, form, groups, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        run = _ask(model, form, changes, seed)
    except Refused as refused:
        uow.session().rollback()
        form.blame(refused, WHERE)
        return _page(model, form, groups, HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(url_for("whatif.one", run_id=run))


def _ask(model: Model, form: Form, changes: Sequence[Change], seed: int) -> int:
    """Keep the question; its key."""
    applied(model, Scenario("", tuple(changes)))
    holds = form.text("holds") == "now"
    scenarios = asked([key for key in QUESTIONS if key in request.form.getlist("q")])
    if changes and not holds:
        name = " ".join(form.text("name").split()) or change_said(changes[0])
        scenarios.insert(0, as_kept("", name[: commands.LONGEST], changes))
    begins = FORECAST if form.text("begins") == FORECAST else DESIGN
    run = commands.ask(
        uow.session(), uow.viewer(), form.text("name"), scenarios, uow.now(), begins=begins, seed=seed,
        changes=as_kept("", "", changes)["changes"] if holds else (),
    )  # fmt: skip
    return run.id
