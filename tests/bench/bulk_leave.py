"""Ten years of leave of one employee: lots, and days that were reserved, let go of and booked."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.models.leave import LeaveEntry, LeaveLot
from tests.bench.bulk_people import Employee

YEARS, DAYS_A_YEAR = 10, 25
GIVEN = (("statutory", 8640, 1), ("extra", 3456, 5))
"""Kind, minutes, and how many years after its own it can be used."""


def ten_years(session: Session, who: Employee, at: datetime) -> int:
    """Enter them, up to and including the year of this moment. How many entries."""
    rows = []
    for year in range(at.year - YEARS + 1, at.year + 1):
        for kind, minutes, more in GIVEN:
            lot = LeaveLot(
                person_id=who.person_id, municipality_id=who.municipality_id, kind=kind, valid_from=date(year, 1, 1),
                last_day=date(year + more, 12, 31), ends_as="lapses", source="Cao Gemeenten", created_at=at,
            )  # fmt: skip
            session.add(lot)
            session.flush()
            known = {
                "person_id": who.person_id, "municipality_id": who.municipality_id, "lot_id": lot.id, "kind": kind,
                "recorded_at": at, "part": "whole", "reason": "", "occasion": None, "case_id": None, "by_id": None,
                "second_id": None,
            }  # fmt: skip
            rows.append({**known, "what": "grant", "minutes": minutes, "day": date(year, 1, 1)})
            for number in range(DAYS_A_YEAR if kind == "statutory" else 0):
                day = date(year, 1, 7) + timedelta(days=14 * number)
                rows += [
                    {**known, "what": what, "minutes": sign * 240, "day": day}
                    for what, sign in (("reserve", -1), ("release", 1), ("burn", -1))
                ]
    session.execute(insert(LeaveEntry), rows)
    return len(rows)
