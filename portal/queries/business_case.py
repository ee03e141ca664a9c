"""Business cases as they hold, in all their versions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, true, tuple_
from sqlalchemy.orm import Session, joinedload

from portal.models.business_case import BusinessCaseVersion, BusinessCaseYear
from workflows.business_case import BusinessCase, Year


@dataclass(frozen=True)
class Held:
    """A version with the business case that it says."""

    version: BusinessCaseVersion
    case: BusinessCase


def holding(session: Session, places: Collection[int] | None) -> Mapping[int, Held]:
    """The business case that holds, by municipality; None is of all. Two queries."""
    mine = true() if places is None else BusinessCaseVersion.municipality_id.in_(places)
    last = (
        select(BusinessCaseVersion.municipality_id, func.max(BusinessCaseVersion.version))
        .where(mine)
        .group_by(BusinessCaseVersion.municipality_id)
    )
    key = tuple_(BusinessCaseVersion.municipality_id, BusinessCaseVersion.version)
    versions = session.scalars(select(BusinessCaseVersion).where(key.in_(last))).all()
    return {one.version.municipality_id: one for one in _whole(session, versions)}


def versions_of(session: Session, municipality_id: int) -> Sequence[Held]:
    """All versions of a municipality, the one that holds first, with who entered them. Two queries."""
    versions = session.scalars(
        select(BusinessCaseVersion)
        .where(BusinessCaseVersion.municipality_id == municipality_id)
        .options(joinedload(BusinessCaseVersion.entered_by))
        .order_by(BusinessCaseVersion.version.desc())
    ).all()
    return _whole(session, versions)


def _whole(session: Session, versions: Sequence[BusinessCaseVersion]) -> list[Held]:
    years: dict[int, list[Year]] = defaultdict(list)
    rows = session.execute(
        select(
            BusinessCaseYear.version_id,
            BusinessCaseYear.year,
            BusinessCaseYear.running_cents,
            BusinessCaseYear.investment_cents,
        )
        .where(BusinessCaseYear.version_id.in_([one.id for one in versions]))
        .order_by(BusinessCaseYear.version_id, BusinessCaseYear.year)
    )
    for version_id, year, running, investment in rows:
        years[version_id].append(Year(year, running, investment))
    return [Held(one, BusinessCase(one.current_cents, tuple(years[one.id]))) for one in versions]
