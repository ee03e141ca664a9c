"""A year of invoices: written by our own UBL writer, taken in as files, registered, received, approved and paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import count
from random import Random
from typing import Any

from sqlalchemy import select

from portal.clock import local_date
from portal.commands import cases, flags, invoices
from portal.commands.invoices import Arrived
from portal.interfaces.einvoice.arriving import Brought
from portal.interfaces.einvoice.checking import OWN_RULES, Checked, Verdict, read
from portal.interfaces.einvoice.sums import minimum, profile
from portal.interfaces.einvoice.writing import OIN, Bill, Firm, Item, reversed_charge, written
from portal.interfaces.files import Intake, take_in
from portal.models.cases import Case
from portal.models.people import Municipality
from portal.models.suppliers import Supplier, SupplierAccount
from seed.absences import Absence
from seed.office import earlier, later, moment, workdays
from seed.people import Member, Post
from seed.sources import source
from seed.stage import Stage
from seed.ubl import paper
from workflows import CASE_TYPES
from workflows.flags import FLAG_KINDS
from workflows.kernel import Given, Refused

INVOICE = CASE_TYPES["purchase_invoice"]
INVOICES_A_MONTH = 0.42
"""How many invoices come in for each employee."""
CREDITED, DECLINED, FORWARDED = 0.03, 0.03, 0.05
OPEN_HOURS = 7
"""Office hours before the end of the story after which clerks leave invoices where they are."""
SHOWN_HOURS = 60
"""Office hours before the end of the story in which every invoice has its PDF with it."""
KVK = "0106"


@dataclass
class Sender:
    """A supplier with what they send invoices for."""

    firm: Firm
    iban: str
    row: Mapping[str, Any]
    sent: int = 0


def _firm(one: Supplier) -> Firm:
    return Firm(one.name, one.kvk, KVK, vat=one.vat, city=one.town, email=one.email)


def _buyer(one: Municipality, *, known: bool) -> Firm:
    """The municipality as suppliers write it; some leave out its electronic address, which a profile asks for."""
    number = f"00000001{one.id:012d}" if known else ""
    return Firm(f"Gemeente {one.name}", number, OIN, city=one.name)


class Invoices:
    """Puts the invoices of the story on the agenda."""

    def __init__(self, stage: Stage, begin: date, absences: Mapping[int, Sequence[Absence]]) -> None:
        self._stage, self._begin, self._absences = stage, begin, absences
        self._closes = earlier(stage.ssc_office, stage.until, OPEN_HOURS)
        self._senders = self._known()
        self._places = count(1)
        stage.session.commit()

    def _known(self) -> list[Sender]:
        session = self._stage.session
        rows = {row["kvk"]: row for row in source("invoices")["supplier"]}
        accounts = {one.supplier_id: one.iban for one in session.scalars(select(SupplierAccount))}
        return [
            Sender(_firm(one), accounts[one.id], rows[one.kvk])
            for one in session.scalars(select(Supplier).order_by(Supplier.id))
            if one.kvk in rows
        ]  # fmt: skip

    def plan(self, employees: int, months: int) -> None:
        """Draw who orders what when, and one that waits for Anna and one that waits for Bram."""
        stage, rng = self._stage, self._stage.rng("invoices")
        days = workdays(stage.ssc_office, self._begin, local_date(stage.until))
        anna, bram = stage.staff.named["anna"], stage.staff.named["bram"]
        able = [m for m in stage.staff.members.values() if m.id not in stage.staff.clerks and m.id not in (anna, bram)]
        for number, day in enumerate(sorted(rng.choices(days, k=round(employees * months * INVOICES_A_MONTH)))):
            member = rng.choice(able)
            post = member.post(day)
            if post is not None:
                at = moment(day, rng.uniform(8.2, 16.5))
                stage.plan(at, partial(self._arrives, f"invoice-{number}", member, post))
        team = [member for member in stage.staff.of_team(bram) if member.id != anna]
        for hours, member, until in ((12, stage.staff.members[anna], "delivery"), (16, team[0], "submitted")):
            at = earlier(stage.ssc_office, stage.until, hours)
            if (post := member.post(local_date(at))) is not None and local_date(at) > self._begin:
                stage.plan(at, partial(self._arrives, f"invoice for {until}", member, post, until))

    def _arrives(self, name: str, member: Member, post: Post, until: str = "") -> None:
        """A file drops in: it becomes a case, which a clerk registers the same day."""
        stage, rng = self._stage, self._stage.rng(name)
        municipality = stage.municipalities[post.municipality_id]
        sender = rng.choice(self._senders)
        bill = self._bill(rng, sender, municipality, member, small=bool(until))
        # Some send the invoice along as people read it; those that still wait do, so that it shows on the bench.
        papers: tuple[Intake, ...] = ()
        if sender.sent % 4 == 1 or until or stage.now > earlier(stage.ssc_office, stage.until, SHOWN_HOURS):
            bill = replace(bill, attachment=paper(bill))
            papers = (take_in(bill.attachment, f"{bill.number}.pdf"),)
        content = written(bill)
        invoice = read(content)
        findings = (*minimum(invoice), *profile(invoice))
        verdict = Verdict.FINDINGS if findings else Verdict.VALID
        brought = Brought(Checked(verdict, invoice, findings, OWN_RULES, xml=content), papers)
        received = stage.now - timedelta(minutes=rng.randrange(20, 90))
        arrived = Arrived(f"{bill.number}.xml", content, brought, "folder", received)
        row = invoices.take_in(stage.session, stage.files, arrived, stage.now)
        stage.session.flush()
        if row.case_id is not None and stage.now < self._closes:
            self._register(row.case_id, name, until)

    def _bill(self, rng: Random, sender: Sender, municipality: Municipality, member: Member, *, small: bool) -> Bill:
        today = local_date(self._stage.now)
        sender.sent += 1
        row = sender.row
        percent = {"category": "E", "percent": 0} if row.get("exempt") else {}
        drawn = rng.sample(row["items"], rng.randrange(1, len(row["items"]) + 1))
        items = tuple(
            Item(what, min(rng.randrange(low, high), 30_000) if small else rng.randrange(low, high),
                 **({"percent": vat} | percent))
            for what, low, high, vat in drawn[: 1 if small else None]
        )  # fmt: skip
        credit = not small and rng.random() < CREDITED
        bill = Bill(
            number=f"{today:%Y}-{sender.sent:04d}", issued=today - timedelta(days=rng.randrange(1, 6)),
            seller=sender.firm, buyer=_buyer(municipality, known=sender.sent % 8 != 0),
            items=items, iban=sender.iban, credit=credit, reference=member.person.email,
            due=None if credit else today + timedelta(days=rng.choice((14, 21, 30, 30))),
            preceding=f"{today:%Y}-{max(1, sender.sent - 1):04d}" if credit else "",
        )  # fmt: skip
        return reversed_charge(bill) if row.get("reversed") else bill

    def _clerk(self, case: Case, name: str) -> int | None:
        """Somebody of the SSC who had no part in it yet."""
        had = {case.initiator_id, *(person for _, *persons in case.trail for person in persons)}
        free = [clerk for clerk in self._stage.staff.clerks if clerk not in had]
        return self._stage.rng(name, len(case.trail)).choice(free) if free else None

    def _take(self, case: Case, clerk: int, part: str) -> None:
        stage, viewer = self._stage, self._stage.viewer(clerk)
        cases.take(stage.session, viewer, case, stage.now)
        for check, _ in INVOICE.checks(case.content)[part]:
            cases.tick(case, viewer, part, check, True, stage.now)
        for place, flag in enumerate(case.flags):
            if flag["asks"] and not flag["settled_as"]:
                answer = next(iter(FLAG_KINDS[flag["code"]].answers))
                flags.settle(stage.session, viewer, case, place, answer, "Nagevraagd bij de leverancier", stage.now)

    def _act(self, who: int, case: Case, key: str, reason: str = "", **content: str) -> None:
        stage = self._stage
        given = Given(reason=reason, content={**case.content, **content} if content else {})
        cases.act_as(stage.session, stage.viewer(who), case, key, given, stage.now)
        stage.session.flush()

    def _register(self, case_id: int, name: str, until: str) -> None:
        stage = self._stage
        case = stage.case(case_id)
        clerk = self._clerk(case, name)
        if case.state != "received" or case.assignee_id is not None or clerk is None:
            return
        self._take(case, clerk, "registration")
        try:
            self._act(clerk, case, "register")
        except Refused:
            self._act(clerk, case, "dispute", "De gegevens op de factuur kloppen niet")
            return
        if until != "delivery":
            hours = 1 if until else stage.rng(name, "delivery").uniform(1, 34)
            stage.plan(later(stage.office(case.municipality_id), stage.now, hours),
                       partial(self._received, case_id, name, until))  # fmt: skip

    def _received(self, case_id: int, name: str, until: str) -> None:
        """Who ordered it says whether it was delivered, or who else ordered it."""
        stage, case, chance = self._stage, self._stage.case(case_id), self._stage.rng(name, "received").random()
        if case.state != "delivery":
            return
        if not until and chance < DECLINED:
            self._act(case.initiator_id, case, "decline", "Dit hebben wij nog niet gekregen")
            clerk = self._clerk(stage.case(case_id), name)
            if clerk is not None:
                case = stage.case(case_id)
                cases.take(stage.session, stage.viewer(clerk), case, stage.now)
                self._act(clerk, case, "dispute", "Volgens de medewerker is dit niet geleverd")
            return
        colleague = self._colleague(case, name)
        if not until and chance < DECLINED + FORWARDED and colleague is not None:
            self._act(case.initiator_id, case, "forward", ordered_by=colleague)
            case = stage.case(case_id)
        self._act(case.initiator_id, case, "deliver")
        if until != "submitted":
            hours = stage.rng(name, "approval").uniform(2, 30)
            at = later(stage.office(case.municipality_id), stage.now, hours)
            stage.plan(at, partial(self._decide, case_id, name))

    def _colleague(self, case: Case, name: str) -> str | None:
        """Somebody else of the same unit, by mail address."""
        unit, today = case.employment.unit_id, local_date(self._stage.now)
        able = [
            member.person.email
            for member in self._stage.staff.members.values()
            if member.id != case.initiator_id and member.id not in self._stage.staff.clerks
            and (post := member.post(today)) is not None and post.unit_id == unit and member.rank == "employee"
        ]  # fmt: skip
        return self._stage.rng(name, "colleague").choice(able) if able else None

    def _back(self, person_id: int) -> datetime | None:
        """When somebody who is away is there again; None when they are there."""
        today = local_date(self._stage.now)
        away = next((a for a in self._absences.get(person_id, ()) if a.first <= today <= a.last), None)
        return moment(away.last + timedelta(days=1), 9) if away else None

    def _decide(self, case_id: int, name: str) -> None:
        """The budget holder approves, above their mandate a second one too; then a clerk checks it."""
        stage = self._stage
        case = stage.case(case_id)
        while case.state in ("submitted", "countersign") and case.approver_id:
            if back := self._back(case.approver_id):
                stage.plan(later(stage.office(case.municipality_id), back, 0.5), partial(self._decide, case_id, name))
                return
            self._act(case.approver_id, case, "approve" if case.state == "submitted" else "countersign")
            case = stage.case(case_id)
        clerk = self._clerk(case, name)
        if case.state == "approved" and clerk is not None and stage.now < self._closes:
            self._take(case, clerk, "check")
            self._act(clerk, case, "check")
