"""Who could sign this on a day, and the register of mandates: for the SSC, administration and the municipalities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.models.people import Mandate
from portal.queries.admin import municipalities
from portal.queries.authority import Answer, Could, Question, answers, kinds, register, stranded
from portal.queries.people import exactly, find_people
from portal.queries.stand_ins import PASSED_OVER
from portal.web import unit_of_work as uow
from portal.web.sent import whole
from portal.web.tables import csv_answer
from workflows import CASE_TYPES
from workflows.money import MoneyError, parse_euro
from workflows.parties import N_

bp = Blueprint("authority", __name__)

SSC = (Role.CLERK, Role.TREASURER, Role.FUNCTIONAL_MANAGER)
ALL = (*SSC, Role.CONTRACT_MANAGER)

WHY = {
    "line": N_("leads %(unit)s"),
    "cost_centre": N_("holds the mandate for this cost centre"),
    "designated": N_("was designated for those at the top"),
}
"""Why somebody signs, by what the line says."""
AMOUNT_WRONG = N_("Fill in an amount, such as 250.00.")
DAY_WRONG = N_("This is not a date. Write it as 2026-03-31.")
NOBODY_FOUND = N_("Nobody with this name or number works for this municipality.")
SEVERAL_FOUND = N_("Several people fit. Choose one.")


@dataclass
class Asked:
    """The form as it was sent: what was typed, what is wrong with it, and the question that comes of it."""

    typed: dict[str, str]
    wrong: dict[str, str] = field(default_factory=dict)
    choices: list[tuple[int, str]] = field(default_factory=list)
    question: Question | None = None
    employee: str = ""


def _places() -> frozenset[int] | None:
    return uow.viewer().reach(*ALL)


def _asked() -> Asked:
    names = ("gemeente", "soort", "bedrag", "kostenplaats", "medewerker", "wie", "dag")
    asked = Asked({name: request.args.get(name, "").strip()[:100] for name in names})
    here = municipalities(uow.session(), _places())
    place = whole(asked.typed["gemeente"]) or (here[0].id if here else None)
    if place not in {one.id for one in here}:
        abort(HTTPStatus.NOT_FOUND)
    kind = asked.typed["soort"] if asked.typed["soort"] in kinds() else next(iter(kinds()))
    asked.typed |= {"gemeente": str(place), "soort": kind}
    cents, on = _amount(asked), _day(asked)
    employee = _employee(asked, int(place or 0))
    if request.args.get("bedrag") is not None and not asked.wrong:
        asked.question = Question(int(place or 0), kind, cents, asked.typed["kostenplaats"], on, employee)
    return asked


def _amount(asked: Asked) -> int:
    try:
        return parse_euro(asked.typed["bedrag"] or "0", decimal_comma=i18n.language() == "nl")
    except MoneyError:
        asked.wrong["bedrag"] = i18n.gettext(AMOUNT_WRONG)
        return 0


def _day(asked: Asked) -> date:
    text = asked.typed["dag"]
    try:
        found = date.fromisoformat(text) if text else uow.today()
    except ValueError:
        found = date.min
    if not 1900 < found.year < 2200:
        asked.wrong["dag"] = i18n.gettext(DAY_WRONG)
        return uow.today()
    asked.typed["dag"] = found.isoformat()
    return found


def _employee(asked: Asked, place: int) -> int | None:
    """Whom it is for, when that was filled in: one person, or a choice of those who fit."""
    text, chosen = asked.typed["medewerker"], whole(asked.typed["wie"])
    if not text:
        return None
    fitting = find_people(uow.session(), text, {place}, 10)
    exact = [one for one in fitting if exactly(one, text)]
    found = {one.person_id: f"{one.person.name}, {one.unit.name}" for one in exact or fitting}
    if chosen in found or len(found) == 1:
        who = chosen if chosen in found else next(iter(found))
        asked.employee = found[who]
        return who
    asked.choices = list(found.items())
    asked.wrong["medewerker"] = i18n.gettext(SEVERAL_FOUND if found else NOBODY_FOUND)
    return None


def why(could: Could) -> str:
    """Why somebody signs, in words."""
    return i18n.gettext(WHY[could.why], unit=could.unit)


def mandate_text(mandate: Mandate) -> str:
    """One mandate in words: up to what, where, and when."""
    centres = mandate.cost_centres or i18n.gettext(N_("all cost centres"))
    upto = i18n.gettext(N_("up to %(amount)s, %(centres)s, since %(first)s"),
                        amount=i18n.euro(mandate.maximum_cents), centres=centres,
                        first=i18n.day(mandate.valid_from, "d MMM y"))  # fmt: skip
    if mandate.valid_to is None:
        return upto
    return f"{upto} {i18n.gettext(N_('up to and including %(last)s'), last=i18n.day(mandate.valid_to, 'd MMM y'))}"


def _passed(could: Could) -> list[str]:
    return [i18n.gettext(PASSED_OVER[code], name=name) for name, code in could.passed_over]


@bp.get("/tekenbevoegdheid")
@open_to(*ALL)
def show() -> ResponseReturnValue:
    """Who could sign this on a day, with why; `?csv=1` gives the same as a file."""
    asked, session = _asked(), uow.session()
    found = answers(session, asked.question) if asked.question else ()
    if request.args.get("csv") and asked.question:
        return _file(found)
    viewer, csv = uow.viewer(), dict[str, Any](request.args.to_dict(), csv="1")
    return render_template(
        "authority/show.html",
        asked=asked, answers=found, kinds=kinds(), municipalities=municipalities(session, _places()),
        why=why, mandate_text=mandate_text, passed=_passed,
        csv_url=url_for("authority.show", **csv),
        register_url=url_for("authority.mandates", gemeente=asked.typed["gemeente"], dag=asked.typed["dag"]),
        stranded=stranded(session, viewer.reach(*SSC)) if any(viewer.has(role) for role in SSC) else (),
        opens={place.id for place in municipalities(session, _places()) if viewer.has(Role.CLERK, place.id)},
    )  # fmt: skip


def _file(found: Sequence[Answer]) -> ResponseReturnValue:
    header = (N_("Unit"), N_("Cost centre"), N_("Signature"), N_("Name"), N_("Why"), N_("Mandate"),
              N_("Substitutes"), N_("Passed over"))  # fmt: skip
    return csv_answer("tekenbevoegdheid", [i18n.gettext(word) for word in header], _rows(found))


def _rows(found: Sequence[Answer]) -> Iterator[tuple[str, ...]]:
    for answer in found:
        begins = (answer.unit.name, answer.unit.cost_centre)
        yield (*begins, i18n.gettext(N_("first")), *_cells(answer.first))
        if not answer.enough:
            yield (*begins, i18n.gettext(N_("second")), *_cells(answer.second))


def _cells(could: Could | None) -> tuple[str, ...]:
    if could is None:
        return (i18n.gettext(N_("Nobody, so the SSC looks for somebody")), "", "", "", "")
    mandates = "; ".join(mandate_text(mandate) for mandate in could.mandates)
    return could.name, why(could), mandates, ", ".join(could.substitutes), " ".join(_passed(could))


@bp.get("/tekenbevoegdheid/mandaten")
@open_to(*ALL)
def mandates() -> ResponseReturnValue:
    """The whole register of mandates on a day, as a file."""
    asked = _asked()
    if asked.wrong:
        abort(HTTPStatus.NOT_FOUND)
    header = (N_("Municipality"), N_("Kind of case"), N_("Name"), N_("Up to which amount"), N_("Cost centres"),
              N_("For those at the top"), N_("From"), N_("Up to and including"), N_("Works here then"),
              N_("Leads then"))  # fmt: skip
    yes, no = i18n.gettext(N_("yes")), i18n.gettext(N_("no"))
    rows = (
        (row.municipality, _kind(row.mandate.kind), row.holder, i18n.euro(row.mandate.maximum_cents),
         row.mandate.cost_centres, yes if row.mandate.designated else no, row.mandate.valid_from,
         row.mandate.valid_to, yes if row.works else no, ", ".join(row.leads))
        for row in register(uow.session(), date.fromisoformat(asked.typed["dag"]), _places())
    )  # fmt: skip
    return csv_answer("mandaten", [i18n.gettext(word) for word in header], rows)


def _kind(key: str) -> str:
    return i18n.gettext(CASE_TYPES[key].label) if key in CASE_TYPES else key
