"""The prices of the catalogue, as the settlement of a quarter reads them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.db import overlaps
from portal.models.catalogue import Service, ServicePrice
from workflows.services import BY_CASE, CASE, CONTACT
from workflows.settlement import Tariff


def tariffs_of(session: Session, day: date, codes: Mapping[int, str]) -> list[Tariff]:
    """What each service costs on a day: for all, and for a municipality that has a price of its own."""
    rows = session.scalars(
        select(ServicePrice)
        .join(Service)
        .where(
            overlaps(day, ServicePrice.valid_from, ServicePrice.valid_to),
            overlaps(day, Service.valid_from, Service.valid_to),
        )
        .options(joinedload(ServicePrice.service))
        .order_by(Service.key, ServicePrice.id)
    )
    return [
        Tariff(
            row.service.key, row.service.name, row.cents, row.service.unit, _counted(row.service.delivered_by),
            row.source, codes.get(row.municipality_id or 0, ""), row.service.name_en,
        )
        for row in rows
        # Of a service that nothing in the portal delivers, no cases can be counted.
        if row.service.unit != CASE or row.service.delivered_by
    ]  # fmt: skip


def _counted(delivered_by: str) -> tuple[str, ...]:
    if delivered_by.startswith(BY_CASE):
        return (delivered_by.removeprefix(BY_CASE),)
    return (CONTACT,) if delivered_by == CONTACT else ()
