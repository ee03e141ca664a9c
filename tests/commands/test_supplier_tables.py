"""Suppliers: who is found by what stands on an invoice, on which account they are paid, and what waits."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.models.people import Municipality
from portal.models.suppliers import Supplier, SupplierAccount, SupplierRequest
from portal.queries.people import policies_of
from portal.queries.suppliers import (
    Marks,
    PaidOn,
    accounts_of,
    held_until,
    plain,
    records_of,
    supplier_of,
    supplier_waits,
    suppliers_like,
)
from portal.searching import bare_name
from portal.worlds import World
from tests.cast import NEW_IBAN, Cast
from tests.conftest import TUESDAY

TODAY = date(2026, 11, 24)
OLD_IBAN = "NL20INGB0001234567"


def supplier(session: Session, name: str = "Bakkerij De Vries B.V.", **known: Any) -> Supplier:
    """A supplier that was there from the beginning."""
    row = Supplier(name=name, created_at=TUESDAY, **known)
    session.add(row)
    session.flush()
    return row


def account(session: Session, owner: Supplier, iban: str = OLD_IBAN, **known: Any) -> SupplierAccount:
    """An account of a supplier, in use since long."""
    values = {"valid_from": date(2020, 1, 1), "changed_at": datetime(2020, 1, 1, tzinfo=UTC), **known}
    row = SupplierAccount(supplier_id=owner.id, iban=iban, **values)
    session.add(row)
    session.flush()
    return row


def test_names_are_compared_without_legal_form_and_marks() -> None:
    assert bare_name("Bakkerij De Vries B.V.") == bare_name("BAKKERIJ DE VRIES BV") == "bakkerij de vries"
    assert bare_name("Stichting Zoë") == "zoe"
    assert bare_name("B.V.") == "bv"
    assert bare_name("Groen Holding B.V.") != bare_name("Groen B.V.")


@given(st.text(max_size=40))
def test_comparing_names_twice_is_comparing_them_once(name: str) -> None:
    assert bare_name(bare_name(name)) == bare_name(name)


@given(st.text(max_size=40))
def test_an_identifier_is_kept_in_one_way(text: str) -> None:
    assert plain(plain(text)) == plain(text) == plain(f" {text.lower()} . ") or not text.lower().isascii()


def test_a_supplier_is_known_by_its_identifiers_and_never_by_name_or_account_alone(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        bakery = supplier(session, kvk="12345678", vat="NL001234567B01", endpoint="0106:12345678")
        account(session, bakery)
        other = supplier(session, "Drukkerij Jansen", kvk="87654321")
        assert supplier_of(session, Marks.of(vat="nl 0012.34.567.b01")) is bakery
        assert supplier_of(session, Marks.of(kvk="1234 5678")) is bakery
        assert supplier_of(session, Marks.of(endpoint="0106: 12345678")) is bakery
        assert supplier_of(session, Marks.of(name="Bakkerij de Vries BV", ibans=(OLD_IBAN,))) is None
        # Identifiers of two suppliers on one invoice: a person says who it is.
        assert supplier_of(session, Marks.of(vat="NL001234567B01", kvk=other.kvk)) is None
        assert supplier_of(session, Marks.of()) is None


def test_two_records_of_one_supplier_belong_together(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        first = supplier(session, kvk="12345678")
        second = supplier(session, "De Vries Brood", kvk="12345678", vat="NL001234567B01")
        third = supplier(session, "De Vries", vat="NL001234567B01")
        supplier(session, "Geen nummers")
        assert supplier_of(session, Marks.of(kvk="12345678")) is None
        assert list(records_of(session, first)) == [first.id, second.id]
        assert list(records_of(session, second)) == [first.id, second.id, third.id]


def test_what_looks_alike_is_found_with_in_what(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        bakery = supplier(session, kvk="12345678", vat="NL001234567B01")
        account(session, bakery)
        namesake = supplier(session, "bakkerij de vries")
        found = suppliers_like(
            session, Marks.of("Bakkerij De Vries", kvk="12345678", ibans=("nl20 ingb 0001 2345 67",))
        )
        assert [(one.supplier, one.by) for one in found] == [
            (bakery, ("kvk", "iban", "name")), (namesake, ("name",)),
        ]  # fmt: skip
        assert suppliers_like(session, Marks.of(kvk="12345678"), besides=bakery.id) == []


def test_the_account_paid_to_is_the_last_begun_of_its_kind(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        bakery = supplier(session)
        first = account(session, bakery)
        second = account(session, bakery, NEW_IBAN, follows_id=first.id, valid_from=TODAY)
        guarantee = account(session, bakery, "NL61INGB0990000031", guarantee=True)
        before = accounts_of(session, [bakery.id], TODAY - timedelta(days=1))[bakery.id]
        assert (before.account, before.guarantee) == (first, guarantee)
        now = accounts_of(session, [bakery.id], TODAY)[bakery.id]
        assert now.account is second
        assert now.ibans == {OLD_IBAN, NEW_IBAN, "NL61INGB0990000031"}
        assert not now.pending


def waits(session: Session, cast: Cast, who: Supplier, at: datetime = TUESDAY) -> list[str]:
    town = session.get_one(Municipality, cast.municipalities["waterveen"])
    paid_on = accounts_of(session, [who.id], at.date())[who.id]
    return [one.code for one in supplier_waits(who, paid_on, town, policies_of(session, town.id), at)]


def test_nothing_is_paid_without_account_or_to_who_is_blocked(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        bakery = supplier(session)
        assert waits(session, cast, bakery) == ["supplier_no_account"]
        account(session, bakery)
        assert waits(session, cast, bakery) == []
        bakery.blocked_at, bakery.blocked_because = TUESDAY, "Failliet"
        assert waits(session, cast, bakery) == ["supplier_blocked"]


def test_an_account_that_replaced_another_waits_until_a_third_person_ends_that(world: World, cast: Cast) -> None:
    carla, els, dirk = (cast.people[name] for name in ("carla", "els", "dirk"))
    with world.db.transaction() as session:
        bakery = supplier(session)
        first = account(session, bakery)
        session.add(
            SupplierRequest(supplier_id=bakery.id, kind="account", data={"iban": NEW_IBAN}, reason="Brief",
                            asked_at=TUESDAY, asked_by_id=carla)
        )  # fmt: skip
        session.flush()
        assert waits(session, cast, bakery) == ["supplier_account_pending"]
        request = session.query(SupplierRequest).one()
        request.decided_at, request.decided_by_id, request.granted = TUESDAY, els, True
        changed = account(session, bakery, NEW_IBAN, follows_id=first.id, valid_from=TODAY, changed_at=TUESDAY,
                          changed_by_id=carla, checked_by_id=els)  # fmt: skip
        assert waits(session, cast, bakery) == ["supplier_account_held"]
        assert waits(session, cast, bakery, TUESDAY + timedelta(days=10)) == []
        changed.released_at, changed.released_by_id = TUESDAY, dirk
        session.flush()
        assert waits(session, cast, bakery) == []
        town = session.get_one(Municipality, cast.municipalities["waterveen"])
        assert held_until(changed, town, policies_of(session, town.id)) is None
        assert PaidOn().account is None


@pytest.mark.parametrize(
    "known",
    [
        {"changed_by_id": "carla", "checked_by_id": "carla"},
        {"changed_by_id": "carla"},
        {"changed_by_id": "carla", "checked_by_id": "els", "released_by_id": "els", "released_at": TUESDAY},
        {"changed_by_id": "carla", "checked_by_id": "els", "released_by_id": "carla", "released_at": TUESDAY},
    ],
)
def test_the_database_wants_another_pair_of_eyes_on_an_account(world: World, cast: Cast, known: dict[str, Any]) -> None:
    people = {key: cast.people.get(value, value) if isinstance(value, str) else value for key, value in known.items()}
    with world.db.session() as session, pytest.raises(IntegrityError):
        account(session, supplier(session), **people)


def test_the_database_wants_two_clerks_for_a_supplier_and_for_what_is_asked(world: World, cast: Cast) -> None:
    carla = cast.people["carla"]
    with world.db.session() as session, pytest.raises(IntegrityError):
        supplier(session, created_by_id=carla, approved_by_id=carla)
    with world.db.session() as session, pytest.raises(IntegrityError):
        supplier(session, blocked_at=TUESDAY)
    with world.db.session() as session:
        session.add(
            SupplierRequest(kind="new", data={}, reason="Nieuw", asked_at=TUESDAY, asked_by_id=carla,
                            decided_at=TUESDAY, decided_by_id=carla, granted=True)
        )  # fmt: skip
        with pytest.raises(IntegrityError):
            session.flush()
