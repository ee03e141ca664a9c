"""A world in which there is something to see on every page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commands import accounts, bank, business_case, suppliers, trials
from portal.commands.bundles import make as made
from portal.commands.calendar_feeds import make_feed
from portal.commands.changes import Author
from portal.commands.contact import Asked, Spoken, ask_question, record_contact
from portal.commands.definitions import define_all
from portal.commands.documents import add_document
from portal.commands.indicators import catch_up_fully
from portal.commands.sampling import seed_of
from portal.interfaces.files import take_in
from portal.jobs.archives import file_of as archive_file
from portal.models.cases import Case, Document
from portal.models.contact import ContactQuestion
from portal.models.destruction import DestructionItem, DestructionList
from portal.models.imports import PeopleImport
from portal.models.invoices import InvoiceFile
from portal.models.mail import Bundle, MailLink, OutboxMail
from portal.models.passages import ArchiveRequest, OpeningFile, Passage
from portal.models.people import Account, AccountLink, Municipality, Person
from portal.models.post import Scan, ScanPart
from portal.models.suppliers import Supplier
from portal.worlds import BUNDLE, FEED, World
from seed.sources import source
from tests import bank_messages as xml
from tests import invoices, settlement
from tests.cast import NEW_IBAN, Cast
from tests.catalogue import with_agreements
from tests.commands.money import booked, paying
from tests.ledger import begun
from tests.sample_files import pdf
from tests.scans import paper
from tests.scans import pdf as scanned
from tests.whatif.answered import with_answer
from workflows.business_case import BusinessCase, Year


@dataclass(frozen=True)
class Stage:
    """What there is: Anna's draft and submitted claim with their documents, a batch, a mail, a link."""

    draft: int
    draft_document: int
    number: str
    document: int
    token: str
    paid: str
    batch: int
    entry: int
    mail: int
    account_token: str
    bundle_token: str
    feed_token: str
    handed_in: int
    pdf: int
    destruction: int = 1
    question: int = 0
    part: int = 1
    supplier: int = 1
    asked: int = 2
    invoice: int = 1
    status_token: str = ""
    whatif: int = 0


def with_supplier(session: Session, cast: Cast) -> Supplier:
    """A supplier that two clerks agreed on, of which one of them asked to change the account."""
    now, carla = cast.world.clock.now(), cast.viewer(session, "carla")
    details = suppliers.Details("Bakkerij De Vries B.V.", kvk="12345678", phone="0201234567", town="Waterveen")
    asked = suppliers.ask_new(session, carla, details, "NL20INGB0001234567", "", "Eerste factuur", "", now)
    supplier = suppliers.decide(session, cast.viewer(session, "els"), asked, True, now)
    assert supplier is not None
    suppliers.ask_account(session, carla, supplier, NEW_IBAN, False, None, "Per brief", "", now)
    return supplier


def with_business_case(session: Session, cast: Cast) -> None:
    """A business case of Waterveen, as the director entered it."""
    place = session.get_one(Municipality, cast.municipalities["waterveen"])
    case = BusinessCase(9, (Year(2026, 5, 8),))
    business_case.enter(session, cast.viewer(session, "ilse"), place, case, "Raadsbesluit", cast.world.clock.now())


def measured(session: Session, now: datetime) -> None:
    """What is measured was counted, from before anything happened."""
    session.commit()
    define_all(session, source("indicators")["indicators"], date(2020, 1, 1), now, date(2020, 1, 1))
    catch_up_fully(session, now)


def to_destroy(session: Session, cast: Cast) -> None:
    """A list of what may be destroyed."""
    now = cast.world.clock.now()
    on = DestructionList(municipality_id=cast.municipalities["waterveen"], proposed_at=now)
    session.add(on)
    session.flush()
    session.add(
        DestructionItem(
            list_id=on.id, case_id=9999, number="DEC-2019-000001", type="expense_claim", result="granted",
            closed_on=now.date(), destroy_on=now.date(), article="18.1 Betaald",
        )
    )  # fmt: skip


def trying(session: Session, world: World, cast: Cast) -> None:
    """A trial of all municipalities, with a finding and a point that was tried."""
    at, greet = world.clock.now(), cast.viewer(session, "greet")
    run = trials.begin(session, greet, None, "Samen proefdraaien", date(2026, 11, 2), date(2026, 12, 24), at)
    trials.check(session, greet, run, "people_trained", "works", "Iedereen was er", at)
    trials.find(session, greet, run, "systems", "blocking", "Geen bank", "Dirk", date(2026, 12, 1), at)


def passing(session: Session, world: World, cast: Cast) -> None:
    """A municipality that joins, and one that leaves with an archive that was made."""
    now, hanna = world.clock.now(), cast.people["hanna"]
    for kind, code in (("joining", "waterveen"), ("leaving", "duinrade")):
        session.add(
            Passage(municipality_id=cast.municipalities[code], kind=kind, day=now.date(), reason="Besluit",
                    begun_at=now, begun_by_id=hanna)
        )  # fmt: skip
        session.flush()
    joining, leaving = session.scalars(select(Passage.id).order_by(Passage.id)).all()
    content = b"Soort;Kenmerk;Naam;Datum;Bedrag\r\nfactuur;F-1;Bakkerij;2026-11-01;12,50\r\n"
    session.add(
        OpeningFile(passage_id=joining, kind="items", name="posten.csv", content=content, sha256="0" * 64,
                    as_of=now.date(), handed_in_at=now, handed_in_by_id=hanna)
    )  # fmt: skip
    session.add(
        ArchiveRequest(passage_id=leaving, reason="Overdracht", asked_at=now, asked_by_id=cast.people["diane"],
                       decided_at=now, decided_by_id=hanna, granted=True, made_at=now, sha256="0" * 64, size=3)
    )  # fmt: skip
    file = archive_file(world.settings, 1)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"PK")


def played(world: World, cast: Cast) -> Stage:
    """Let a few things happen. Everything of Anna's waits for Bram; Aart's claim has gone to the bank."""
    now = world.clock.now()
    with world.db.transaction() as session:
        begun(session, cast)
        with_agreements(session, cast)
        with_business_case(session, cast)
        batch, _ = paying(session, cast, 1250, 4300)
        paid = session.scalars(select(Case.number).where(Case.initiator_id == cast.people["aart"])).one()
    with world.db.transaction() as session:
        submitted = cast.submitted(session, key="submitted")
        draft = cast.draft(session, "anna", "draft")
        row = bank.take_in(session, booked(xml.entry("9.00", side="CRDT")), "x.xml", now)
        cast.changes_account(session)
        handed_in = PeopleImport(
            municipality_id=cast.municipalities["waterveen"], name="mensen.csv", content=None, as_of=now.date(),
            handed_in_at=now, handed_in_by_id=cast.people["hanna"], taken_in_at=now,
            taken_in_by_id=cast.people["hanna"],
        )  # fmt: skip
        session.add(handed_in)
        seed_of(session, cast.municipalities["waterveen"], date(2026, 11, 1), now)
        otto = session.get_one(Person, cast.people["otto"])
        otto.daily_hour = 8
        cast.submitted(session, "olga", key="bundled")
        session.commit()
        made(session, otto, now)
        asked = Asked("progress", "Wanneer?", "Morgen", case_id=submitted.id)
        spoken = Spoken("telephone", 1, (asked,), cast.people["anna"])
        record_contact(session, cast.viewer(session, "carla"), spoken, now)
        ask_question(session, cast.viewer(session, "anna"), Asked("rules", "Mag dit?"), "asked", now)
        question = session.scalars(select(ContactQuestion.id).order_by(ContactQuestion.id.desc())).first() or 0
        account = session.scalars(select(Account).where(Account.person_id == cast.people["aart"])).one()
        accounts.send_link(
            session,
            Author(cast.people["hanna"], None),
            session.get_one(Person, cast.people["aart"]),
            None,
            account,
            now,
        )
        session.commit()
        bundle_token = world.link_token(session.scalars(select(Bundle.nonce)).one(), BUNDLE)
        account_token = world.account_token(session.scalars(select(AccountLink.nonce)).one())
        documents = {d.case_id: d.id for d in session.scalars(select(Document))}
        ticket = add_document(
            session, world.files, submitted, take_in(pdf(pages=2), "ticket.pdf"), line_key="a",
            by=cast.people["anna"], at=now,
        )  # fmt: skip
        link = session.scalars(select(MailLink).where(MailLink.case_id == submitted.id)).one()
        mail = session.scalars(select(OutboxMail.id).order_by(OutboxMail.id.desc())).first()
        scan = Scan(name="post.pdf", sha256="0" * 64, pages=1, taken_at=now)
        session.add(scan)
        session.flush()
        sha256 = world.files.put(scanned([paper()]))
        session.add(ScanPart(scan_id=scan.id, place=0, first_page=1, pages=1, sha256=sha256, why="no_code"))
        with_supplier(session, cast)
        session.add(
            InvoiceFile(name="x.xml", sha256=world.files.put(b"geen xml"), size=8, channel="folder", received_at=now,
                        taken_at=now, verdict="not an invoice", error="einvoice_not_xml", why="einvoice_not_xml")
        )  # fmt: skip
        to_destroy(session, cast)
        passing(session, world, cast)
        trying(session, world, cast)
        invoice = invoices.handed_in(session, cast)
        settlement.final(session, cast, now)
        feed = make_feed(session, cast.people["anna"], False, now)
        measured(session, now)
        whatif = with_answer(session, cast.people["greet"], now)
        return Stage(
            draft=draft.id, draft_document=documents[draft.id], number=submitted.number or "",
            document=documents[submitted.id], token=world.link_token(link.nonce), paid=paid or "", batch=batch.id,
            entry=row.unmatched, mail=mail or 0, account_token=account_token, bundle_token=bundle_token,
            feed_token=world.link_token(feed.nonce, FEED),
            handed_in=handed_in.id, question=question,
            pdf=ticket.id, status_token=world.status_token(invoice.number or ""), whatif=whatif.id,
        )  # fmt: skip
