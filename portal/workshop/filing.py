"""What bots hand in: they fill in the form of the case type with what their card says, and mend what came back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from portal.access import Role
from portal.clock import local_date
from portal.commands import cases
from portal.commands.contact import Asked, Spoken, ask_question, record_contact
from portal.commands.documents import remove_document
from portal.models.cases import Case
from portal.models.contact import Contact
from portal.queries.bank_accounts import account_of
from portal.queries.cases import documents_of
from portal.queries.filling import filling_in
from portal.workshop import cards
from portal.workshop.bot import Bot
from portal.workshop.choosing import lowered
from portal.workshop.scenario import CARD_KINDS, LEAVE, QUESTION
from portal.workshop.scenario import Card as Dealt
from portal.workshop.tables import Card, Seat
from workflows import CASE_TYPES
from workflows.filling import Problem
from workflows.kernel import Given, Refused
from workflows.money import plain

DAYS_ON = 6
"""How many days later somebody tries who is away already, or does not work, on the days they had in mind."""
WAITS = "waits"
EASY, YES = "answered", "Geregeld."
"""What comes of a question soonest, and what is said then by who does not think further."""


def begin(bot: Bot) -> Case | None:
    """Begin on a card: the draft with its papers and with what the card says. None for a question, which is asked."""
    card, dealt = _card(bot)
    if dealt.kind == QUESTION:
        return None
    case = cards.begin(bot.session, bot.world.files, card, dealt, bot.viewer, bot.at, bot.script)
    cases.save_draft(bot.session, case, {**(case.draft or {}), **dealt.fields}, bot.at)
    return case


def _card(bot: Bot) -> tuple[Card, Dealt]:
    card = bot.session.get_one(Card, bot.about["card"])
    return card, bot.script.cards[card.key]


def ask(bot: Bot) -> str:
    """A question: somebody at the desk takes down who is on the telephone; others ask it in the portal."""
    card, dealt = _card(bot)
    if card.contact_id is not None or card.done_at is not None:
        return "moved on"
    fields = dealt.fields
    about = _case_about(bot, dealt)
    key = f"card-{card.id}"
    if not bot.viewer.has(Role.CLERK):
        asked = Asked(fields["subject-0"], fields["asked-0"], case_id=about)
        contact = ask_question(bot.session, bot.viewer, asked, key, bot.at)
    else:
        contact = record_contact(bot.session, bot.viewer, _taken_down(bot, dealt, about, key), bot.at)
    cards.done(card, bot.at, contact=contact)
    return "asked"


def _taken_down(bot: Bot, dealt: Dealt, about: int | None, key: str) -> Spoken:
    """What the clerk writes; one who errs must look it up, and promises to call back."""
    fields = dealt.fields
    caller = bot.session.scalars(select(Seat.person_id).where(Seat.key == dealt.caller)).first()
    outcome, answer = _outcome(bot, dealt)
    asked = Asked(fields["subject-0"], fields["asked-0"], answer, outcome, about if caller else None)
    said = "" if caller else fields.get("caller") or dealt.title.nl
    return Spoken(fields["channel"], int(fields["line"]), (asked,), caller, said, key)


def _outcome(bot: Bot, dealt: Dealt) -> tuple[str, str]:
    """What happens with a question, and what is answered: who errs gives in where one should not, and else must look
    it up and call back."""
    outcome, answer, planted = dealt.fields["outcome-0"], dealt.fields["answer-0"], dealt.planted
    knows = bot.notices(dealt.key, "answer")
    if planted is not None and planted.by in bot.roles:
        return (
            (outcome if outcome in planted.actions else planted.actions[0], answer) if knows else (EASY, answer or YES)
        )
    return (outcome, answer) if outcome != EASY or (answer and knows) else ("call_back", "")


def _case_about(bot: Bot, dealt: Dealt) -> int | None:
    """The case that a question is about, when it came of its card and is the caller's own."""
    if not dealt.about:
        return None
    caller = bot.session.scalars(select(Seat.person_id).where(Seat.key == dealt.caller)).first() or bot.person_id
    query = select(Case.id).join(Card, Card.case_id == Case.id)
    return bot.session.scalars(
        query.where(Card.key == dealt.about, Case.initiator_id == caller, Case.number.is_not(None))
    ).first()


def answer_of(bot: Bot, contact: Contact) -> str:
    """What the scenario says is the answer to a question that came of a card."""
    key = bot.session.scalars(select(Card.key).where(Card.contact_id == contact.id)).first()
    return bot.script.cards[key].fields["answer-0"] if key else ""


def fill(bot: Bot) -> str:
    """Hand in what was begun, also by somebody else who left it half done; mend it first when it came back."""
    case = bot.case(bot.about["case"])
    if case.state not in CASE_TYPES[case.type].filling_in.at:
        return "moved on"
    dealt = bot.card_of(case)
    if case.number is not None:
        _mend(bot, case, dealt)
    content, problems = _read(bot, case)
    if problems and dealt is not None and case.number is None:
        cases.save_draft(bot.session, case, {**(case.draft or {}), **dealt.fields}, bot.at)
        content, problems = _read(bot, case)
    if problems and case.type == CARD_KINDS[LEAVE]:
        content, problems = _other_days(bot, case)
    if problems:
        return _give_up(bot, case, problems)
    step = CASE_TYPES[case.type].filling_in.key
    cases.act_as(bot.session, bot.viewer, case, step, Given(content=content), bot.at)
    return step


def _read(bot: Bot, case: Case) -> tuple[Mapping[str, Any], tuple[Problem, ...]]:
    """The draft as its case type understands it."""
    case_type, account = CASE_TYPES[case.type], account_of(bot.session, case.initiator_id)
    filling = filling_in(
        bot.session, case, documents_of(bot.session, case.id), local_date(bot.at),
        account=account.iban if account else "", language="nl",
    )  # fmt: skip
    return case_type.read(case_type.form(formdata=MultiDict(case.draft or {})), filling)


def _give_up(bot: Bot, case: Case, problems: tuple[Problem, ...]) -> str:
    """Nothing that can be handed in: it is withdrawn, and a draft goes with its papers."""
    codes = ", ".join(sorted({problem.code for problem in problems}))
    if case.number is None:
        for document in documents_of(bot.session, case.id):
            remove_document(bot.session, document)
    try:
        cases.act_as(bot.session, bot.viewer, case, "withdraw", Given(), bot.at)
    except Refused:
        return f"{WAITS}: {codes}"
    _put_away(bot, case)
    return f"withdrawn: {codes}"


def _put_away(bot: Bot, case: Case) -> None:
    card = bot.session.scalars(select(Card).where(Card.case_id == case.id)).first()
    if card is not None:
        cards.done(card, bot.at)


def _other_days(bot: Bot, case: Case) -> tuple[Mapping[str, Any], tuple[Problem, ...]]:
    """The nearest days later on which the leave can be had."""
    typed = dict(case.draft or {})
    for _ in range(DAYS_ON):
        typed |= {name: _later(typed[name], 1) for name in ("first", "last", "occasion") if typed.get(name)}
        cases.save_draft(bot.session, case, typed, bot.at)
        content, problems = _read(bot, case)
        if not problems:
            break
    return content, problems


def _later(day: str, days: int) -> str:
    try:
        return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
    except ValueError:
        return day


def _mend(bot: Bot, case: Case, dealt: Dealt | None) -> None:
    """What came back is mended: the mistake when there was one, else something more is said."""
    typed = dict(case.draft or {})
    planted = dealt.planted if dealt else None
    if case.type == CARD_KINDS[LEAVE]:
        typed |= {name: _later(typed[name], 7) for name in ("first", "last") if typed.get(name)}
    elif planted is not None and planted.at_most_cents:
        typed |= _lower(case, typed, planted.at_most_cents)
    elif typed.get("purpose"):
        typed["purpose"] = f"{typed['purpose']}, nader toegelicht"
    cases.save_draft(bot.session, case, typed, bot.at)


def _lower(case: Case, typed: Mapping[str, str], most: int) -> dict[str, str]:
    """The same lines for no more than what is right."""
    lines = case.content.get("lines", ())
    right = lowered(lines, "claimed_cents", most)
    changed: dict[str, str] = {}
    for number in range(len(lines)):
        key = str(typed.get(f"lines-{number}-key", ""))
        was = next((int(line["claimed_cents"]) for line in lines if str(line["key"]) == key), 0)
        if key not in right or right[key] >= was:
            continue
        km = typed.get(f"lines-{number}-km", "")
        if km:
            changed[f"lines-{number}-km"] = str(max(1, round(float(km.replace(",", ".")) * right[key] / was)))
        else:
            changed[f"lines-{number}-amount"] = plain(max(1, right[key]))
    return changed
