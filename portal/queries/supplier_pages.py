"""Suppliers as clerks and treasurers look at them: the list, one supplier with all there is, and what is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session, joinedload

from portal.models.suppliers import Supplier, SupplierAccount, SupplierRequest
from portal.queries.suppliers import Alike, Marks, suppliers_like
from portal.searching import matching

PAGE = 50
BLOCKED = "blocked"


@dataclass(frozen=True)
class Found:
    """One page of suppliers by name; `after` is the key to ask the next with."""

    suppliers: Sequence[Supplier]
    after: str | None = None


def suppliers(session: Session, text: str = "", kind: str = "", after: str = "", limit: int = PAGE) -> Found:
    """Suppliers in whose name, town or numbers each word occurs. One query."""
    query = select(Supplier).where(matching(Supplier.words, text))
    if kind == BLOCKED:
        query = query.where(Supplier.blocked_at.is_not(None))
    name, _, key = after.rpartition("|")
    if key.isascii() and key.isdigit() and len(key) < 19:
        query = query.where(tuple_(Supplier.bare, Supplier.id) > (name, int(key)))
    found = session.scalars(query.order_by(Supplier.bare, Supplier.id).limit(limit + 1)).all()
    last = found[limit - 1] if len(found) > limit else None
    return Found(found[:limit], f"{last.bare}|{last.id}" if last else None)


def waiting_requests(session: Session, limit: int = 100) -> Sequence[SupplierRequest]:
    """What waits for a second clerk, the oldest first."""
    query = select(SupplierRequest).where(SupplierRequest.decided_at.is_(None)).order_by(SupplierRequest.id)
    whom = (joinedload(SupplierRequest.asked_by), joinedload(SupplierRequest.supplier))
    return session.scalars(query.options(*whom).limit(limit)).all()


def request_by_id(session: Session, request_id: int) -> SupplierRequest | None:
    """One request, with who asked and about whom."""
    whom = (joinedload(SupplierRequest.asked_by), joinedload(SupplierRequest.supplier),
            joinedload(SupplierRequest.decided_by))  # fmt: skip
    return session.scalars(select(SupplierRequest).where(SupplierRequest.id == request_id).options(*whom)).first()


@dataclass(frozen=True)
class Whole:
    """One supplier: its accounts and requests, the newest first, and suppliers that look like it."""

    supplier: Supplier
    accounts: Sequence[SupplierAccount]
    requests: Sequence[SupplierRequest]
    alike: Sequence[Alike]

    @property
    def waiting(self) -> Sequence[SupplierRequest]:
        """What waits for a second clerk."""
        return [one for one in self.requests if one.decided_at is None]

    @property
    def phone_request(self) -> SupplierRequest | None:
        """By what the telephone number was last changed: a number that is new proves little."""
        changed = (one for one in self.requests if one.kind == "change" and one.granted and "phone" in one.data)
        return next(changed, None)


def whole_supplier(session: Session, supplier_id: int) -> Whole | None:
    """One supplier with all there is to see. Five queries."""
    supplier = session.scalars(
        select(Supplier)
        .where(Supplier.id == supplier_id)
        .options(joinedload(Supplier.created_by), joinedload(Supplier.approved_by))
    ).first()
    if supplier is None:
        return None
    accounts = session.scalars(
        select(SupplierAccount)
        .where(SupplierAccount.supplier_id == supplier.id)
        .options(joinedload(SupplierAccount.changed_by), joinedload(SupplierAccount.checked_by),
                 joinedload(SupplierAccount.released_by))
        .order_by(SupplierAccount.id.desc())
    ).all()  # fmt: skip
    requests = session.scalars(
        select(SupplierRequest)
        .where(SupplierRequest.supplier_id == supplier.id)
        .options(joinedload(SupplierRequest.asked_by), joinedload(SupplierRequest.decided_by))
        .order_by(SupplierRequest.id.desc())
        .limit(PAGE)
    ).all()
    marks = Marks.of(supplier.name, supplier.kvk, supplier.vat, supplier.endpoint, [one.iban for one in accounts])
    return Whole(supplier, accounts, requests, suppliers_like(session, marks, supplier.id))


def alike_now(session: Session, request: SupplierRequest, about: Supplier | None) -> list[Alike]:
    """Who looks like what is asked, as it is now: somebody else may have been added meanwhile."""
    known: dict[str, str] = {
        name: str(request.data.get(name) or (getattr(about, name) if about else ""))
        for name in ("name", "kvk", "vat", "endpoint")
    }
    ibans = [str(request.data[name]) for name in ("iban", "guarantee") if request.data.get(name)]
    if request.kind == "account":
        return suppliers_like(session, Marks.of(ibans=ibans), request.supplier_id)
    if request.kind not in ("new", "change"):
        return []
    return suppliers_like(session, Marks.of(**known, ibans=ibans), request.supplier_id, near=True)


def names_of_suppliers(session: Session, ids: Sequence[int]) -> Mapping[int, str]:
    """The names of these suppliers."""
    return {row.id: row.name for row in session.execute(select(Supplier.id, Supplier.name).where(Supplier.id.in_(ids)))}
