"""What bots do in cases, as people do it: by commands alone, and only what the declaration offers them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from portal.access import Role
from portal.clock import local_date
from portal.commands import cases, coding, flags, handing, suppliers
from portal.commands.suppliers import Call
from portal.models.cases import Case
from portal.models.people import Person
from portal.models.suppliers import Supplier
from portal.queries.cases import documents_of, offers_to, standing
from portal.queries.chart import chart_of
from portal.queries.coding import choices, suggestions
from portal.queries.people import viewer_of
from portal.workshop.bot import Bot
from portal.workshop.choosing import Choice, answers_to, chosen, doubles, lowered, planted_for
from portal.workshop.scenario import Planted
from portal.workshop.waiting import table_of
from workflows import CASE_TYPES
from workflows.coding import CODE
from workflows.expense_claim.checking import REFUSE
from workflows.flags import DOUBLE
from workflows.kernel import Action, Given, Refused
from workflows.money import plain
from workflows.parties import Party

WAITS, MOVED_ON = "waits", "moved on"
NOT_FOR_ME = frozenset({"own_case", "approver_checks", "reopener_goes_on", "flag_called_yourself", "not_involved"})
"""Why somebody else must do it: then the case goes to a colleague."""


def decide(bot: Bot) -> str:
    """Take the step that a case waits for."""
    case = bot.case(bot.about["case"])
    whose = {Party.APPROVER.name: case.approver_id, Party.INITIATOR.name: case.initiator_id}.get(case.waits_for)
    if whose != bot.person_id:
        return MOVED_ON
    planted = planted_for(bot, case, bot.card_of(case))
    return _act(bot, case, planted)


def work(bot: Bot) -> str:
    """Handle a case as a clerk: tick, settle what is flagged, code, and end the check."""
    case = bot.case(bot.about["case"])
    if case.assignee_id != bot.person_id or case.waits_for != Party.CLERK.name:
        return MOVED_ON
    if case.suspended_since is not None and _awaits_post(bot, case):
        return f"{WAITS}: post"
    planted = planted_for(bot, case, bot.card_of(case))
    # Who goes on with what stood still, or tries once more what the bank refused, has nothing to look through first.
    if _is_checked(case):
        _tick(bot, case)
        _code(bot, case)
        try:
            _settle(bot, case, planted)
        except Refused as refused:
            return _to_colleague(bot, case, refused.codes)
    return _act(bot, case, planted)


def _awaits_post(bot: Bot, case: Case) -> bool:
    """Whether it stands still for papers that have not come in yet."""
    needed = CASE_TYPES[case.type].documents(case.content)
    there = {document.line_key for document in documents_of(bot.session, case.id)}
    return bot.script.round.by_post and not needed.keys() <= there


def take_next(bot: Bot) -> Case | None:
    """Take the most urgent case that lies free."""
    return cases.take_next(bot.session, bot.viewer, bot.at)


def relieve(bot: Bot) -> str:
    """Take over from a colleague who is ill."""
    case = bot.case(bot.about["case"])
    holder = case.assignee_id
    table = table_of(bot.session, bot.script, bot.at)
    if holder is None or case.waits_for != Party.CLERK.name or not table.away(holder):
        return MOVED_ON
    handing.hand(bot.session, bot.viewer, case, bot.viewer, bot.at, "Neemt over van een zieke collega")
    return "relieved"


MOST_STEPS = 60
"""A case that came so far goes round in circles: somebody must look at it."""


def _act(bot: Bot, case: Case, planted: Planted | None) -> str:
    if len(case.trail) > MOST_STEPS:
        return f"{WAITS}: too many steps"
    offers = offers_to(bot.session, bot.viewer, case, bot.at)
    choice = chosen(bot, case, offers, planted)
    if choice is None:
        codes = frozenset(refusal.code for offer in offers for refusal in offer.refusals)
        return _to_colleague(bot, case, codes) if case.assignee_id == bot.person_id else f"{WAITS}: {_named(codes)}"
    given = _given(bot, case, choice)
    if given is None:
        return _refuse(bot, case)
    key = choice.action.key
    step = cases.Step(key, bot.viewer.actor(standing(case)), bot.at, given, bot.began)
    cases.act(bot.session, case, step)
    return key


def _named(codes: Collection[str]) -> str:
    return ", ".join(sorted(codes)) or "nothing offered"


def _refuse(bot: Bot, case: Case) -> str:
    """Nothing of it would be paid: then it is refused as a whole."""
    given = Given(reason=bot.says("reject", "clerk"))
    cases.act_as(bot.session, bot.viewer, case, "refuse", given, bot.at)
    return "refuse"


def _is_checked(case: Case) -> bool:
    case_type = CASE_TYPES[case.type]
    return any(case.state in action.at for action in case_type.actions if action.key in case_type.bench)


def _tick(bot: Bot, case: Case) -> None:
    """Tick what is asked for in this state; lines that were refused need none."""
    case_type = CASE_TYPES[case.type]
    here = [action for action in case_type.actions if action.key in case_type.bench and case.state in action.at]
    parts = {part for action in here for part in action.checks}
    for line, checks in case_type.checks(case.content).items():
        for key, _ in checks if not parts or line in parts else ():
            cases.tick(case, bot.viewer, line, key, True, bot.at)


def _code(bot: Bot, case: Case) -> None:
    """Code the lines as they were coded before, else on an account for costs; what cannot be coded is left."""
    case_type = CASE_TYPES[case.type]
    lines = case_type.to_code(case.content)
    coded = any(case.state in action.at for action in case_type.actions if action.key == CODE)
    if not coded or not lines or case.content.get("coding"):
        return
    chart, today = chart_of(bot.session, case.municipality_id), local_date(bot.at)
    known = suggestions(bot.session, case, chart, today)
    among = [row.code for row in choices(chart, today)["account"]]
    typed: dict[str, dict[str, str]] = {}
    for line in lines:
        if one := known.get(line.key):
            typed[line.key] = {"account": one.account, "cost_centre": one.cost_centre, "task": one.task}
        elif among:
            typed[line.key] = {"account": bot.chance("account", line.text).choice(among)}
    coding_, problems = coding.judged(bot.session, case, typed, bot.at)
    if coding_ and not problems:
        coding.code(bot.session, bot.viewer, case, coding_, bot.at)


def _settle(bot: Bot, case: Case, planted: Planted | None) -> None:
    """Settle the signals. Where the supplier must be called first, that is done, and a colleague goes on."""
    for place, answer in answers_to(bot, case, planted):
        reason = "Dit is al eerder ingediend." if answer == DOUBLE else "Nagekeken: het klopt zo."
        try:
            flags.settle(bot.session, bot.viewer, case, place, answer, reason, bot.at)
        except Refused as refused:
            if "flag_not_called" not in refused.codes:
                raise
            _call(bot, case)
            raise Refused(flags.CALLED_YOURSELF) from None


def _call(bot: Bot, case: Case) -> None:
    supplier_id = CASE_TYPES[case.type].payee(case.content)
    supplier = bot.session.get(Supplier, supplier_id) if supplier_id else None
    if supplier is not None:
        suppliers.called(
            bot.session, bot.viewer, supplier, Call("de administratie", "Nagevraagd en bevestigd."), bot.at
        )


def _to_colleague(bot: Bot, case: Case, codes: frozenset[str]) -> str:
    """Hand a case that one may not go on with to a colleague who may, a bot first; else it waits, and says for what."""
    if not codes & NOT_FOR_ME:
        return f"{WAITS}: {_named(codes)}"
    seats = table_of(bot.session, bot.script, bot.at).holding(Role.CLERK)
    for seat in sorted(seats, key=lambda one: (one.played_by != "bot", one.id)):
        if seat.person_id == bot.person_id:
            continue
        to = viewer_of(bot.session, bot.session.get_one(Person, seat.person_id), local_date(bot.at))
        try:
            handing.hand(bot.session, bot.viewer, case, to, bot.at)
        except Refused:
            continue
        return f"handed to {seat.key}: {_named(codes)}"
    return f"{WAITS}: {_named(codes)}"


def _given(bot: Bot, case: Case, choice: Choice) -> Given | None:
    """What comes along with a step. None when nothing would be left to grant."""
    action, case_type = choice.action, CASE_TYPES[case.type]
    reason = bot.says(*_words_for(action)) if action.reason else ""
    if action.asks is not None:
        content, _ = action.asks(case.content, _asked(case, choice), "nl")
        return Given(reason, content)
    assessing = case_type.assess is not None and action.tone == "primary" and _is_checked(case)
    if case_type.assess is None or not assessing:
        return Given(reason)
    content, _ = case_type.assess(case.content, _assessed(bot, case, choice), "nl")
    return Given(reason, content) if case_type.facts(content).sanctioned_cents > 0 else None


def _words_for(action: Action) -> tuple[str, ...]:
    if action.key in ("pay_again", "release_hold"):
        return ("pay_again", "reasons")
    if action.key == "suspend":
        return ("post", "reasons")
    if action.tone == "danger":
        return ("reject", "clerk" if action.who & Party.CLERK else "manager")
    return ("return",)


def _asked(case: Case, choice: Choice) -> dict[str, str]:
    """The fields of a step of its own: of a sample, which amounts were not due and why."""
    lines = case.content.get("lines", ())
    due = lowered(lines, "sanctioned_cents", choice.at_most_cents or 0)
    typed: dict[str, str] = {}
    for line in lines:
        wrong = int(line["sanctioned_cents"]) - due[str(line["key"])]
        if wrong:
            typed |= {f"wrong-{line['key']}": plain(wrong), f"why-{line['key']}": "Dit was niet verschuldigd."}
    return typed


def _assessed(bot: Bot, case: Case, choice: Choice) -> Mapping[str, str]:
    """What is decided per line: granted as it stands, but for what is double or above the most."""
    lines: Any = [line for line in case.content.get("lines", ()) if not line.get("outcome")]
    standing_cents = {str(line["key"]): int(line["sanctioned_cents"]) for line in lines}
    double = doubles(case)
    granted = dict(standing_cents)
    if choice.at_most_cents is not None:
        granted = lowered(
            [line for line in lines if line["key"] not in double], "sanctioned_cents", choice.at_most_cents
        )
    typed: dict[str, str] = {}
    for key, cents in standing_cents.items():
        if key in double:
            typed |= {f"line-{key}": REFUSE, f"reason-{key}": "Dit is al eerder gedeclareerd."}
        elif granted[key] < cents:
            typed |= {f"granted-{key}": plain(granted[key]), f"reason-{key}": "Dit bedrag klopt niet met het bewijs."}
        else:
            typed |= {f"granted-{key}": plain(cents), f"reason-{key}": _before(lines, key)}
    return typed


def _before(lines: Any, key: str) -> str:
    return next((str(line.get("reduction_reason", "")) for line in lines if str(line["key"]) == key), "")
