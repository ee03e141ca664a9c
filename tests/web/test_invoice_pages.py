"""Invoices that came in, over HTTP: bringing in a file, what a clerk does about one that waits, and who may see it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfWriter
from sqlalchemy import select, update

from portal.interfaces.einvoice.writing import KVK, Firm, written
from portal.models.cases import Case, Document
from portal.models.invoices import InvoiceFile
from portal.models.people import RoleGrant
from portal.models.suppliers import Supplier, SupplierRequest
from portal.worlds import World
from tests.cast import Cast
from tests.cii import BASIC_WL, summary
from tests.conftest import TUESDAY
from tests.invoices import prepare
from tests.jobs.test_invoice_folder import BILL, SELLER
from tests.sample_files import pdf
from tests.web.said import says

ELSEWHERE = replace(BILL, buyer=Firm("Gemeente Elders", "1", KVK))
STRANGER = replace(BILL, seller=Firm("Nieuw B.V.", "55667788", vat="NL000099998B57", email="nieuw@example.com"))


@pytest.fixture(autouse=True)
def _ready(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        prepare(session, cast)


def bring_in(browser: Any, content: bytes, name: str = "factuur.xml", received: str = "2026-11-24") -> Any:
    data = {"file": (BytesIO(content), name), "received": received}
    return browser.post("/facturen", data, content_type="multipart/form-data")


def row(world: World) -> InvoiceFile:
    with world.db.session(writes=False) as session:
        return session.scalars(select(InvoiceFile).order_by(InvoiceFile.id.desc())).first()  # type: ignore[return-value]


def test_an_invoice_that_is_brought_in_is_registered_with_the_day_it_came_in(world: World, browse: Any) -> None:
    carla = browse("carla")
    assert bring_in(carla, written(BILL), received="2026-11-20").status_code == 302
    page = carla.get("/facturen").text
    assert "INK-2026-000001" in page
    with world.db.session(writes=False) as session:
        case = session.scalars(select(Case)).one()
        assert case.received_at is not None
        assert case.received_at.isoformat() == "2026-11-19T23:00:00+00:00"
    assert says(bring_in(carla, written(BILL)), "invoice_known")
    dossier = carla.get("/zaken/INK-2026-000001").text
    assert "factuur.xml" in dossier
    with world.db.session(writes=False) as session:
        document = session.scalars(select(Document).where(Document.kind == "einvoice")).one()
    kept = carla.get(f"/bijlagen/{document.id}")
    assert kept.headers["Content-Disposition"].startswith("attachment")
    assert carla.get("/zaken/INK-2026-000001/dossier.pdf").status_code == 200


@pytest.mark.parametrize(
    ("received", "code"),
    [("2026-11-25", "received_wrong"), ("2025-01-01", "received_wrong"), ("gisteren", "received_wrong")],
)
def test_what_is_wrong_with_what_is_brought_in_is_said(browse: Any, received: str, code: str) -> None:
    assert says(bring_in(browse("carla"), b"<x/>", received=received), code)
    assert says(browse("carla").post("/facturen", {"received": "2026-11-24"}), "no_file")


def test_a_file_for_nobody_waits_until_a_clerk_says_for_whom(world: World, browse: Any) -> None:
    carla = browse("carla")
    address = bring_in(carla, written(ELSEWHERE)).headers["Location"]
    page = carla.get(address).text
    assert "niet duidelijk voor welke gemeente" in page
    assert carla.post(f"{address}/registreren", {"municipality": "nergens"}).status_code == 404
    assert carla.post(f"{address}/registreren", {"municipality": "waterveen"}).status_code == 302
    assert says(carla.post(f"{address}/registreren", {"municipality": "waterveen"}), "invoice_settled")
    assert row(world).case_id is not None


def test_the_same_invoice_stays_refused_and_is_taken_off_the_list(world: World, browse: Any) -> None:
    carla = browse("carla")
    bring_in(carla, written(BILL))
    address = bring_in(carla, written(replace(BILL, note="x"))).headers["Location"]
    assert "INK-2026-000001" in carla.get(address).text
    answer = carla.post(f"{address}/registreren", {"municipality": "waterveen"})
    assert answer.status_code == 422
    assert "INK-2026-000001" in answer.text
    assert says(carla.post(f"{address}/afgehandeld", {"reason": ""}), "invoice_aside")
    assert says(carla.post(f"{address}/afgehandeld", {"reason": "x" * 3000}), "reason_too_long")
    assert carla.post(f"{address}/afgehandeld", {"reason": "Dubbel gestuurd"}).status_code == 302
    assert "Dubbel gestuurd" in carla.get(address).text


def test_a_refused_invoice_shows_what_the_rules_mean_and_is_told_once_the_supplier_is_known(
    world: World, browse: Any
) -> None:
    carla = browse("carla")
    address = bring_in(carla, written(STRANGER, PayableAmount="1.00")).headers["Location"]
    page = carla.get(address).text
    assert "BR-CO-16" in page
    assert "Het te betalen bedrag klopt niet" in page
    assert says(carla.post(f"{address}/registreren", {"municipality": "waterveen"}), "invoice_refused")
    assert says(carla.post(f"{address}/melden"), "invoice_no_mail")
    with world.db.transaction() as session:
        session.add(Supplier(name="Nieuw B.V.", kvk="55667788", email="nieuw@example.com", created_at=TUESDAY))
    assert carla.post(f"{address}/melden").status_code == 302
    assert row(world).mailed_to == "nieuw@example.com"


def test_a_new_supplier_is_filled_in_from_their_invoice(world: World, browse: Any) -> None:
    carla = browse("carla")
    assert bring_in(carla, written(STRANGER)).status_code == 302
    key = row(world).id
    page = carla.get(f"/leveranciers/nieuw?factuur={key}").text
    for said in ("Nieuw B.V.", "55667788", "NL000099998B57", "nieuw@example.com", "0106:55667788"):
        assert f'value="{said}"' in page
    assert 'name="phone" type="tel" value=""' in page
    assert f"/leveranciers/nieuw?factuur={key}" in carla.get(f"/facturen/{key}").text
    with world.db.session(writes=False) as session:
        assert session.scalars(select(SupplierRequest)).all() == []


def test_a_pdf_that_is_no_electronic_invoice_is_taken_over_by_hand(world: World, browse: Any) -> None:
    carla = browse("carla")
    address = bring_in(carla, pdf(), "factuur.pdf", "2026-11-20").headers["Location"]
    answer = carla.post(f"{address}/overnemen", {"municipality": "waterveen"})
    assert answer.status_code == 302, answer.text
    page = carla.get(answer.headers["Location"]).text
    assert 'value="2026-11-20"' in page
    assert "factuur.pdf" in page
    assert says(carla.post(f"{address}/overnemen", {"municipality": "waterveen"}), "invoice_settled")
    world.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]
    assert carla.post(f"/concept/{answer.location.split('/')[2]}/weggooien").status_code == 302
    assert address in carla.get("/facturen").text, "what was thrown away waits again"
    again = carla.post(f"{address}/overnemen", {"municipality": "waterveen"})
    assert carla.get(again.location).status_code == 200
    bad = bring_in(carla, b"%PDF-1.7 stuk", "stuk.pdf").headers["Location"]
    answer = carla.post(f"{bad}/overnemen", {"municipality": "waterveen"})
    assert (answer.status_code, "beschadigd" in answer.text) == (422, True)
    none = bring_in(carla, b"geen xml", "geen.xml").headers["Location"]
    assert says(carla.post(f"{none}/registreren", {"municipality": "waterveen"}), "invoice_not_read")


def test_a_summary_in_a_pdf_is_taken_over_by_hand_without_what_is_embedded(world: World, browse: Any) -> None:
    carla = browse("carla")
    writer = PdfWriter(BytesIO(pdf()))
    writer.add_attachment("factur-x.xml", summary(BASIC_WL))
    out = BytesIO()
    writer.write(out)
    address = bring_in(carla, out.getvalue(), "samengevat.pdf").headers["Location"]
    page = carla.get(address).text
    assert "Registreer de pdf met de hand" in page
    assert "SSC-SUMMARY" in page
    assert says(carla.post(f"{address}/registreren", {"municipality": "waterveen"}), "invoice_refused")
    answer = carla.post(f"{address}/overnemen", {"municipality": "waterveen"})
    assert answer.status_code == 302, answer.text
    with world.db.session(writes=False) as session:
        document = session.scalars(select(Document)).one()
        assert b"EmbeddedFile" not in world.files.read(document.sha256)


def test_only_clerks_of_the_municipality_see_a_file(world: World, cast: Cast, browse: Any) -> None:
    address = bring_in(browse("carla"), written(BILL)).headers["Location"]
    assert address == "/facturen"
    key = row(world).id
    with world.db.transaction() as session:
        grants = update(RoleGrant).where(RoleGrant.person_id == cast.people["els"])
        session.execute(grants.values(municipality_id=cast.municipalities["duinrade"]))
    els = browse("els")
    for page in ("", "/bestand"):
        assert els.get(f"/facturen/{key}{page}").status_code == 404
    assert "2026-77" not in els.get("/facturen").text
    kept = browse("carla").get(f"/facturen/{key}/bestand")
    assert kept.data == written(BILL)
    assert kept.headers["Content-Type"] == "application/octet-stream"
    # Of an invoice for nobody every clerk may see to it.
    waits = bring_in(browse("carla"), written(ELSEWHERE)).headers["Location"]
    assert els.get(waits).status_code == 200
    for name in ("anna", "dirk", "hanna"):
        assert browse(name).get("/facturen").status_code == 404
    assert browse("carla").get("/facturen/999").status_code == 404


def test_the_page_of_a_supplier_names_its_invoices(world: World, cast: Cast, browse: Any) -> None:
    bring_in(browse("carla"), written(BILL))
    with world.db.session(writes=False) as session:
        key = session.scalars(select(Supplier.id).where(Supplier.kvk == SELLER.registration)).one()
    assert "INK-2026-000001" in browse("carla").get(f"/leveranciers/{key}").text
    assert "INK-2026-000001" not in browse("dirk").get(f"/leveranciers/{key}").text
