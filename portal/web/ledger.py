"""The bookkeeping of each municipality: its months, what was booked in them, and closing them."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.commands import journal as commands
from portal.interfaces.ledger_files import FORMATS
from portal.models.people import Municipality
from portal.queries.chart import chart_of
from portal.queries.jobs import last_run
from portal.queries.journal import Journal, entries_of, journals, lines_of, totals_of
from portal.queries.ledger_export import journal_of, label_of, span
from portal.queries.payments import municipalities_of
from portal.web import unit_of_work as uow
from portal.web.sent import whole
from workflows.chart import ACCOUNT
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

bp = Blueprint("ledger", __name__, url_prefix="/boekhouding")

MOST_MONTHS = 13
"""How many months the overview shows of each municipality; the others are a click away."""


def _mine() -> list[Municipality]:
    return list(municipalities_of(uow.session(), uow.viewer(), Role.TREASURER))


def _journal(code: str) -> Journal:
    place = next((one for one in _mine() if one.code == code), None) or abort(HTTPStatus.NOT_FOUND)
    (found,) = journals(uow.session(), [place], uow.today())
    return found if found.book else abort(HTTPStatus.NOT_FOUND)


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        abort(HTTPStatus.NOT_FOUND)


@bp.get("")
@open_to(Role.TREASURER)
def overview() -> ResponseReturnValue:
    """Every municipality with its last months."""
    everything = "alles" in request.args
    run = last_run(uow.session(), "journal")
    return render_template(
        "ledger/overview.html",
        journals=journals(uow.session(), _mine(), uow.today()),
        most=None if everything else MOST_MONTHS,
        held_up=[one for one in (run.told if run else ()) if one["code"] == "booking_held_up"],
    )


def _show(code: str, month: str, refusals: tuple[Refusal, ...] = (), status: int = 200) -> ResponseReturnValue:
    journal, first = _journal(code), _month(month)
    period = next((one for one in journal.periods if one.month == first), None) or abort(HTTPStatus.NOT_FOUND)
    place, session = journal.municipality, uow.session()
    entries, after = entries_of(session, place.id, first, whole(request.args.get("after", "")))
    chart = chart_of(session, place.id)
    page = render_template(
        "ledger/month.html", journal=journal, period=period, refusals=refusals, entries=entries,
        lines=lines_of(session, entries), totals=totals_of(session, place.id, first),
        account=lambda code: chart.at(ACCOUNT, code, first) or next(
            (row for row in chart.of(ACCOUNT) if row.code == code), None),
        done=label_of, may_close=period is journal.to_close and first < uow.today().replace(day=1),
        next_url=url_for("ledger.month", code=code, month=month, after=after) if after else None,
        first_url=url_for("ledger.month", code=code, month=month) if "after" in request.args else None,
    )  # fmt: skip
    return page, status


@bp.get("/<code>/<month>")
@open_to(Role.TREASURER)
def month(code: str, month: str) -> ResponseReturnValue:
    """One month: what was booked on each account, and every entry with its case."""
    return _show(code, month)


@bp.get("/<code>/<period>/journaal.<ending>")
@open_to(Role.TREASURER)
def export(code: str, period: str, ending: str) -> ResponseReturnValue:
    """The journal of a month (`2026-10`) or a whole year (`2026`) as a file; the same journal gives the same bytes."""
    place, months = _journal(code).municipality, span(period)
    if months is None or ending not in FORMATS:
        abort(HTTPStatus.NOT_FOUND)
    write, suffix, kind = FORMATS[ending]
    answer = Response(write(journal_of(uow.session(), place, *months)), content_type=kind)
    name = f"journaal-{place.code}-{period}.{suffix}"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


@bp.post("/<code>/<month>/sluiten")
@open_to(Role.TREASURER)
def close(code: str, month: str) -> ResponseReturnValue:
    """Close a month for good."""
    place, first = _journal(code).municipality, _month(month)
    try:
        commands.close(uow.session(), uow.viewer(), place, first, uow.now())
    except Refused as refused:
        uow.session().rollback()
        return _show(code, month, refused.refusals, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("%(month)s is closed."), month=i18n.day(first, "MMMM y").capitalize()), "success")
    return redirect(url_for("ledger.month", code=code, month=month))
