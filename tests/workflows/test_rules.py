"""The rules of the expense claim: each broken once and kept once, without a database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.claims import PARKING, TRAIN, filling, read, typed
from workflows.deciding import decide, offers
from workflows.expense_claim import EXPENSE_CLAIM
from workflows.expense_claim.rules import APPROVAL_STANDS, SANCTIONED_EXPLAINED, SANCTIONED_IN_RANGE, approved
from workflows.kernel import Actor, CaseView, Given, Refused, Situation
from workflows.parties import APPROVER, CLERK, INITIATOR, TREASURER, Channel, Party
from workflows.policies import PolicyBook, PolicyRow
from workflows.trail import Step

ANNA, BRAM, CARLA, DIRK = 1, 2, 3, 4
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
CONTENT = read(typed(PARKING, TRAIN), filling())[0]
CENTS = 1250 + 1840
ALL_TICKED = {line: {c: {} for c, _ in checks} for line, checks in EXPENSE_CLAIM.checks(CONTENT).items()}


def case(state: str, **more: Any) -> CaseView:
    known: dict[str, Any] = {
        "initiator_id": ANNA, "content": CONTENT, "claimed_cents": CENTS, "sanctioned_cents": CENTS,
        "cost_centre": "1100", "approver_id": BRAM,
    }  # fmt: skip
    return CaseView(state=state, **known | more)


def situation(view: CaseView, who: int, parties: Party, given: Given | None = None, **more: Any) -> Situation:
    return Situation(view, Actor(who, parties, **more), given or Given(), NOW, NOW.date())


def codes(key: str, now: Situation) -> frozenset[str]:
    with pytest.raises(Refused) as caught:
        decide(EXPENSE_CLAIM, key, now)
    return caught.value.codes


def changed(*lines: Mapping[str, Any], **head: Any) -> dict[str, Any]:
    """The content with the first lines changed like this."""
    new = [line | change for line, change in zip(CONTENT["lines"], (*lines, {}, {}), strict=False)]
    return {**CONTENT, "lines": new, **head}


def submitted(content: Mapping[str, Any], **more: Any) -> Situation:
    return situation(case("returned", **more), ANNA, INITIATOR, Given(content=content))


def test_a_claim_without_amount_date_or_receipt_is_incomplete() -> None:
    for broken in (
        {"claimed_cents": 0}, {"date": ""}, {"documents": []}, {"key": ""}, {"category": "gifts"},
    ):  # fmt: skip
        assert codes("submit", submitted(changed(broken))) == {"incomplete"}, broken
    assert codes("submit", submitted({"lines": [], "purpose": "Niets"})) == {"incomplete"}
    assert decide(EXPENSE_CLAIM, "submit", submitted(CONTENT)).to_state.key == "submitted"


def test_an_approval_stands_for_the_same_or_less_and_falls_for_more_or_another_cost_centre() -> None:
    bound = {"claimed_cents": CENTS, "cost_centre": "1100", **approved(CONTENT)}

    def leads_to(content: Mapping[str, Any]) -> str:
        return decide(EXPENSE_CLAIM, "submit", submitted(content, bound=bound)).to_state.key

    assert leads_to(CONTENT) == "approved"
    assert leads_to(changed({"claimed_cents": 1249})) == "approved"
    assert leads_to(changed({"claimed_cents": 1251})) == "submitted"
    assert leads_to(changed(cost_centre="1200")) == "submitted"


def test_an_approval_stands_for_the_lines_it_was_given_for_and_no_others() -> None:
    bound = {"claimed_cents": CENTS, "cost_centre": "1100", **approved(CONTENT)}

    def leads_to(content: Mapping[str, Any]) -> str:
        return decide(EXPENSE_CLAIM, "submit", submitted(content, bound=bound)).to_state.key

    parking, train = CONTENT["lines"]
    assert leads_to({**CONTENT, "lines": [train, parking]}) == "approved"
    assert leads_to({**CONTENT, "lines": [parking]}) == "approved"
    assert leads_to({**CONTENT, "lines": [parking, {**train, "key": "other"}]}) == "submitted"
    for field, value in (("category", "study"), ("date", "2026-11-18"), ("description", "Bioscoop"), ("persons", "4")):
        assert leads_to(changed({field: value})) == "submitted", field
    # The same total, with the money on the other line.
    assert leads_to(changed({"claimed_cents": 1240}, {"claimed_cents": 1850})) == "submitted"


@given(st.lists(st.tuples(st.integers(0, 2500), st.booleans()), min_size=2, max_size=2))
def test_an_approval_that_stands_never_pays_more_than_was_approved(lines: list[tuple[int, bool]]) -> None:
    """Whatever is lowered, raised or left out."""
    bound = {"claimed_cents": CENTS, "cost_centre": "1100", **approved(CONTENT)}
    new = [
        {**line, "claimed_cents": cents, "sanctioned_cents": cents}
        for line, (cents, stays) in zip(CONTENT["lines"], lines, strict=True)
        if stays
    ]
    fell = APPROVAL_STANDS.broken(submitted({**CONTENT, "lines": new}, bound=bound))
    within = all(
        line["claimed_cents"] <= was["claimed_cents"]
        for line in new
        for was in CONTENT["lines"]
        if was["key"] == line["key"]
    )
    assert fell is not within


def test_the_rule_of_the_branch_says_why_the_manager_is_asked_again() -> None:
    action = EXPENSE_CLAIM.action("confirm")
    assert getattr(action.to, "rule").code == "approval_needed"  # noqa: B009 - `to` is a state or a branch
    assert APPROVAL_STANDS.code == "approval_void"


def test_nobody_approves_their_own_claim_nor_above_their_mandate() -> None:
    own = situation(case("submitted"), ANNA, APPROVER | INITIATOR, mandate_cents=CENTS)
    assert codes("approve", own) == {"own_case"}
    assert codes("return", own) == {"own_case", "reason_missing"}


def test_above_the_mandate_of_the_first_a_second_signs_whose_mandate_suffices() -> None:
    def leads_to(**more: Any) -> str:
        return decide(EXPENSE_CLAIM, "approve", situation(case("submitted"), BRAM, APPROVER, **more)).to_state.key

    assert leads_to(mandate_cents=CENTS) == "approved"
    assert leads_to(mandate_cents=CENTS - 1) == "countersign"
    assert leads_to() == "countersign"
    action = EXPENSE_CLAIM.action("approve")
    assert getattr(action.to, "rule").code == "within_mandate"  # noqa: B009 - `to` is a state or a branch
    for low in ({"mandate_cents": CENTS - 1}, {}):
        assert codes("countersign", situation(case("countersign"), DIRK, APPROVER, **low)) == {"above_mandate"}


def test_the_second_is_another_person_than_the_first_of_this_round() -> None:
    def second(who: int, *trail: Step, behalf: int | None = None) -> Situation:
        return situation(
            case("countersign", trail=trail), who, APPROVER, mandate_cents=CENTS, on_behalf_of=behalf
        )  # fmt: skip

    approved = Step("submit", ANNA), Step("approve", CARLA, BRAM)
    for who, behalf in ((BRAM, None), (CARLA, None), (BRAM, DIRK), (DIRK, CARLA)):
        assert codes("countersign", second(who, *approved, behalf=behalf)) == {"second_person"}
    later = (*approved, Step("return", DIRK), Step("submit", ANNA), Step("approve", BRAM))
    assert decide(EXPENSE_CLAIM, "countersign", second(CARLA, *later)).to_state.key == "approved"


def test_whoever_checked_a_round_before_does_not_approve_the_next() -> None:
    for step in ("check", "adjust"):
        view = case("submitted", trail=(Step("submit", ANNA), Step(step, CARLA)))
        assert codes("approve", situation(view, CARLA, APPROVER, mandate_cents=CENTS)) == {"checker_approves"}


def test_above_the_limit_a_bare_link_does_not_decide() -> None:
    limit = PolicyBook((PolicyRow("link_limit_cents", str(CENTS - 1), NOW.date(), None, "test"),))
    bare = situation(
        case("submitted", policies=limit), BRAM, APPROVER, Given("Waarom?"), mandate_cents=CENTS,
        channel=Channel.MAIL_LINK, signed_in=False,
    )  # fmt: skip
    for key in ("approve", "return", "reject"):
        assert codes(key, bare) == {"link_above_limit"}


def test_at_a_new_mail_address_a_bare_link_decides_nothing_also_not_what_costs_nothing() -> None:
    def bare(*policies: PolicyRow, cents: int = CENTS) -> Situation:
        view = case("submitted", policies=PolicyBook(policies), claimed_cents=cents)
        return situation(
            view, BRAM, APPROVER, Given("Waarom?"), mandate_cents=CENTS, channel=Channel.MAIL_LINK, signed_in=False,
            address_since=NOW - timedelta(days=14),
        )  # fmt: skip

    limit, short, long = (
        PolicyRow(key, value, NOW.date(), None, "test")
        for key, value in (
            ("link_limit_cents", "1000000"), ("address_hold_days", "14"), ("address_hold_days", "15"),
        )
    )  # fmt: skip
    assert codes("approve", bare(limit)) == {"link_above_limit"}, "no term was agreed, so it stays new"
    assert codes("approve", bare(limit, long)) == codes("reject", bare(limit, long, cents=0)) == {"link_above_limit"}
    assert decide(EXPENSE_CLAIM, "approve", bare(limit, short)).to_state.key == "approved"


def checking(who: int = CARLA, content: Mapping[str, Any] | None = None, **more: Any) -> Situation:
    known: dict[str, Any] = {
        "assignee_id": who, "ticks": ALL_TICKED, "trail": (Step("submit", ANNA), Step("approve", BRAM)),
    }  # fmt: skip
    return situation(case("approved", **known | more), who, CLERK, Given(content=content or {}))


def test_a_check_is_passed_when_all_is_ticked() -> None:
    assert decide(EXPENSE_CLAIM, "check", checking()).to_state.key == "payable"


def test_open_ticks_are_counted_when_the_check_is_passed_and_not_when_it_is_offered() -> None:
    first = CONTENT["lines"][0]["key"]
    open_checks = checking(ticks=ALL_TICKED | {first: {"legible": {}}})
    with pytest.raises(Refused) as caught:
        decide(EXPENSE_CLAIM, "check", open_checks)
    (refusal,) = caught.value.refusals
    assert (refusal.code, refusal.values) == ("checks_open", {"count": 3})
    assert {o.action.key: o.refusals for o in offers(EXPENSE_CLAIM, open_checks)}["check"] == ()


def test_the_approver_does_not_check_and_only_the_holder_does() -> None:
    assert codes("check", checking(BRAM)) == {"approver_checks"}
    behalf = (Step("approve", CARLA, BRAM),)
    assert codes("check", checking(CARLA, trail=behalf)) == {"approver_checks"}
    assert codes("check", checking(BRAM, trail=behalf)) == {"approver_checks"}
    for holder in (None, DIRK):
        assert codes("check", checking(assignee_id=holder)) == {"not_held"}
        assert codes("send_back", checking(assignee_id=holder)) == {"not_held", "reason_missing"}


def test_granted_is_from_zero_up_to_claimed_and_nothing_else_may_change() -> None:
    why = {"reduction_reason": "Zonder de fooi"}
    for broken in (
        changed({"sanctioned_cents": 1251}), changed({"sanctioned_cents": -1, **why}), changed({"key": "other"}),
        changed({"claimed_cents": 9999, "sanctioned_cents": 9999}), {**CONTENT, "lines": CONTENT["lines"][:1]},
    ):  # fmt: skip
        assert codes("adjust", checking(content=broken)) == {"sanctioned_range"}
        assert "sanctioned_range" in codes("check", checking(content=broken))
    assert decide(EXPENSE_CLAIM, "adjust", checking(content=changed({"sanctioned_cents": 0, **why})))


def test_a_lower_amount_needs_a_reason() -> None:
    for reason in ({}, {"reduction_reason": " "}):
        lowered = changed({"sanctioned_cents": 1000, **reason})
        assert codes("check", checking(content=lowered)) == {"reduction_unexplained"}
        assert SANCTIONED_IN_RANGE.broken(checking(content=lowered)) is False
    assert SANCTIONED_EXPLAINED.broken(checking()) is False


def test_nothing_left_to_pay_cannot_pass_the_check_but_can_be_saved() -> None:
    nothing = {"sanctioned_cents": 0, "reduction_reason": "Privé"}
    content = changed(nothing, nothing)
    assert codes("check", checking(content=content)) == {"nothing_to_pay"}
    assert decide(EXPENSE_CLAIM, "adjust", checking(content=content)).to_state.key == "approved"


@pytest.mark.parametrize("step", ["approve", "check", "adjust"])
def test_whoever_approved_or_checked_does_not_release(step: str) -> None:
    trail = (Step("submit", ANNA), Step(step, DIRK, BRAM))
    for who in (DIRK, BRAM):
        assert codes("release", situation(case("payable", trail=trail), who, TREASURER)) == {"four_eyes_release"}
    other = situation(case("payable", trail=trail), CARLA, TREASURER)
    assert decide(EXPENSE_CLAIM, "release", other).to_state.key == "paying"
    assert codes("release", situation(case("payable"), ANNA, TREASURER)) == {"own_payment"}


def test_whoever_reopened_a_claim_neither_checks_it_nor_releases_its_payment() -> None:
    trail = (Step("submit", ANNA), Step("reject", BRAM), Step("reopen", CARLA), Step("approve", BRAM))
    for key in ("check", "adjust"):
        assert codes(key, checking(trail=trail)) == {"reopener_goes_on"}
    assert "reopener_goes_on" in codes("settle_flag", checking(trail=trail))
    assert codes("release", situation(case("payable", trail=trail), CARLA, TREASURER)) == {"reopener_goes_on"}
    # By the portal itself, or by somebody else, it is no bar.
    assert decide(EXPENSE_CLAIM, "check", checking(trail=(*trail[:2], Step("reopen", DIRK)))).to_state.key == "payable"
    assert decide(EXPENSE_CLAIM, "release", situation(case("payable", trail=trail), DIRK, TREASURER))


def assess(**fields: str) -> tuple[Mapping[str, Any], set[tuple[str, str]]]:
    assert EXPENSE_CLAIM.assess is not None
    content, wrong = EXPENSE_CLAIM.assess(CONTENT, {k.replace("_", "-"): v for k, v in fields.items()}, "nl")
    return content, {(p.field, p.code) for p in wrong}


def test_what_a_clerk_grants_is_read_per_line_and_what_is_left_out_stays() -> None:
    assert assess() == (CONTENT, set())
    content, wrong = assess(granted_k0="10,00", reason_k0="Zonder de fooi")
    assert wrong == set()
    assert [(x["claimed_cents"], x["sanctioned_cents"], x.get("reduction_reason")) for x in content["lines"]] == [
        (1250, 1000, "Zonder de fooi"),
        (1840, 1840, None),
    ]


def test_a_clerk_who_grants_all_again_takes_the_reason_away() -> None:
    content, wrong = assess(granted_k0="12,50", reason_k0="Toch niet")
    assert (content["lines"][0]["reduction_reason"], wrong) == ("", set())


@pytest.mark.parametrize(
    ("granted", "reason", "wrong"),
    [
        ("12,51", "x", ("granted-k0", "sanctioned_range")),
        ("-1", "x", ("granted-k0", "money_negative")),
        ("", "x", ("granted-k0", "money_empty")),
        ("10", "", ("reason-k0", "reduction_unexplained")),
        ("0", " ", ("reason-k0", "reduction_unexplained")),
        ("10", "x" * 501, ("reason-k0", "text_too_long")),
    ],
)
def test_what_a_clerk_types_is_checked(granted: str, reason: str, wrong: tuple[str, str]) -> None:
    content, found = assess(granted_k0=granted, reason_k0=reason)
    assert found == {wrong}
    assert all(0 <= line["sanctioned_cents"] <= line["claimed_cents"] for line in content["lines"])
