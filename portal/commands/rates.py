"""Taking in published exchange rates. What is known stays as it is: a rate that differs is told, never taken over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.commands.changes import Author, write_down
from portal.interfaces import rates
from portal.models.rates import PublishedRate
from workflows.currencies import CURRENCIES
from workflows.kernel import Refusal, Refused
from workflows.parties import N_
from workflows.rates import ExchangeRate

FUTURE = "rates_future"
FUTURE_SENTENCE = N_("The file holds rates of %(day)s, a day that is yet to come, so nothing was taken in.")
KEPT = timedelta(days=6 * 366)
"""How far back rates are of use: a claim prescribes after five years."""
TOLD = 10
"""How many rates that differ are named in the log."""


@dataclass(frozen=True)
class Differing:
    """A rate that the file gives otherwise than we know it; ours stays."""

    known: ExchangeRate
    given: ExchangeRate


@dataclass(frozen=True)
class TakenIn:
    """What came of a file: how many rates are new, how many were known, how many are of no use to us."""

    added: int
    known: int
    passed_over: int
    differing: tuple[Differing, ...]
    first: date | None = None
    last: date | None = None


def take_in(session: Session, author: Author, content: bytes, name: str, at: datetime) -> TakenIn:
    """Take in a file of the European Central Bank. The same file again changes nothing. Raises Refused."""
    author.reaches(None)
    given, today = rates.read(content), local_date(at)
    if given[-1].day > today:
        raise Refused(Refusal(FUTURE, FUTURE_SENTENCE, {"day": given[-1].day}))
    useful = [rate for rate in given if rate.currency in CURRENCIES and rate.day > today - KEPT]
    present = _present(session, useful[0].day, useful[-1].day) if useful else {}
    new = [rate for rate in useful if (rate.currency, rate.day) not in present]
    both = [(present[rate.currency, rate.day], rate) for rate in useful if (rate.currency, rate.day) in present]
    differing = tuple(Differing(ours, rate) for ours, rate in both if ours.number != rate.number)
    if new:
        session.execute(
            insert(PublishedRate),
            [
                {"currency": rate.currency, "day": rate.day, "rate": rate.rate, "source": rate.source,
                 "imported_at": at} for rate in new
            ],
        )  # fmt: skip
    if new or differing:
        told = [f"{d.given.currency} {d.given.day}: {d.known.rate} / {d.given.rate}" for d in differing[:TOLD]]
        write_down(session, author, at, "rates.imported", name[:100],
                   new={"added": len(new), "differing": ", ".join(told)})  # fmt: skip
    return TakenIn(
        len(new), len(both) - len(differing), len(given) - len(useful), differing, given[0].day, given[-1].day
    )  # fmt: skip


def _present(session: Session, first: date, last: date) -> dict[tuple[str, date], ExchangeRate]:
    """What is known of these days."""
    rows = session.execute(
        select(PublishedRate.currency, PublishedRate.day, PublishedRate.rate, PublishedRate.source).where(
            PublishedRate.day.between(first, last)
        )
    )
    return {(row.currency, row.day): ExchangeRate(row.currency, row.day, row.rate, row.source) for row in rows}
