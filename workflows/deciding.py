"""The pure functions that read a declaration.

`decide()`: may this step be taken, and what follows from it? `offers()`: which steps lie open to this person?
`leads_to()`: where to? `route()`: what is the way of a case? `rerouting()`: by which step is somebody else asked?
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from workflows.effects import Effect, Pay
from workflows.gaps import Gap
from workflows.kernel import (
    REASON_LIMIT,
    REASON_MISSING,
    REASON_TOO_LONG,
    Action,
    Actor,
    Branch,
    CaseType,
    Given,
    Refusal,
    Refused,
    Rule,
    Situation,
    State,
)
from workflows.parties import APPROVER, GRANTED, N_, SYSTEM

NOT_YOURS = Refusal("not_yours", N_("This step is not yours to take."))
NOT_NOW = Refusal("not_now", N_("This step cannot be taken any more: the case has moved on."))


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows from a step that was allowed."""

    action: Action
    from_state: State
    to_state: State
    effects: tuple[Effect, ...]
    actor: Actor
    """Who took it, as they took it: on behalf of another only where that other was asked."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A step that lies open to somebody; `refusals` says what still stands in the way."""

    action: Action
    refusals: tuple[Refusal, ...] = ()


def _broken(rules: tuple[Rule, ...], situation: Situation, *, offering: bool) -> Iterator[Refusal]:
    for rule in rules:
        if offering and rule.on_given:
            continue
        verdict = rule.broken(situation)
        if verdict is not False:
            yield Refusal(rule.code, rule.sentence, {} if verdict is True else verdict)


def _reason_refusals(action: Action, given: Given) -> Iterator[Refusal]:
    if action.reason and not given.reason.strip():
        yield REASON_MISSING
    if len(given.reason) > REASON_LIMIT:
        yield REASON_TOO_LONG


def _as_taken(situation: Situation, action: Action) -> Situation:
    """The same with the actor as they take this step: only the step of an approver is taken on behalf of another."""
    actor = situation.actor
    if actor.on_behalf_of is None or action.who & actor.parties & APPROVER:
        return situation
    return replace(situation, actor=replace(actor, on_behalf_of=None))


def decide(case_type: CaseType, key: str, situation: Situation) -> Decision:
    """Decide on one step. Returns what follows, or raises Refused with every reason at once."""
    action, case = case_type.action(key), situation.case
    refusals: list[Refusal] = []
    if case.state not in action.at:
        refusals.append(NOT_NOW)
    if not action.who & situation.actor.parties:
        refusals.append(NOT_YOURS)
    if refusals:
        # Whoever has no business here is not told which rules would have been broken.
        raise Refused(*refusals)
    situation = _as_taken(situation, action)
    refusals += _reason_refusals(action, situation.given)
    refusals += _broken(action.needs, situation, offering=False)
    refusals += _gaps(case_type, action, situation)
    if refusals:
        raise Refused(*refusals)
    to = leads_to(action, situation)
    effects = tuple(e for e in action.then if getattr(e, "when", "") in ("", to))
    return Decision(action, case_type.state(case.state), case_type.state(to), effects, situation.actor)


def leads_to(action: Action, situation: Situation) -> str:
    """The state to which this step leads, if it is allowed."""
    to = action.to
    while isinstance(to, Branch):
        to = to.no if to.rule.broken(situation) else to.yes
    return to or situation.case.state


def offers(case_type: CaseType, situation: Situation) -> tuple[Offer, ...]:
    """The steps that lie open to this person now, in the order of the declaration."""
    state, parties = situation.case.state, situation.actor.parties
    return tuple(
        Offer(
            action,
            (
                *_broken(action.needs, _as_taken(situation, action), offering=True),
                *_gaps(case_type, action, situation),
            ),
        )
        for action in case_type.actions
        if state in action.at and action.who & parties and not _hidden(action, situation)
    )


def _hidden(action: Action, situation: Situation) -> bool:
    """Whether this person can never take this step, so that showing it says nothing to them."""
    return any(rule.hides and rule.broken(situation) for rule in action.needs)


GAPS: Mapping[Gap, Refusal] = {
    Gap.DOCUMENT: Refusal("document_missing", N_("A document is missing: %(names)s.")),
    Gap.FLAG: Refusal("signal_open", N_("A signal was not settled yet: %(names)s.")),
    Gap.QUESTION: Refusal("question_open", N_("Somebody still waits for an answer: %(names)s.")),
    Gap.CASE: Refusal("case_running", N_("A request that followed from this one is not settled yet: %(names)s.")),
}


def _gaps(case_type: CaseType, action: Action, situation: Situation) -> Iterator[Refusal]:
    if action.key not in case_type.last_steps:
        return
    # A line that is refused with this very step needs no document any more.
    needed = case_type.documents(situation.given.content or situation.case.content)
    said = {Gap.FLAG} if any(rule.code == "flags_open" for rule in action.needs) else set()
    wanted = [
        one
        for one in situation.case.open
        if one.kind not in said and (one.kind is not Gap.DOCUMENT or one.line in needed)
    ]
    for kind, refusal in GAPS.items():
        if names := [one.name for one in wanted if one.kind is kind]:
            yield Refusal(refusal.code, refusal.sentence, {"names": ", ".join(names)})


def route(case_type: CaseType, been: Collection[str] = ()) -> tuple[State, ...]:
    """The straight way from the first state to the granted end: what the step bar shows.

    With the states beside it (`after`) in which a case has been; none when there is no way to the end.
    """
    way = _straight(case_type)
    beside = {state.after: state for state in case_type.states if state.after and state.key in been}
    return tuple(state for one in way for state in (one, beside.get(one.key)) if state is not None)


def _straight(case_type: CaseType) -> tuple[State, ...]:
    paths: list[tuple[str, ...]] = [(case_type.initial.key,)]
    seen = {case_type.initial.key}
    while paths:
        path = paths.pop(0)
        if case_type.state(path[-1]).result is GRANTED:
            return tuple(case_type.state(key) for key in path)
        for action in case_type.actions:
            # Of a branch the second way is shown: the one that people must expect.
            target = action.targets[-1] if action.targets else path[-1]
            if path[-1] in action.at and target not in seen and not action.aside:
                seen.add(target)
                paths.append((*path, target))
    return ()


def granted_in(case_type: CaseType) -> frozenset[str]:
    """The states in which an amount was granted: those that follow a step by which is paid, and no other end."""
    pays = [action for action in case_type.actions if any(isinstance(effect, Pay) for effect in action.then)]
    front = {state for action in pays for state in action.targets}
    reached: set[str] = set()
    while front := {key for key in front - reached if case_type.state(key).result in (None, GRANTED)}:
        reached |= front
        front = {to for action in case_type.actions if front & set(action.at) for to in action.targets}
        front -= {case_type.initial.key}
    return frozenset(reached)


def rerouting(case_type: CaseType, state: str) -> Action | None:
    """The step by which the portal asks somebody else in this state; None when it waits for no approver."""
    if case_type.state(state).waits_for is not APPROVER:
        return None
    return next((a for a in case_type.actions if a.who & SYSTEM and a.at == (state,) and a.to == state), None)
