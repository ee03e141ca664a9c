"""What a bot chooses to do in a case: by what the declaration offers it, and by what it noticed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.models.cases import Case
from portal.workshop.bot import Bot
from portal.workshop.scenario import Card, Planted
from workflows import CASE_TYPES
from workflows.deciding import Offer
from workflows.flags import DOUBLE, FLAG_KINDS
from workflows.kernel import Action, CaseType
from workflows.parties import PERSONS

DUPLICATES = ("duplicate_file", "twice_in_claim")
"""Flags that a clerk who pays attention takes for what they are."""
ASIDE = ("withdraw", "adjust", "settle_flag", "code", "move", "forward", "suspend", "hand_over")
"""Steps that a bot takes for a reason of its own or not at all."""
BACK = ("return", "send_back")
"""Steps by which something goes back to whoever made it."""


@dataclass(frozen=True)
class Choice:
    """A step, and the most that is to be granted with it, if there is a most."""

    action: Action
    at_most_cents: int | None = None


def planted_for(bot: Bot, case: Case, card: Card | None) -> Planted | None:
    """What is wrong with this case that this bot should notice and does; nothing where it was acted on before."""
    planted = card.planted if card else None
    if card is None or planted is None or planted.by not in bot.roles:
        return None
    if any(step[0] in planted.actions for step in case.trail):
        return None
    return planted if bot.notices(card.key, planted.by) else None


def chosen(bot: Bot, case: Case, offers: Sequence[Offer], planted: Planted | None) -> Choice | None:
    """The step that this bot takes now; None when there is none for it."""
    case_type = CASE_TYPES[case.type]
    mine = _mine(case_type, case, offers)
    if planted is not None:
        for offer in mine:
            if offer.action.key in planted.actions and not offer.refusals:
                return Choice(offer.action, planted.at_most_cents)
    forward = [offer for offer in mine if offer.action.tone == "primary"]
    if planted is None and _needlessly(bot, case) and (back := _back(mine)):
        return Choice(back)
    for offer in forward:
        if not offer.refusals:
            return Choice(offer.action, planted.at_most_cents if planted else None)
    codes = {refusal.code for offer in forward for refusal in offer.refusals}
    if "document_missing" in codes and bot.script.round.by_post:
        still = next((one.action for one in offers if one.action.key == "suspend" and not one.refusals), None)
        return Choice(still) if still else None
    return _otherwise(case, mine, codes, has_forward=bool(forward))


def _mine(case_type: CaseType, case: Case, offers: Sequence[Offer]) -> list[Offer]:
    """What is offered of the party that the case waits for. Handing in a form is no decision."""
    waits = case_type.state(case.state).waits_for & PERSONS
    return [
        offer for offer in offers
        if offer.action.who & waits and not offer.action.takes_content and offer.action.key not in ASIDE
    ]  # fmt: skip


def _needlessly(bot: Bot, case: Case) -> bool:
    """Whether it sends back what was right: a third of what goes wrong, and once in a case."""
    before = any(step[0] in BACK for step in case.trail)
    rng = bot.chance("needless", case.number, case.state)
    return not before and rng.random() < bot.times.error_rate / 3


def _back(mine: Sequence[Offer]) -> Action | None:
    return next((one.action for one in mine if one.action.key in BACK and not one.refusals), None)


FALLBACKS: Mapping[str, tuple[str, ...]] = {
    "supplier_unknown": ("dispute", "refuse"),
    "document_missing": ("send_back", "dispute", "refuse"),
    "duplicate_granted": ("refuse",),
    "nothing_to_pay": ("refuse",),
}
"""What is done where the way forward is barred, by why: the first that was not tried in this case before."""


def _otherwise(case: Case, mine: Sequence[Offer], codes: Collection[str], *, has_forward: bool) -> Choice | None:
    tried = {step[0] for step in case.trail}
    open_now = {offer.action.key: offer.action for offer in mine if not offer.refusals}
    for code in sorted(codes):
        for key in FALLBACKS.get(code, ()):
            if key in open_now and key not in tried:
                return Choice(open_now[key])
    if not has_forward and open_now:
        # Of steps that are all as good the first declared: an objection is upheld, a sample is right.
        return Choice(next(iter(open_now.values())))
    return None


def answers_to(bot: Bot, case: Case, planted: Planted | None) -> list[tuple[int, str]]:
    """How this bot settles what stands flagged and asks: by place, and the answer."""
    found = []
    for place, flag in enumerate(case.flags):
        if not flag["asks"] or flag["settled_as"]:
            continue
        answers = list(FLAG_KINDS[flag["code"]].answers)
        plain = flag["code"] in DUPLICATES and bot.notices(str(case.number), flag["code"])
        double = DOUBLE in answers and (planted is not None or plain)
        found.append((place, DOUBLE if double else answers[0]))
    return found


def doubles(case: Case) -> set[str]:
    """The lines that were judged to be duplicates."""
    return {flag["line"] for flag in case.flags if flag["settled_as"] == DOUBLE}


def lowered(lines: Sequence[Mapping[str, Any]], field: str, most: int) -> dict[str, int]:
    """What is granted of each line so that it is no more than `most` together: the last lines give way first."""
    granted = {str(line["key"]): int(line[field]) for line in lines}
    over = sum(granted.values()) - most
    for key in reversed(list(granted)):
        less = min(max(over, 0), granted[key])
        granted[key] -= less
        over -= less
    return granted
