"""Published reports, and figures on demand: what was published stands, other periods are counted now."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.interfaces.report_files import Edition, Found
from portal.models.indicators import IndicatorMonth
from portal.models.people import Municipality
from portal.models.reports import BOARD, Report
from portal.queries.agreed import agreed_on
from portal.queries.figures import Reporting
from workflows.periods import Period, month


def scope_of(place: Municipality | None) -> str:
    """What a report is of: a municipality by its code, or the board's of all together."""
    return place.code if place is not None else BOARD


def counted(session: Session, place: Municipality | None, period: Period, at: datetime) -> dict[str, Any]:
    """The figures of a period as they are known now."""
    places = [place] if place is not None else session.scalars(select(Municipality).order_by(Municipality.name)).all()
    agreed = agreed_on(session, place.id if place else None, period.last)
    return Reporting(session, places, place is None, period, at, agreed).data()


def editions(session: Session, place: Municipality | None, period: str) -> Sequence[Report]:
    """What was published of a period, the first edition first."""
    query = select(Report).where(Report.scope == scope_of(place), Report.period == period)
    return session.scalars(query.order_by(Report.edition)).all()


def asked(session: Session, place: Municipality | None, period: Period, at: datetime, edition: int = 0) -> Found | None:
    """The figures of a period: the last edition that was published, or the one that is asked for; else as known now.

    None for an edition that does not exist.
    """
    known = editions(session, place, period.name)
    if edition:
        known = [one for one in known if one.edition <= edition]
        if not known or known[-1].edition != edition:
            return None
    if not known:
        return Found(counted(session, place, period, at))
    return Found(known[-1].figures, _edition(known[-1]), _edition(known[-2]) if len(known) > 1 else None)


def _edition(row: Report) -> Edition:
    return Edition(row.edition, row.published_at, row.reason, row.sha256, row.figures)


def published(session: Session, places: Sequence[Municipality], *, board: bool, limit: int = 60) -> Sequence[Report]:
    """The last editions, the newest period first."""
    scopes = [place.code for place in places] + ([BOARD] if board else [])
    query = select(Report).where(Report.scope.in_(scopes))
    return session.scalars(query.order_by(Report.period.desc(), Report.scope, Report.edition.desc()).limit(limit)).all()


def unpublished(session: Session, today: date) -> list[Period]:
    """The whole months since the first that was counted, up to the last one, of which the board has no report."""
    first = session.scalars(select(IndicatorMonth.month).order_by(IndicatorMonth.month).limit(1)).first()
    if first is None:
        return []
    done = set(session.scalars(select(Report.period).where(Report.scope == BOARD)))
    whole = (
        Period("", first, date.fromordinal(today.replace(day=1).toordinal() - 1))
        if first < today.replace(day=1)
        else None
    )
    return [one for begin in whole.months if (one := month(begin)).name not in done] if whole else []


def sealed(figures: Mapping[str, Any]) -> str:
    """The hash by which is seen that figures are as they were published."""
    return hashlib.sha256(json.dumps(figures, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """The figures that differ between two editions, old and new; a figure that is new stands beside nothing."""
    old = {(one["key"], one["version_id"]): one for one in before["figures"]}
    shown = ("value", "numerator", "denominator", "left_out", "masked")
    found = []
    for one in after["figures"]:
        was = old.get((one["key"], one["version_id"]), {})
        if any(was.get(name) != one.get(name) for name in shown):
            found.append((was, one))
    return found
