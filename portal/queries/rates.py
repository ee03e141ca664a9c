"""Exchange rates: those that a form needs, and what administration sees of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import and_, bindparam, func, select, tuple_
from sqlalchemy.orm import Session

from portal.models.rates import PublishedRate
from workflows.currencies import asked_of
from workflows.rates import LOOKS_BACK, NO_RATES, ExchangeRate, RateBook

WANTED = select(PublishedRate.currency, PublishedRate.day, PublishedRate.rate, PublishedRate.source).where(
    tuple_(PublishedRate.currency, PublishedRate.day).in_(bindparam("wanted", expanding=True))
)


def rates_on(session: Session, asked: Collection[tuple[str, date]]) -> RateBook:
    """The rates of these currencies on these days, with the days before them on which to look back. One query at
    most."""
    if not asked:
        return NO_RATES
    back = [timedelta(days=days) for days in range(LOOKS_BACK.days + 1)]
    wanted = {(code, day - days) for code, day in asked for days in back if (day - date.min) > days}
    rows = session.execute(WANTED, {"wanted": sorted(wanted)})
    return RateBook(ExchangeRate(row.currency, row.day, row.rate, row.source) for row in rows)


def rates_for(session: Session, typed: Mapping[str, str] | None) -> RateBook:
    """The rates that a filled-in form asks for."""
    return rates_on(session, asked_of(typed or {}))


@dataclass(frozen=True)
class Known:
    """What we know of one currency: its last rate, from when on, and how many days have one."""

    last: ExchangeRate
    first_day: date
    days: int


def known_rates(session: Session) -> Sequence[Known]:
    """The last rate of each currency. One query."""
    spans = (
        select(
            PublishedRate.currency,
            func.max(PublishedRate.day).label("last"),
            func.min(PublishedRate.day).label("first"),
            func.count().label("days"),
        )
        .group_by(PublishedRate.currency)
        .subquery()
    )
    rows = session.execute(
        select(PublishedRate, spans.c.first, spans.c.days)
        .join(spans, and_(PublishedRate.currency == spans.c.currency, PublishedRate.day == spans.c.last))
        .order_by(PublishedRate.currency)
    )
    return [Known(ExchangeRate(row.currency, row.day, row.rate, row.source), first, days) for row, first, days in rows]
