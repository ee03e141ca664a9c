"""What the municipalities get: the figures of now, of every month that was published, and of any period.

A contract manager sees their own municipality; the director of the SSC all, apart and together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.clock import end_of_day
from portal.commands import reports as commands
from portal.interfaces.report_files import FORMATS, chart_of, chart_said, paper_of, title_of
from portal.models.people import Municipality
from portal.queries import admin
from portal.queries.behind import threats
from portal.queries.indicators import definitions, mark
from portal.queries.reports import asked, changes, counted, editions, published
from portal.web import unit_of_work as uow
from portal.web.admin.forms import Form
from portal.web.papers import answered
from workflows.kernel import Refusal, Refused
from workflows.parties import N_
from workflows.periods import Period, month, parsed

bp = Blueprint("reports", __name__, url_prefix="/rapporten")

LOOK = (Role.CONTRACT_MANAGER, Role.DIRECTOR)
TOGETHER = "alle"
"""In an address, in place of a municipality: all of them together."""
MONTHS = 13
NO_PERIOD = Refusal("period_unknown", N_("This is not a period that has begun. Write it as 2026-10, 2026-Q3 or 2026."))


@dataclass(frozen=True)
class Scope:
    """What the reader looks at: one municipality, or all together; and what they may choose from."""

    place: Municipality | None
    mine: Sequence[Municipality]
    together: bool
    """Whether they may see all together."""

    @property
    def code(self) -> str:
        """As it stands in an address."""
        return self.place.code if self.place else TOGETHER

    @property
    def name(self) -> str:
        """As it stands on the page."""
        return self.place.name if self.place else i18n.gettext(N_("all municipalities"))

    @property
    def ids(self) -> list[int]:
        """Of which municipalities; 0 is nobody's in particular."""
        return [self.place.id] if self.place else [0, *(place.id for place in self.mine)]


def scope_of(code: str | None) -> Scope:
    """The scope that is asked for, or the widest that the reader has. What one may not see does not exist."""
    reach = uow.viewer().reach(*LOOK)
    mine, together = admin.municipalities(uow.session(), reach), reach is None
    if code is None:
        code = TOGETHER if together else mine[0].code if mine else ""
    if code == TOGETHER and together:
        return Scope(None, mine, together)
    place = next((one for one in mine if one.code == code), None) or abort(HTTPStatus.NOT_FOUND)
    return Scope(place, mine, together)


def directs(place: Municipality | None) -> bool:
    """Whether the reader is the SSC's director for a municipality, or (None) for all: looking at it is not enough."""
    reach = uow.viewer().municipalities(Role.DIRECTOR)
    return reach is None or (place is not None and place.id in reach)


def period_of(name: str) -> Period:
    """The period of an address; one that has not begun does not exist."""
    period = parsed(name)
    if period is None or not period.first.year > 2000 or period.first > uow.today():
        abort(HTTPStatus.NOT_FOUND)
    return period


@bp.get("")
@open_to(*LOOK)
def now() -> ResponseReturnValue:
    """The figures of this month up to now, what will be late this month, and the reports of the months before."""
    scope, period = scope_of(request.args.get("gemeente")), month(uow.today())
    session, at = uow.session(), uow.now()
    figures = counted(session, scope.place, period, at)["figures"]
    until = end_of_day(period.last)
    return render_template(
        "reports/now.html", scope=scope, period=period, figures=_by_verdict(figures),
        threats=threats(session, definitions(session), scope.ids, until), until=period.last,
        counted_at=counted_at(), reports=_latest(scope),
    )  # fmt: skip


@bp.get("/gepubliceerd")
@open_to(*LOOK)
def published_all() -> ResponseReturnValue:
    """Every month that was published; and the way to any other period."""
    scope, form, status = scope_of(request.args.get("gemeente")), Form("period"), HTTPStatus.OK
    if (wanted := request.args.get("periode")) is not None:
        other = parsed(wanted)
        if other is not None and other.first.year > 2000 and other.first <= uow.today():
            return redirect(url_for("reports.report", code=scope.code, period=other.name))
        form["periode"].data = wanted
        form["periode"].errors.append(i18n.gettext(NO_PERIOD.sentence))
        status = HTTPStatus.BAD_REQUEST
    return render_template("reports/published.html", scope=scope, form=form, reports=_latest(scope)), status


def counted_at() -> Any:
    """Up to when was counted; None when nothing was yet."""
    known = mark(uow.session())
    return known.counted_at if known else None


def _latest(scope: Scope) -> list[Any]:
    """The last edition of every month, the newest first."""
    place = [scope.place] if scope.place else []
    found: dict[str, Any] = {}
    for one in published(uow.session(), place, board=scope.place is None):
        found.setdefault(one.period, one)
    return list(found.values())[:MONTHS]


def _by_verdict(figures: Sequence[Any]) -> list[tuple[str, list[Any]]]:
    """What is not as agreed first, then what is, then what has no target or nothing to count."""
    return [
        (title, group)
        for title, met in ((N_("Not as agreed"), False), (N_("As agreed"), True), (N_("Further"), None))
        if (group := [one for one in figures if one["met"] is met])
    ]


@bp.get("/<code>/<period>")
@open_to(*LOOK)
def report(code: str, period: str) -> ResponseReturnValue:
    """A period: as it was published, or counted now."""
    return _report(scope_of(code), period_of(period), Form("restate"))


def _edition() -> int:
    said = request.args.get("editie", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 4 else 0


def _report(scope: Scope, period: Period, form: Form) -> ResponseReturnValue:
    session, at = uow.session(), uow.now()
    found = asked(session, scope.place, period, at, _edition()) or abort(HTTPStatus.NOT_FOUND)
    known = editions(session, scope.place, period.name)
    last = known[-1] if known else None
    differs = []
    if last is not None and directs(scope.place) and found.published and found.published.number == last.edition:
        differs = changes(last.figures, counted(session, scope.place, period, at))
    status = HTTPStatus.BAD_REQUEST if form.wrong or form.others else HTTPStatus.OK
    return render_template(
        "reports/report.html", scope=scope, period=period, found=found, title=title_of(found.data), differs=differs,
        charts=[(one, chart_of(one), chart_said(one)) for one in found.data["figures"]], editions=known,
        corrected=changes(found.before.figures, found.data) if found.before else [], endings=sorted(FORMATS),
        corrects=directs(scope.place), form=form,
    ), status  # fmt: skip


@bp.post("/<code>/<period>/correctie")
@open_to(Role.DIRECTOR)
def restate(code: str, period: str) -> ResponseReturnValue:
    """Publish anew what has changed since it was published, with why."""
    scope, when, form = scope_of(code), period_of(period), Form("restate")
    if not directs(scope.place):
        abort(HTTPStatus.NOT_FOUND)
    try:
        commands.restate(uow.session(), uow.viewer().person_id, scope.place, when, form.text("reason"), uow.now())
    except Refused as refused:
        form.blame(refused, {"change_reason_missing": "reason"})
        return _report(scope, when, form)
    flash(i18n.gettext(N_("The correction is published. What was published before stays beside it.")), "success")
    return redirect(url_for("reports.report", code=scope.code, period=when.name))


@bp.get("/<code>/<period>/rapport.<ending>")
@open_to(*LOOK)
def download(code: str, period: str, ending: str) -> ResponseReturnValue:
    """The report as a file: PDF to print, a workbook and CSV to work with, JSON for programs."""
    form = FORMATS.get(ending) or abort(HTTPStatus.NOT_FOUND)
    scope, when, at = scope_of(code), period_of(period), uow.now()
    found = asked(uow.session(), scope.place, when, at, _edition()) or abort(HTTPStatus.NOT_FOUND)
    partnership, name = uow.world().settings.partnership, f"rapport-{scope.code}-{when.name}"
    if ending == "pdf":
        return answered(paper_of(found, partnership, at), name)
    answer = Response(form.make(found, partnership, at), content_type=form.media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.{ending}")
    return answer
