"""Finding by what people type: an employee by mail address or personnel number, a supplier by name or number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import BindParameter, Date, bindparam, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.db import overlaps
from portal.models.cases import Case
from portal.models.people import Employment, Municipality, Person, Unit
from portal.queries.suppliers import Marks, suppliers_like
from workflows import CASE_TYPES
from workflows.filling import KnownSupplier

# Put together once: that takes longer than running it.
_TYPED: BindParameter[str] = bindparam("typed", expanding=True)
EMPLOYED = (
    select(Employment)
    .join(Person, Person.id == Employment.person_id)
    .join(Unit, Unit.id == Employment.unit_id)
    .where(
        Unit.municipality_id == bindparam("municipality"),
        overlaps(bindparam("on", type_=Date), Employment.valid_from, Employment.valid_to),
        or_(func.lower(Person.email).in_(_TYPED), func.lower(Employment.personnel_number).in_(_TYPED)),
    )
    .options(joinedload(Employment.person), joinedload(Employment.unit).joinedload(Unit.municipality))
    .order_by(Employment.valid_from, Employment.id)
)


def employed_as(session: Session, municipality_id: int, typed: Iterable[str], on: date) -> Mapping[str, Employment]:
    """Who works for the municipality on this day, by each of the mail addresses and personnel numbers that were typed.

    What nobody is known by is left out. One query, or none without anything typed.
    """
    wanted = {one.strip().lower(): one for one in typed if one.strip()}
    if not wanted:
        return {}
    rows = session.scalars(EMPLOYED, {"municipality": municipality_id, "on": on, "typed": list(wanted)})
    found: dict[str, Employment] = {}
    for row in rows:
        for name in (row.person.email.lower(), row.personnel_number.lower()):
            if name in wanted:
                found[wanted[name]] = row
    return found


def municipality_of(session: Session, code: str) -> Municipality | None:
    """The municipality of this code."""
    return session.scalars(select(Municipality).where(Municipality.code == code)).first()


def colleagues_typed(session: Session, case: Case, on: date) -> Mapping[str, str]:
    """Who is named in the fields of a draft in which a colleague is named: by what was typed, their name."""
    typed = [str((case.draft or {}).get(name, "")) for name in CASE_TYPES[case.type].names]
    return {one: found.person.name for one, found in employed_as(session, case.municipality_id, typed, on).items()}


def suppliers_typed(session: Session, case: Case) -> tuple[KnownSupplier, ...]:
    """Which suppliers the field `supplier` of a draft can mean: by KvK or VAT number, by account, or by name.

    None for kinds of cases that pay no supplier.
    """
    typed = str((case.draft or {}).get("supplier", "")).strip()
    if not typed or "supplier" not in CASE_TYPES[case.type].form():
        return ()
    marks = Marks.of(name=typed, kvk=typed, vat=typed, endpoint=typed, ibans=(typed,))
    found = suppliers_like(session, marks)
    return tuple(
        KnownSupplier(one.supplier.id, one.supplier.name, one.supplier.email, one.supplier.terms_days) for one in found
    )


def partners(session: Session) -> Sequence[Municipality]:
    """Every municipality of the partnership, by name."""
    return session.scalars(select(Municipality).order_by(Municipality.name)).all()
