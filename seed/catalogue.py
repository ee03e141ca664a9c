"""The catalogue of services: there from the first year on, dearer every year, with what two municipalities agreed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from portal.commands import catalogue
from portal.commands.changes import COMMAND_LINE
from portal.models.catalogue import Service
from seed.office import moment
from seed.organisation import Branch
from seed.sources import source
from workflows.money import times

ONE_DAY = timedelta(days=1)
NEXT_YEAR_FROM = 10
"""From which month the prices of next year are known."""


def build(session: Session, branches: Iterable[Branch], begin: date, today: date) -> None:
    """Offer all services from the year in which the history begins, with the price of each year until now."""
    plan = source("catalogue")
    first, codes = date(begin.year, 1, 1), {branch.municipality.code: branch.municipality.id for branch in branches}
    before = first - ONE_DAY
    last_year = today.year + (today.month >= NEXT_YEAR_FROM)
    services: dict[str, Service] = {}
    for row in plan["service"]:
        new = catalogue.NewService(
            row["key"], row["name"], row["unit"], _terms(row), row["name_en"], row["delivered_by"]
        )
        services[row["key"]] = catalogue.add_service(
            session, COMMAND_LINE, new, first, f"{plan['source']} {before.year}", moment(before, 9), before
        )
        _prices(session, services[row["key"]], None, row["cents"], range(first.year, last_year + 1), "")
    for row in plan["own_price"]:
        place = codes[row["municipality"]]
        years = range(first.year, today.year + 1)
        _prices(session, services[row["service"]], place, row["cents"], years, row["source"])
    for row in plan["own_terms"]:
        shared = next(one for one in plan["service"] if one["key"] == row["service"])
        catalogue.set_terms(
            session, COMMAND_LINE, services[row["service"]], codes[row["municipality"]], _terms(shared | row), first,
            row["source"], moment(before, 9), before,
        )  # fmt: skip


def _terms(row: dict[str, Any]) -> catalogue.Terms:
    return catalogue.Terms(row["description"], row["rules"], row["description_en"], row["rules_en"], row["norms"])


def _prices(
    session: Session, service: Service, place: int | None, cents: int, years: range, written: str
) -> None:  # fmt: skip
    """A price for each year, some per cent above that of the year before, in steps of five cents."""
    plan = source("catalogue")
    rise = 1 + Decimal(str(plan["index"])) / 100
    for year in years:
        eve = date(year, 1, 1) - ONE_DAY
        now = times(Decimal(cents) * rise ** (year - years[0]) / 5, Decimal(1)) * 5
        catalogue.set_price(
            session, COMMAND_LINE, service, place, now, date(year, 1, 1),
            written or f"{plan['source']} {eve.year}", moment(eve, 9), eve,
        )  # fmt: skip
