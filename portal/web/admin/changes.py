"""The log of administration: who changed what, when, from what to what, and why."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.commands.changes import WHAT
from portal.models.changes import Change
from portal.queries.changes import Wanted, all_changes, changes
from portal.web import unit_of_work as uow
from portal.web.admin.blueprint import bp
from portal.web.admin.words import change_label, field_label, value_text
from portal.web.sent import whole
from portal.web.tables import csv_answer
from workflows.parties import N_

KINDS = {
    "person": N_("People"),
    "employment": N_("Employments"),
    "pattern": N_("Work patterns"),
    "occupancy": N_("Minimum occupancy"),
    "role": N_("Roles"),
    "account": N_("Accounts"),
    "unit": N_("Units"),
    "leader": N_("Leaders"),
    "mandate": N_("Mandates"),
    "substitution": N_("Substitutes"),
    "municipality": N_("Municipalities"),
    "policy": N_("Agreements and rates"),
    "closing_day": N_("Closing days"),
    "import": N_("Files taken in"),
    "rates": N_("Exchange rates"),
    "book": N_("Bookkeeping"),
    "chart": N_("Chart of accounts"),
    "archive": N_("Archives"),
    "event_log": N_("Event log"),
    "trial": N_("Trial running"),
    "passage": N_("Joining and leaving"),
    "opening": N_("Files of joining municipalities"),
    "supplier": N_("Suppliers"),
    "business_case": N_("Business case"),
    "service": N_("Service catalogue"),
    "agreement": N_("Agreements"),
    "task": N_("Division of tasks"),
    "cost": N_("Costs"),
    "key": N_("Distribution keys"),
    "weights": N_("Weights of the mixed key"),
    "compensation": N_("Compensations between municipalities"),
    "advance": N_("Advances on a quarter"),
    "settlement": N_("Settlement"),
}
"""What the filter offers: the part of a code before the point."""


def kinds() -> dict[str, str]:
    """The kinds of change there are, with their labels; what has no label of its own is left out."""
    there = {what.partition(".")[0] for what in WHAT}
    return {kind: label for kind, label in KINDS.items() if kind in there}


def _day(name: str) -> date | None:
    try:
        found = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return found if 1900 < found.year < 2200 else None


def _wanted() -> Wanted:
    kind = request.args.get("soort", "")
    return Wanted(
        kind=kind if kind in kinds() else "",
        text=request.args.get("zoek", "").strip()[:100],
        person_id=whole(request.args.get("persoon", "")),
        first=_day("van"),
        last=_day("tot"),
    )


@bp.get("/wijzigingen")
@open_to(Role.FUNCTIONAL_MANAGER)
def show_changes() -> ResponseReturnValue:
    """The changes, the newest first; `?csv=1` gives all that the filter finds as a file."""
    wanted, places = _wanted(), uow.viewer().reach(Role.FUNCTIONAL_MANAGER)
    if request.args.get("csv"):
        return _file(wanted, places)
    found, after = changes(uow.session(), places, wanted, whole(request.args.get("after", "")))
    asked: dict[str, Any] = {name: value for name, value in request.args.items() if name != "after"}
    return render_template(
        "admin/changes.html",
        changes=found,
        wanted=wanted,
        kinds=kinds(),
        next_url=url_for("admin.show_changes", **{**asked, "after": str(after)}) if after else None,
        first_url=url_for("admin.show_changes", **asked) if "after" in request.args else None,
        csv_url=url_for("admin.show_changes", **{**asked, "csv": "1"}),
    )


def _file(wanted: Wanted, places: frozenset[int] | None) -> ResponseReturnValue:
    header = (N_("When"), N_("Who"), N_("What"), N_("About"), N_("Field"), N_("Before"), N_("After"), N_("Why"))
    rows = (row for change in all_changes(uow.session(), places, wanted) for row in _rows(change))
    return csv_answer("wijzigingen", [i18n.gettext(word) for word in header], rows)


def _rows(change: Change) -> list[tuple[str, ...]]:
    """A row for each field that changed, or one when the change has none."""
    who = change.by.name if change.by else i18n.gettext(N_("Command line"))
    begins = (change.at.isoformat(timespec="seconds"), who, change_label(change.what), change.about)
    return [
        (*begins, field_label(field) if field else "", value_text(field, change.old.get(field, "")),
         value_text(field, change.new.get(field, "")), change.reason)
        for field in sorted(change.old.keys() | change.new.keys()) or [""]
    ]  # fmt: skip
