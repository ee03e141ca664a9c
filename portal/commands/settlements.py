"""Settling a quarter: made from what was entered and counted, prepared by one, made final by another, and restated.

What is final does not change any more, and is restated by a next revision of the same quarter, with the reason. Making
it final issues an invoice or credit note to each municipality: of all at first, of what differs afterwards.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Role, Viewer
from portal.clock import local_date
from portal.commands import mail
from portal.commands.changes import write_down
from portal.commands.costs import QUARTER_WRONG, author, line
from portal.commands.numbers import next_number
from portal.models.costs import DRAFT, FINAL, PREPARED, QuarterInvoice, QuarterSettlement
from portal.models.people import Municipality, Person
from portal.queries.costs import basis_of
from portal.queries.holders import holders
from portal.queries.people import policies_of
from portal.queries.settlements import invoices_of, last_final, running
from portal.sealing import canonical
from workflows.addressees import ADDRESSEE, SENDER, TERM, VAT
from workflows.invoicing import first_lines, invoice, later_lines
from workflows.kernel import Refusal, Refused
from workflows.parties import N_
from workflows.quarters import is_quarter, last_day
from workflows.settled import Correction, account_of, corrected, line_of
from workflows.settlement import figures

REASON = Refusal("settlement_reason_missing", N_("What was final is restated: write down why, everybody reads it."))
NOTHING = Refusal("settlement_nothing", N_("There is no settlement of this quarter that can be changed."))
NOT_DRAFT = Refusal("settlement_not_draft", N_("This settlement was prepared already."))
NOT_PREPARED = Refusal("settlement_not_prepared", N_("First a treasurer prepares this settlement."))
NOT_TREASURER = Refusal("settlement_not_treasurer", N_("Only a treasurer of the SSC prepares a settlement."))
NOT_DIRECTOR = Refusal("settlement_not_director", N_("Only the director of the SSC makes a settlement final."))
FOUR_EYES = Refusal("settlement_four_eyes", N_("You prepared this settlement, so somebody else makes it final."))
RUNS = Refusal("settlement_quarter_runs", N_("This quarter is not over yet."))
NO_SENDER = Refusal(
    "settlement_no_sender",
    N_("It is not laid down who sends the invoices. The functional manager adds that under Agreements."),
)
CHANGED = Refusal("settlement_changed", N_("Somebody changed this settlement meanwhile. Look again."))

PREFIX = "VER"
"""Of the numbers of invoices and credit notes: one series, without gaps."""
USUAL_DAYS = 30
LETTER = "settlement_final"


def digest_of(settlement: QuarterSettlement) -> str:
    """The hash of all that a settlement says."""
    said = {"quarter": settlement.quarter, "revision": settlement.revision, "reason": settlement.reason,
            "figures": settlement.figures}  # fmt: skip
    return hashlib.sha256(canonical(said)).hexdigest()


def make(session: Session, viewer: Viewer, quarter: str, variant: str, key: str, reason: str,
         at: datetime) -> QuarterSettlement:  # fmt: skip
    """Work out a quarter from all that is there now; again where it was not final. What was final is restated."""
    author(viewer)
    if not is_quarter(quarter):
        raise Refused(QUARTER_WRONG)
    found, before, why = running(session, quarter), last_final(session, quarter), line(reason)
    if before and not why and not (found and found.reason):
        raise Refused(REASON)
    said = _kept(figures(basis_of(session, quarter), variant, key), before, found)
    if found is None:
        found = _next(quarter, before, why if before else "", at)
        session.add(found)
    elif before and why:
        found.reason = why
    _put(found, said, at)
    session.flush()
    return found


def _kept(said: dict[str, Any], *earlier: QuarterSettlement | None) -> dict[str, Any]:
    """The same with what was put right after a dispute: that holds, however often the rest is counted again."""
    for one in earlier:
        for account in one.figures["accounts"] if one else ():
            for found in account["lines"]:
                if found.get("dispute") and line_of(said, account["code"], found["key"]):
                    right = Correction(account["code"], found["key"], found["cents"], found["quantity"],
                                       found["reason"], found["dispute"])  # fmt: skip
                    said = corrected(said, right)
    return said


def _next(quarter: str, before: QuarterSettlement | None, reason: str, at: datetime) -> QuarterSettlement:
    return QuarterSettlement(
        quarter=quarter, revision=before.revision + 1 if before else 1, state=DRAFT, variant="", figures={},
        reason=reason, made_at=at,
    )  # fmt: skip


def _put(found: QuarterSettlement, said: Mapping[str, Any], at: datetime) -> None:
    """Fill it in; whoever had prepared it must do so again."""
    found.variant, found.key, found.figures, found.made_at = said["variant"], said["key"], dict(said), at
    found.state, found.prepared_at, found.prepared_by_id = DRAFT, None, None


def correct(session: Session, quarter: str, correction: Correction, by_id: int, at: datetime) -> QuarterSettlement:
    """Restate what holds of a quarter with one line put right: prepared by who decided so, for the director.

    Where a restatement is being made already, it goes into that, and a treasurer prepares it.
    """
    held, before = running(session, quarter), last_final(session, quarter)
    if before is None:
        raise Refused(NOTHING)
    found = held or _next(quarter, before, correction.reason, at)
    said = corrected(found.figures or before.figures, correction)
    if held is None:
        session.add(found)
    else:
        found.reason = f"{found.reason} {correction.reason}"
    _put(found, said, at)
    if held is None:
        found.state, found.prepared_at, found.prepared_by_id = PREPARED, at, by_id
    session.flush()
    return found


def _current(session: Session, quarter: str, settlement_id: int, seen: str | None) -> QuarterSettlement:
    found = running(session, quarter)
    if found is None:
        raise Refused(NOTHING)
    # Of two at the same moment the second sees what the first made of it.
    session.refresh(found, with_for_update=True)
    if found.id != settlement_id or seen not in (None, digest_of(found)):
        raise Refused(CHANGED)
    return found


def _for_all(viewer: Viewer, role: Role) -> bool:
    """Whether somebody has this role for all municipalities: another role for all does not stretch it."""
    return viewer.has(role) and viewer.municipalities(role) is None


def prepare(session: Session, viewer: Viewer, quarter: str, settlement_id: int, at: datetime, *,
            seen: str | None = None) -> QuarterSettlement:  # fmt: skip
    """Say that it is right: from then on the director can make it final. `seen` is the digest of what was looked at;
    None where nobody looks."""
    by = author(viewer)
    if not _for_all(viewer, Role.TREASURER):
        raise Refused(NOT_TREASURER)
    found = _current(session, quarter, settlement_id, seen)
    if found.state != DRAFT:
        raise Refused(NOT_DRAFT)
    if last_day(quarter) >= local_date(at):
        raise Refused(RUNS)
    found.state, found.prepared_at, found.prepared_by_id = PREPARED, at, viewer.person_id
    session.flush()
    write_down(session, by, at, "settlement.prepared", quarter, new={"owed": found.figures["owed_cents"]})
    return found


def make_final(session: Session, viewer: Viewer, quarter: str, settlement_id: int, at: datetime, *,
               seen: str | None = None) -> QuarterSettlement:  # fmt: skip
    """Freeze it as it was `seen` (by its digest), issue the invoices, and tell the contract managers."""
    by = author(viewer)
    if not _for_all(viewer, Role.DIRECTOR):
        raise Refused(NOT_DIRECTOR)
    found = _current(session, quarter, settlement_id, seen)
    if found.state != PREPARED:
        raise Refused(NOT_PREPARED)
    if found.prepared_by_id == viewer.person_id:
        raise Refused(FOUR_EYES)
    before = last_final(session, quarter)
    found.state, found.final_at, found.final_by_id = FINAL, at, viewer.person_id
    found.digest = digest_of(found)
    session.flush()
    issued = _issue(session, found, before, at)
    write_down(session, by, at, "settlement.final", quarter,
               new={"owed": found.figures["owed_cents"], "hash": found.digest})  # fmt: skip
    _tell(session, found, issued, at)
    return found


def _issue(session: Session, settlement: QuarterSettlement, before: QuarterSettlement | None,
           at: datetime) -> dict[int, QuarterInvoice]:  # fmt: skip
    """An invoice for each municipality; of a restatement only where something differs."""
    said, today = settlement.figures, local_date(at)
    sent: dict[int, list[str]] = {}
    for one in invoices_of(session, settlement.quarter, None):
        sent.setdefault(one.municipality_id, []).append(one.number)
    issued = {}
    for place in session.scalars(select(Municipality).order_by(Municipality.code)):
        account = account_of(said, place.code)
        if account is None:
            continue
        if before is None:
            lines = first_lines(account, settlement.quarter)
        elif not (lines := later_lines(account_of(before.figures, place.code), account, settlement.quarter)):
            continue
        content = _content(session, place, lines, settlement, sent.get(place.id, []), today)
        issued[place.id] = new = QuarterInvoice(
            settlement_id=settlement.id, municipality_id=place.id, number=content["number"], credit=content["credit"],
            cents=content["payable_cents"], issued_on=today, content=content,
        )  # fmt: skip
        session.add(new)
    session.flush()
    return issued


def _content(session: Session, place: Municipality, lines: list[dict[str, Any]], settlement: QuarterSettlement,
             preceding: list[str], today: date) -> dict[str, Any]:  # fmt: skip
    policies = policies_of(session, place.id)
    sender, addressee = policies.at(SENDER, today), policies.at(ADDRESSEE, today)
    if sender is None:
        raise Refused(NO_SENDER)
    return invoice(
        lines, number=next_number(session, PREFIX, today.year), issued=today,
        days=int(policies.number(TERM, today, USUAL_DAYS)), percent=policies.number(VAT, today, 0) + Decimal(0),
        seller=sender.record, buyer=addressee.record if addressee else {"name": place.account_name},
        quarter=settlement.quarter, first=settlement.figures["first_day"], last=settlement.figures["last_day"],
        preceding=preceding, note=settlement.reason,
    )  # fmt: skip


def _tell(session: Session, settlement: QuarterSettlement, issued: Mapping[int, QuarterInvoice], at: datetime) -> None:
    """Each contract manager gets the outcome for their municipalities, with a link; a restatement only where it is."""
    told: dict[int, tuple[Person, list[tuple[str, QuarterInvoice]]]] = {}
    for place_id, one in issued.items():
        name = session.get_one(Municipality, place_id).name
        for person in holders(session, Role.CONTRACT_MANAGER, place_id, local_date(at)):
            told.setdefault(person.id, (person, []))[1].append((name, one))
    for person, invoices in told.values():
        mail.write(session, person, LETTER, at, settlement=settlement, invoices=invoices)
