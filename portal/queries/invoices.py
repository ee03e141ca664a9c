"""Files with invoices as clerks look at them, for whom an invoice is, and whether the same one came in before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session, joinedload

from portal.access import Role, Viewer
from portal.clock import local_date
from portal.models.cases import Case
from portal.models.invoices import InvoiceFile
from portal.models.people import Municipality, Policy
from portal.models.suppliers import Supplier
from portal.queries.suppliers import plain_endpoint, records_of
from portal.searching import bare_name
from workflows.parties import GRANTED

PAGE = 50
ADDRESSES = "invoice_addresses"
"""The policy that names the electronic addresses of a municipality."""


def same_invoice(session: Session, row: InvoiceFile) -> str:
    """The number of the case that the same invoice of the same supplier became; empty without. Two queries at most.

    What was rejected or thrown away is none: a supplier mends an invoice and sends it again under its number.
    """
    who: list[ColumnElement[bool]] = [InvoiceFile.seller_key == row.seller_key]
    if row.supplier_id is not None:
        # Of two files at once the second waits here, and then sees the first.
        supplier = session.scalars(
            select(Supplier).where(Supplier.id == row.supplier_id).with_for_update(key_share=True)
        ).one()
        who.append(InvoiceFile.supplier_id.in_(records_of(session, supplier)))
    query = (
        select(Case.number)
        .join(InvoiceFile, InvoiceFile.case_id == Case.id)
        .where(
            InvoiceFile.number == row.number, InvoiceFile.id != row.id, or_(*who),
            or_(Case.result.is_(None), Case.result == GRANTED.value),
        )
        .limit(1)
    )  # fmt: skip
    return session.scalars(query).first() or ""


def bought_by(session: Session, name: str, endpoint: str, at: datetime) -> Municipality | None:
    """For which municipality an invoice is: by its electronic address, else by its name; None when that is unclear."""
    today = local_date(at)
    address = plain_endpoint(endpoint)
    if address:
        rows = session.scalars(select(Policy).where(Policy.key == ADDRESSES, Policy.municipality_id.is_not(None)))
        theirs = {
            row.municipality_id
            for row in rows
            if row.valid_from <= today and (row.valid_to is None or today <= row.valid_to)
            and address in (plain_endpoint(one) for one in row.value.replace(",", " ").split())
        }  # fmt: skip
        if len(theirs) == 1:
            return session.get(Municipality, theirs.pop())
    called = _town(name)
    found = [
        one for one in session.scalars(select(Municipality)) if called in (_town(one.name), _town(one.account_name))
    ]
    return found[0] if called and len(found) == 1 else None


def _town(name: str) -> str:
    """The name of a municipality as it is compared: "Gemeente Waterveen" is "waterveen"."""
    return bare_name(name).removeprefix("gemeente ").strip()


def _reached(viewer: Viewer) -> ColumnElement[bool]:
    """The SQL condition that a clerk may see a file: of whom nobody knows for whom it is, every clerk may."""
    places = viewer.reach(Role.CLERK)
    mine = InvoiceFile.municipality_id
    return true() if places is None else or_(mine.is_(None), mine.in_(places))


def waiting(
    session: Session, viewer: Viewer, after: int | None = None, limit: int = PAGE
) -> tuple[Sequence[InvoiceFile], int | None]:
    """Files that wait for this clerk, the first that came first; and the key of the next page."""
    query = select(InvoiceFile).where(InvoiceFile.settled_at.is_(None), _reached(viewer))
    if after is not None:
        query = query.where(InvoiceFile.id > after)
    found = session.scalars(query.order_by(InvoiceFile.id).limit(limit + 1)).all()
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def lately(session: Session, viewer: Viewer, limit: int = 10) -> Sequence[InvoiceFile]:
    """The last files that were seen to, with the case that each became."""
    query = select(InvoiceFile).where(InvoiceFile.settled_at.is_not(None), _reached(viewer))
    whole = joinedload(InvoiceFile.case).load_only(Case.number)
    return session.scalars(query.options(whole).order_by(InvoiceFile.id.desc()).limit(limit)).all()


def file_by_id(session: Session, viewer: Viewer, file_id: int) -> InvoiceFile | None:
    """One file, with its case, supplier and municipality."""
    whole = (
        joinedload(InvoiceFile.case).load_only(Case.number), joinedload(InvoiceFile.supplier),
        joinedload(InvoiceFile.municipality), joinedload(InvoiceFile.settled_by), joinedload(InvoiceFile.uploaded_by),
    )  # fmt: skip
    query = select(InvoiceFile).where(InvoiceFile.id == file_id, _reached(viewer))
    return session.scalars(query.options(*whole)).first()


def invoices_of(session: Session, viewer: Viewer, supplier: Supplier, limit: int = 20) -> Sequence[InvoiceFile]:
    """The last electronic invoices of a supplier, of municipalities that this clerk works for."""
    query = select(InvoiceFile).where(InvoiceFile.supplier_id == supplier.id, _reached(viewer))
    whole = joinedload(InvoiceFile.case).load_only(Case.number, Case.state, Case.type)
    return session.scalars(query.options(whole).order_by(InvoiceFile.id.desc()).limit(limit)).all()
