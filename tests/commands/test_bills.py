"""Invoices held against each other and against claims, and their account against the master data."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commands import flags, suppliers
from portal.commands.documents import add_document
from portal.commands.suppliers import Call
from portal.interfaces.files import take_in
from portal.models.bills import CaseBill
from portal.models.cases import Case
from portal.models.suppliers import Supplier, SupplierAccount
from portal.worlds import World
from tests.cast import NEW_IBAN, Cast
from tests.commands.helpers import refused
from tests.commands.test_duplicates import claim, other_amount, raised
from tests.invoices import handed_in, prepare, supplier, ticked
from tests.sample_files import jpeg
from workflows.flags import NOT_DOUBLE

GUARANTEE = "NL61INGB0990000031"

SAME = {"number": "F-1", "issued": "2026-11-18"}


@pytest.fixture
def session(world: World, cast: Cast) -> Iterator[Session]:
    with world.db.session() as session:
        yield session


def flagged(session: Session, case: Case) -> list[tuple[str, str]]:
    return raised(session, case)


def test_the_same_invoice_is_found_over_municipalities_and_records(session: Session, cast: Cast) -> None:
    known = prepare(session, cast)
    twin = Supplier(name="Groenbeheer Waterveen", kvk=known.kvk, created_at=cast.world.clock.now())
    session.add(twin)
    session.flush()
    first = handed_in(session, cast, key="a", **SAME)
    assert flagged(session, first) == []
    elsewhere = handed_in(
        session, cast, key="b", place="duinrade", by=twin, **(SAME | {"number": "f 01"}), ordered_by="", iban=""
    )
    assert flagged(session, elsewhere) == [("invoice_alike", first.number)]
    assert elsewhere.flags[0]["values"]["score"] == 100
    # Another month of the same: another number and another day.
    later = handed_in(session, cast, key="c", number="F-2", issued="2026-11-19")
    assert flagged(session, later) == []
    # The same amount on the same day under another number, and a credit note.
    retyped = handed_in(session, cast, key="d", **(SAME | {"number": "A-77"}))
    assert (("invoice_alike", first.number)) in flagged(session, retyped)
    credit = handed_in(session, cast, key="e", **SAME, credit=True, preceding="F-1")
    assert flagged(session, credit) == []


def test_what_was_rejected_is_no_candidate_and_a_mended_number_is_looked_up_anew(session: Session, cast: Cast) -> None:
    first = handed_in(session, cast, key="a", **SAME)
    cast.act(session, "carla", first, "refuse", "Niet besteld")
    second = handed_in(session, cast, key="b", **SAME)
    assert flagged(session, second) == []
    third = handed_in(session, cast, key="c", **SAME)
    assert flagged(session, third) == [("invoice_alike", second.number)]
    bills = session.scalars(select(CaseBill).order_by(CaseBill.id)).all()
    assert [(bill.number, bill.cents) for bill in bills] == [("F1", 12_100)] * 3


def test_it_stands_in_the_way_until_a_clerk_settled_it_with_a_reason(session: Session, cast: Cast) -> None:
    handed_in(session, cast, key="a", **SAME)
    second = handed_in(session, cast, key="b", **SAME)
    ticked(session, cast, second, "carla", "registration", ("file", "receipt", "supplier"))
    assert refused(lambda: cast.act(session, "carla", second, "register")) == {"flags_open"}
    now = cast.world.clock.now()
    flags.settle(session, cast.viewer(session, "carla"), second, 0, NOT_DOUBLE, "Twee keer gesnoeid", now)
    cast.act(session, "carla", second, "register")
    assert second.state == "delivery"


def test_an_expense_of_an_employee_at_the_same_supplier_is_found(session: Session, cast: Cast) -> None:
    paid = {"category": "parking", "date": "2026-11-18", **other_amount(12_100)}
    claimed = claim(session, cast, "anna", "k", file=1, text="Planten bij Groenbeheer", **paid)
    claim(session, cast, "aart", "k", file=2, text="Parkeren", **paid)
    session.flush()
    invoice = handed_in(session, cast, **SAME)
    assert flagged(session, invoice) == [("invoice_claimed", claimed.number)]


def test_another_account_holds_it_until_one_called_and_another_settled_that(session: Session, cast: Cast) -> None:
    now, known = cast.world.clock.now(), prepare(session, cast)
    known.phone = "0201234567"
    invoice = handed_in(session, cast, iban=NEW_IBAN)
    (flag,) = invoice.flags
    assert flag["code"] == "iban_differs"
    assert NEW_IBAN not in str(flag)
    assert flag["values"]["iban"].replace(" ", "").endswith("4300")

    def settle(name: str) -> Any:
        invoice.assignee_id = cast.people[name]
        return flags.settle(session, cast.viewer(session, name), invoice, 0, "confirmed", "Nagevraagd", now)

    assert refused(lambda: settle("els")) == {"flag_not_called"}
    call = Call("Mevrouw Groen", "Zij gebruiken de rekening die wij kennen")
    suppliers.called(session, cast.viewer(session, "els"), known, call, now)
    assert refused(lambda: settle("els")) == {"flag_called_yourself"}
    settle("carla")
    assert invoice.flags[0]["settled_as"] == "confirmed"


def test_an_account_that_was_changed_lately_is_flagged(session: Session, cast: Cast) -> None:
    now, known = cast.world.clock.now(), prepare(session, cast)
    first = session.scalars(select(SupplierAccount).where(SupplierAccount.supplier_id == known.id)).one()
    session.add(
        SupplierAccount(supplier_id=known.id, iban=NEW_IBAN, valid_from=now.date(), follows_id=first.id, changed_at=now,
                        changed_by_id=cast.people["carla"], checked_by_id=cast.people["els"])
    )  # fmt: skip
    session.flush()
    lately = handed_in(session, cast, iban=NEW_IBAN)
    assert [flag["code"] for flag in lately.flags] == ["iban_lately"]
    unchanged = supplier(session, cast, "Hoveniers", "99887766", "NL02ABNA0123456789")
    other = handed_in(session, cast, 5000, key="z", by=unchanged, number="H9", iban="NL02ABNA0123456789")
    assert other.flags == []


def test_a_claim_that_comes_after_the_invoice_is_found_by_what_it_says_and_by_its_file(
    session: Session, cast: Cast
) -> None:
    invoice = handed_in(session, cast, **SAME)
    paid = {"category": "parking", "date": "2026-11-18", **other_amount(12_100)}
    later = claim(session, cast, "anna", "k", file=1, text="Planten bij Groenbeheer", **paid)
    assert flagged(session, later) == [("claim_invoiced", invoice.number)]
    assert later.flags[0]["asks"]
    for number, changed in enumerate(({"text": "Parkeren"}, {"date": "2026-11-17"}, other_amount(12_000))):
        apart = claim(
            session, cast, "aart", f"x{number}", file=5 + number, **(paid | {"text": "Groenbeheer"} | changed)
        )
        assert flagged(session, apart) == []
    copied(session, cast, invoice, file=9)
    by_file = claim(session, cast, "olga", "f", file=9, text="Lunch", **other_amount(900))
    assert flagged(session, by_file) == [("invoice_file", invoice.number)]
    cast.act(session, "carla", invoice, "refuse", "Niet besteld")
    assert flagged(session, claim(session, cast, "aart", "g", file=9, text="Koffie", **other_amount(300))) == [
        ("duplicate_file", by_file.number)
    ]


def copied(session: Session, cast: Cast, case: Case, *, file: int) -> None:
    """Put the receipt of a claim with an invoice."""
    intake = take_in(jpeg(width=40 + file), "bon.jpg")
    add_document(session, cast.world.files, case, intake, line_key="", by=case.initiator_id, at=cast.world.clock.now())


def test_an_invoice_that_comes_after_a_claim_with_its_file_is_found(session: Session, cast: Cast) -> None:
    claimed = claim(session, cast, "olga", "f", file=3, text="Lunch", **other_amount(900))
    invoice = handed_in(session, cast, **SAME)
    assert flagged(session, invoice) == []
    copied(session, cast, invoice, file=3)
    cast.act(session, "carla", invoice, "submit", content=invoice.content)
    assert flagged(session, invoice) == [("claim_file", claimed.number)]


def test_a_part_for_a_g_account_is_paid_after_a_call_and_by_the_word_of_a_second(session: Session, cast: Cast) -> None:
    now, known = cast.world.clock.now(), prepare(session, cast)
    known.phone = "0201234567"
    invoice = handed_in(session, cast, g_iban=GUARANTEE, g_cents=3_000)
    (flag,) = invoice.flags
    assert (flag["code"], flag["asks"], flag["values"]["guarantee_cents"]) == ("guarantee_part", True, 3_000)
    assert GUARANTEE not in str(flag)
    ticked(session, cast, invoice, "carla", "registration", ("file", "receipt", "supplier"))
    assert refused(lambda: cast.act(session, "carla", invoice, "register")) == {"flags_open"}
    carla = cast.viewer(session, "carla")
    settle = partial(flags.settle, session, carla, invoice, 0, "whole", "Zo afgesproken", now)
    assert refused(settle) == {"flag_not_called"}
    suppliers.called(session, cast.viewer(session, "els"), known, Call("Mevrouw Groen", "Alles op de gewone"), now)
    settle()
    cast.act(session, "carla", invoice, "register")
    assert invoice.state == "delivery"
