"""Every case type in the register is whole: nothing hangs loose, nobody waits in vain, every sentence is there."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from portal.cli import main
from portal.interfaces.letters import TEMPLATES
from workflows import CASE_TYPES
from workflows.afterwards import ADD_LATER
from workflows.deciding import rerouting, route
from workflows.diagram import as_mermaid, as_rows, as_table, norm, parties
from workflows.effects import AskByMail, BeginAnew, Follow, GiveBackHours, Pay, Tell, TellManager, TellPreparer
from workflows.kernel import STAY, Action, Branch, CalendarDays, CaseType, Rule, WorkingDays
from workflows.parties import GRANTED, NOBODY, PARTY_LABELS, PERSONS, Party

RELEASED_STATES = {
    "expense_claim": (
        "draft", "submitted", "approved", "returned", "payable", "paying", "unpaid", "paid", "rejected", "withdrawn",
        "on_hold", "countersign", "confirming",
    ),
    "advance": (
        "draft", "submitted", "countersign", "approved", "returned", "payable", "paying", "unpaid", "outstanding",
        "settled", "rejected", "withdrawn",
    ),
    "account_change": ("draft", "submitted", "in_use", "rejected", "withdrawn"),
    "sample": ("drawn", "judging", "right", "wrong", "lapsed"),
    "recovery": (
        "found", "proposed", "objected", "upheld", "outstanding", "settled", "dropped", "handed_over",
    ),
    "leave": ("draft", "submitted", "returned", "granted", "rejected", "withdrawn"),
    "purchase_invoice": (
        "draft", "received", "delivery", "submitted", "countersign", "approved", "disputed", "payable", "paying",
        "unpaid", "credit", "paid", "netted", "rejected", "withdrawn",
    ),
    "leave_withdrawal": ("draft", "submitted", "granted", "rejected", "withdrawn"),
    "sickness": ("draft", "ill", "recovered", "withdrawn"),
    "settlement_dispute": ("draft", "submitted", "corrected", "rejected", "withdrawn"),
}  # fmt: skip
"""Permanent: cases and events name them. Add to this list, never change what is in it."""

RELEASED_ACTIONS = {
    "expense_claim": (
        "submit", "approve", "check", "adjust", "return", "reject", "send_back", "refuse", "release", "settle",
        "bounce", "pay_again", "withdraw", "suspend", "resume", "countersign", "reroute", "reroute_second",
        "cover", "sample", "settle_flag", "add_later", "reopen", "confirm", "decline",
    ),
    "advance": (
        "submit", "approve", "countersign", "reroute", "reroute_second", "check", "return", "reject", "send_back",
        "refuse", "release", "settle", "bounce", "pay_again", "account", "explain", "reopen", "withdraw",
        "add_later", "take_up",
    ),
    "account_change": ("submit", "check", "refuse", "release_hold", "withdraw", "add_later", "reopen"),
    "sample": ("open", "right", "wrong", "reroute", "lapse"),
    "recovery": ("open", "agree", "object", "uphold", "drop", "hand_over", "account", "reopen", "lapse",
                 "add_later"),
    "leave": ("submit", "approve", "return", "reject", "reroute", "withdraw"),
    "purchase_invoice": (
        "submit", "register", "move", "deliver", "forward", "decline", "approve", "countersign", "reroute",
        "reroute_second", "return", "check", "settle_flag", "send_back", "dispute", "resume", "refuse", "release",
        "settle", "cover", "bounce", "pay_again", "account", "reopen", "withdraw", "add_later", "code",
    ),
    "leave_withdrawal": ("submit", "propose", "approve", "reject", "reroute", "withdraw"),
    "sickness": ("submit", "partly", "recover", "mistaken", "withdraw"),
    "settlement_dispute": ("submit", "correct", "reject", "withdraw", "add_later"),
}  # fmt: skip
"""Permanent as well: the timeline of an old case reads its events by these keys."""

REMINDERS = ("remind", "remind_you", "remind_ssc", "escalate")

every_type = pytest.mark.parametrize("case_type", CASE_TYPES.values(), ids=CASE_TYPES.keys())


def branches(to: str | Branch) -> Iterator[Rule]:
    if isinstance(to, Branch):
        yield to.rule
        yield from branches(to.yes)
        yield from branches(to.no)


def rules_of(case_type: CaseType) -> Iterator[Rule]:
    for action in case_type.actions:
        yield from action.needs
        yield from branches(action.to)


def reached_from(case_type: CaseType, start: str) -> set[str]:
    reached, front = {start}, [start]
    while front:
        here = front.pop()
        for action in case_type.actions:
            new = set(action.targets) - reached if here in action.at else set()
            reached |= new
            front += new
    return reached


@every_type
def test_what_was_released_is_still_there(case_type: CaseType) -> None:
    assert set(RELEASED_STATES[case_type.key]) <= {state.key for state in case_type.states}
    assert set(RELEASED_ACTIONS[case_type.key]) <= {action.key for action in case_type.actions}


@every_type
def test_the_register_and_the_keys_agree_and_no_key_stands_twice(case_type: CaseType) -> None:
    assert CASE_TYPES[case_type.key] is case_type
    for keys in ([s.key for s in case_type.states], [a.key for a in case_type.actions]):
        assert len(keys) == len(set(keys))
        assert all(re.fullmatch(r"[a-z][a-z_]*", key) for key in keys)
    assert [t.prefix for t in CASE_TYPES.values()].count(case_type.prefix) == 1


@every_type
def test_every_step_goes_from_and_to_states_that_exist(case_type: CaseType) -> None:
    keys = {state.key for state in case_type.states}
    for action in case_type.actions:
        assert set(action.at) | set(action.targets) <= keys, action.key
        assert action.at, action.key
        assert action.who is not NOBODY, action.key


@every_type
def test_every_state_can_be_reached_and_from_each_some_end(case_type: CaseType) -> None:
    assert reached_from(case_type, case_type.initial.key) == {state.key for state in case_type.states}
    ends = {state.key for state in case_type.states if state.result}
    for state in case_type.states:
        assert reached_from(case_type, state.key) & ends, state.key
        if not state.result:
            assert [a.key for a in case_type.actions if state.key in a.at], state.key


@every_type
def test_whoever_is_waited_for_can_do_something_and_at_an_end_nobody_is(case_type: CaseType) -> None:
    for state in case_type.states:
        able = [action.who for action in case_type.actions if state.key in action.at]
        assert all(any(party & who for who in able) for party in Party if party & state.waits_for), state.key
        assert (state.waits_for is NOBODY) == (state.result is not None), state.key


@every_type
def test_there_is_one_form_a_granted_end_and_a_route_to_it(case_type: CaseType) -> None:
    filling = [action for action in case_type.actions if action.takes_content]
    assert len(filling) == 1
    assert case_type.initial.key in filling[0].at
    assert route(case_type)[0] is case_type.initial
    assert route(case_type)[-1].result is GRANTED
    assert case_type.norm.days > 0


@every_type
def test_what_nobody_asks_for_follows_from_another_and_leaves_its_first_state_at_once(case_type: CaseType) -> None:
    follows = {e.type for t in CASE_TYPES.values() for a in t.actions for e in a.then if isinstance(e, Follow)}
    assert follows <= set(CASE_TYPES)
    assert (case_type.key in follows) is not case_type.asked_for
    (opens,) = [a for a in case_type.actions if a.takes_content]
    assert (opens.who is Party.SYSTEM) is not case_type.asked_for
    assert not [a for a in case_type.actions if a.asks and a.takes_content]
    assert case_type.about is None or set(case_type.about.types) <= set(CASE_TYPES)
    assert not (case_type.about and case_type.for_employees)
    giving = [a for a in case_type.actions for e in a.then if isinstance(e, GiveBackHours)]
    assert bool(giving) is (case_type.about is not None and case_type.about.leave)
    if not case_type.asked_for:
        assert opens.at == (case_type.initial.key,)
        assert [a.key for a in case_type.actions if case_type.initial.key in a.at] == [opens.key]
        assert CASE_TYPES[case_type.mandate_kind].asked_for


@every_type
def test_a_step_with_fields_of_its_own_has_a_template_for_them(case_type: CaseType) -> None:
    for action in case_type.actions:
        if action.asks:
            assert (TEMPLATES / f"cases/{case_type.key}/{action.key}.html").is_file(), action.key


@every_type
def test_reminders_only_where_somebody_is_waited_for_and_never_after_the_escalation(case_type: CaseType) -> None:
    for state in case_type.states:
        if state.remind or state.escalate:
            assert state.waits_for is not NOBODY, state.key
        if state.remind and state.escalate:
            assert state.remind.days <= state.escalate.days, state.key


@every_type
def test_every_letter_has_a_template(case_type: CaseType) -> None:
    tells = AskByMail | BeginAnew | Pay | Tell | TellManager | TellPreparer
    letters = {e.letter for a in case_type.actions for e in a.then if isinstance(e, tells)}
    for letter in letters | set(REMINDERS):
        names = (f"mail/{case_type.key}/{letter}.txt", f"mail/{letter}.txt")
        assert any((TEMPLATES / name).is_file() for name in names), letter


@every_type
def test_every_label_and_sentence_is_there(case_type: CaseType) -> None:
    labels = [case_type.label, *(state.label for state in case_type.states)]
    labels += [text for action in case_type.actions for text in (action.label, action.done)]
    assert all(label.strip() == label and label for label in labels)
    assert not [label for label in labels if re.search(r'[:|"\n]', label)], "it would break the diagram or the table"
    for rule in rules_of(case_type):
        assert rule.sentence.endswith("."), rule.code
        assert re.fullmatch(r"[a-z][a-z_]*", rule.code)


@every_type
def test_one_code_is_one_sentence(case_type: CaseType) -> None:
    sentences: dict[str, set[str]] = {}
    for rule in rules_of(case_type):
        sentences.setdefault(rule.code, set()).add(rule.sentence)
    assert [code for code, said in sentences.items() if len(said) > 1] == []


def test_every_party_has_a_name() -> None:
    assert set(PARTY_LABELS) == set(Party)


@every_type
def test_the_mermaid_diagram_is_well_formed(case_type: CaseType) -> None:
    head, *lines = as_mermaid(case_type).splitlines()
    assert head == "stateDiagram-v2"
    shapes = r"\[\*\] --> (\w+)|(\w+) : [^:]+|(\w+) --> (\w+) : [^:]+|(\w+) --> \[\*\]"
    found = [re.fullmatch(f"    (?:{shapes})", line) for line in lines]
    assert all(found), [line for line, match in zip(lines, found, strict=True) if not match]
    named = {key for match in found if match for key in match.groups() if key}
    assert named == {state.key for state in case_type.states}
    arrows = [match for match in found if match and match[3]]
    assert len(arrows) == sum(len(row.targets) for row in as_rows(case_type))


@every_type
def test_the_table_has_a_line_for_every_state_and_every_step(case_type: CaseType) -> None:
    lines = [line for line in as_table(case_type).splitlines() if line.startswith("|")]
    headers = 2 * 2
    assert len(lines) == headers + len(case_type.states) + sum(len(a.at) for a in case_type.actions)
    assert {line.count(" |") for line in lines} == {5, 6}
    for action in case_type.actions:
        assert any(f"| {action.key} |" in line for line in lines), action.key


def test_terms_and_parties_are_written_out() -> None:
    assert (norm(WorkingDays(5)), norm(CalendarDays(56)), norm(None)) == ("5 working days", "56 days", "")
    assert parties(Party.APPROVER | Party.CLERK) == "Manager or SSC clerk"
    assert parties(NOBODY) == ""


def test_the_command_prints_every_type_as_a_table_and_a_diagram() -> None:
    done = CliRunner().invoke(main, ["case-types"])
    assert done.exit_code == 0
    assert done.output.count("```mermaid") == len(CASE_TYPES)
    for case_type in CASE_TYPES.values():
        assert as_table(case_type) in done.output
        assert as_mermaid(case_type) in done.output


def test_a_step_leads_to_one_state_or_by_its_branch_to_two() -> None:
    claim = CASE_TYPES["expense_claim"]
    submit, approve = claim.action("submit"), claim.action("approve")
    assert (submit.targets, approve.targets) == (("confirming", "approved", "submitted"), ("countersign", "approved"))
    assert isinstance(approve, Action)
    assert [state.key for state in route(claim)] == ["draft", "submitted", "approved", "payable", "paying", "paid"]
    been = [state.key for state in route(claim, {"submitted", "countersign"})]
    assert been == ["draft", "submitted", "countersign", "approved", "payable", "paying", "paid"]


@every_type
def test_wherever_an_approver_is_waited_for_another_can_be_asked(case_type: CaseType) -> None:
    for state in case_type.states:
        assert (rerouting(case_type, state.key) is not None) is (state.waits_for is Party.APPROVER), state.key
        assert not state.after or case_type.state(state.after) in route(case_type), state.key


@every_type
def test_what_ended_goes_on_only_by_who_may_reopen_and_never_what_was_granted(case_type: CaseType) -> None:
    for action in case_type.actions:
        for end in (case_type.state(key) for key in action.at if case_type.state(key).result):
            leads = [case_type.state(key) for key in action.targets if case_type.state(key).result is None]
            if leads and action.who & PERSONS:
                assert action.who is Party.REOPENER, action.key
                assert action.reason, action.key
                assert end.result is not GRANTED, action.key
    later = [action for action in case_type.actions if action.key == ADD_LATER]
    assert all(action.to == STAY and case_type.state(key).result for action in later for key in action.at)
