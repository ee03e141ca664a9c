"""Who sends invoices in the seeded world, who is told of them, and who may approve them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from portal.clock import AMSTERDAM
from portal.models.people import Policy
from portal.models.suppliers import Supplier, SupplierAccount
from seed.organisation import Branch, invented_iban
from seed.people import Staff, plain
from seed.sources import source

SOURCE = "Handboek van het shared service center"


def build(session: Session, branches: Sequence[Branch], staff: Staff, since: date) -> None:
    """Put the suppliers in the master data, and name for each municipality who is told of invoices."""
    at = datetime.combine(since - timedelta(days=400), time(9), AMSTERDAM)
    for place, row in enumerate(source("invoices")["supplier"], start=1):
        supplier = Supplier(
            name=row["name"], kvk=row["kvk"], vat=f"NL0{row['kvk']}B01", town=row["town"], phone="0800 0000",
            email=f"facturen@{plain(row['name']).strip('.')}.example", created_at=at,
        )  # fmt: skip
        session.add(supplier)
        session.flush()
        session.add(
            SupplierAccount(
                supplier_id=supplier.id, iban=invented_iban(7 * 10**9 + place), valid_from=at.date(), changed_at=at
            )
        )
    for branch in branches:
        stayed = [
            member
            for member in staff.members.values()
            if member.id not in staff.named.values()
            and [(post.municipality_id, post.last) for post in member.posts] == [(branch.municipality.id, None)]
            and member.posts[0].first <= since
        ]
        told = min(stayed, key=lambda member: (member.rank != "employee", member.id))
        session.add(
            Policy(
                municipality_id=branch.municipality.id, key="invoice_contact", value=told.person.email,
                valid_from=at.date(), source=SOURCE,
            )
        )  # fmt: skip
