"""Paying on time: what paying late costs each municipality, and how many invoices were on time, each with its cases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from http import HTTPStatus
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.models.people import Municipality
from portal.queries import admin as queries
from portal.queries.journal import next_month
from portal.queries.lateness import Bill, bills
from portal.queries.ledger_export import span
from portal.web import unit_of_work as uow
from portal.web.tables import csv_answer
from workflows.lateness import COUNTED, DEFINITIONS, EXCLUDED, Figure, figures, judged
from workflows.money import plain
from workflows.parties import N_

bp = Blueprint("lateness", __name__, url_prefix="/op-tijd-betalen")

LOOK = (Role.TREASURER, Role.CONTRACT_MANAGER, Role.DIRECTOR)
YEARS = 3
WAYS = {**COUNTED, **EXCLUDED}
HEADER = (
    N_("Number"), N_("Subject"), N_("Came in on"), N_("Amount"), N_("Made payable on"), N_("Paid on"),
    N_("Days late"), N_("Interest"), N_("Costs"), *(one.label for one in DEFINITIONS),
)  # fmt: skip


def _mine() -> Sequence[Municipality]:
    return queries.municipalities(uow.session(), uow.viewer().reach(*LOOK))


def _period(text: str) -> tuple[date, date]:
    """The first and last day of a month or a year."""
    months = span(text) or abort(HTTPStatus.NOT_FOUND)
    if not 2000 < months[0].year <= uow.today().year:
        abort(HTTPStatus.NOT_FOUND)
    return months[0], date.fromordinal(next_month(months[1]).toordinal() - 1)


def _as_known() -> date:
    """As of which day is counted: the one that is asked for, else today; never a day to come."""
    try:
        asked = date.fromisoformat(request.args.get("op", ""))
    except ValueError:
        return uow.today()
    return min(asked, uow.today())


def _sums(found: Sequence[Bill]) -> dict[str, int]:
    late = [one for one in found if one.late.days]
    unpaid = [one for one in late if one.paid.paid_on is None]
    return {
        "open": len(unpaid), "open_cents": sum(one.late.cents for one in unpaid), "paid": len(late) - len(unpaid),
        "paid_cents": sum(one.late.cents for one in late if one.paid.paid_on is not None),
        "interest": sum(one.late.interest_cents for one in late), "costs": sum(one.late.costs_cents for one in late),
    }  # fmt: skip


@bp.get("")
@open_to(*LOOK)
def overview() -> ResponseReturnValue:
    """A year of every municipality."""
    today = uow.today()
    year = request.args.get("jaar", str(today.year))
    first, last = _period(year if len(year) == 4 else "")
    mine = _mine()
    found = bills(uow.session(), [one.id for one in mine], first, last, today)
    return render_template(
        "lateness/overview.html", year=year, years=range(today.year, today.year - YEARS, -1),
        rows=[(one, _sums(found[one.id]), figures((bill.paid for bill in found[one.id]), today)) for one in mine],
    )  # fmt: skip


def _found(code: str, period: str) -> tuple[Municipality, tuple[date, date], date, Sequence[Bill]]:
    place = next((one for one in _mine() if one.code == code), None) or abort(HTTPStatus.NOT_FOUND)
    days, on = _period(period), _as_known()
    return place, days, on, bills(uow.session(), [place.id], *days, on)[place.id]


def _group(found: Sequence[Bill], on: date) -> tuple[str, list[Bill]]:
    """Which invoices are listed: those behind one figure, else those that are late."""
    by = next((one for one in DEFINITIONS if one.key == request.args.get("definitie")), None)
    way = request.args.get("groep", "")
    if by is None or way not in WAYS:
        return "", [one for one in found if one.late.days]
    return f"{i18n.gettext(by.label)}: {i18n.gettext(WAYS[way]).lower()}", [
        one for one in found if judged(one.paid, by, on) == way
    ]


@bp.get("/<code>/<period>")
@open_to(*LOOK)
def one_period(code: str, period: str) -> ResponseReturnValue:
    """One municipality in a month or a year: every figure with what it is made of, and the invoices behind it."""
    place, (first, last), on, found = _found(code, period)
    shown: Sequence[Figure] = figures((one.paid for one in found), on)
    title, listed = _group(found, on)
    here: dict[str, Any] = {"code": code, "period": period, **({"op": on.isoformat()} if on != uow.today() else {})}
    return render_template(
        "lateness/period.html", place=place, first=first, last=last, on=on, sums=_sums(found), figures=shown,
        counted=COUNTED, excluded=EXCLUDED, listed=listed[:500], left=max(len(listed) - 500, 0), title=title,
        here=here, csv_url=url_for("lateness.download", **here),
        unknown=min((one.late.unknown for one in found if one.late.unknown), default=None),
        opens=uow.viewer().has(Role.TREASURER, place.id) or uow.viewer().has(Role.CLERK, place.id),
    )  # fmt: skip


@bp.get("/<code>/<period>/lijst.csv")
@open_to(*LOOK)
def download(code: str, period: str) -> ResponseReturnValue:
    """Every invoice of the period, with what late costs and how it is counted by each definition."""
    place, _, on, found = _found(code, period)
    comma = i18n.language() == "nl"

    def rows() -> Iterator[Sequence[object]]:
        for one in found:
            bill, late = one.paid, one.late
            yield (
                bill.number, one.title, bill.received, plain(bill.cents, decimal_comma=comma), bill.payable_on,
                bill.paid_on, late.days, plain(late.interest_cents, decimal_comma=comma),
                plain(late.costs_cents, decimal_comma=comma),
                *(i18n.gettext(WAYS[judged(bill, by, on)]) for by in DEFINITIONS),
            )  # fmt: skip

    return csv_answer(f"op-tijd-betalen-{place.code}-{period}", [i18n.gettext(word) for word in HEADER], rows())
