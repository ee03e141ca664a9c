"""The papers of a card: receipts as photos, tickets, and invoices on paper or electronic; and how they come in."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from io import BytesIO
from typing import NamedTuple

from PIL import Image
from sqlalchemy.orm import Session

from portal.commands import invoices, post
from portal.commands.invoices import Arrived
from portal.interfaces.cover_codes import code_for
from portal.interfaces.einvoice.arriving import Brought
from portal.interfaces.einvoice.checking import OWN_RULES, Checked, Verdict, read
from portal.interfaces.einvoice.sums import minimum, profile
from portal.interfaces.einvoice.writing import KVK, OIN, Bill, Firm, Item, written
from portal.interfaces.files import Part, take_in
from portal.models.cases import Case
from portal.workshop.filling import TICKET, account_of, email_of, seed_of
from portal.workshop.scenario import BillPlan, Card, Paper, Scenario
from portal.worlds import COVER, World
from seed.office import moment
from seed.organisation import named
from seed.people import plain
from seed.receipts import receipt_image, train_ticket_pdf
from seed.sources import source
from seed.ubl import paper as on_paper

SHEET, AT = (827, 1169), (150, 160)
"""A page of A4 at 100 dots an inch, and where a till receipt lies on it when it is scanned."""
MORNING = 9


class File(NamedTuple):
    """A file of a card: the key of the form's line it belongs to (empty: to none), its name and its bytes."""

    line: str
    name: str
    content: bytes


def files_of(scenario: Scenario, card: Card) -> tuple[File, ...]:
    """What somebody has in hand with a card: its receipts, or the invoice as people read it. The same each time."""
    if card.bill is not None:
        name = card.papers[0].name if card.papers else f"{card.bill.number}.pdf"
        return (File("", name, on_paper(bill_of(scenario, card.bill))),)
    return tuple(File(paper.line, *drawn(paper)) for paper in card.papers)


@lru_cache(maxsize=256)
def drawn(paper: Paper) -> tuple[str, bytes]:
    """A receipt as a file: its name and its bytes."""
    if paper.kind == TICKET:
        origin, destination = paper.route
        content = train_ticket_pdf(
            seed=paper.seed, traveller=paper.traveller, origin=origin, destination=destination, day=paper.day,
            total_cents=paper.cents,
        )  # fmt: skip
    else:
        lines = list(paper.items) or [(paper.merchant, paper.cents)]
        content = receipt_image(
            seed=paper.seed, merchant=paper.merchant, day=paper.day, lines=lines, total_cents=paper.cents
        )
    return paper.name, content


def bill_of(scenario: Scenario, plan: BillPlan) -> Bill:
    """An invoice as the supplier writes it."""
    seats = {seat.key: seat for seat in scenario.seats}
    codes = [code for code, _ in scenario.municipalities]
    town = named(plan.municipality)["name"]
    free = any(not vat for _, _, vat in plan.items)
    bill = Bill(
        number=plan.number, issued=plan.issued, seller=_seller(plan.supplier),
        buyer=Firm(f"Gemeente {town}", f"00000001{codes.index(plan.municipality) + 1:012d}", OIN, city=town),
        items=tuple(Item(what, cents, percent=vat, category="S" if vat else "E") for what, cents, vat in plan.items),
        iban=account_of(plan), due=plan.due, exempt=("VATEX-EU-132", "Vrijgesteld van btw") if free else ("", ""),
        reference=email_of(seats[plan.ordered_by]) if plan.ordered_by else "ORD-1",
    )  # fmt: skip
    return replace(bill, attachment=on_paper(bill))


def _seller(name: str) -> Firm:
    """A supplier who is known, as the master data has them; else somebody whom nobody knows."""
    row = next((row for row in source("invoices")["supplier"] if row["name"] == name), None)
    kvk, town = (row["kvk"], row["town"]) if row else (f"79{seed_of(name) % 10**6:06d}", "Verweghuizen")
    return Firm(name, kvk, KVK, vat=f"NL0{kvk}B01", city=town, email=f"facturen@{plain(name).strip('.')}.example")


def arriving(world: World, session: Session, scenario: Scenario, plan: BillPlan, at: datetime) -> int | None:
    """Let an electronic invoice come in by itself, as its file would. Returns the case that came of it, if one did."""
    bill = bill_of(scenario, plan)
    content = written(bill)
    invoice = read(content)
    findings = (*minimum(invoice), *profile(invoice))
    checked = Checked(Verdict.FINDINGS if findings else Verdict.VALID, invoice, findings, OWN_RULES, xml=content)
    brought = Brought(checked, (take_in(bill.attachment, f"{plan.number}.pdf"),))
    received = min(at - timedelta(minutes=1), moment(plan.received, MORNING))
    arrived = Arrived(f"{plan.number}.xml", content, brought, "folder", received)
    row = invoices.take_in(session, world.files, arrived, at)
    session.flush()
    return row.case_id


def posted(world: World, session: Session, case: Case, card: Card, at: datetime) -> int:
    """Let the receipts of a claim come in by post, each behind the cover sheet of its line. Returns how many did."""
    key, there = world.key(COVER), 0
    for paper in card.papers:
        name = f"post-{case.number}-{paper.line}.pdf"
        content, code = scanned(paper), code_for(key, case.number or "", paper.line)
        parts = [Part(2, 1, code, take_in(content, name))]
        arrived = post.Arrived(name, hashlib.sha256(content + code.encode()).hexdigest(), 2, parts)
        added, _ = post.take_in(session, world.files, key, arrived, at)
        there += added
    return there


def scanned(paper: Paper) -> bytes:
    """Paper as the scanner in the post room makes a PDF of it; a ticket is printed from its own file."""
    _, content = drawn(paper)
    if paper.kind == TICKET:
        return content
    page = Image.new("L", SHEET, 252)
    page.paste(Image.open(BytesIO(content)).convert("L"), AT)
    out = BytesIO()
    page.save(out, "PDF", resolution=100, quality=60, creationDate=None, modDate=None)
    return out.getvalue()
