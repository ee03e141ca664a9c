"""The evaluation of a year: goals and costs, aimed at against reached, with the director's conclusion; page and PDF."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.commands.goals import conclude, enter_real
from portal.interfaces.paper import Entry, Paper, Section
from portal.models.goals import Evaluation
from portal.models.people import Municipality
from portal.queries.business_case import holding
from portal.queries.goals import evaluations_of, figures_of, goals_of, real_costs, settled_in
from portal.web import unit_of_work as uow
from portal.web.admin.forms import Form
from portal.web.businesscase import LOOK, bp
from portal.web.evaluating import Evaluated, costs_data, goal_data
from portal.web.goals import may_set, name_of, place_of
from portal.web.papers import answered
from portal.web.sent import whole
from workflows.fields import MONEY_SENTENCES
from workflows.kernel import Refused
from workflows.money import MoneyError, parse_euro, plain
from workflows.parties import N_

__all__ = ["bp"]

WHERE = {"change_reason_missing": "source", "evaluation_empty": "conclusion", "evaluation_long": "conclusion"}
OLDEST = 2000


def _year(year: int) -> int:
    return year if OLDEST <= year <= uow.today().year else abort(HTTPStatus.NOT_FOUND)


def live(place: Municipality | None, year: int) -> Evaluated:
    """The evaluation by the figures as they are known now."""
    session, at = uow.session(), uow.now()
    ids = [place.id] if place else None
    figures = figures_of(session, place, year, at)
    goals = [goal_data(one, figures.get(one.indicator)) for one in goals_of(session, place.id if place else None)]
    costs = costs_data(
        holding(session, ids), real_costs(session, ids, year), settled_in(session, place, year), year
    )  # fmt: skip
    return Evaluated(place, year, {"as_of": at.isoformat(), "goals": goals, "costs": costs})


def _chosen(place: Municipality | None, year: int, known: Sequence[Evaluation]) -> tuple[Evaluated, Evaluation | None]:
    """What is shown: the last conclusion with its figures, an older one, or the figures of now."""
    asked = request.args.get("uitgave", "")
    if asked == "nu" or (not asked and not known):
        return live(place, year), None
    number = whole(asked)
    held = next((one for one in known if number in (None, one.edition)), None) or abort(HTTPStatus.NOT_FOUND)
    return Evaluated(place, year, held.figures), held


def _show(
    code: str, year: int, form: Form | None = None, status: int = HTTPStatus.OK
) -> ResponseReturnValue:  # fmt: skip
    place = place_of(code)
    known = evaluations_of(uow.session(), place, _year(year))
    shown, held = (live(place, year), None) if form else _chosen(place, year, known)
    page = render_template(
        "businesscase/evaluation.html", code=code, place=place, name=name_of(place), year=year, shown=shown, held=held,
        known=known, director=may_set(place), over=year < uow.today().year,
        concluding=form if form and form.key == "conclude" else Form("conclude"),
        spent=form if form and form.key == "spent" else _spent(shown),
        wrong=form.wrong if form else (), others=form.others if form else (),
    )  # fmt: skip
    return page, status


def _spent(shown: Evaluated) -> Form:
    real, comma = shown.data["costs"]["real"], i18n.language() == "nl"
    if not real:
        return Form("spent")
    return Form("spent", running=plain(real["running"], comma), investment=plain(real["investment"], comma))


@bp.get("/<code>/evaluatie/<int:year>")
@open_to(*LOOK)
def evaluation(code: str, year: int) -> ResponseReturnValue:
    """Goals and costs of a year, with the conclusion if there is one."""
    return _show(code, year)


@bp.post("/<code>/evaluatie/<int:year>")
@open_to(Role.DIRECTOR)
def conclude_year(code: str, year: int) -> ResponseReturnValue:
    """Conclude, on the figures of now."""
    place, form = place_of(code, only_director=True), Form("conclude")
    try:
        conclude(uow.session(), uow.viewer(), place, _year(year), form.text("conclusion"), live(place, year).data,
                 uow.now())  # fmt: skip
    except Refused as refused:
        uow.session().rollback()
        form.blame(refused, WHERE)
        return _show(code, year, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("The conclusion was saved, with the figures as they are now.")), "success")
    return redirect(url_for("businesscase.evaluation", code=code, year=year))


def _cents(form: Form, name: str) -> int:
    try:
        return parse_euro(form.text(name), decimal_comma=i18n.language() == "nl")
    except MoneyError as error:
        form[name].errors.append(i18n.gettext(MONEY_SENTENCES[error.code]))
        return 0


@bp.post("/<code>/evaluatie/<int:year>/kosten")
@open_to(Role.DIRECTOR)
def enter_spent(code: str, year: int) -> ResponseReturnValue:
    """Enter what the year really cost this municipality."""
    place, form = place_of(code, only_director=True) or abort(HTTPStatus.NOT_FOUND), Form("spent")
    running, investment = _cents(form, "running"), _cents(form, "investment")
    if form.wrong:
        return _show(code, year, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        enter_real(uow.session(), uow.viewer(), place, _year(year), running, investment, form.text("source"), uow.now())
    except Refused as refused:
        uow.session().rollback()
        form.blame(refused, WHERE)
        return _show(code, year, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("What %(year)s really cost was saved."), year=year), "success")
    return redirect(url_for("businesscase.evaluation", code=code, year=year, uitgave="nu"))


@bp.get("/<code>/evaluatie/<int:year>/evaluatie.pdf")
@open_to(*LOOK)
def evaluation_paper(code: str, year: int) -> ResponseReturnValue:
    """The evaluation on paper."""
    place = place_of(code)
    shown, held = _chosen(place, year, evaluations_of(uow.session(), place, _year(year)))
    return answered(paper_of(shown, held), f"evaluatie-{code}-{year}")


def paper_of(shown: Evaluated, held: Evaluation | None) -> Paper:
    """The whole paper."""
    partnership = uow.world().settings.partnership
    title = f"{i18n.gettext(N_('Evaluation of %(year)s'), year=shown.year)}: {name_of(shown.place)}"
    sections = [_goals(shown), _costs(shown)]
    conclusion = Section(i18n.gettext(N_("Conclusion")))
    if held:
        conclusion.text(held.conclusion).text(f"{held.concluded_by.name}, {i18n.moment(held.concluded_at)}")
    else:
        conclusion.text(i18n.gettext(N_("Nothing was concluded about this year yet.")))
    return Paper(
        title=title, author=partnership, running=f"{partnership} · {title}",
        made=i18n.gettext(N_("With the figures as known on %(at)s."), at=i18n.moment(shown.as_of)), made_at=uow.now(),
        lang=i18n.language(), sections=[conclusion, *sections],
    )  # fmt: skip


def _goals(shown: Evaluated) -> Section:
    section = Section(i18n.gettext(N_("Goals")))
    good, whole_count = shown.counts
    section.text(i18n.gettext(N_("%(good)s of %(all)s goals were reached."), good=good, all=whole_count))
    return section.entries([
        Entry(
            f"{one['said']} – {one['verdict']}",
            i18n.gettext(N_("%(label)s. Aimed at %(aimed)s, reached %(value)s."), label=one["named"],
                         aimed=one["aimed_said"], value=one["value_said"]),
            points=[
                i18n.gettext(N_("Agreed by %(who)s on %(day)s, to be reached by %(due)s."), who=one["agreed_by"],
                             day=i18n.day(one["agreed_on"]), due=i18n.day(one["due"])),
                f"{i18n.gettext(N_('Why it can be reached'))}: {one['realistic']}",
                f"{i18n.gettext(N_('How'))}: {one['instrument']}",
                f"{i18n.gettext(N_('Watched over by'))}: {one['monitoring']}",
            ],
        )
        for one in shown.goals
    ])  # fmt: skip


def _costs(shown: Evaluated) -> Section:
    section, costs = Section(i18n.gettext(N_("Costs"))), shown.data["costs"]
    head = [i18n.gettext(word) for word in (N_("What"), N_("Aimed at"), N_("Really"))]
    rows = [
        [label, *(i18n.euro(cents) if cents is not None else "–" for cents in pair)] for label, *pair in shown.costs
    ]
    section.rows(head, rows, [2, 1, 1], numbers=(1, 2))
    if costs["settled"]:
        section.text(i18n.gettext(
            N_("The SSC settled %(sum)s over %(quarters)s."), quarters=", ".join(costs["settled"]["quarters"]),
            sum=i18n.euro(costs["settled"]["cents"]),
        ))  # fmt: skip
    return section
