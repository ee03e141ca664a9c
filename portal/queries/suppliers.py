"""Suppliers: finding one by what an invoice says of it, on which account it is paid, and why payments to it wait."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import SequenceMatcher

from sqlalchemy import BindParameter, ColumnElement, bindparam, false, or_, select
from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.models.contact import Contact
from portal.models.people import Municipality
from portal.models.suppliers import Supplier, SupplierAccount, SupplierRequest
from portal.queries.people import calendar_of
from portal.searching import bare_name
from workflows.kernel import Refusal, WorkingDays
from workflows.parties import N_
from workflows.policies import PolicyBook

SUPPLIER_BLOCKED = Refusal(
    "supplier_blocked", N_("Nothing is paid to %(supplier)s since %(since)s, because: %(because)s.")
)
SUPPLIER_NO_ACCOUNT = Refusal("supplier_no_account", N_("No account of %(supplier)s is known to pay to."))
SUPPLIER_ACCOUNT_PENDING = Refusal(
    "supplier_account_pending",
    N_("Another account of %(supplier)s was asked for. Payments wait until a second clerk has confirmed it."),
)
SUPPLIER_ACCOUNT_HELD = Refusal(
    "supplier_account_held",
    N_("The account of %(supplier)s was changed on %(since)s. Payments wait until %(until)s, "
       "unless a third person ends that after calling the supplier."),
)  # fmt: skip

MOST_ALIKE, MOST_NEAR = 20, 500
NEAR, SHORT, BEGINNING = 0.86, 4, 4
"""How alike two names are that could be one, from which length on that says something, and how they must begin."""
_BETWEEN = re.compile(r"[^A-Z0-9]+")


def plain(identifier: str) -> str:
    """An identifier as it is kept: capitals and digits alone."""
    return _BETWEEN.sub("", identifier.upper())


def plain_endpoint(endpoint: str) -> str:
    """An electronic address as it is kept: scheme:identifier, in small letters."""
    scheme, colon, identifier = endpoint.partition(":")
    return f"{scheme.strip().lower()}:{''.join(identifier.split()).lower()}" if colon and identifier.strip() else ""


@dataclass(frozen=True)
class Marks:
    """By what a supplier can be known, as it is kept. Make them with `of`."""

    name: str = ""
    kvk: str = ""
    vat: str = ""
    endpoint: str = ""
    ibans: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str = "", kvk: str = "", vat: str = "", endpoint: str = "",
           ibans: Collection[str] = ()) -> Marks:  # fmt: skip
        """The marks in whatever way they were written."""
        accounts = tuple(found for iban in ibans if (found := plain(iban)))
        return cls(bare_name(name), plain(kvk), plain(vat), plain_endpoint(endpoint), accounts)


@dataclass(frozen=True)
class Alike:
    """A supplier that looks like another, and in what: `vat`, `kvk`, `endpoint`, `iban`, `name`."""

    supplier: Supplier
    by: tuple[str, ...]


def suppliers_like(session: Session, marks: Marks, besides: int | None = None, *, near: bool = False) -> list[Alike]:
    """Suppliers with one of these identifiers or accounts, or this name; the most alike first. Two queries.

    With `near` also those with nearly this name, among those that begin alike: one query more.
    """
    paid = select(SupplierAccount.supplier_id).where(SupplierAccount.iban.in_(marks.ibans))
    same = [
        column == value
        for column, value in (
            (Supplier.kvk, marks.kvk), (Supplier.vat, marks.vat), (Supplier.endpoint, marks.endpoint),
            (Supplier.bare, marks.name),
        )
        if value
    ]  # fmt: skip
    if marks.ibans:
        same.append(Supplier.id.in_(paid))
    if near and marks.name:
        same.append(Supplier.id.in_(_nearly_named(session, marks.name)))
    if not same:
        return []
    query = select(Supplier).where(or_(false(), *same)).order_by(Supplier.id).limit(MOST_ALIKE)
    found = [one for one in session.scalars(query) if one.id != besides]
    theirs = paid.where(SupplierAccount.supplier_id.in_([one.id for one in found]))
    owners = set(session.scalars(theirs)) if marks.ibans and found else set()
    alike = [Alike(one, _by(one, marks, one.id in owners)) for one in found]
    return sorted(alike, key=lambda one: (-len(one.by), one.supplier.id))


def alike_names(one: str, other: str) -> bool:
    """Whether two bare names are nearly the same: a typing mistake, or the same words in another order."""
    if one == other or sorted(one.split()) == sorted(other.split()):
        return True
    return min(len(one), len(other)) > SHORT and SequenceMatcher(None, one, other).ratio() >= NEAR


def _nearly_named(session: Session, name: str) -> list[int]:
    """Suppliers with nearly this name, of those in which its longest word begins."""
    longest = max(name.split(), key=len)[:BEGINNING]
    query = select(Supplier.id, Supplier.bare).where(Supplier.bare.contains(longest, autoescape=True))
    rows = session.execute(query.order_by(Supplier.bare, Supplier.id).limit(MOST_NEAR))
    return [row.id for row in rows if alike_names(row.bare, name)][:MOST_ALIKE]


def _by(supplier: Supplier, marks: Marks, by_iban: bool) -> tuple[str, ...]:
    same = {
        "vat": bool(marks.vat) and supplier.vat == marks.vat,
        "kvk": bool(marks.kvk) and supplier.kvk == marks.kvk,
        "endpoint": bool(marks.endpoint) and supplier.endpoint == marks.endpoint,
        "iban": by_iban,
        "name": bool(marks.name) and alike_names(supplier.bare, marks.name),
    }
    return tuple(mark for mark, is_same in same.items() if is_same)


def supplier_of(session: Session, marks: Marks) -> Supplier | None:
    """The supplier that an invoice is from: by its VAT number, KvK number or electronic address, in that order.

    None when nobody is, and when the identifiers point at different suppliers: then a clerk says who it is. A name or
    an account alone say nothing, as anybody can write them on an invoice.
    """
    found = suppliers_like(session, Marks(kvk=marks.kvk, vat=marks.vat, endpoint=marks.endpoint))
    for mark in ("vat", "kvk", "endpoint"):
        same = [one.supplier for one in found if mark in one.by]
        if same:
            others = (other for other in found if other.supplier is not same[0])
            return same[0] if len(same) == 1 and not any(_contradicts(same[0], other) for other in others) else None
    return None


def _contradicts(supplier: Supplier, other: Alike) -> bool:
    """Whether another supplier has an identifier of the invoice for which this one has a different one."""
    return any(
        getattr(supplier, mark) and getattr(supplier, mark) != getattr(other.supplier, mark) for mark in other.by
    )


def records_of(session: Session, supplier: Supplier) -> Sequence[int]:
    """Every record of the same supplier: those with its KvK or VAT number, and itself."""
    same: list[ColumnElement[bool]] = [Supplier.id == supplier.id]
    if supplier.kvk:
        same.append(Supplier.kvk == supplier.kvk)
    if supplier.vat:
        same.append(Supplier.vat == supplier.vat)
    return session.scalars(select(Supplier.id).where(or_(*same)).order_by(Supplier.id)).all()


@dataclass(frozen=True)
class PaidOn:
    """The accounts on which a supplier is paid, and those ever known."""

    account: SupplierAccount | None = None
    guarantee: SupplierAccount | None = None
    ibans: frozenset[str] = frozenset()
    pending: bool = False
    """Another account was asked for, and waits for a second clerk."""


# Put together once: that takes longer than running them.
_THESE: BindParameter[int] = bindparam("suppliers", expanding=True)
ACCOUNTS = select(SupplierAccount).where(SupplierAccount.supplier_id.in_(_THESE)).order_by(SupplierAccount.id)
ASKED_FOR = select(SupplierRequest.supplier_id).where(
    SupplierRequest.supplier_id.in_(_THESE), SupplierRequest.kind == "account", SupplierRequest.decided_at.is_(None)
)


def accounts_of(
    session: Session, suppliers: Collection[int], on: date, *, asked_for: bool = True
) -> Mapping[int, PaidOn]:
    """On which accounts each of these suppliers is paid on a day. Two queries; one when it does not matter what was
    asked for and waits."""
    these = {"suppliers": list(suppliers)}
    rows = session.scalars(ACCOUNTS, these).all()
    pending = set(session.scalars(ASKED_FOR, these)) if asked_for else set()
    found: dict[int, PaidOn] = {}
    for supplier_id in suppliers:
        begun = [row for row in rows if row.supplier_id == supplier_id and row.valid_from <= on]
        found[supplier_id] = PaidOn(
            next((row for row in reversed(begun) if not row.guarantee), None),
            next((row for row in reversed(begun) if row.guarantee), None),
            frozenset(row.iban for row in begun),
            supplier_id in pending,
        )
    return found


def calls_since(session: Session, supplier_id: int | None, since: datetime) -> set[int | None]:
    """Who called this supplier since then."""
    rows = select(Contact.clerk_id).where(Contact.supplier_id == supplier_id, Contact.at >= since)
    return set(session.scalars(rows)) if supplier_id is not None else set()


def held_until(account: SupplierAccount, municipality: Municipality, policies: PolicyBook) -> datetime | None:
    """Until when payments to an account that replaced another wait; None when they need not."""
    if account.follows_id is None or account.released_at is not None:
        return None
    days = int(policies.number("account_hold_days", local_date(account.changed_at), default=5))
    return calendar_of(municipality).due(account.changed_at, WorkingDays(days)) if days else None


def supplier_waits(
    supplier: Supplier, paid_on: PaidOn, municipality: Municipality, policies: PolicyBook, at: datetime
) -> tuple[Refusal, ...]:
    """Every reason why nothing can be paid to this supplier now."""
    who = {"supplier": supplier.name}
    refusals: list[Refusal] = []
    if supplier.blocked_at is not None:
        since = {"since": local_date(supplier.blocked_at), "because": supplier.blocked_because}
        refusals.append(Refusal(SUPPLIER_BLOCKED.code, SUPPLIER_BLOCKED.sentence, who | since))
    if paid_on.pending:
        refusals.append(Refusal(SUPPLIER_ACCOUNT_PENDING.code, SUPPLIER_ACCOUNT_PENDING.sentence, who))
    if paid_on.account is None:
        refusals.append(Refusal(SUPPLIER_NO_ACCOUNT.code, SUPPLIER_NO_ACCOUNT.sentence, who))
    for account in (paid_on.account, paid_on.guarantee):
        until = held_until(account, municipality, policies) if account else None
        if account is not None and until is not None and at < until:
            days = {"since": local_date(account.changed_at), "until": local_date(until)}
            refusals.append(Refusal(SUPPLIER_ACCOUNT_HELD.code, SUPPLIER_ACCOUNT_HELD.sentence, who | days))
    return tuple(refusals)
