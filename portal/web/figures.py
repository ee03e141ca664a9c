"""One figure of a report down to its cases, how one of those cases went, and how every figure is defined."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.commands import definitions as commands
from portal.interfaces.report_files import chart_of, chart_said
from portal.interfaces.report_words import agreed_of, month_in_words, norm_of
from portal.queries.behind import GROUPS, behind, course
from portal.queries.figures import norm_data, number
from portal.queries.indicators import Version, definitions
from portal.queries.reports import asked
from portal.web import unit_of_work as uow
from portal.web.admin.forms import Form
from portal.web.reports import LOOK, Scope, directs, period_of, scope_of
from portal.web.tables import csv_answer
from workflows import CASE_TYPES
from workflows.indicators import EMPLOYEE, LEFT_OUT, MANAGER, NO, SSC, SUPPLIER, YES, Indicator, Measure
from workflows.kernel import Refusal, Refused
from workflows.parties import N_
from workflows.periods import Period, shifted

bp = Blueprint("figures", __name__, url_prefix="/rapporten")

GROUP_LABELS = {YES: N_("As it should be"), NO: N_("Not as it should be"), **LEFT_OUT}
SHARE_LABELS = {YES: N_("Counted"), NO: N_("Other")}
PARTY_LABELS = {EMPLOYEE: N_("the employee"), MANAGER: N_("a manager"), SSC: N_("the SSC"), SUPPLIER: N_("a supplier")}
WHERE = {
    **dict.fromkeys(("indicator_norm", "indicator_norm_fixed"), "days"),
    "indicator_target": "target", "change_reason_missing": "reason",
    **dict.fromkeys(("indicator_first_day", "indicator_past"), "first"),
}  # fmt: skip
"""Beside which field each refusal belongs."""
DAYS, NUMBER = re.compile(r"[0-9]{1,3}"), re.compile(r"[0-9]{1,3}(\.[0-9]{1,2})?")
HEADER = (N_("Number"), N_("Kind"), N_("Came in on"), N_("Due by"), N_("Done on"), N_("How it counts"))


def _labels(version: Version) -> dict[str, str]:
    """What yes and no are called: of a share that is better small, yes is what one counts and nothing to be glad of."""
    return GROUP_LABELS if version.indicator.more else {**GROUP_LABELS, **SHARE_LABELS}


def _kind(case_type: str) -> str:
    return i18n.gettext(CASE_TYPES[case_type].label) if case_type in CASE_TYPES else i18n.gettext(N_("Question"))


def _figure(scope: Scope, period: Period, version_id: int) -> dict[str, Any]:
    found = asked(uow.session(), scope.place, period, uow.now()) or abort(HTTPStatus.NOT_FOUND)
    figures: Sequence[dict[str, Any]] = found.data["figures"]
    return next((one for one in figures if one["version_id"] == version_id), None) or abort(HTTPStatus.NOT_FOUND)


@bp.get("/<code>/<period>/cijfer/<int:version_id>")
@open_to(*LOOK)
def figure(code: str, period: str, version_id: int) -> ResponseReturnValue:
    """A figure with its course, its definition, and the cases that it is made of."""
    scope, when = scope_of(code), period_of(period)
    shown, known = _figure(scope, when, version_id), definitions(uow.session())
    version = known.by_id.get(version_id) or abort(HTTPStatus.NOT_FOUND)
    group = request.args.get("groep", "")
    lists = version.indicator.measure is not Measure.SCORE and not shown["masked"]
    groups = [one for one in GROUPS if one in (YES, NO) or one in shown["left_out"]]
    group = group if group in groups else NO
    if version.indicator.measure in (Measure.PARTY, Measure.OVERDUE):
        groups, group = [], YES if version.indicator.measure is Measure.PARTY else NO
    if request.args.get("csv") and lists:
        whole = behind(uow.session(), known, version, scope.ids, group, when.first, when.last, limit=None)

        def rows() -> Iterator[Sequence[object]]:
            for one in whole.facts:
                days = (i18n.day(moment) for moment in (one.started_at, one.due_at, one.stopped_at))
                yield one.number, _kind(one.case_type), *days, i18n.gettext(_labels(version).get(one.outcome, ""))

        return csv_answer(f"{shown['key']}-{scope.code}-{when.name}", [i18n.gettext(word) for word in HEADER], rows())
    after = request.args.get("na", "")
    page = behind(
        uow.session(), known, version, scope.ids, group, when.first, when.last,
        int(after) if after.isascii() and after.isdigit() and len(after) < 18 else 0,
    ) if lists else None  # fmt: skip
    return render_template(
        "reports/figure.html", scope=scope, period=when, figure=shown, drawn=chart_of(shown), said=chart_said(shown),
        group=group, groups=groups, labels=_labels(version), page=page, kind=_kind,
        opens=_opens(scope), here={"code": scope.code, "period": when.name, "version_id": version_id},
    )  # fmt: skip


def _opens(scope: Scope) -> bool:
    """Whether the reader may open the dossiers themselves."""
    places = [scope.place] if scope.place else scope.mine
    viewer = uow.viewer()
    return all(viewer.has(Role.CLERK, place.id) or viewer.has(Role.TREASURER, place.id) for place in places)


@bp.get("/zaak/<number>")
@open_to(*LOOK)
def case(number: str) -> ResponseReturnValue:
    """How a case went: where it lay how long, and how it counts. Without names."""
    session, known = uow.session(), definitions(uow.session())
    found = course(session, known, number, uow.viewer().reach(*LOOK), uow.now()) or abort(HTTPStatus.NOT_FOUND)
    facts = [(known.by_id[one.version_id], one) for one in found.facts]
    kind = _kind(found.case.type)
    return render_template(
        "reports/case.html", found=found, kind=kind, parties=PARTY_LABELS, facts=facts, labels=_labels
    )


def _terms(indicator: Indicator) -> str:
    """The norm and the target of a definition, in words."""
    said = {"norm": norm_data(indicator), "target": number(indicator.target), "unit": indicator.unit,
            "better": "more" if indicator.more else "less"}  # fmt: skip
    return "; ".join(filter(None, (norm_of(said), agreed_of(said))))


@bp.get("/definities/<key>")
@open_to(Role.DIRECTOR)
def change(key: str) -> ResponseReturnValue:
    """A form for another norm or target."""
    return _change(key, _form(key))


def _form(key: str) -> Form:
    """Filled with what holds by then; for all, unless a municipality is chosen."""
    first, scope = shifted(uow.today().replace(day=1), 1), scope_of(None)
    holds = definitions(uow.session()).at(key, None, first) or abort(HTTPStatus.NOT_FOUND)
    days = getattr(holds.indicator.norm, "days", None)
    form = Form("definition", days=days, target=holds.indicator.target, first=f"{first:%Y-%m}")
    places = [("", N_("all municipalities"))] if directs(None) else []
    places += [(place.code, place.name) for place in scope.mine if directs(place)]
    months = [(f"{one:%Y-%m}", month_in_words(f"{one:%Y-%m}")) for one in (shifted(first, at) for at in range(12))]
    return form.offer("place", places).offer("first", months)


def _change(key: str, form: Form) -> ResponseReturnValue:
    known = definitions(uow.session())
    version = known.versions(key)[-1]
    status = HTTPStatus.BAD_REQUEST if form.wrong or form.others else HTTPStatus.OK
    fixed = version.indicator.norm is None
    return render_template("reports/define.html", form=form, indicator=version.indicator, fixed=fixed), status


@bp.post("/definities/<key>")
@open_to(Role.DIRECTOR)
def revise(key: str) -> ResponseReturnValue:
    """Another norm or target from a month to come on."""
    form = _form(key)
    try:
        place = scope_of(form.text("place")).place if form.text("place") else None
        if not directs(place):
            abort(HTTPStatus.NOT_FOUND)
        days = _typed(form, "days", DAYS, commands.NORM_WRONG)
        target = _typed(form, "target", NUMBER, commands.TARGET_WRONG)
        commands.revise(
            uow.session(), uow.viewer().person_id, key, place.id if place else None,
            int(days) if days else None, Decimal(target) if target else None, _first(form), form.text("reason"),
            uow.now(), uow.today(),
        )  # fmt: skip
    except Refused as refused:
        form.blame(refused, WHERE)
        return _change(key, form)
    flash(i18n.gettext(N_("The new version holds for what comes in from its first day on.")), "success")
    return redirect(url_for("figures.defined"))


def _typed(form: Form, name: str, shape: re.Pattern[str], wrong: Refusal) -> str:
    """A number as it was typed, with a point; empty when nothing was. No 1e9 and no NaN, though Python reads those."""
    text = form.text(name).strip().replace(",", ".")
    if text and not shape.fullmatch(text):
        raise Refused(wrong)
    return text


def _first(form: Form) -> date:
    try:
        return date.fromisoformat(f"{form.text('first')}-01")
    except ValueError:
        raise Refused(commands.NOT_FIRST_OF_MONTH) from None


@bp.get("/definities")
@open_to(*LOOK)
def defined() -> ResponseReturnValue:
    """How every figure is defined, with the versions that were and will be."""
    scope, known = scope_of(None), definitions(uow.session())
    names = {place.id: place.name for place in scope.mine}
    shown = [[one for one in known.versions(key) if one.municipality_id in (None, *names)] for key in known.keys]
    return render_template(
        "reports/definitions.html", definitions=shown, terms=_terms, names=names, today=uow.today(),
        revises=uow.viewer().has(Role.DIRECTOR),
    )  # fmt: skip
