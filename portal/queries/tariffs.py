"""What each municipality pays for a service on a day: by its financial agreement (DFA), else by the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db import overlaps
from portal.models.agreements import Agreement
from portal.models.catalogue import Service, ServicePrice
from portal.queries.agreements import all_in_force
from portal.queries.catalogue import holding
from workflows.agreements import DFA
from workflows.services import BY_CASE, CASE, CONTACT
from workflows.settlement import Tariff


def tariffs_of(session: Session, day: date, codes: Mapping[int, str]) -> list[Tariff]:
    """The prices that hold on a day, of every municipality. Who has a DFA pays for what stands in it, and no more."""
    services = session.scalars(select(Service).where(overlaps(day, Service.valid_from, Service.valid_to))).all()
    query = select(ServicePrice).where(overlaps(day, ServicePrice.valid_from, ServicePrice.valid_to))
    listed: dict[int, list[ServicePrice]] = {}
    for row in session.scalars(query):
        listed.setdefault(row.service_id, []).append(row)
    agreed = {one.municipality_id: one for one in all_in_force(session, DFA, day)}
    found = []
    for service in sorted(services, key=lambda one: one.key):
        # Of a service that nothing in the portal delivers, no cases can be counted.
        if service.unit == CASE and not service.delivered_by:
            continue
        for place, code in codes.items():
            price = _price(service, place, agreed.get(place), listed.get(service.id, []))
            if price is not None:
                cents, source = price
                found.append(
                    Tariff(service.key, service.name, cents, service.unit, _counted(service.delivered_by), source, code,
                           service.name_en)
                )  # fmt: skip
    return found


def _price(
    service: Service, place: int, dfa: Agreement | None, listed: list[ServicePrice]
) -> tuple[int, str] | None:  # fmt: skip
    if dfa is not None:
        row = dfa.content["prices"].get(service.key)
        return (row["cents"], f"DFA {dfa.valid_from.year}, versie {dfa.number}") if row else None
    held = holding(listed, place)
    return (held.cents, held.source) if held else None


def _counted(delivered_by: str) -> tuple[str, ...]:
    if delivered_by.startswith(BY_CASE):
        return (delivered_by.removeprefix(BY_CASE),)
    return (CONTACT,) if delivered_by == CONTACT else ()
