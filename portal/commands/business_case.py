"""Entering a business case: each time a new version, with what it is based on. What was entered is never changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.access import Role, Viewer
from portal.commands.changes import Author, because, write_down
from portal.models.business_case import BusinessCaseVersion, BusinessCaseYear
from portal.models.people import Municipality
from portal.queries.business_case import holding
from workflows.business_case import BusinessCase
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

NO_YEARS = Refusal("business_case_years", N_("Fill in the costs of one year at least."))
NOT_IN_ORDER = Refusal("business_case_order", N_("Every year follows the one before it."))
SAME = Refusal("business_case_same", N_("This is the same as the version that holds now."))
NOT_YOURS = Refusal("business_case_not_yours", N_("Only the director of the SSC does this."))


def as_director(viewer: Viewer, municipality_id: int | None) -> Author:
    """The director as who changes something; refuses everybody else. None is what holds for all together."""
    reach = viewer.reach(Role.DIRECTOR) if viewer.has(Role.DIRECTOR) else frozenset()
    if reach is not None and municipality_id not in reach:
        raise Refused(NOT_YOURS)
    return Author(viewer.person_id, reach)


def enter(
    session: Session, viewer: Viewer, place: Municipality, case: BusinessCase, reason: str, at: datetime
) -> BusinessCaseVersion:
    """Let this be the business case of a municipality from now on. Raises Refused."""
    author, why = as_director(viewer, place.id), because(reason)
    known = holding(session, [place.id]).get(place.id)
    years = [one.year for one in case.years]
    if not years:
        raise Refused(NO_YEARS)
    if years != list(range(years[0], years[0] + len(years))):
        raise Refused(NOT_IN_ORDER)
    if known is not None and known.case == case:
        raise Refused(SAME)
    version = BusinessCaseVersion(
        municipality_id=place.id, version=known.version.version + 1 if known else 1, current_cents=case.current_cents,
        reason=why, entered_by_id=viewer.person_id, entered_at=at,
    )  # fmt: skip
    session.add(version)
    session.flush()
    session.execute(
        insert(BusinessCaseYear),
        [
            {"version_id": version.id, "year": one.year, "running_cents": one.running_cents,
             "investment_cents": one.investment_cents} for one in case.years
        ],
    )  # fmt: skip
    write_down(session, author, at, "business_case.entered", place.name, municipality_id=place.id,
               new={"version": version.version, "break_even_year": case.break_even_year}, reason=why)  # fmt: skip
    return version
