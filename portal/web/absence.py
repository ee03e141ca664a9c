"""Who is away when: one's own year, and the month of a team. What one may not see is not there."""

from __future__ import annotations

from calendar import Calendar, monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import EMPLOYEE, open_to
from portal.calendar import municipal_closing_days
from portal.models.cases import Case
from portal.models.people import Employment, Municipality
from portal.queries.absence import Away, Member, SeenUnit, away, gone, members_of, seen_units
from portal.queries.beside import Beside, beside
from portal.queries.leave_hours import by_other_hours
from portal.queries.people import employments_of
from portal.queries.work_patterns import Hours, hours_in
from portal.web import unit_of_work as uow
from portal.web.sent import whole
from portal.web.weekdays import WEEKDAYS
from workflows.absences import Absence, Span, spans
from workflows.parties import Party
from workflows.work_patterns import Part, WorkPattern, pattern_on

bp = Blueprint("absence", __name__)

ONE_DAY = timedelta(days=1)
YEARS = 2
"""How many years back and ahead calendars are shown."""


@dataclass(frozen=True)
class Cell:
    """One day in a calendar: `away` or `asked` (with which part), `closed`, `off` when nothing is worked, or none."""

    day: date
    what: str = ""
    part: Part = Part.WHOLE
    name: str = ""


def closed_on(municipality: Municipality, years: Iterable[int]) -> Mapping[date, str]:
    """The days on which a municipality is closed in these years, with their names in the reader's language."""
    found = {day: i18n.gettext(name) for year in years for day, name in municipal_closing_days(year).items()}
    own = {date.fromisoformat(day): name for day, name in municipality.closing_days.items()}
    return {**own, **found}


def _cell(day: date, absences: Sequence[Away], works: bool, closed: Mapping[date, str]) -> Cell:
    here = [one for one in absences if one.day == day]
    for what, those in (("away", [one for one in here if one.approved]), ("asked", here)):
        if those:
            parts = {one.part for one in those}
            return Cell(day, what, those[0].part if len(parts) == 1 else Part.WHOLE, closed.get(day, ""))
    if day in closed:
        return Cell(day, "closed", name=closed[day])
    return Cell(day) if works else Cell(day, "off")


def _year() -> int:
    this = uow.today().year
    year = whole(request.args.get("jaar", "")) or this
    return year if abs(year - this) <= YEARS else abort(HTTPStatus.NOT_FOUND)


@bp.get("/verlof/jaar")
@open_to(EMPLOYEE)
def year() -> ResponseReturnValue:
    """One's own year: when one is away or asked to be, on which days one works, and when the office is closed."""
    session, me, shown = uow.session(), uow.viewer().person_id, _year()
    first, last = date(shown, 1, 1), date(shown, 12, 31)
    employments = employments_of(session, me)
    worked = hours_in(session, employments, first, last)
    found = away(session, [me], first, last)
    closed = closed_on(worked[0].employment.unit.municipality, (shown,)) if worked else {}
    by_day: dict[date, list[Away]] = {}
    for one in found:
        by_day.setdefault(one.day, []).append(one)

    def works(day: date) -> bool:
        return any(one.first <= day <= one.last and one.minutes(day) for one in worked)

    months = [
        [
            [_cell(day, by_day.get(day, ()), works(day), closed) if day.month == month else None for day in week]
            for week in Calendar().monthdatescalendar(shown, month)
        ]
        for month in range(1, 13)
    ]
    return render_template(
        "absence/year.html", year=shown, months=months, first_days=[date(shown, month, 1) for month in range(1, 13)],
        spans=spans((one.absence for one in found), lambda day: not works(day)), week=_a_week(),
        weekdays=WEEKDAYS, patterns=_patterns(worked, min(max(uow.today(), first), last)),
        closed=sorted((day, name) for day, name in closed.items() if day.year == shown),
        other_hours=by_other_hours(session, me, worked, max(first, uow.today() + ONE_DAY), last),
        before=shown - 1 if uow.today().year - shown < YEARS else None,
        after=shown + 1 if shown - uow.today().year < YEARS else None,
    )  # fmt: skip


def _patterns(worked: Sequence[Hours], day: date) -> list[tuple[Employment, WorkPattern]]:
    """How somebody works on a day, by employment."""
    found = ((one.employment, pattern_on(one.patterns, day)) for one in worked)
    return [(employment, pattern) for employment, pattern in found if pattern is not None]


def _a_week() -> list[date]:
    """Seven days from a Monday on, to name the days of the week by."""
    return [date(2024, 1, day) for day in range(1, 8)]


def _month() -> date:
    """The first day of the month that the address names; today's without one. Far away there is none."""
    today, text = uow.today(), request.args.get("maand", "")
    if not text:
        return today.replace(day=1)
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        abort(HTTPStatus.NOT_FOUND)
    return first if abs(first.year - today.year) <= YEARS else abort(HTTPStatus.NOT_FOUND)


def _unit(units: Sequence[SeenUnit]) -> SeenUnit:
    chosen = request.args.get("afdeling", "")
    found = (unit for unit in units if not chosen or str(unit.id) == chosen)
    return next(found, None) or abort(HTTPStatus.NOT_FOUND)


@dataclass(frozen=True)
class Row:
    """Somebody in the month of a team: a cell for each day, and the same in words."""

    name: str
    cells: Sequence[Cell]
    spans: Sequence[Span]


def _row(member: Member, found: Sequence[Away], days: Sequence[date], closed: Mapping[date, str]) -> Row:
    mine = [one for one in found if one.person_id == member.person.id]
    cells = [_cell(day, mine, member.works(day), closed) for day in days]
    return Row(member.person.name, cells, spans((_of_team(one) for one in mine), member.idle))


def _of_team(one: Away) -> Absence:
    """Without its request: what two requests are to one is one absence to the team."""
    return Absence(one.day, one.part, one.approved)


@bp.get("/team/verlof")
@open_to(EMPLOYEE)
def team() -> ResponseReturnValue:
    """The month of a team: who is away when, and never why. What waits is seen by who leads it, and one's own."""
    session, viewer, today = uow.session(), uow.viewer(), uow.today()
    units = seen_units(session, viewer, today)
    if not units:
        abort(HTTPStatus.NOT_FOUND)
    unit, first = _unit(units), _month()
    days = [first.replace(day=day) for day in range(1, monthrange(first.year, first.month)[1] + 1)]
    members = members_of(session, unit.id, first, days[-1])
    found = [
        one
        for one in gone(session, [member.person.id for member in members], first, days[-1], today)
        if one.approved or unit.leads or one.person_id == viewer.person_id
    ]
    closed = closed_on(unit.municipality, (first.year,))
    return render_template(
        "absence/team.html", unit=unit, units=units, first=first, days=days, closed=closed,
        rows=[_row(member, found, days, closed) for member in members],
        before=_months_on(first, -1), after=_months_on(first, 1),
    )  # fmt: skip


def _months_on(first: date, months: int) -> date | None:
    """The month before or after, when it is shown."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1) if abs(year - uow.today().year) <= YEARS else None


def who_else(case: Case, content: Mapping[str, object], deciding: bool = False) -> Beside | None:
    """What the days of a request for leave meet, for templates; None once it was decided, or without any days."""
    days = content.get("days")
    waits = not case.number or case.waits_for in (Party.APPROVER.name, Party.INITIATOR.name)
    if not isinstance(days, list) or not days or not waits:
        return None
    asked = [(date.fromisoformat(day), Part(part)) for day, _, part in days]
    return beside(
        uow.session(), case.municipality, unit_id=case.employment.unit_id, person_id=case.initiator_id,
        case_id=case.id, days=asked, waiting=deciding, today=uow.today(),
    )  # fmt: skip


bp.add_app_template_global(who_else)
