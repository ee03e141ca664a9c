"""Rules that more than one case type uses: four eyes, mandate, the mail link's limit, and who holds a case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from workflows.kernel import Rule, Situation, Verdict
from workflows.parties import N_, Channel


def _own(s: Situation) -> Verdict:
    person = s.actor.person_id
    return person is not None and person in (s.case.initiator_id, s.case.preparer_id)


NOT_OWN = Rule("own_case", N_("Nobody decides on their own request."), _own)


NOT_OWN_PAYMENT = Rule(
    "own_payment", N_("This is your own request, so another treasurer must release the payment."), _own
)


def _not_by_preparer(s: Situation) -> Verdict:
    return s.case.preparer_id is None or s.actor.person_id != s.case.preparer_id


PREPARED = Rule("not_prepared", N_("Nobody fills this in for somebody else."), _not_by_preparer)
"""Holds for the step of whoever fills in a case for somebody else."""


def _not_claimant(s: Situation) -> Verdict:
    return s.actor.person_id != s.case.initiator_id


CLAIMANT = Rule(
    "claimant_confirms", N_("Only the employee for whom it is can do this: you filled it in for them."), _not_claimant,
    hides=True,
)  # fmt: skip


def confirmed_first(*states: str) -> Rule:
    """Whoever filled in a case for another takes this step only in these states, before the other confirmed it."""

    def broken(s: Situation) -> Verdict:
        return s.case.state not in states and _not_claimant(s)

    return Rule("claimant_withdraws", N_("The employee confirmed this, so only they can withdraw it now."), broken)


def other_than(*actions: str, code: str, sentence: str) -> Rule:
    """Four eyes: whoever took one of these steps in this case, for themselves or for another, may not take this one.

    Persons are compared, not roles.
    """

    def broken(s: Situation) -> Verdict:
        return s.actor.person_id in s.case.persons_who(*actions)

    return Rule(code, sentence, broken)


NOT_APPROVER = other_than(
    "approve",
    "countersign",
    code="approver_checks",
    sentence=N_("You approved this request, so somebody else must check it."),
)
NOT_CHECKER = other_than(
    "check",
    "adjust",
    "settle_flag",
    code="checker_approves",
    sentence=N_("You checked this request, so somebody else must approve it."),
)
NOT_APPROVER_NOR_CHECKER = other_than(
    "approve", "countersign", "check", "adjust", "settle_flag", "pay_again",
    code="four_eyes_release",
    sentence=N_("You approved or checked this request, so somebody else must release the payment."),
)  # fmt: skip


NOT_REOPENER = other_than(
    "reopen", "take_up",
    code="reopener_goes_on",
    sentence=N_("You reopened this case, so somebody else must check it and release what is paid."),
)  # fmt: skip
"""Reopening gives a case that was rejected another chance: who does that has no further hand in its payment."""


def _above_mandate(s: Situation) -> Verdict:
    mandate = s.actor.mandate_cents
    if mandate is not None and s.case.claimed_cents <= mandate:
        return False
    return {"mandate_cents": mandate or 0, "amount_cents": s.case.claimed_cents}


MANDATE = Rule(
    "above_mandate",
    N_("The amount (%(amount)s) is above the mandate to decide (%(mandate)s)."),
    _above_mandate,
)


def _within_mandate(s: Situation) -> Verdict:
    return (
        False if _above_mandate(s) else {"mandate_cents": s.actor.mandate_cents, "amount_cents": s.case.claimed_cents}
    )


SECOND_NEEDED = Rule(
    "within_mandate",
    N_("The amount (%(amount)s) is within the mandate (%(mandate)s), so one approval is enough."),
    _within_mandate,
)


def second_person(*signed: str, since: str) -> Rule:
    """Two signatures are of two people: neither who signs nor for whom they do has signed since the last `since`."""

    def broken(s: Situation) -> Verdict:
        before = s.case.persons_who(*signed, since=since)
        return s.actor.person_id in before or s.actor.on_behalf_of in before

    return Rule("second_person", N_("You approved this already, so somebody else must sign as the second."), broken)


SECOND_PERSON = second_person("approve", since="submit")


def _address_is_new(s: Situation) -> bool:
    """Whether their mail goes to another address since a short while; where no term was agreed that stays new."""
    if s.actor.address_since is None:
        return False
    term = s.case.policies.at("address_hold_days", s.today)
    return term is None or s.at < s.actor.address_since + timedelta(days=int(term.number))


def _link_limit(s: Situation) -> Verdict:
    if s.actor.channel is not Channel.MAIL_LINK or s.actor.signed_in:
        return False
    if _address_is_new(s):
        return {"limit_cents": 0}
    limit = s.case.policies.number("link_limit_cents", s.today)
    return {"limit_cents": int(limit)} if s.case.claimed_cents > limit else False


LINK_LIMIT = Rule(
    "link_above_limit",
    N_("Sign in to decide on this: by the link alone you can decide up to %(limit)s at the moment."),
    _link_limit,
)


def _not_held(s: Situation) -> Verdict:
    return s.case.assignee_id is None or s.case.assignee_id != s.actor.person_id


SOURCE_CLOSED = Rule(
    "source_open",
    N_("This followed from %(number)s, which is not paid now. Wait until it was paid again, or was rejected."),
    lambda s: {"number": s.case.source_open} if s.case.source_open else False,
)
"""Nothing is asked back of what the bank returned: nobody has that money."""


HOLDS_CASE = Rule("not_held", N_("Take this case from the queue first, so that nobody else works on it."), _not_held)


FLAG_NAMED = Rule(
    "flag_unknown", N_("Settle a signal from the page where it stands."), lambda s: not s.given.flag, on_given=True
)


def _flags_open(s: Situation) -> Verdict:
    count = sum(flag.asks and not flag.settled_as for flag in s.case.flags)
    return {"count": count} if count else False


FLAGS_SETTLED = Rule("flags_open", N_("Settle the signals first; still open: %(count)s."), _flags_open)


def all_checked(checks: Callable[[Mapping[str, Any]], Mapping[str, tuple[tuple[str, str], ...]]]) -> Rule:
    """Every check that a case type asks for by its content has been ticked."""

    def broken(s: Situation) -> Verdict:
        asked = checks(s.given.content or s.case.content)
        count = sum(key not in s.case.ticks.get(line, {}) for line, checklist in asked.items() for key, _ in checklist)
        return {"count": count} if count else False

    return Rule("checks_open", N_("Tick all checks first; still open: %(count)s."), broken, on_given=True)
