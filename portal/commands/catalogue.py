"""Keeping the catalogue: services, their terms and their prices, each from a day to come and with its source.

What has begun is ended and followed, never changed; only what is still to come can be taken back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.orm import Session

from portal.commands.changes import Author, because, write_down
from portal.commands.policies import PLACE_UNKNOWN
from portal.models.catalogue import Service, ServicePrice, ServiceTerms
from portal.models.people import Municipality
from workflows import CASE_TYPES
from workflows.kernel import Refusal, Refused
from workflows.money import MOST_CENTS
from workflows.parties import N_
from workflows.services import BY_CASE, CONTACT, INDICATORS, UNITS, plain_target, read_target

KEY_WRONG = Refusal("service_key_wrong", N_("Write a short key of small letters, digits and underscores."))
KEY_TAKEN = Refusal("service_key_taken", N_("There is a service with this key already."))
NAME = Refusal("service_name_missing", N_("Fill in what the service is called."))
DESCRIPTION = Refusal("service_description_missing", N_("Describe what the service is."))
RULES = Refusal("service_rules_missing", N_("Write down by which rules the service is delivered."))
TOO_LONG = Refusal("service_text_too_long", N_("Use 2,000 characters at most, and 120 for a name."))
UNIT = Refusal("service_unit_unknown", N_("Choose in what the service is counted."))
DELIVERY = Refusal("service_delivery_unknown", N_("Choose from the list what delivers this service."))
INDICATOR = Refusal("service_indicator_unknown", N_("This indicator is not known."))
SOURCE = Refusal("service_source_missing", N_("Write down where this is laid down: the decision or agreement."))
TO_COME = Refusal("service_day_to_come", N_("Choose a day to come: what holds today is not changed."))
SAME_DAY = Refusal("service_same_day", N_("Something else begins on that day already. Take it back first."))
NOT_OFFERED = Refusal("service_not_offered", N_("The service is not offered on that day."))
PRICE = Refusal("service_price_missing", N_("Fill in the price."))
BEGUN = Refusal("service_begun", N_("This holds already, so it cannot be taken back. Let something else follow it."))
ENDED = Refusal("service_ended", N_("This service has ended already."))

LONGEST, LONGEST_NAME, LONGEST_SOURCE = 2000, 120, 300
ADDRESSES = frozenset({"nieuw"})
"""What stands for another page in an address."""
ONE_DAY = timedelta(days=1)
Dated = TypeVar("Dated", ServicePrice, ServiceTerms)
_KEY = re.compile(r"[a-z][a-z0-9_]{1,39}")


@dataclass(frozen=True)
class Terms:
    """What is said of a service, as typed. English that is left out is said in Dutch. `norms` by indicator."""

    description: str
    rules: str
    description_en: str = ""
    rules_en: str = ""
    norms: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class NewService:
    """A service to be offered, as typed."""

    key: str
    name: str
    unit: str
    terms: Terms
    name_en: str = ""
    delivered_by: str = ""


def deliveries() -> list[str]:
    """What in the portal can deliver a service."""
    return ["", CONTACT, *(f"{BY_CASE}{key}" for key in CASE_TYPES)]


def add_service(session: Session, author: Author, new: NewService, first: date | None, source: str, at: datetime,
                today: date) -> Service:  # fmt: skip
    """Offer a service from a day to come. Raises Refused with all that is wrong."""
    author.reaches(None)
    key, name = new.key.strip(), _line(new.name)
    taken = session.scalars(select(Service.id).where(Service.key == key)).first() is not None
    wrong = [
        refusal
        for bad, refusal in (
            (not _KEY.fullmatch(key) or key in ADDRESSES, KEY_WRONG),
            (taken, KEY_TAKEN),
            (not name, NAME),
            (max(len(name), len(_line(new.name_en))) > LONGEST_NAME, TOO_LONG),
            (new.unit not in UNITS, UNIT),
            (new.delivered_by not in deliveries(), DELIVERY),
        )
        if bad
    ]
    norms = _terms(new.terms, wrong)
    said = _from(first, source, today, wrong)
    if wrong or first is None:
        raise Refused(*wrong)
    service = Service(
        key=key, name=name, name_en=_line(new.name_en) or name, unit=new.unit, delivered_by=new.delivered_by,
        valid_from=first, source=said,
    )  # fmt: skip
    session.add(service)
    session.flush()
    session.add(_row(service, None, new.terms, norms, first, said))
    session.flush()
    write_down(
        session, author, at, "service.added", name, new={"key": key, "valid_from": first, "source": said}
    )  # fmt: skip
    return service


def set_terms(session: Session, author: Author, service: Service, municipality_id: int | None, terms: Terms,
              first: date | None, source: str, at: datetime, today: date) -> ServiceTerms:  # fmt: skip
    """Let other terms hold from a day to come, for all or for one municipality."""
    author.reaches(municipality_id)
    wrong = _unknown(session, municipality_id)
    norms = _terms(terms, wrong)
    said = _from(first, source, today, wrong, service)
    if wrong or first is None:
        raise Refused(*wrong)
    rows = session.scalars(_of(ServiceTerms, service, municipality_id)).all()
    row = _row(service, municipality_id, terms, norms, first, said)
    row.valid_to = _end_before(rows, first)
    session.add(row)
    session.flush()
    write_down(
        session, author, at, "service.terms", service.name, municipality_id=municipality_id,
        new={"valid_from": first, "source": said},
    )  # fmt: skip
    return row


def set_price(session: Session, author: Author, service: Service, municipality_id: int | None, cents: int | None,
              first: date | None, source: str, at: datetime, today: date) -> ServicePrice:  # fmt: skip
    """Let a unit of a service cost this from a day to come, for all or for one municipality."""
    author.reaches(municipality_id)
    wrong = _unknown(session, municipality_id)
    if cents is None or not 0 <= cents <= MOST_CENTS:
        wrong.append(PRICE)
    said = _from(first, source, today, wrong, service)
    if wrong or first is None or cents is None:
        raise Refused(*wrong)
    rows = session.scalars(_of(ServicePrice, service, municipality_id)).all()
    before = max((row for row in rows if row.valid_from < first), key=lambda row: row.valid_from, default=None)
    row = ServicePrice(
        service_id=service.id, municipality_id=municipality_id, cents=cents, valid_from=first,
        valid_to=_end_before(rows, first), source=said,
    )  # fmt: skip
    session.add(row)
    session.flush()
    write_down(
        session, author, at, "service.price", service.name, municipality_id=municipality_id,
        old={"cents": before.cents} if before else {}, new={"cents": cents, "valid_from": first, "source": said},
    )  # fmt: skip
    return row


def take_back(session: Session, author: Author, row: ServicePrice | ServiceTerms, reason: str, at: datetime,
              today: date) -> None:  # fmt: skip
    """Take back terms or a price that are still to come; what they would have ended goes on."""
    author.reaches(row.municipality_id)
    why = because(reason)
    service = session.get_one(Service, row.service_id)
    begins_with_it = isinstance(row, ServiceTerms) and row.municipality_id is None
    if row.valid_from <= today or (begins_with_it and row.valid_from == service.valid_from):
        raise Refused(BEGUN)
    table: type[ServicePrice] | type[ServiceTerms] = type(row)
    session.execute(
        update(table)
        .where(table.service_id == service.id, _same(table, row.municipality_id))
        .where(table.valid_to == row.valid_from - ONE_DAY)
        .values(valid_to=row.valid_to)
    )
    write_down(
        session, author, at, "service.withdrawn", service.name, municipality_id=row.municipality_id,
        old={"valid_from": row.valid_from, "source": row.source}, new={"valid_from": "", "source": ""}, reason=why,
    )  # fmt: skip
    session.delete(row)
    session.flush()


def end_service(session: Session, author: Author, service: Service, last: date | None, reason: str, at: datetime,
                today: date) -> None:  # fmt: skip
    """Offer a service up to and including a day, today at the earliest."""
    author.reaches(None)
    why = because(reason)
    if service.valid_to is not None and service.valid_to < today:
        raise Refused(ENDED)
    if last is None or last < max(today, service.valid_from):
        raise Refused(TO_COME)
    old, service.valid_to = service.valid_to, last
    write_down(
        session, author, at, "service.ended", service.name, old={"valid_to": old}, new={"valid_to": last}, reason=why
    )
    session.flush()


def _unknown(session: Session, municipality_id: int | None) -> list[Refusal]:
    there = municipality_id is None or session.get(Municipality, municipality_id) is not None
    return [] if there else [PLACE_UNKNOWN]


def _line(text: str) -> str:
    return " ".join(text.split())


def _terms(terms: Terms, wrong: list[Refusal]) -> dict[str, str]:
    """The targets as they are kept; what is wrong with the terms is added to `wrong`."""
    texts = (terms.description, terms.rules, terms.description_en, terms.rules_en)
    for bad, refusal in (
        (not terms.description.strip(), DESCRIPTION),
        (not terms.rules.strip(), RULES),
        (max(map(len, texts)) > LONGEST, TOO_LONG),
        (not terms.norms.keys() <= INDICATORS.keys(), INDICATOR),
    ):
        if bad and refusal not in wrong:
            wrong.append(refusal)
    found = {}
    for indicator, typed in terms.norms.items():
        try:
            found[indicator] = plain_target(read_target(indicator, typed))
        except Refused as refused:
            wrong += [one for one in refused.refusals if one not in wrong]
    return found


def _from(first: date | None, source: str, today: date, wrong: list[Refusal], service: Service | None = None) -> str:
    """The source as it is kept; what is wrong with it, or with the first day, is added to `wrong`."""
    said = _line(source)[:LONGEST_SOURCE]
    if not said:
        wrong.append(SOURCE)
    if first is None or first <= today:
        wrong.append(TO_COME)
    elif service is not None and (first < service.valid_from or (service.valid_to and service.valid_to < first)):
        wrong.append(NOT_OFFERED)
    return said


def _row(service: Service, municipality_id: int | None, terms: Terms, norms: dict[str, str], first: date,
         source: str) -> ServiceTerms:  # fmt: skip
    description, rules = terms.description.strip(), terms.rules.strip()
    return ServiceTerms(
        service_id=service.id, municipality_id=municipality_id, description=description,
        description_en=terms.description_en.strip() or description, rules=rules,
        rules_en=terms.rules_en.strip() or rules, norms=norms, valid_from=first, source=source,
    )  # fmt: skip


def _of(table: type[Dated], service: Service, municipality_id: int | None) -> Select[Dated]:
    """Rows of one service for the same, in the order in which they begin."""
    query = select(table).where(table.service_id == service.id, _same(table, municipality_id))
    return query.order_by(table.valid_from)


def _same(table: type[ServicePrice] | type[ServiceTerms], municipality_id: int | None) -> ColumnElement[bool]:
    return table.municipality_id.is_(None) if municipality_id is None else table.municipality_id == municipality_id


def _end_before(rows: Sequence[ServicePrice] | Sequence[ServiceTerms], first: date) -> date | None:
    """End what holds on the day before; tells until when the new row holds: the day before the next begins."""
    if any(row.valid_from == first for row in rows):
        raise Refused(SAME_DAY)
    for row in rows:
        if row.valid_from < first and (row.valid_to is None or row.valid_to >= first):
            row.valid_to = first - ONE_DAY
    following = min((row.valid_from for row in rows if row.valid_from > first), default=None)
    return following - ONE_DAY if following else None
