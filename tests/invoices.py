"""Suppliers and their invoices, to test with: registered on paper or taken in by themselves, and brought further."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commands import cases, registering
from portal.commands.documents import add_document
from portal.models.cases import Case
from portal.models.people import Mandate, Municipality, Policy
from portal.models.suppliers import Supplier, SupplierAccount
from portal.queries.cases import WHOLE
from tests.cast import SINCE, Cast, sample_receipt

SUPPLIER_IBAN = "NL44RABO0123456789"
HOLDERS = (("bram", "waterveen", 100_000), ("diane", "waterveen", 1_000_000), ("otto", "duinrade", 1_000_000))
CONTACTS = (("aart", "waterveen"), ("olga", "duinrade"))


def prepare(session: Session, cast: Cast) -> Supplier:
    """Who decides on invoices, who is told of them, and a supplier with an account."""
    if found := session.scalars(select(Supplier).where(Supplier.kvk == "11223344")).first():
        return found
    for name, place, cents in HOLDERS:
        session.add(
            Mandate(
                person_id=cast.people[name], municipality_id=cast.municipalities[place], kind="purchase_invoice",
                maximum_cents=cents, valid_from=SINCE,
            )
        )  # fmt: skip
    for name, place in CONTACTS:
        session.add(
            Policy(
                key="invoice_contact", value=f"{name}@example.org", municipality_id=cast.municipalities[place],
                valid_from=SINCE, source="test",
            )
        )  # fmt: skip
    return supplier(session, cast)


def supplier(session: Session, cast: Cast, name: str = "Groenbeheer Waterveen B.V.", kvk: str = "11223344",
             iban: str = SUPPLIER_IBAN) -> Supplier:  # fmt: skip
    """A supplier in the master data."""
    made = Supplier(name=name, kvk=kvk, email="facturen@example.com", created_at=cast.world.clock.now())
    session.add(made)
    session.flush()
    session.add(SupplierAccount(supplier_id=made.id, iban=iban, valid_from=SINCE, changed_at=cast.world.clock.now()))
    session.flush()
    return made


def content(made: Supplier | None, cents: int = 12_100, *, number: str = "F-1", received: str = "2026-11-20",
            **more: Any) -> dict[str, Any]:  # fmt: skip
    """What an invoice of one line holds, 21 % VAT included in the amount."""
    tax = round(cents * 21 / 121)
    net = cents - tax
    line = {"key": "a", "description": "Snoeien van bomen", "quantity": "1", "net_cents": net, "vat_category": "S",
            "vat_percent": "21"}  # fmt: skip
    return {
        "supplier": made.name if made else "Onbekend B.V.", "supplier_id": made.id if made else None,
        "supplier_email": made.email if made else "", "terms_days": None,
        "number": number, "issued": "2026-11-18", "due": "", "credit": False, "preceding": "",
        "received_at": f"{received}T00:00:00+01:00", "proof": "mail", "reference": "", "iban": SUPPLIER_IBAN,
        "ordered_by": "anna@example.org", "cost_centre": "1100", "lines": [line], "changes": [],
        "vat": [{"category": "S", "percent": "21", "taxable_cents": net, "tax_cents": tax}],
        "net_cents": net, "vat_cents": tax, "total_cents": cents, "prepaid_cents": 0, "rounding_cents": 0,
        "payable_cents": cents, "g_iban": "", "g_cents": 0,
    } | more  # fmt: skip


def _own(session: Session, made: Supplier, key: str) -> dict[str, str]:
    """A number and a day of its own, and the account that we know: else it would be flagged."""
    account = session.scalars(select(SupplierAccount.iban).where(SupplierAccount.supplier_id == made.id)).first()
    day = f"2026-11-{1 + sum(map(ord, key)) % 17:02d}"
    return {"number": f"F-{key}", "issued": day, "iban": account or ""}


def handed_in(session: Session, cast: Cast, cents: int = 12_100, *, key: str = "i1", place: str = "waterveen",
              by: Supplier | None = None, **more: Any) -> Case:  # fmt: skip
    """An invoice that a clerk handed in for registration, and holds."""
    made = by or prepare(session, cast)
    prepare(session, cast)
    municipality = session.get_one(Municipality, cast.municipalities[place])
    case = registering.start_for(
        session, cast.viewer(session, "carla"), "purchase_invoice", municipality, key, cast.world.clock.now()
    )
    add_document(
        session, cast.world.files, case, sample_receipt(), line_key="", by=cast.people["carla"],
        at=cast.world.clock.now(),
    )  # fmt: skip
    case = session.get_one(Case, case.id, options=WHOLE, populate_existing=True)
    cast.act(session, "carla", case, "submit", content=content(made, cents, **_own(session, made, key) | more))
    return case


def ticked(session: Session, cast: Cast, case: Case, clerk: str, line: str, checks: tuple[str, ...]) -> None:
    """Take the case and tick this list."""
    viewer = cast.viewer(session, clerk)
    cases.take(session, viewer, case, cast.world.clock.now())
    for check in checks:
        cases.tick(case, viewer, line, check, True, cast.world.clock.now())


def registered(session: Session, cast: Cast, cents: int = 12_100, **more: Any) -> Case:
    """An invoice of which Anna is asked whether it was delivered."""
    case = handed_in(session, cast, cents, **more)
    ticked(session, cast, case, "carla", "registration", ("file", "receipt", "supplier"))
    if not any(flag["code"].startswith("iban") for flag in case.flags):
        cast.settled(session, case)
    cast.act(session, "carla", case, "register")
    return case


def delivered(session: Session, cast: Cast, cents: int = 12_100, **more: Any) -> Case:
    """An invoice that Bram is asked to approve."""
    case = registered(session, cast, cents, **more)
    cast.act(session, "anna", case, "deliver")
    return case


def approved(session: Session, cast: Cast, cents: int = 12_100, **more: Any) -> Case:
    """An invoice that is checked once more before it is paid."""
    case = delivered(session, cast, cents, **more)
    cast.act(session, "bram", case, "approve")
    if case.state == "countersign":
        cast.act(session, "diane", case, "countersign")
    return case


def payable(session: Session, cast: Cast, cents: int = 12_100, **more: Any) -> Case:
    """An invoice that is paid when its day comes; a credit note is set off from now on."""
    case = approved(session, cast, cents, **more)
    ticked(session, cast, case, "els", "check", ("delivered", "mandate", "amount", "coding"))
    cast.act(session, "els", case, "check")
    return case
