"""What bots do besides cases: answer questions, pay, and see to what came in and has no place."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.clock import local_date
from portal.commands import bank, contact_follow_up, invoices, payments, post
from portal.commands.suppliers import release_hold as release_supplier
from portal.models.contact import ANSWERED, CALL_BACK, ContactQuestion
from portal.models.invoices import InvoiceFile
from portal.models.payments import BankEntry
from portal.models.people import Municipality, PersonAccount
from portal.models.post import ScanPart
from portal.models.suppliers import SupplierAccount
from portal.queries.payments import Proposed, proposal
from portal.workshop.bot import Bot
from portal.workshop.filing import answer_of
from workflows.kernel import Refused

MOVED_ON = "moved on"
STAYS_HELD = 1
ANSWERS = "Nagekeken en uitgelegd hoe het zit. Hiermee is de vraag beantwoord."


def answer(bot: Bot) -> str:
    """Answer a question, or call back; who does not find the answer tries again later."""
    question = bot.session.scalars(
        select(ContactQuestion).where(ContactQuestion.id == bot.about["question"])
        .options(joinedload(ContactQuestion.contact))
    ).one()  # fmt: skip
    if question.state == ANSWERED:
        return MOVED_ON
    if question.contact.person_id == bot.person_id:
        return "waits: own_contact"
    first = question.state == CALL_BACK and not question.attempts
    if first and not bot.notices(f"question {question.id}", "call"):
        contact_follow_up.not_reached(bot.session, bot.viewer, question, "Niet bereikt.", bot.at)
        return "not reached"
    said = answer_of(bot, question.contact) or ANSWERS
    contact_follow_up.answer(bot.session, bot.viewer, question, said, bot.at)
    return "answered"


def pay(bot: Bot) -> str:
    """A payment run for one municipality: release all that can be paid, after ending the holds that may be ended."""
    municipality = bot.session.get_one(Municipality, bot.about["place"])
    _end_holds(bot, municipality)
    proposed = proposal(bot.session, bot.viewer, municipality, bot.at)
    ids = [one.payable.id for one in proposed if one.payable_now]
    if not ids:
        codes = sorted({refusal.code for one in proposed for refusal in one.refusals})
        return f"waits: {', '.join(codes)}" if codes else MOVED_ON
    batch = payments.release(bot.session, bot.viewer, municipality, ids, bot.at)
    return f"released {batch.count}"


def _end_holds(bot: Bot, municipality: Municipality) -> None:
    """Whoever was spoken on the number we know has not to wait."""
    ended: set[int] = set()
    for one in proposal(bot.session, bot.viewer, municipality, bot.at):
        if one.account is None or one.account.id in ended or not one.held_for(bot.viewer):
            continue
        ended.add(one.account.id)
        try:
            with bot.session.begin_nested():
                _end_hold(bot, municipality, one)
        except Refused:
            continue


def _end_hold(bot: Bot, municipality: Municipality, one: Proposed) -> None:
    reason = bot.says("hold", "reasons")
    if isinstance(one.account, PersonAccount):
        payments.release_hold(bot.session, bot.viewer, municipality, one.account.id, reason, bot.at)
    elif isinstance(one.account, SupplierAccount):
        release_supplier(bot.session, bot.viewer, one.account, reason, bot.at)


def entry(bot: Bot) -> str:
    """A booking of the bank that nothing explains."""
    found = bot.session.get_one(BankEntry, bot.about["id"])
    if found.resolved_at is not None:
        return MOVED_ON
    bank.resolve(found, bot.viewer, bot.says("resolution", "unmatched"), bot.at)
    return "resolved"


def part(bot: Bot) -> str:
    """Pages of the post that are with no case."""
    found = bot.session.scalars(
        select(ScanPart).where(ScanPart.id == bot.about["id"]).options(joinedload(ScanPart.scan))
    ).one()
    if found.settled_at is not None:
        return MOVED_ON
    post.set_aside(bot.viewer, found, "Hoort bij geen zaak: teruggestuurd naar de afzender.", bot.at)
    return "set aside"


def file(bot: Bot) -> str:
    """A file that came in as an invoice and became no case."""
    found = bot.session.get_one(InvoiceFile, bot.about["id"])
    if found.settled_at is not None:
        return MOVED_ON
    invoices.set_aside(bot.session, bot.viewer, found, f"Nagevraagd bij de afzender op {local_date(bot.at)}.", bot.at)
    return "set aside"
