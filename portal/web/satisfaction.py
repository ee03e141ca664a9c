"""Satisfaction: giving a case of one's own a mark, and what all together say of the SSC, without names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import EMPLOYEE, Role, open_to
from portal.commands.satisfaction import NOT_ASKED
from portal.commands.satisfaction import say as give
from portal.interfaces.charts import Point, trend
from portal.models.people import Municipality
from portal.queries import admin as places
from portal.queries import satisfaction as queries
from portal.queries.satisfaction import Complaints
from portal.web import unit_of_work as uow
from portal.web.cases import find, show
from portal.web.sent import whole
from workflows.kernel import Refused
from workflows.parties import N_
from workflows.satisfaction import NORM, Said, can_show, sum_shows

bp = Blueprint("satisfaction", __name__)

LOOK = (Role.CLERK, Role.DIRECTOR, Role.CONTRACT_MANAGER)
READS_REMARKS = (Role.CLERK, Role.DIRECTOR)
"""Not the contract manager: who works at the municipality would know a colleague by what they write."""
COUNTS_COMPLAINTS = (Role.DIRECTOR, Role.CONTRACT_MANAGER)
QUARTERS = 5
MOST_REMARKS = 200


@dataclass(frozen=True)
class Row:
    """What is shown of a municipality, or of all together, in one quarter."""

    name: str
    said: Said
    complaints: Complaints | None

    @property
    def few(self) -> bool:
        """Whether there are too few answers to show, or too few in a month of it."""
        return not self.said.shows


@bp.post("/zaken/<number>/waardering")
@open_to(EMPLOYEE)
def say(number: str) -> ResponseReturnValue:
    """Give a case of one's own a mark, or change it."""
    case = find(number)
    try:
        give(uow.session(), uow.viewer(), case, whole(request.form.get("score", "")),
             request.form.get("remark", ""), uow.now())  # fmt: skip
    except Refused as refused:
        if NOT_ASKED in refused.refusals:
            raise
        return show(case, {"mark": refused.refusals}, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("Thank you. Nobody in the SSC sees that this mark is yours.")), "success")
    return redirect(url_for("cases.dossier", number=case.number))


def quarter_label(first: date) -> str:
    """A quarter in words."""
    return i18n.gettext(N_("%(quarter)s quarter %(year)s")) % {
        "quarter": i18n.gettext(NTH[first.month // 3]), "year": first.year
    }  # fmt: skip


NTH = (N_("1st"), N_("2nd"), N_("3rd"), N_("4th"))


def _chosen(known: Sequence[date]) -> date:
    """The quarter that is asked for, else the last."""
    asked = request.args.get("kwartaal", "")
    return known[-1] if not asked else next((one for one in known if one.isoformat() == asked), None) or abort(404)


def _rows(
    mine: Sequence[Municipality],
    on: date,
    said: Mapping[queries.Key, Said],
    complained: Mapping[queries.Key, Complaints],
) -> list[Row]:
    """Every municipality of this reader in a quarter, and all together where that gives nothing away."""
    viewer = uow.viewer()
    counts = viewer.reach(*COUNTS_COMPLAINTS) if any(map(viewer.has, COUNTS_COMPLAINTS)) else frozenset()
    rows = [
        Row(place.name, said.get((place.id, on), Said()),
            complained.get((place.id, on), Complaints()) if counts is None or place.id in counts else None)
        for place in mine
    ]  # fmt: skip
    whole_sum = sum((row.said for row in rows), Said())
    if len(rows) > 1 and sum_shows(row.said.apart for row in rows):
        rows.append(Row(i18n.gettext(N_("All together")), whole_sum, None))
    return rows


def _together(on: date, said: Mapping[queries.Key, Said]) -> Said:
    """All marks of a quarter, or none where that would give a few away."""
    found = [each for (_, quarter), each in said.items() if quarter == on]
    return sum(found, Said()) if sum_shows(each.apart for each in found) else Said()


def chart_of(points: Sequence[tuple[date, Said]]) -> str:
    """The mean of each quarter against the norm."""
    dots = [Point(f"{one.month // 3 + 1}-{one.year}", said.mean, i18n.number(said.mean) if said.mean else "")
            for one, said in points]  # fmt: skip
    norm = i18n.gettext(N_("aimed at %(norm)s"), norm=NORM)
    return trend(dots, target=Decimal(NORM), target_said=norm, most=Decimal(10))


@bp.get("/tevredenheid")
@open_to(*LOOK)
def overview() -> ResponseReturnValue:
    """What people say of the SSC, by quarter and municipality."""
    session, viewer = uow.session(), uow.viewer()
    known = queries.quarters(uow.today(), QUARTERS)
    on = _chosen(known)
    mine = places.municipalities(session, viewer.reach(*LOOK))
    said = queries.said_in(session, known, [one.id for one in mine])
    complains = any(map(viewer.has, COUNTS_COMPLAINTS))
    complained = queries.complaints_in(session, [on], viewer.reach(*COUNTS_COMPLAINTS)) if complains else {}
    reads = any(map(viewer.has, READS_REMARKS))
    reach = viewer.reach(*READS_REMARKS)
    of = [one.id for one in mine if reach is None or one.id in reach]
    remarks = queries.remarks_in(session, on, of, MOST_REMARKS) if reads else []
    points = [(one, _together(one, said)) for one in known]
    return render_template(
        "satisfaction/overview.html", on=on, quarters=known[::-1], rows=_rows(mine, on, said, complained), norm=NORM,
        points=points, chart=chart_of(points), quarter_label=quarter_label, complains=complains, reads=reads,
        nowhere=complained.get((None, on)), can_show=can_show, remarks=remarks,
        names={one.id: one.name for one in mine},
    )  # fmt: skip
