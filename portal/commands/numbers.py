"""Case numbers: one series for each prefix and year, without gaps."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

# Both databases understand this, and of the first two of a year at once the second waits for the first.
NEXT_NUMBER = text(
    "INSERT INTO number_series (prefix, year, last) VALUES (:prefix, :year, 1) "
    "ON CONFLICT (prefix, year) DO UPDATE SET last = number_series.last + 1 RETURNING last"
)


def next_number(session: Session, prefix: str, year: int) -> str:
    """The next number of the series. Whoever asks holds the series until commit, so there are no gaps."""
    last = session.execute(NEXT_NUMBER, {"prefix": prefix, "year": year}).scalar_one()
    return f"{prefix}-{year}-{last:06d}"
