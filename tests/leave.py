"""Leave to test with: what was agreed, hours given, and requests as a form hands them in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from portal.commands import cases
from portal.commands.beginning import begin_about
from portal.commands.leave_grants import grant_yearly
from portal.models.cases import Case
from portal.models.leave import LeaveEntry, LeaveLot
from portal.models.people import Mandate, Policy
from portal.queries.cases import WHOLE
from portal.queries.leave import hours_for, lots_of
from portal.queries.people import employments_of, policies_of
from tests.cast import SINCE, Cast
from workflows import CASE_TYPES
from workflows.filling import FillingIn, Problem

AGREED = (
    ("leave_statutory_weeks", "4"),
    ("leave_extra_minutes", "3456"),
    ("leave_unit_minutes", "6"),
    ("leave_lapse_months", "12"),
    ("leave_bought_minutes", "8640"),
    ("leave_kind_care_short", '{"paid": 70, "weeks": 2, "per": "months", "months": 12}'),
    ("leave_kind_birth", '{"paid": 100, "weeks": 1, "per": "occasion", "within_months": 1}'),
    ("leave_kind_moving", '{"paid": 100, "minutes": 432, "per": "year"}'),
    ("leave_kind_adoption", '{"paid": 100, "weeks": 6, "per": "occasion", "document": true}'),
    ("leave_kind_calamity", '{"paid": 100}'),
)
CONTENT = {
    "kind": "leave", "from": "2026-12-14", "to": "2026-12-18", "from_part": "whole", "to_part": "whole",
    "occasion": "", "note": "", "minutes": 2160, "days": [], "burns": [], "left": 9936,
}  # fmt: skip
"""A week, as a form hands it in."""
WITHDRAWAL = {
    "days": [["2026-12-14", 432, "whole"]], "minutes": 432, "standing": [["2026-12-14", 432, "whole"]], "note": "",
    "because": "",
}  # fmt: skip
"""A day of that week that is not taken."""
SICKNESS = {"first": "2026-11-23", "since": "2026-11-23", "again_of": "", "parts": [], "recovered": ""}
"""Ill since the day before the clock of the tests."""
STATUTORY_2026, EXTRA_2026 = 8640, 3456


def agreed(session: Session, cast: Cast) -> None:
    """What both municipalities agreed about leave; whoever decides on claims decides on leave."""
    since = date(2026, 1, 1)
    session.add_all(Policy(key=key, value=value, valid_from=since, source="test") for key, value in AGREED)
    held = session.scalars(select(Mandate).where(Mandate.kind == "expense_claim")).all()
    session.add_all(
        Mandate(
            person_id=one.person_id, municipality_id=one.municipality_id, kind="leave", maximum_cents=0,
            valid_from=SINCE,
        )
        for one in held
    )  # fmt: skip
    session.flush()


def given(session: Session, cast: Cast, at: datetime | None = None) -> None:
    """What was agreed, and the hours of this year and the next for everybody."""
    agreed(session, cast)
    for municipality_id in cast.municipalities.values():
        grant_yearly(session, municipality_id, at or cast.world.clock.now())


def drafted(session: Session, cast: Cast, name: str = "anna", key: str = "v1", employment: int = 0) -> Case:
    """A draft of a request for leave."""
    held = employments_of(session, cast.people[name])[employment]
    case = cases.start(session, "leave", held, key, cast.world.clock.now())
    return session.get_one(Case, case.id, options=WHOLE, populate_existing=True)


def read(session: Session, cast: Cast, case: Case, **typed: str) -> tuple[Mapping[str, Any], tuple[Problem, ...]]:
    """What the form makes of what was typed, by what is known now."""
    case_type, today = CASE_TYPES[case.type], cast.world.clock.now().date()
    filling = FillingIn(
        today=today, policies=policies_of(session, case.municipality_id), employed=(), documents={},
        hours=hours_for(session, case, today),
    )  # fmt: skip
    return case_type.read(case_type.form(MultiDict(typed)), filling)


def asked(
    session: Session, cast: Cast, first: str, last: str = "", name: str = "anna", key: str = "", **typed: str
) -> Case:
    """A request for leave, handed in."""
    case = drafted(session, cast, name, key or f"{first}{last}{typed}")
    content, problems = read(session, cast, case, first=first, last=last or first, **typed)
    assert problems == (), problems
    cast.act(session, name, case, "submit", content=content)
    return case


def granted(session: Session, cast: Cast, first: str, last: str = "", **typed: str) -> Case:
    """A request for leave of Anna's that Bram approved."""
    case = asked(session, cast, first, last, **typed)
    cast.act(session, "bram", case, "approve")
    return case


def withdrawal(session: Session, cast: Cast, of: Case, *days: str) -> Case:
    """A draft that withdraws these days of a granted leave; without days all that are to come."""
    case = begin_about(session, CASE_TYPES["leave_withdrawal"], of, cast.world.clock.now())
    case.draft = {f"day-{day}": "y" for day in days} or {"all": "y"}
    return session.get_one(Case, case.id, options=WHOLE, populate_existing=True)


def withdrawn(session: Session, cast: Cast, of: Case, *days: str) -> Case:
    """A withdrawal of days of a granted leave, handed in."""
    session.flush()
    case = withdrawal(session, cast, of, *days)
    content, problems = read(session, cast, case, **(case.draft or {}))
    assert problems == (), problems
    cast.act(session, next(name for name, who in cast.people.items() if who == of.initiator_id), case, "submit",
             content=content)  # fmt: skip
    return case


def left(session: Session, cast: Cast, name: str = "anna") -> dict[tuple[str, int], int]:
    """What is left of each lot of this person, by kind and year."""
    municipality = employments_of(session, cast.people[name])[0].unit.municipality_id
    return {(lot.kind, lot.valid_from.year): lot.left for lot in lots_of(session, cast.people[name], municipality)}


def entries(session: Session, cast: Cast, name: str = "anna") -> list[LeaveEntry]:
    """Every entry of this person, the first first."""
    session.flush()
    return list(
        session.scalars(select(LeaveEntry).where(LeaveEntry.person_id == cast.people[name]).order_by(LeaveEntry.id))
    )


def lots(session: Session, cast: Cast, name: str = "anna") -> list[LeaveLot]:
    """Every lot of this person."""
    return list(session.scalars(select(LeaveLot).where(LeaveLot.person_id == cast.people[name]).order_by(LeaveLot.id)))
