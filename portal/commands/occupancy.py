"""Setting how many people of a unit should be there, from a day on. Every change is written down."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.commands.changes import FIRST_DAY, Author, because, write_down
from portal.models.occupancy import MinimumOccupancy
from portal.models.people import Unit
from portal.queries.occupancy import minimums_of, titles_of
from workflows.kernel import Refusal, Refused
from workflows.occupancy import Minimum
from workflows.parties import N_

MOST = 999
PEOPLE_WRONG = Refusal("occupancy_people", N_("Fill in how many people, from 0 to %(most)s."), {"most": MOST})
TITLE_UNKNOWN = Refusal("occupancy_title", N_("Choose a job title from the list."))
TOO_EARLY = Refusal("occupancy_past", N_("A minimum can begin today or later."))
SAME = Refusal("occupancy_same", N_("This minimum holds on that day already."))
NOT_COMING = Refusal(
    "occupancy_not_coming", N_("Only a minimum that has not begun can be taken back. Set another one.")
)


def set_minimum(session: Session, author: Author, unit: Unit, title: str, people: int | None, first: date | None,
                reason: str, at: datetime, today: date) -> None:  # fmt: skip
    """Let so many people of a unit be needed from a day on; 0 ends it. Raises Refused with all that is wrong."""
    author.reaches(unit.municipality_id)
    known = minimums_of(session, unit.id)
    titles = {"", *titles_of(session, unit.id, today), *(one.title for one in known)}
    before = next((one for one in known if first and one.title == title and one.holds(first)), None)
    wrong = [
        refusal
        for bad, refusal in (
            (title not in titles, TITLE_UNKNOWN),
            (people is None or not 0 <= people <= MOST, PEOPLE_WRONG),
            (first is None, FIRST_DAY),
            (first is not None and first < today, TOO_EARLY),
            (first is not None and people == (before.people if before else 0), SAME),
        )
        if bad
    ]
    try:
        why = because(reason)
    except Refused as refused:
        wrong += refused.refusals
        why = ""
    if wrong or first is None or people is None:
        raise Refused(*wrong)
    if before is not None and before.valid_from == first:
        _remove(session, unit, before)
    session.add(MinimumOccupancy(unit_id=unit.id, job_title=title, people=people, valid_from=first, set_at=at))
    session.flush()
    write_down(
        session, author, at, "occupancy.set", unit.name, municipality_id=unit.municipality_id,
        old={"people": before.people} if before else {},
        new={"job_title": title, "people": people, "valid_from": first}, reason=why,
    )  # fmt: skip


def take_back_minimum(session: Session, author: Author, unit: Unit, title: str, first: date, reason: str, at: datetime,
                      today: date) -> None:  # fmt: skip
    """Take back a minimum that has not begun; what held before goes on."""
    author.reaches(unit.municipality_id)
    why = because(reason)
    known = minimums_of(session, unit.id)
    found = next((one for one in known if one.title == title and one.valid_from == first), None)
    if found is None or first <= today:
        raise Refused(NOT_COMING)
    _remove(session, unit, found)
    write_down(
        session, author, at, "occupancy.withdrawn", unit.name, municipality_id=unit.municipality_id,
        old={"job_title": title, "people": found.people, "valid_from": first}, new={"people": "", "valid_from": ""},
        reason=why,
    )  # fmt: skip


def _remove(session: Session, unit: Unit, minimum: Minimum) -> None:
    session.execute(
        delete(MinimumOccupancy).where(
            MinimumOccupancy.unit_id == unit.id,
            MinimumOccupancy.job_title == minimum.title,
            MinimumOccupancy.valid_from == minimum.valid_from,
        )
    )
