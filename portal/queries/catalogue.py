"""The service catalogue as it holds on a day, for all and for one municipality, and what a service costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db import overlaps
from portal.models.catalogue import Service, ServicePrice, ServiceTerms

Dated = TypeVar("Dated", ServicePrice, ServiceTerms)


def service_by_key(session: Session, key: str) -> Service | None:
    """One service, whenever it holds."""
    return session.scalars(select(Service).where(Service.key == key)).one_or_none()


def services_on(session: Session, day: date) -> Sequence[Service]:
    """The services that are offered on a day, by name."""
    query = select(Service).where(overlaps(day, Service.valid_from, Service.valid_to)).order_by(Service.name)
    return session.scalars(query).all()


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
