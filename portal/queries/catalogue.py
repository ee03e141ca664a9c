"""The service catalogue as it holds on a day, for all and for one municipality, and what a service costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.db import overlaps
from portal.models.catalogue import Service, ServicePrice, ServiceTerms
from portal.models.people import Municipality
from portal.searching import folded

Dated = TypeVar("Dated", ServicePrice, ServiceTerms)


def service_by_key(session: Session, key: str) -> Service | None:
    """One service, whenever it holds."""
    return session.scalars(select(Service).where(Service.key == key)).one_or_none()


def services_on(session: Session, day: date) -> Sequence[Service]:
    """The services that are offered on a day, by name."""
    query = select(Service).where(overlaps(day, Service.valid_from, Service.valid_to)).order_by(Service.name)
    return session.scalars(query).all()


def all_services(session: Session) -> Sequence[Service]:
    """Every service that ever was or will be, by name."""
    return session.scalars(select(Service).order_by(Service.name)).all()


def holding(rows: Iterable[Dated], municipality_id: int | None) -> Dated | None:
    """Of rows of one service that hold on a day: the municipality's own before that of all, then the latest begun."""
    mine = [row for row in rows if row.municipality_id in (None, municipality_id)]
    return max(mine, key=lambda row: (row.municipality_id is not None, row.valid_from), default=None)


def prices_on(session: Session, municipality_id: int | None, day: date) -> Mapping[int, ServicePrice]:
    """What every service costs this municipality on a day, by service; without one what it costs all."""
    query = select(ServicePrice).where(
        overlaps(day, ServicePrice.valid_from, ServicePrice.valid_to),
        (ServicePrice.municipality_id == municipality_id) | ServicePrice.municipality_id.is_(None),
    )
    by_service: dict[int, list[ServicePrice]] = {}
    for row in session.scalars(query):
        by_service.setdefault(row.service_id, []).append(row)
    found = {service: holding(rows, municipality_id) for service, rows in by_service.items()}
    return {service: row for service, row in found.items() if row is not None}


def price_on(session: Session, service: Service, municipality_id: int | None, day: date) -> ServicePrice | None:
    """What one service costs a municipality on a day, with where that was agreed; None when there is no price."""
    return prices_on(session, municipality_id, day).get(service.id)


@dataclass(frozen=True)
class Difference:
    """What one municipality agreed otherwise: terms, a price, or both. None is as for all."""

    municipality: Municipality
    terms: ServiceTerms | None = None
    price: ServicePrice | None = None


@dataclass(frozen=True)
class Offered:
    """A service as it holds on a day: what is said of it for all, what it costs, and who agreed otherwise.

    `next_price` is the price for all that is to come.
    """

    service: Service
    terms: ServiceTerms | None
    price: ServicePrice | None
    next_price: ServicePrice | None
    differences: Sequence[Difference]

    def holds(self, word: str) -> bool:
        """Whether this folded word stands in what is said of it."""
        said = [self.service.name, self.service.name_en]
        for terms in (self.terms, *(one.terms for one in self.differences)):
            said += [terms.description, terms.description_en, terms.rules, terms.rules_en] if terms else []
        return word in folded(" ".join(said))


def catalogue_on(session: Session, day: date, words: str = "") -> Sequence[Offered]:
    """The services on a day in which all of these words stand, by name. Three queries."""
    services = services_on(session, day)
    terms = _by_service(session, ServiceTerms, day)
    prices = _by_service(session, ServicePrice, day)
    found = [_offered(one, terms.get(one.id, ()), prices.get(one.id, ()), day) for one in services]
    return [one for one in found if all(one.holds(word) for word in folded(words).split())]


def offered_on(session: Session, service: Service, day: date) -> Offered:
    """One service as it holds on a day."""
    terms = _by_service(session, ServiceTerms, day, service.id)
    prices = _by_service(session, ServicePrice, day, service.id)
    return _offered(service, terms.get(service.id, ()), prices.get(service.id, ()), day)


def rows_of(session: Session, service: Service) -> tuple[Sequence[ServicePrice], Sequence[ServiceTerms]]:
    """Every price and all terms that a service ever had or will have, what holds for all first."""
    return _all_of(session, ServicePrice, service), _all_of(session, ServiceTerms, service)


def _all_of(session: Session, table: type[Dated], service: Service) -> Sequence[Dated]:
    return session.scalars(
        select(table)
        .where(table.service_id == service.id)
        .options(joinedload(table.municipality))
        .order_by(table.municipality_id.is_not(None), table.municipality_id, table.valid_from.desc())
    ).all()


def _by_service(
    session: Session, table: type[Dated], day: date, service_id: int | None = None
) -> Mapping[int, list[Dated]]:
    """What holds on a day or is still to come, by service."""
    query = select(table).where((table.valid_to.is_(None)) | (table.valid_to >= day))
    if service_id is not None:
        query = query.where(table.service_id == service_id)
    found: dict[int, list[Dated]] = {}
    for row in session.scalars(query.options(joinedload(table.municipality)).order_by(table.valid_from)):
        found.setdefault(row.service_id, []).append(row)
    return found


def _offered(
    service: Service, terms: Sequence[ServiceTerms], prices: Sequence[ServicePrice], day: date
) -> Offered:  # fmt: skip
    """What holds on the day; of a service that has not begun: what holds when it does."""
    on = max(day, service.valid_from)
    said = [row for row in terms if row.valid_from <= on]
    costs = [row for row in prices if row.valid_from <= on]
    named = [*(row.municipality for row in said), *(row.municipality for row in costs)]
    places = {place.id: place for place in named if place is not None}

    return Offered(
        service, holding(said, None), holding(costs, None),
        next((row for row in prices if row.municipality_id is None and row.valid_from > on), None),
        [Difference(place, _own(said, place.id), _own(costs, place.id))
         for place in sorted(places.values(), key=lambda one: one.name)],
    )  # fmt: skip


def _own(rows: Iterable[Dated], municipality_id: int) -> Dated | None:
    row = holding(rows, municipality_id)
    return row if row is not None and row.municipality_id == municipality_id else None
