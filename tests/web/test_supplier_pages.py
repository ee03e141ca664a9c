"""The pages of suppliers over HTTP: search, asking for something, confirming it, and what is wrong beside its field."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from portal.commands import suppliers
from portal.models.suppliers import Supplier, SupplierAccount, SupplierRequest
from portal.queries import supplier_pages
from portal.worlds import World
from tests.cast import NEW_IBAN, Cast
from tests.conftest import TUESDAY
from tests.web.said import says
from tests.web.stage import with_supplier

TYPED = {"form": "new", "name": "Hoveniers Groen B.V.", "kvk": "87654321", "country": "NL", "phone": "0701234567",
         "iban": "NL02 ABNA 0123 4567 89", "reason": "Factuur 12"}  # fmt: skip


@pytest.fixture
def bakery(world: World, cast: Cast) -> int:
    """A supplier with an account that was asked for."""
    with world.db.transaction() as session:
        return with_supplier(session, cast).id


def test_a_new_supplier_is_asked_for_confirmed_and_found(world: World, cast: Cast, browse: Any) -> None:
    carla, els = browse("carla"), browse("els")
    asked = carla.post("/leveranciers/nieuw", TYPED)
    assert asked.status_code == 302
    address = asked.headers["Location"]
    assert "U hebt dit gevraagd" in carla.get(address).text
    assert "Hoveniers Groen" in els.get("/leveranciers").text
    assert "Bevestigen" in els.get(address).text
    assert "Bevestigen" not in browse("dirk").get(address).text
    confirmed = els.post(address, {"form": "decide", "answer": "ja"})
    assert confirmed.status_code == 302
    assert "87654321" in els.get(confirmed.headers["Location"]).text
    for text in ("groen hovenier", "8765", "Hoveniers Groen B.V."):
        assert confirmed.headers["Location"] in els.get("/leveranciers", query_string={"zoek": text}).text
    assert "Er is geen leverancier gevonden" in els.get("/leveranciers?zoek=bestaatniet").text


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept(browse: Any, cast: Cast) -> None:
    carla = browse("carla")
    answer = carla.post("/leveranciers/nieuw", {**TYPED, "kvk": "12", "iban": "NL00", "phone": ""})
    for code in ("kvk_wrong", "supplier_phone_missing"):
        assert says(answer, code)
    assert 'value="Hoveniers Groen B.V."' in answer.text
    assert 'href="#new-kvk"' in answer.text
    assert says(carla.post("/leveranciers/nieuw", {**TYPED, "reason": ""}), "change_reason_missing")


def test_who_looks_like_it_is_shown_with_a_link(browse: Any, cast: Cast, bakery: int) -> None:
    carla = browse("carla")
    typed = {**TYPED, "name": "De Vries Bakkerij", "iban": "NL20INGB0001234567"}
    answer = carla.post("/leveranciers/nieuw", typed)
    assert says(answer, "supplier_alike")
    assert f'href="/leveranciers/{bakery}"' in answer.text
    assert "zelfde rekeningnummer" in answer.text
    assert carla.post("/leveranciers/nieuw", {**typed, "distinct": "Familie"}).status_code == 302


def test_another_account_is_confirmed_after_a_call_and_held(world: World, cast: Cast, browse: Any, bakery: int) -> None:
    els, dirk = browse("els"), browse("dirk")
    with world.db.session(writes=False) as session:
        request = session.scalars(select(SupplierRequest.id).where(SupplierRequest.kind == "account")).one()
    page = els.get(f"/leveranciers/verzoek/{request}").text
    assert "0201234567" in page
    answer = els.post(f"/leveranciers/verzoek/{request}", {"form": "decide", "answer": "ja"})
    assert says(answer, "supplier_call_missing")
    said = {"form": "decide", "answer": "ja", "spoke_with": "Mevrouw De Vries", "said": "Klopt"}
    assert els.post(f"/leveranciers/verzoek/{request}", said).status_code == 302
    with world.db.session(writes=False) as session:
        account = session.scalars(select(SupplierAccount).where(SupplierAccount.iban == NEW_IBAN)).one()
    release = f"/leveranciers/{bakery}/rekening/{account.id}/vrijgeven"
    typed = {"form": f"hold{account.id}", "reason": "Spoed"}
    assert release in dirk.get(f"/leveranciers/{bakery}").text
    assert release not in els.get(f"/leveranciers/{bakery}").text
    assert says(els.post(release, typed), "supplier_hold_eyes")
    assert says(dirk.post(release, {**typed, "reason": ""}), "change_reason_missing")
    assert dirk.post(release, typed).status_code == 302
    assert dirk.post(f"/leveranciers/{bakery}/rekening/999/vrijgeven", typed).status_code == 404


def test_data_are_changed_and_a_supplier_is_blocked_by_two(world: World, cast: Cast, browse: Any, bakery: int) -> None:
    carla, els = browse("carla"), browse("els")
    with world.db.session(writes=False) as session:
        known = suppliers.details_of(session.get_one(Supplier, bakery))
    typed = {**{name: str(value or "") for name, value in vars(known).items()}, "form": "change", "reason": "Verhuisd"}
    assert says(carla.post(f"/leveranciers/{bakery}/wijzigen", typed), "supplier_nothing_changed")
    asked = carla.post(f"/leveranciers/{bakery}/wijzigen", {**typed, "town": "Duinrade"})
    assert "Duinrade" in els.get(asked.headers["Location"]).text
    assert els.post(asked.headers["Location"], {"form": "decide", "answer": "nee"}).status_code == 302
    block = f"/leveranciers/{bakery}/blokkeren"
    assert says(carla.post(block, {"form": "block", "block": "ja"}), "change_reason_missing")
    asked = carla.post(block, {"form": "block", "block": "ja", "reason": "Failliet"})
    assert els.post(asked.headers["Location"], {"form": "decide", "answer": "ja"}).status_code == 302
    assert "Failliet" in carla.get(f"/leveranciers/{bakery}").text
    assert f"/leveranciers/{bakery}" in carla.get("/leveranciers?soort=geblokkeerd").text
    with world.db.session(writes=False) as session:
        bakker = session.get_one(Supplier, bakery)
        assert (bakker.town, bakker.blocked_because) == ("Waterveen", "Failliet")


def test_the_account_form_keeps_what_was_typed(browse: Any, cast: Cast, bakery: int) -> None:
    carla = browse("carla")
    address = f"/leveranciers/{bakery}/rekening"
    answer = carla.post(address, {"form": "account", "iban": "NL00", "kind": "guarantee", "reason": "Brief"})
    assert answer.status_code == 422
    assert 'value="guarantee" selected' in answer.text
    assert says(
        carla.post(address, {"form": "account", "iban": NEW_IBAN, "kind": "ordinary", "reason": "Brief"}),
        "supplier_asked_already",
    )
    assert carla.post(address, {"form": "account", "iban": NEW_IBAN, "first": "31-12-2026"}).status_code == 422
    assert carla.get("/leveranciers/999").status_code == 404
    assert carla.get("/leveranciers/verzoek/999").status_code == 404


def test_a_long_list_is_walked_by_key_in_the_order_of_names(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        for number in range(130):
            session.add(Supplier(name=f"Leverancier {number % 7} {number}", created_at=TUESDAY))
    with world.db.session(writes=False) as session:
        seen: list[str] = []
        after: str | None = ""
        while after is not None:
            found = supplier_pages.suppliers(session, after=after)
            seen += [one.bare for one in found.suppliers]
            after = found.after
        assert len(seen) == 130
        assert len(set(seen)) == 130
