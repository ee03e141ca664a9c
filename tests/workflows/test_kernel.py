"""What `decide()`, `offers()`, `route` and dated policies do, on a small type made for the purpose."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from workflows import CASE_TYPES
from workflows.deciding import decide, granted_in, offers, route
from workflows.effects import AskByMail, Tell
from workflows.filling import Facts
from workflows.kernel import (
    Action,
    Actor,
    Branch,
    CaseType,
    CaseView,
    Given,
    Refused,
    Rule,
    Situation,
    State,
    Step,
    WorkingDays,
    at,
)
from workflows.parties import APPROVER, CLERK, GRANTED, INITIATOR, NOBODY, REFUSED, Channel, Party
from workflows.policies import PolicyBook, PolicyRow
from workflows.rules import LINK_LIMIT, MANDATE, NOT_OWN

SMALL = Rule("small", "It is small.", lambda s: s.case.claimed_cents > 100)
TOO_BIG = Rule("too_big", "Above %(most)s.", lambda s: {"most": 500} if s.case.claimed_cents > 500 else False)
TYPED = Rule("typed", "Type something.", lambda s: not s.given.content, on_given=True)

TOY = CaseType(
    key="toy",
    label="Toy",
    prefix="TOY",
    states=(
        State("new", "New", INITIATOR),
        State("asked", "Asked", APPROVER, WorkingDays(2)),
        State("busy", "Busy", CLERK),
        State("done", "Done", result=GRANTED),
        State("gone", "Gone", result=REFUSED),
    ),
    actions=(
        Action("send", "Send", INITIATOR, at("new"), Branch(SMALL, "busy", "asked"), "Sent", needs=(TYPED,),
               then=(AskByMail(), Tell(INITIATOR, "received")), takes_content=True),
        Action("agree", "Agree", APPROVER, at("asked"), "busy", "Agreed", needs=(TOO_BIG,)),
        Action("refuse", "Refuse", APPROVER | CLERK, at("asked", "busy"), "gone", "Refused", needs=(TOO_BIG, TYPED),
               reason=True),
        Action("finish", "Finish", CLERK, at("busy"), "done", "Finished"),
    ),
    form=object,
    read=lambda form, filling: ({}, ()),
    facts=lambda content: Facts(),
    norm=WorkingDays(5),
)  # fmt: skip


def situation(state: str, parties: Party, cents: int = 50, given: Given | None = None, **more: Any) -> Situation:
    view = CaseView(state=state, initiator_id=1, content={}, claimed_cents=cents, **more)
    moment = datetime(2026, 11, 24, 9, tzinfo=UTC)
    return Situation(view, Actor(7, parties), given or Given(), moment, moment.date())


def codes(key: str, given: Situation) -> frozenset[str]:
    with pytest.raises(Refused) as caught:
        decide(TOY, key, given)
    return caught.value.codes


def test_an_allowed_step_gives_the_states_and_the_effects() -> None:
    decision = decide(TOY, "send", situation("new", INITIATOR, given=Given(content={"a": 1})))
    assert (decision.action.key, decision.from_state.key, decision.to_state.key) == ("send", "new", "busy")
    assert decision.effects == (AskByMail(), Tell(INITIATOR, "received"))


def test_a_branch_leads_to_yes_while_its_rule_holds_and_else_to_no() -> None:
    given = Given(content={"a": 1})
    assert decide(TOY, "send", situation("new", INITIATOR, 100, given)).to_state.key == "busy"
    assert decide(TOY, "send", situation("new", INITIATOR, 101, given)).to_state.key == "asked"


def test_only_an_approvers_step_is_taken_on_behalf_of_another() -> None:
    def whose(key: str, state: str, parties: Party) -> int | None:
        asked = situation(state, parties)
        return decide(TOY, key, replace(asked, actor=replace(asked.actor, on_behalf_of=8))).actor.on_behalf_of

    assert whose("agree", "asked", APPROVER | CLERK) == 8
    assert whose("finish", "busy", APPROVER | CLERK) is None


def test_a_step_that_was_never_declared_is_unknown() -> None:
    assert codes("fly", situation("new", INITIATOR)) == {"unknown_action"}


def test_a_step_in_another_state_and_of_another_party_is_refused_with_both_reasons() -> None:
    assert codes("agree", situation("new", INITIATOR)) == {"not_now", "not_yours"}
    assert codes("agree", situation("asked", CLERK)) == {"not_yours"}
    assert codes("agree", situation("busy", APPROVER)) == {"not_now"}


def test_whoever_has_no_business_there_is_not_told_which_rules_are_broken() -> None:
    assert codes("agree", situation("asked", NOBODY, 900)) == {"not_yours"}


def test_all_broken_rules_and_a_missing_reason_come_at_once() -> None:
    assert codes("refuse", situation("asked", APPROVER, 900)) == {"reason_missing", "too_big", "typed"}


def test_a_reason_of_spaces_is_none_and_one_of_two_thousand_signs_is_the_longest() -> None:
    def refused(reason: str) -> frozenset[str]:
        return codes("refuse", situation("busy", CLERK, 900, Given(reason, {"a": 1})))

    assert refused(" \n\t ") == {"reason_missing", "too_big"}
    assert refused("x" * 2000) == {"too_big"}
    assert refused("x" * 2001) == {"reason_too_long", "too_big"}


def test_a_refusal_carries_the_values_of_its_sentence() -> None:
    with pytest.raises(Refused) as caught:
        decide(TOY, "agree", situation("asked", APPROVER, 900))
    (refusal,) = caught.value.refusals
    assert refusal.sentence % refusal.values == "Above 500."


def test_offers_are_the_open_steps_in_the_order_declared_with_what_stands_in_the_way() -> None:
    found = offers(TOY, situation("asked", APPROVER, 900))
    assert [(offer.action.key, [r.code for r in offer.refusals]) for offer in found] == [
        ("agree", ["too_big"]),
        ("refuse", ["too_big"]),
    ]
    assert offers(TOY, situation("asked", INITIATOR)) == ()


def test_what_is_to_be_handed_in_is_not_asked_for_while_offering() -> None:
    (offer,) = offers(TOY, situation("new", INITIATOR))
    assert offer.refusals == ()
    assert codes("send", situation("new", INITIATOR)) == {"typed"}


def test_one_who_takes_part_in_two_ways_is_offered_both() -> None:
    assert [o.action.key for o in offers(TOY, situation("busy", APPROVER | CLERK))] == ["refuse", "finish"]


def test_the_route_is_the_long_straight_way_to_the_granted_end() -> None:
    assert [state.key for state in route(TOY)] == ["new", "asked", "busy", "done"]
    assert TOY.initial.key == "new"
    assert TOY.filling_in.key == "send"


def test_a_type_that_grants_nothing_has_no_route() -> None:
    dead_end = CaseType(**{**vars_of(TOY), "actions": TOY.actions[:2]})
    assert route(dead_end) == ()


def vars_of(case_type: CaseType) -> dict[str, Any]:
    names = ("key", "label", "prefix", "states", "actions", "form", "read", "facts", "norm")
    return {name: getattr(case_type, name) for name in names}


def test_whoever_acted_for_another_counts_and_so_does_the_other() -> None:
    trail = (Step("agree", 3, 4), Step("send", 1), Step("settle", None))
    view = situation("busy", CLERK, trail=trail).case
    assert view.persons_who("agree") == {3, 4}
    assert view.persons_who("agree", "send", "settle") == {1, 3, 4}
    assert view.persons_who("finish") == frozenset()


def test_a_mandate_is_up_to_and_with_its_amount_and_without_one_nothing_may_be_decided() -> None:
    def broken(cents: int, mandate: int | None) -> Any:
        given = situation("asked", APPROVER, cents)
        actor = Actor(7, APPROVER, mandate_cents=mandate)
        return MANDATE.broken(Situation(given.case, actor, given.given, given.at, given.today))

    assert broken(100, 100) is False
    assert broken(101, 100) == {"mandate_cents": 100, "amount_cents": 101}
    assert broken(0, None) == {"mandate_cents": 0, "amount_cents": 0}


def test_nobody_decides_on_their_own_request_nor_on_one_they_prepared() -> None:
    assert NOT_OWN.broken(situation("asked", APPROVER)) is False
    assert NOT_OWN.broken(situation("asked", APPROVER, preparer_id=7)) is True
    system = Situation(situation("asked", APPROVER).case, Actor(None, CLERK), Given(), datetime.min, date.min)  # noqa: DTZ901
    assert NOT_OWN.broken(system) is False


def test_a_bare_link_decides_up_to_the_limit_and_without_a_policy_nothing() -> None:
    limit = PolicyBook((row("5000", date(2026, 1, 1), key="link_limit_cents"),))

    def broken(cents: int, policies: PolicyBook, *, signed_in: bool = False) -> Any:
        given = situation("asked", APPROVER, cents, policies=policies)
        actor = Actor(7, APPROVER, channel=Channel.MAIL_LINK, signed_in=signed_in)
        return LINK_LIMIT.broken(Situation(given.case, actor, given.given, given.at, given.today))

    assert broken(5000, limit) is False
    assert broken(5001, limit) == {"limit_cents": 5000}
    assert broken(1, PolicyBook(())) == {"limit_cents": 0}
    assert broken(5001, limit, signed_in=True) is False
    assert LINK_LIMIT.broken(situation("asked", APPROVER, 10**6)) is False


def row(value: str, first: date, last: date | None = None, key: str = "rate") -> PolicyRow:
    return PolicyRow(key, value, first, last, "test")


def test_a_policy_holds_from_its_first_day_up_to_and_with_its_last() -> None:
    book = PolicyBook((row("23", date(2024, 1, 1)), row("21", date(2023, 1, 1), date(2023, 12, 31))))
    assert [book.number("rate", day) for day in (date(2023, 1, 1), date(2023, 12, 31), date(2024, 1, 1))] == [
        21,
        21,
        23,
    ]
    assert book.at("rate", date(2022, 12, 31)) is None
    assert book.number("rate", date(2022, 12, 31), default=19) == 19
    assert book.at("other", date(2024, 1, 1)) is None


def test_of_two_policies_on_one_day_the_latest_begun_holds() -> None:
    book = PolicyBook((row("3", date(2026, 6, 1)), row("1", date(2026, 1, 1))))
    assert (book.number("rate", date(2026, 5, 31)), book.number("rate", date(2026, 6, 1))) == (1, 3)


def test_a_municipalitys_own_policy_goes_before_and_where_it_has_none_the_common_one_holds() -> None:
    own = PolicyRow("rate", "9", date(2026, 2, 1), date(2026, 2, 28), "own", own=True)
    book = PolicyBook((own, row("1", date(2026, 1, 1)), row("3", date(2026, 2, 15))))
    days = (date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28), date(2026, 3, 1))
    assert [book.number("rate", day) for day in days] == [1, 9, 9, 3]


def test_an_amount_is_granted_from_the_step_by_which_is_paid_on() -> None:
    assert granted_in(CASE_TYPES["expense_claim"]) == {"payable", "paying", "unpaid", "paid"}
    assert granted_in(CASE_TYPES["advance"]) == {"payable", "paying", "unpaid", "outstanding", "settled"}
    assert granted_in(CASE_TYPES["recovery"]) == frozenset()
