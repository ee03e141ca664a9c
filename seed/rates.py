"""Exchange rates of the story: made up near what they might be, and marked as such by their source."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.calendar import is_bank_day
from portal.models.rates import PublishedRate

SOURCE = "demo"
BEGINS = {"USD": "1.0850", "GBP": "0.8520", "CHF": "0.9440", "DKK": "7.4600", "NOK": "11.6500", "SEK": "11.3200",
          "CZK": "25.1400", "PLN": "4.2800"}  # fmt: skip
STEP = Decimal("0.003")
"""By which part a rate moves at most from one day to the next."""


def publish(session: Session, rng: Random, first: date, last: date, at: datetime) -> None:
    """A rate of each currency for every bank day of this period."""
    rows = []
    for currency, begins in BEGINS.items():
        rate = Decimal(begins)
        for count in range((last - first).days + 1):
            day = first + timedelta(days=count)
            if is_bank_day(day):
                rate += (rate * STEP * Decimal(rng.randrange(-1000, 1001)) / 1000).quantize(Decimal("0.0001"))
                rows.append(
                    {"currency": currency, "day": day, "rate": f"{rate:f}", "source": SOURCE, "imported_at": at}
                )
    session.execute(insert(PublishedRate), rows)
