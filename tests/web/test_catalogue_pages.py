"""The pages of the service catalogue: read by everybody, kept by the functional manager."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select, update

from portal.models.catalogue import Service, ServicePrice, ServiceTerms
from portal.models.people import RoleGrant
from portal.worlds import World
from tests.cast import Cast
from tests.catalogue import offered

NEW = {
    "form": "new", "name": "Loonheffing", "name_en": "", "key": "payroll_tax", "unit": "month", "delivered_by": "",
    "description": "Wij doen aangifte.", "rules": "Elke maand.", "norm_first_time_right": "98,5", "first": "2027-01-01",
    "source": "Besluit 12",
}  # fmt: skip
PAGE = "/dienstencatalogus/expense_claims/aanpassen"


def test_everybody_reads_and_searches_it(world: World, cast: Cast, browse: Any) -> None:
    assert "nog geen diensten" in browse("anna").get("/dienstencatalogus").text
    offered(world, cast)
    anna = browse("anna")
    listed = anna.get("/dienstencatalogus?zoek=declar bonnen").text
    assert "Declaraties afhandelen" in listed
    assert "Vragen beantwoorden" not in listed
    assert re.search(r"€\s11,40</span> per zaak", listed)
    assert "Anders voor Duinrade" in listed
    assert '/zaken/nieuw/expense_claim"' in listed
    assert "geen enkele dienst" in anna.get("/dienstencatalogus?zoek=raket").text
    one = anna.get("/dienstencatalogus/expense_claims").text
    assert "Binnen twee dagen" in one
    assert re.search(r"€\s9,00", one)
    assert re.search(r"Declaraties betaald binnen 10 werkdagen</dt><dd>95%", one)
    assert "/aanpassen" not in one
    for page in ("/dienstencatalogus/onzin", PAGE, "/dienstencatalogus/nieuw"):
        assert anna.get(page).status_code == 404
    listed = anna.get("/dienstencatalogus/diensten.csv").data.decode("utf-8-sig").splitlines()
    assert listed[1].startswith(
        "Declaraties afhandelen;expense_claims;alle gemeenten;11,40;per zaak;2026-01-01;Besluit;"
    )
    assert listed[2].startswith("Declaraties afhandelen;expense_claims;Duinrade;9,00;")
    assert "binnen 10 werkdagen 97%;Binnen twee dagen." in listed[2]
    anna.post("/taal/en")
    assert "Handling of expense claims" in anna.get("/dienstencatalogus/expense_claims").text


def test_the_functional_manager_adds_a_service_and_follows_what_holds(world: World, cast: Cast, browse: Any) -> None:
    hanna = browse("hanna")
    wrong = hanna.post("/dienstencatalogus/nieuw", NEW | {"norm_first_time_right": "veel", "key": "nieuw", "first": ""})
    assert wrong.status_code == 422
    for name in ("norm_first_time_right", "key", "first"):
        assert re.search(rf'id="new-{name}"[^>]*aria-invalid="true"', wrong.text), name
    assert 'value="Loonheffing"' in wrong.text
    page = "/dienstencatalogus/payroll_tax/aanpassen"
    assert hanna.post("/dienstencatalogus/nieuw", NEW).location == page
    price = {"form": "price", "place": "all", "price": "120", "first": "2027-01-01", "source": "Besluit 12"}
    for field, value in (("price", "duur"), ("place", ""), ("first", "2026-11-24"), ("source", " ")):
        answer = hanna.post(page, price | {field: value})
        assert answer.status_code == 422
        assert re.search(rf'id="price-{field}"[^>]*aria-invalid="true"', answer.text), field
    assert hanna.post(page, price).status_code == 302
    terms = NEW | {"form": "terms", "place": str(cast.municipalities["duinrade"]), "first": "2027-02-01"}
    assert hanna.post(page, terms).status_code == 302
    with world.db.session(writes=False) as session:
        (row,) = session.scalars(select(ServicePrice)).all()
        own = session.scalars(select(ServiceTerms).where(ServiceTerms.municipality_id.is_not(None))).one()
    assert (row.cents, own.norms) == (12000, {"first_time_right": "98.5"})
    shown = hanna.get(page).text
    assert 'value="98,5"' in shown
    assert f'name="form" value="price{row.id}"' in shown
    back = {"form": f"price{row.id}", "reason": ""}
    assert hanna.post(page, back).status_code == 422
    assert hanna.post(page, back | {"reason": "Te duur"}).status_code == 302
    assert hanna.post(page, back | {"reason": "Te duur"}).status_code == 404
    assert hanna.post(page, {"form": "end", "last": "", "reason": "Stopt"}).status_code == 422
    assert hanna.post(page, {"form": "end", "last": "2027-06-30", "reason": "Stopt"}).status_code == 302
    with world.db.session(writes=False) as session:
        assert [str(one.valid_to) for one in session.scalars(select(Service))] == ["2027-06-30"]
        assert session.scalars(select(ServicePrice)).all() == []


def test_who_looks_after_one_municipality_sets_nothing_for_all(world: World, cast: Cast, browse: Any) -> None:
    offered(world, cast)
    with world.db.transaction() as session:
        mine = update(RoleGrant).where(RoleGrant.person_id == cast.people["hanna"])
        session.execute(mine.values(municipality_id=cast.municipalities["waterveen"]))
    hanna = browse("hanna")
    page = hanna.get(PAGE).text
    assert 'value="all"' not in page
    assert "Dienst beëindigen" not in page
    price = {"form": "price", "place": "all", "price": "1", "first": "2027-01-01", "source": "Besluit"}
    assert hanna.post(PAGE, price).status_code == 422
    assert hanna.post(PAGE, price | {"place": str(cast.municipalities["waterveen"])}).status_code == 302
