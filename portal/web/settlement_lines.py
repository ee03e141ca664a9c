"""What one municipality owes for a quarter: line by line, with its evidence, and disputing a line."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.commands import disputes
from portal.models.cases import Case
from portal.models.costs import FINAL
from portal.models.people import Municipality
from portal.queries.settlements import disputes_of, invoices_of
from portal.queries.worked import evidence
from portal.web import settlement
from portal.web import unit_of_work as uow
from portal.web.sent import whole
from portal.web.settlement import JUDGE, LOOK, WORDS, Shown, counted_label, shown, version
from portal.web.tables import csv_answer
from workflows.kernel import Refusal, Refused
from workflows.parties import N_
from workflows.services import EMPLOYEE
from workflows.settled import account_of, line_of
from workflows.settlement import COMPENSATION, COST_KINDS, EMPLOYEES, KEYS, MIXED

bp = settlement.bp
"""A part of the settlement, also in addresses and in the menu."""


def found_place(seen: Shown, code: str) -> Municipality:
    """A municipality that the reader may see, with an account in what is shown."""
    place = next((one for one in seen.places if one.code == code), None)
    return place if place and account_of(seen.figures, code) else abort(HTTPStatus.NOT_FOUND)


def found_line(seen: Shown, code: str, key: str) -> Mapping[str, Any]:
    """A line of an account."""
    return line_of(seen.figures, code, key) or abort(HTTPStatus.NOT_FOUND)


@bp.get("/<quarter>/<code>")
@open_to(*JUDGE)
def one_account(quarter: str, code: str) -> ResponseReturnValue:
    """What one municipality owes, line by line."""
    seen = shown(quarter, JUDGE)
    if seen.settlement is None:
        abort(HTTPStatus.NOT_FOUND)
    place, looks = found_place(seen, code), any(uow.viewer().has(role) for role in LOOK)
    return render_template(
        "settlement/account.html", seen=seen, place=place, account=account_of(seen.figures, code),
        link=version(seen), disputed=_disputed(place, quarter), looks=looks,
        invoices=invoices_of(uow.session(), quarter, [place.id]) if looks else (), **WORDS,
    )  # fmt: skip


def _disputed(place: Municipality, quarter: str) -> dict[str, list[Case]]:
    """The disputes about a quarter that were handed in, by line."""
    found: dict[str, list[Case]] = {}
    for case in disputes_of(uow.session(), place.id):
        if case.number and case.content["quarter"] == quarter:
            found.setdefault(case.content["line"], []).append(case)
    return found


def _keys_of(seen: Shown, code: str, line: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any], int | None]]:
    """The key by which a line is shared, with its value for a municipality; of the mixed one each with its weight."""
    said = seen.figures
    if line["counted"] or (line["kind"] not in COST_KINDS and line.get("unit") != EMPLOYEE):
        return []
    mixed = seen.way[1] == MIXED and line["kind"] in COST_KINDS
    keys = [key for key in said["keys"] if said["weights"].get(key)] if mixed else [seen.way[1] or EMPLOYEES]
    return [
        (i18n.gettext(KEYS[key]), said["keys"][key][code], said["weights"].get(key) if mixed else None) for key in keys
    ]


def _may_dispute(seen: Shown, place: Municipality, line: Mapping[str, Any]) -> bool:
    """Whether the reader can dispute this line here: of what holds now, as it was chosen."""
    now = seen.settlement
    last = now is not None and now.state == FINAL and now is seen.held[-1] and seen.other is None
    return last and line["kind"] != COMPENSATION and uow.viewer().has(Role.CONTRACT_MANAGER, place.id)


@bp.post("/<quarter>/<code>/regel/<key>/betwisten")
@open_to(Role.CONTRACT_MANAGER)
def dispute(quarter: str, code: str, key: str) -> ResponseReturnValue:
    """Begin to dispute a line: a request to the SSC, to be filled in."""
    seen = shown(quarter, JUDGE)
    if seen.settlement is None:
        abort(HTTPStatus.NOT_FOUND)
    place = found_place(seen, code)
    found_line(seen, code, key)
    try:
        case = disputes.dispute(uow.session(), uow.viewer(), seen.settlement, place, key, uow.now())
    except Refused as refused:
        uow.session().rollback()
        return _line(quarter, code, key, refused.refusals), HTTPStatus.UNPROCESSABLE_ENTITY
    return redirect(url_for("drafts.edit", case_id=case.id))


@bp.get("/<quarter>/<code>/regel/<key>")
@open_to(*JUDGE)
def one_line(quarter: str, code: str, key: str) -> ResponseReturnValue:
    """How a line came about, with all that was counted for it."""
    return _line(quarter, code, key)


def _line(quarter: str, code: str, key: str, refusals: tuple[Refusal, ...] = ()) -> str:
    seen = shown(quarter, JUDGE)
    if seen.settlement is None:
        abort(HTTPStatus.NOT_FOUND)
    place, line = found_place(seen, code), found_line(seen, code, key)
    found = (
        evidence(uow.session(), quarter, place.id, line["counted"], whole(request.args.get("na", "")) or 0)
        if line["counted"] else None
    )  # fmt: skip
    said = _disputed(place, quarter).get(key, [])
    here = {"quarter": quarter, "code": code, "key": key, **version(seen)}
    return render_template(
        "settlement/line.html", seen=seen, place=place, line=line, found=found, here=here,
        back={name: value for name, value in here.items() if name != "key"},
        shown_keys=_keys_of(seen, code, line),
        opens=uow.viewer().has(Role.CLERK, place.id), disputed=said, me=uow.viewer().person_id, refusals=refusals,
        may_dispute=_may_dispute(seen, place, line) and all(case.closed_at for case in said),
        next_url=url_for("settlement.one_line", na=found.after, **here) if found and found.after else None,
        first_url=url_for("settlement.one_line", **here) if "na" in request.args else None, **WORDS,
    )  # fmt: skip


@bp.get("/<quarter>/<code>/regel/<key>/lijst.csv")
@open_to(*JUDGE)
def line_csv(quarter: str, code: str, key: str) -> ResponseReturnValue:
    """All that was counted for a line."""
    seen = shown(quarter, JUDGE)
    if seen.settlement is None:
        abort(HTTPStatus.NOT_FOUND)
    place, line = found_place(seen, code), found_line(seen, code, key)
    found = evidence(uow.session(), quarter, place.id, line["counted"], limit=None) if line["counted"] else None
    header = [i18n.gettext(word) for word in (N_("Number"), N_("Kind"), N_("Day"))]
    opens = uow.viewer().has(Role.CLERK, place.id)
    rows = (
        (one.number, counted_label(one.kind), one.day) if opens or not one.health else ("", counted_label(one.kind), "")
        for one in (found.pieces if found else ())
    )
    return csv_answer(f"verrekening-{quarter}-{code}-{key}", header, rows)
