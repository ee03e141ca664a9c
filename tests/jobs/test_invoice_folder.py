"""Invoices from the folder: each taken in once, whole or not at all, by what it says itself, and never trusted."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfWriter
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.commands import invoices
from portal.commands.cases import act_as
from portal.commands.invoices import Arrived
from portal.interfaces.einvoice.arriving import bring, one_ahead
from portal.interfaces.einvoice.writing import KVK, OIN, Bill, Firm, Item, written
from portal.interfaces.files import FileRefused
from portal.jobs import deliver, invoice_folder, tidy
from portal.jobs.telling import told
from portal.models.cases import Case, Document
from portal.models.invoices import FOLDER, InvoiceFile
from portal.models.mail import OutboxMail
from portal.models.people import Policy
from portal.models.suppliers import Supplier
from portal.queries.invoices import bought_by
from portal.worlds import World
from tests.cast import SINCE, Cast
from tests.cii import MINIMUM, summary
from tests.commands.helpers import whole
from tests.conftest import TUESDAY
from tests.invoices import SUPPLIER_IBAN, prepare
from tests.sample_files import EICAR, pdf
from workflows.kernel import Given

SELLER = Firm("Groenbeheer Waterveen B.V.", "11223344", vat="NL123456782B01", email="boekhouding@groenbeheer.example")
BUYER = Firm("Gemeente Waterveen", "00000001234567890000", OIN)
BILL = Bill("2026-77", date(2026, 11, 20), SELLER, BUYER, (Item("Snoeien", 10_000),), iban=SUPPLIER_IBAN,
            due=date(2026, 12, 20), reference="anna@example.org")  # fmt: skip


@pytest.fixture
def ready(world: World, cast: Cast) -> int:
    """A world that can take in invoices of one known supplier, whose key this is."""
    with world.db.transaction() as session:
        return prepare(session, cast).id


def drop(world: World, content: bytes, name: str = "factuur.xml") -> Path:
    world.settings.invoice_in.mkdir(parents=True, exist_ok=True)
    file = world.settings.invoice_in / name
    file.write_bytes(content)
    return file


def run(world: World) -> Any:
    return invoice_folder.take_in(world, world.clock.now())


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir() if file.is_file())


def only(session: Session) -> InvoiceFile:
    return session.scalars(select(InvoiceFile).order_by(InvoiceFile.id.desc())).first()  # type: ignore[return-value]


def arrive(world: World, session: Session, content: bytes, name: str = "x.xml") -> InvoiceFile:
    brought = bring(content, name)
    return invoices.take_in(session, world.files, Arrived(name, content, brought, FOLDER, TUESDAY), TUESDAY)


def test_an_invoice_becomes_a_case_with_its_file_and_its_attachments(world: World, cast: Cast, ready: int) -> None:
    xml = written(replace(BILL, attachment=pdf(pages=2), changes=(("Korting", -1000),)))
    drop(world, xml)
    assert run(world) == told("invoice", name="factuur.xml", number="INK-2026-000001")
    assert names(world.settings.invoice_in / "taken") == ["factuur.xml"]
    with world.db.session(writes=False) as session:
        row = only(session)
        assert (row.verdict, row.supplier_id, row.why, row.number) == ("valid", ready, "", "2026-77")
        case = whole(session, row.case_id or 0)
        assert (case.type, case.state, case.claimed_cents) == ("purchase_invoice", "received", 10_890)
        assert case.initiator_id == cast.people["anna"]
        assert case.received_at == row.received_at
        content = case.content
        assert (content["supplier"], content["supplier_id"], content["kvk"]) == (SELLER.name, ready, "11223344")
        assert (content["iban"], content["due"], content["proof"]) == (SUPPLIER_IBAN, "2026-12-20", "einvoice")
        assert [line["net_cents"] for line in content["lines"]] == [10_000]
        documents = session.scalars(select(Document).order_by(Document.id)).all()
        assert [(one.kind, one.media_type, one.pages) for one in documents] == [
            ("einvoice", "application/xml", 0), ("invoice", "application/pdf", 2),
        ]  # fmt: skip
        assert all(one.frozen_at is not None for one in documents)
        assert world.files.read(documents[0].sha256) == xml
        assert world.files.read(row.sha256) == xml


def test_the_receipt_is_when_it_came_into_the_folder(world: World, cast: Cast, ready: int) -> None:
    file = drop(world, written(BILL))
    os.utime(file, (0, 0))  # who sends a file can say anything of when it was written
    later = datetime.fromtimestamp(file.stat().st_ctime, tz=UTC) + timedelta(days=1)
    assert invoice_folder.arrived_at(file, later) == later - timedelta(days=1)
    assert invoice_folder.arrived_at(file, TUESDAY - timedelta(days=9000)) == TUESDAY - timedelta(days=9000)


def test_the_same_file_and_the_same_invoice_come_in_once(world: World, cast: Cast, ready: int) -> None:
    drop(world, written(BILL))
    run(world)
    drop(world, written(BILL), "nog-eens.xml")
    assert run(world) == told("invoice_known", name="nog-eens.xml")
    again = written(replace(BILL, note="zelfde nummer, ander bestand"))
    drop(world, again, "kopie.xml")
    assert run(world) == told("invoice_waits", name="kopie.xml", why="invoice_same")
    assert names(world.settings.invoice_in / "waits") == ["kopie.xml"]
    with world.db.session() as session:
        assert (only(session).about, only(session).case_id) == ("INK-2026-000001", None)
        session.add(InvoiceFile(**{**_copied(only(session)), "name": "x"}))
        with pytest.raises(IntegrityError):
            session.flush()
    # Another supplier may well have the same number.
    other = replace(BILL, seller=Firm("Hoveniers", "99887766", vat="NL000099998B57"))
    drop(world, written(other), "ander.xml")
    assert run(world)[0]["code"] == "invoice"


def _copied(row: InvoiceFile) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in InvoiceFile.__table__.columns if column.key != "id"}


def test_what_was_rejected_can_be_sent_again_under_its_number(world: World, cast: Cast, ready: int) -> None:
    drop(world, written(BILL))
    run(world)
    with world.db.transaction() as session:
        row = only(session)
        case, carla = whole(session, row.case_id or 0), cast.viewer(session, "carla")
        case.assignee_id = carla.person_id
        act_as(session, carla, case, "refuse", Given("Niet besteld"), world.clock.now())
    drop(world, written(replace(BILL, note="verbeterd")), "verbeterd.xml")
    assert run(world)[0]["code"] == "invoice"


def test_an_invoice_below_the_legal_minimum_is_refused_and_its_supplier_told(
    world: World, cast: Cast, ready: int
) -> None:
    drop(world, written(BILL, PayableAmount="1.00"))
    assert run(world) == told("invoice_waits", name="factuur.xml", why="einvoice_invalid")
    with world.db.session(writes=False) as session:
        row = only(session)
        assert (row.case_id, row.mailed_to) == (None, "facturen@example.com")
        assert row.settled_at is not None
        mail = session.scalars(select(OutboxMail)).one()
        assert mail.address == "facturen@example.com"
        assert "BR-CO-16: Het te betalen bedrag klopt niet." in mail.text
        assert "2026-77" in mail.subject
        assert session.scalars(select(Case.id)).all() == []
    deliver.run(world, world.clock.now())
    assert [str(mail["To"]) for mail in world.transport.sent] == [  # type: ignore[attr-defined]
        '"Groenbeheer Waterveen B.V." <facturen@example.com>'
    ]


def test_to_an_address_that_stands_on_an_invoice_alone_nothing_is_mailed(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        prepare(session, cast)
        stranger = replace(BILL, seller=replace(SELLER, registration="55667788", vat=""))
        row = arrive(world, session, written(stranger, PayableAmount="1.00"))
        assert (row.mailed_to, row.settled_at, row.why) == ("", None, "einvoice_invalid")
        assert session.scalars(select(OutboxMail)).all() == []


def test_only_findings_of_the_profile_do_not_stop_it(world: World, cast: Cast, ready: int) -> None:
    with world.db.transaction() as session:
        row = arrive(world, session, written(replace(BILL, reference="")))
        assert row.verdict == "findings"
        case = whole(session, row.case_id or 0)
        assert case.content["findings"] == [["PEPPOL-EN16931-R003", "warning"]]


def test_the_invoice_of_an_unknown_supplier_is_a_case_whose_term_runs(world: World, cast: Cast, ready: int) -> None:
    with world.db.transaction() as session:
        stranger = replace(
            BILL, seller=Firm("Nieuw B.V.", "55667788", vat="NL000099998B57", email="nieuw@example.com"), reference=""
        )
        row = arrive(world, session, written(stranger))
        case = whole(session, row.case_id or 0)
        assert (case.content["supplier_id"], case.content["supplier"]) == (None, "Nieuw B.V.")
        assert case.initiator_id == cast.people["aart"]  # nobody was named, so who is told of such
        assert case.legal_due is not None


def test_for_whom_an_invoice_is(world: World, cast: Cast, ready: int) -> None:
    waterveen, duinrade = cast.municipalities["waterveen"], cast.municipalities["duinrade"]
    with world.db.transaction() as session:
        session.add(Policy(key="invoice_addresses", value="0190:00000009999999990000 0106:99999999",
                           municipality_id=duinrade, valid_from=SINCE, source="test"))  # fmt: skip
        session.flush()

        def of(name: str, endpoint: str = "") -> int | None:
            found = bought_by(session, name, endpoint, TUESDAY)
            return found.id if found else None

        assert of("Gemeente Waterveen") == of("WATERVEEN") == waterveen
        assert of("Gemeente Waterveen", "0190:00000009999999990000") == duinrade
        assert of("Gemeente Elders") is None
        assert of("") is None
        row = arrive(world, session, written(replace(BILL, buyer=Firm("Gemeente Elders", "1", KVK))))
        assert (row.why, row.case_id) == ("invoice_buyer", None)


def test_without_a_contact_of_the_municipality_it_waits(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        row = arrive(world, session, written(replace(BILL, reference="")))
        assert (row.why, row.about, row.case_id) == ("no_invoice_contact", "Waterveen", None)


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b"geen xml", "a.xml", "einvoice_not_xml"),
        (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>', "a.xml",
         "einvoice_doctype"),
        (b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><l>&b;</l>', "a.xml",
         "einvoice_doctype"),
        (b"<a>" * 5000 + b"</a>" * 5000, "a.xml", "einvoice_not_xml"),
        (b"<a>" + b"<b/>" * 1_000_001 + b"</a>", "a.xml", "einvoice_too_big"),
        (b" " * (20 * 1024 * 1024 + 9), "a.xml", "einvoice_too_big"),
        (b"\xff\xfe<\x00a\x00", "a.xml", "einvoice_encoding"),
        (pdf(), "a.pdf", "einvoice_unknown"),
        (b"%PDF-1.7 stuk", "a.pdf", "einvoice_unknown"),
        (written(BILL, IssueDate="gisteren"), "a.xml", "einvoice_incomplete"),
        (EICAR, "a.xml", "file_infected"),
        (summary(MINIMUM), "a.xml", "einvoice_summary"),
        (b'<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>', "a.xml", "einvoice_order"),
        (b'<r:CrossIndustryDocument xmlns:r="urn:ferd:CrossIndustryDocument:invoice:1p0"/>', "a.xml",
         "einvoice_zugferd1"),
    ],
)  # fmt: skip
def test_what_is_hostile_or_no_invoice_waits_with_why(
    world: World, cast: Cast, ready: int, content: bytes, name: str, why: str
) -> None:
    drop(world, content, name)
    assert run(world) == told("invoice_waits", name=name, why=why)
    with world.db.session(writes=False) as session:
        assert (only(session).why, only(session).settled_at, only(session).case_id) == (why, None, None)
    assert run(world) == []


def test_many_files_come_in_by_their_names_and_the_same_bytes_once(world: World, cast: Cast, ready: int) -> None:
    for place in range(5):
        drop(world, written(replace(BILL, number=f"2026-{place}")), f"{place}.xml")
    drop(world, written(replace(BILL, number="2026-2")), "2-nog-eens.xml")
    drop(world, b"geen xml", "3-stuk.xml")
    assert [(one["code"], one.get("number", "")) for one in run(world)] == [
        ("invoice", "INK-2026-000001"), ("invoice", "INK-2026-000002"), ("invoice", "INK-2026-000003"),
        ("invoice_known", ""), ("invoice_waits", ""), ("invoice", "INK-2026-000004"), ("invoice", "INK-2026-000005"),
    ]  # fmt: skip
    with world.db.session(writes=False) as session:
        rows = session.scalars(select(InvoiceFile).order_by(InvoiceFile.id)).all()
        numbers = [(row.name, session.get_one(Case, row.case_id).number if row.case_id else None) for row in rows]
    assert numbers == [
        ("0.xml", "INK-2026-000001"), ("1.xml", "INK-2026-000002"), ("2-nog-eens.xml", "INK-2026-000003"),
        ("3-stuk.xml", None), ("3.xml", "INK-2026-000004"), ("4.xml", "INK-2026-000005"),
    ]  # fmt: skip
    assert names(world.settings.invoice_in) == []


def test_work_is_begun_one_ahead_and_no_further_and_keeps_its_own_errors() -> None:
    begun: list[int] = []

    def work(item: int) -> int:
        begun.append(item)
        if item == 2:
            raise ValueError(str(item))
        return item * 10

    came = []
    for item, done in one_ahead(work, iter(range(5))):
        came.append((item, str(done.exception() or done.result())))
        assert max(begun) <= item + 1
    assert came == [(0, "0"), (1, "10"), (2, "2"), (3, "30"), (4, "40")]
    assert begun == [0, 1, 2, 3, 4]


def test_another_currency_waits(world: World, cast: Cast, ready: int) -> None:
    with world.db.transaction() as session:
        assert arrive(world, session, written(BILL, DocumentCurrencyCode="USD")).why in (
            "invoice_currency", "einvoice_invalid",
        )  # fmt: skip


def test_a_hybrid_pdf_is_taken_in_with_pages_that_hold_nothing_else(world: World, cast: Cast, ready: int) -> None:
    writer = PdfWriter(BytesIO(pdf(pages=2)))
    writer.add_attachment("factur-x.xml", written(BILL))
    out = BytesIO()
    writer.write(out)
    drop(world, out.getvalue(), "hybride.pdf")
    assert run(world)[0]["code"] == "invoice"
    with world.db.session(writes=False) as session:
        documents = session.scalars(select(Document).order_by(Document.id)).all()
        assert [(one.name, one.kind, one.pages) for one in documents] == [
            ("hybride.xml", "einvoice", 0), ("hybride.pdf", "invoice", 2),
        ]  # fmt: skip
        shown = world.files.read(documents[1].sha256)
        assert b"EmbeddedFile" not in shown
        assert world.files.read(only(session).sha256) == out.getvalue()


def test_an_attachment_that_is_not_safe_is_left_out_and_named(world: World, cast: Cast, ready: int) -> None:
    with world.db.transaction() as session:
        row = arrive(world, session, written(replace(BILL, attachment=b"MZ geen pdf")))
        assert whole(session, row.case_id or 0).content["refused_attachments"] == ["2026-77.pdf"]
        kinds = session.scalars(select(Document.kind)).all()
        assert list(kinds) == ["einvoice"]


def test_without_the_virus_scanner_everything_stays_where_it_is(world: World, cast: Cast, ready: int) -> None:
    away = World(**{**vars(world), "settings": replace(world.settings, clamd="127.0.0.1:1")})
    drop(away, written(BILL))
    assert run(away) == told("invoice_postponed", name="factuur.xml")
    assert names(world.settings.invoice_in) == ["factuur.xml"]


def test_the_bytes_stay_as_evidence_also_of_what_waits(world: World, cast: Cast, ready: int) -> None:
    drop(world, b"geen xml")
    run(world)
    with world.db.session(writes=False) as session:
        sha256 = only(session).sha256
    old = datetime(2020, 1, 1, tzinfo=UTC).timestamp()
    os.utime(world.files.path(sha256), (old, old))
    tidy.run(world, world.clock.now())
    assert world.files.read(sha256) == b"geen xml"


def test_of_the_same_invoice_twice_at_once_one_becomes_a_case(world: World, cast: Cast, ready: int) -> None:
    """Two files of one invoice, taken in by two processes at the same moment."""
    together, results = threading.Barrier(2), []

    def take(note: str) -> None:
        content = written(replace(BILL, note=note))
        brought = bring(content, "x.xml")
        together.wait()
        with world.db.transaction() as session:
            row = invoices.take_in(session, world.files, Arrived("x.xml", content, brought, FOLDER, TUESDAY), TUESDAY)
            results.append(row.why)

    threads = [threading.Thread(target=take, args=(note,)) for note in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["", "invoice_same"]


def test_a_virus_is_named_so_in_an_attachment(world: World) -> None:
    brought = bring(written(replace(BILL, attachment=EICAR)), "x.xml")
    assert brought.refused == (("2026-77.pdf", "file_infected"),)
    assert FileRefused("file_infected").code == "file_infected"


def test_a_supplier_recorded_later_is_told_of_what_was_refused(world: World, cast: Cast, ready: int) -> None:
    with world.db.transaction() as session:
        stranger = replace(BILL, seller=Firm("Nieuw B.V.", "55667788"))
        content = written(stranger, PayableAmount="1.00")
        row = arrive(world, session, content)
        session.add(Supplier(name="Nieuw B.V.", kvk="55667788", email="nieuw@example.com", created_at=TUESDAY))
        session.flush()
        invoices.tell_supplier(session, cast.viewer(session, "carla"), row, bring(content, "x.xml"), TUESDAY)
        assert (row.mailed_to, row.settled_by_id) == ("nieuw@example.com", cast.people["carla"])
