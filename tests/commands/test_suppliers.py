"""Suppliers: one clerk asks, another confirms; who looks like another is noticed; before another account one calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.commands import suppliers
from portal.commands.suppliers import Call, Details
from portal.models.changes import Change
from portal.models.contact import Contact, ContactQuestion
from portal.models.people import Municipality, RoleGrant
from portal.models.suppliers import Supplier, SupplierAccount, SupplierRequest
from portal.queries.people import policies_of
from portal.queries.supplier_pages import alike_now, whole_supplier
from portal.queries.suppliers import accounts_of, alike_names, supplier_waits
from portal.worlds import World
from tests.cast import NEW_IBAN, SINCE, Cast
from tests.commands.helpers import refused
from tests.conftest import TUESDAY
from workflows.identifiers import is_endpoint, is_kvk, is_vat
from workflows.kernel import Refused

IBAN = "NL20INGB0001234567"
CALL = Call("Mevrouw De Vries", "Zij las het nummer voor en het klopt")
BAKERY = Details(
    name="Bakkerij De Vries B.V.", kvk="12345678", vat="NL123456782B01", endpoint="0106:12345678", town="Waterveen",
    email="factuur@devries.example", phone="0201234567",
)  # fmt: skip


@pytest.fixture
def session(world: World, cast: Cast) -> Iterator[Session]:
    with world.db.session() as session:
        yield session


def asks(session: Session, cast: Cast, name: str = "carla", details: Details = BAKERY, **other: Any) -> SupplierRequest:
    """A request for a new supplier."""
    typed = {"iban": IBAN, "guarantee": "", "reason": "Eerste factuur", "distinct": "", **other}
    return suppliers.ask_new(session, cast.viewer(session, name), details, typed["iban"], typed["guarantee"],
                             typed["reason"], typed["distinct"], TUESDAY)  # fmt: skip


def confirms(session: Session, cast: Cast, request: SupplierRequest, name: str = "els", granted: bool = True,
             call: Call | None = None) -> Any:  # fmt: skip
    return suppliers.decide(session, cast.viewer(session, name), request, granted, TUESDAY, call)


def added(session: Session, cast: Cast, details: Details = BAKERY, **other: Any) -> Supplier:
    """A supplier that Carla asked for and Els confirmed."""
    supplier: Supplier = confirms(session, cast, asks(session, cast, details=details, **other))
    return supplier


def asks_account(session: Session, cast: Cast, supplier: Supplier, iban: str = NEW_IBAN, **other: Any) -> Any:
    typed: dict[str, Any] = {"guarantee": False, "valid_from": None, "distinct": "", "reason": "Brief", **other}
    return suppliers.ask_account(
        session, cast.viewer(session, "carla"), supplier, iban, typed["guarantee"], typed["valid_from"],
        typed["reason"], typed["distinct"], TUESDAY,
    )  # fmt: skip


def test_numbers_are_known_by_their_shape() -> None:
    assert is_kvk("12345678")
    assert not is_kvk("1234567")
    assert is_vat("NL123456782B01")
    assert is_vat("NL001234567B01") is False
    assert is_vat("NL000099998B57")  # a sole trader's since 2020: the test modulo 97
    assert is_vat("BE0123456789")
    assert not is_vat("NL12345678B01")
    assert is_endpoint("0190:00000001234567890000")
    assert not is_endpoint("0190:123")
    assert not is_endpoint("12345678")


def test_details_are_kept_in_one_way_however_they_are_typed() -> None:
    typed = {**asdict(BAKERY), "kvk": "1234 5678", "vat": "nl 1234.56.782.b01", "endpoint": "0106: 12345678",
             "country": "nl", "terms_days": "", "name": " Bakkerij  De Vries B.V. "}  # fmt: skip
    assert Details.of(typed) == BAKERY
    assert Details.of({**typed, "terms_days": "30"}).terms_days == 30


def test_a_new_supplier_takes_two_clerks(session: Session, cast: Cast) -> None:
    request = asks(session, cast, guarantee="NL61INGB0990000031")
    assert session.scalars(select(func.count()).select_from(Supplier)).one() == 0
    assert refused(lambda: confirms(session, cast, request, "carla")) == {"supplier_second_clerk"}
    supplier = confirms(session, cast, request)
    assert (supplier.created_by_id, supplier.approved_by_id) == (cast.people["carla"], cast.people["els"])
    paid_on = accounts_of(session, [supplier.id], TUESDAY.date())[supplier.id]
    assert paid_on.account is not None
    assert paid_on.guarantee is not None
    assert paid_on.account.follows_id is None
    town = session.get_one(Municipality, cast.municipalities["waterveen"])
    assert supplier_waits(supplier, paid_on, town, policies_of(session, town.id), TUESDAY) == ()
    assert refused(lambda: confirms(session, cast, request)) == {"supplier_request_gone"}
    change = session.scalars(select(Change)).one()
    assert (change.what, change.about, change.by_id) == ("supplier.new", BAKERY.name, cast.people["els"])


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"name": ""}, "supplier_name_missing"),
        ({"street": "x" * 201}, "supplier_text_too_long"),
        ({"kvk": "1234"}, "kvk_wrong"),
        ({"vat": "NL123456789B01"}, "vat_wrong"),
        ({"endpoint": "12345678"}, "endpoint_wrong"),
        ({"email": "factuur"}, "supplier_email_wrong"),
        ({"phone": ""}, "supplier_phone_missing"),
        ({"country": "NLD"}, "country_wrong"),
        ({"terms_days": 61}, "terms_wrong"),
        ({"terms_days": -1}, "terms_wrong"),
    ],
)
def test_what_is_wrong_with_the_data_is_said(session: Session, cast: Cast, typed: dict[str, Any], code: str) -> None:
    wrong = replace(BAKERY, **typed)
    assert code in refused(lambda: asks(session, cast, details=wrong, iban="NL00"))
    supplier = added(session, cast)
    change = replace(wrong, town="Elders")
    with pytest.raises(Refused) as caught:
        suppliers.ask_change(session, cast.viewer(session, "carla"), supplier, change, "Verhuisd", "", TUESDAY)
    assert caught.value.codes == {code}


def test_accounts_are_judged_and_a_reason_is_needed(session: Session, cast: Cast) -> None:
    assert refused(lambda: asks(session, cast, iban="")) == {"iban_empty"}
    assert refused(lambda: asks(session, cast, guarantee="NL00INGB0001234567")) == {"iban_checksum"}
    assert refused(lambda: asks(session, cast, reason=" ")) == {"change_reason_missing"}
    for name in ("anna", "dirk", "hanna"):
        assert refused(lambda who=name: asks(session, cast, who)) == {"supplier_not_yours"}  # type: ignore[misc]


def test_who_looks_like_another_needs_a_reason_that_is_kept(session: Session, cast: Cast) -> None:
    first = added(session, cast)
    second = Details(name="Bakkerij de Vreis", phone="0612345678")
    other = "NL69INGB0123456789"
    assert refused(lambda: asks(session, cast, details=second, iban=other)) == {"supplier_alike"}
    request = asks(session, cast, details=second, iban=other, distinct="De broer, met een eigen zaak")
    assert request.alike == [{"id": first.id, "by": ["name"]}]
    assert request.distinct_because == "De broer, met een eigen zaak"
    assert [one.supplier for one in alike_now(session, request, None)] == [first]
    unlike = asks(session, cast, details=Details(name="Hoveniers Groen", phone="06"), iban="NL02ABNA0123456789")
    assert (unlike.alike, unlike.distinct_because) == ([], "")


def test_the_same_new_supplier_is_not_asked_for_twice(session: Session, cast: Cast) -> None:
    asks(session, cast)
    assert refused(lambda: asks(session, cast, "els")) == {"supplier_asked_already"}


def test_a_change_asks_only_what_differs_and_counts_from_the_second_clerk(session: Session, cast: Cast) -> None:
    supplier, carla = added(session, cast), cast.viewer(session, "carla")
    unchanged = suppliers.details_of(supplier)
    assert refused(
        lambda: suppliers.ask_change(session, carla, supplier, unchanged, "Niets", "", TUESDAY)
    ) == {"supplier_nothing_changed"}  # fmt: skip
    moved = replace(unchanged, town="Duinrade", phone="0701234567")
    request = suppliers.ask_change(session, carla, supplier, moved, "Verhuisd", "", TUESDAY)
    assert request.data == {"town": "Duinrade", "phone": "0701234567"}
    assert request.before == {"town": "Waterveen", "phone": "0201234567"}
    assert refused(
        lambda: suppliers.ask_change(session, carla, supplier, moved, "Nog eens", "", TUESDAY)
    ) == {"supplier_asked_already"}  # fmt: skip
    assert supplier.town == "Waterveen"
    confirms(session, cast, request)
    assert supplier.town == "Duinrade"
    assert "duinrade" in supplier.words
    whole = whole_supplier(session, supplier.id)
    assert whole is not None
    assert whole.phone_request is request


def test_what_is_not_confirmed_or_taken_back_changes_nothing(session: Session, cast: Cast) -> None:
    supplier = added(session, cast)
    block = suppliers.ask_block(session, cast.viewer(session, "carla"), supplier, True, "Failliet.", TUESDAY)
    assert confirms(session, cast, block, granted=False) is None
    assert supplier.blocked_at is None
    again = suppliers.ask_block(session, cast.viewer(session, "carla"), supplier, True, "Failliet.", TUESDAY)
    assert confirms(session, cast, again, "carla", granted=False) is None
    assert session.scalars(select(SupplierRequest.id).where(SupplierRequest.decided_at.is_(None))).all() == []


def test_blocking_and_unblocking_take_two_clerks_too(session: Session, cast: Cast) -> None:
    supplier, carla = added(session, cast), cast.viewer(session, "carla")
    assert refused(
        lambda: suppliers.ask_block(session, carla, supplier, False, "x", TUESDAY)
    ) == {"supplier_not_blocked"}  # fmt: skip
    confirms(session, cast, suppliers.ask_block(session, carla, supplier, True, "Failliet.", TUESDAY))
    assert (supplier.blocked_at, supplier.blocked_because) == (TUESDAY, "Failliet")
    assert refused(
        lambda: suppliers.ask_block(session, carla, supplier, True, "x", TUESDAY)
    ) == {"supplier_blocked_already"}  # fmt: skip
    confirms(session, cast, suppliers.ask_block(session, carla, supplier, False, "Doorstart", TUESDAY))
    assert supplier.blocked_at is None


def test_another_account_waits_for_a_call_and_a_third_person_ends_the_hold(session: Session, cast: Cast) -> None:
    supplier = added(session, cast)
    assert refused(lambda: asks_account(session, cast, supplier, IBAN)) == {"supplier_same_account"}
    assert refused(lambda: asks_account(session, cast, supplier, "NL91 ABNA 0417 1643 01")) == {"iban_checksum"}
    request = asks_account(session, cast, supplier, valid_from=date(2026, 11, 1))
    assert refused(lambda: confirms(session, cast, request)) == {"supplier_call_missing"}
    assert refused(lambda: confirms(session, cast, request, call=Call("Jan", " "))) == {"supplier_call_missing"}
    confirms(session, cast, request, call=CALL)
    account = accounts_of(session, [supplier.id], TUESDAY.date())[supplier.id].account
    assert account is not None
    assert (account.iban, account.valid_from) == (NEW_IBAN, TUESDAY.date())
    assert account.follows_id is not None
    contact = session.get_one(Contact, account.contact_id)
    assert contact.supplier_id == supplier.id
    assert "0201234567" in contact.caller
    assert session.scalars(select(ContactQuestion.answer)).one() == CALL.said
    release = suppliers.release_hold
    for name in ("carla", "els"):
        assert refused(
            lambda who=name: release(session, cast.viewer(session, who), account, "Spoed", TUESDAY)  # type: ignore[misc]
        ) == {"supplier_hold_eyes"}  # fmt: skip
    assert refused(lambda: release(session, cast.viewer(session, "anna"), account, "x", TUESDAY)) == {
        "supplier_not_yours"
    }
    release(session, cast.viewer(session, "dirk"), account, "Spoed", TUESDAY)
    session.flush()
    assert account.released_by_id == cast.people["dirk"]
    assert refused(lambda: release(session, cast.viewer(session, "dirk"), account, "x", TUESDAY)) == {
        "supplier_not_held"
    }


def test_an_account_of_another_supplier_needs_a_reason(session: Session, cast: Cast) -> None:
    added(session, cast)
    other = added(session, cast, Details(name="Hoveniers Groen", phone="06"), iban="NL02ABNA0123456789")
    assert refused(lambda: asks_account(session, cast, other, IBAN)) == {"supplier_alike"}
    assert asks_account(session, cast, other, IBAN, distinct="Factoring").alike != []


def test_names_are_alike_with_a_mistake_or_in_another_order() -> None:
    assert alike_names("bakkerij de vries", "bakkerij de vreis")
    assert alike_names("de vries bakkerij", "bakkerij de vries")
    assert not alike_names("bakkerij de vries", "hoveniers groen")
    assert not alike_names("bol", "bos")


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("change", "account", "block", "unblock", "confirm", "decline", "release")),
        st.sampled_from(("carla", "els", "greet", "dirk", "anna")),
        st.integers(0, 3),
    ),
    max_size=25,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_whatever_clerks_do_no_one_changes_anything_alone(world: World, cast: Cast, steps: Any) -> None:
    """Any order of asking and confirming: every change in force was confirmed by another than who asked for it."""
    with world.db.session() as session:
        session.add(RoleGrant(person_id=cast.people["greet"], role="clerk", valid_from=SINCE))
        supplier = added(session, cast)
        held = dict.fromkeys(("block", "unblock", "change", "account"), 0)
        for place, (step, name, pick) in enumerate(steps):
            viewer, at = cast.viewer(session, name), TUESDAY + timedelta(minutes=place)
            before = _state(session, supplier)
            try:
                if step == "change":
                    other = replace(suppliers.details_of(supplier), town=f"Plaats {pick}")
                    suppliers.ask_change(session, viewer, supplier, other, "Reden", "", at)
                elif step == "account":
                    iban = (IBAN, NEW_IBAN, "NL02ABNA0123456789", "NL69INGB0123456789")[pick]
                    suppliers.ask_account(session, viewer, supplier, iban, False, None, "Reden", "", at)
                elif step in ("block", "unblock"):
                    suppliers.ask_block(session, viewer, supplier, step == "block", "Reden", at)
                elif step == "release":
                    account = session.scalars(select(SupplierAccount).order_by(SupplierAccount.id.desc())).first()
                    assert account is not None
                    suppliers.release_hold(session, viewer, account, "Reden", at)
                else:
                    open_now = session.scalars(
                        select(SupplierRequest).where(SupplierRequest.decided_at.is_(None)).order_by(SupplierRequest.id)
                    ).all()
                    if open_now:
                        asked = open_now[pick % len(open_now)]
                        suppliers.decide(session, viewer, asked, step == "confirm", at, CALL)
                        if asked.granted:
                            held[asked.kind] += 1
                session.flush()
            except Refused:
                assert _state(session, supplier) == before
            if step not in ("confirm", "release"):
                assert _state(session, supplier) == before
        for request in session.scalars(select(SupplierRequest)):
            assert request.asked_by_id != request.decided_by_id
        accounts = session.scalars(select(SupplierAccount)).all()
        assert len(accounts) == 1 + held["account"]
        for account in accounts:
            assert len({account.changed_by_id, account.checked_by_id, account.released_by_id or 0}) == 3
        assert (supplier.blocked_at is not None) == (held["block"] > held["unblock"])


def _state(session: Session, supplier: Supplier) -> Any:
    accounts = session.execute(
        select(SupplierAccount.iban, SupplierAccount.released_by_id).order_by(SupplierAccount.id)
    )
    return asdict(suppliers.details_of(supplier)), supplier.blocked_at, [tuple(row) for row in accounts]
