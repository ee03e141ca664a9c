"""Where a case goes: asked of the declarations themselves, and remembered for each profile of case.

A node is a state for cases of one profile after the same steps; where a step leads is what `leads_to()` says of it,
whose eyes it may not be is what its rules say of the steps before. Nothing of that is written down here a second time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property

from portal.whatif.inputs import Input, Spread, exponential
from portal.whatif.model import CLERK as CLERK_ROLE
from portal.whatif.model import DONE, Flow, Model, Odds
from workflows import CASE_TYPES
from workflows.deciding import leads_to
from workflows.kernel import Action, Actor, CaseType, CaseView, Given, Rule, Situation, State
from workflows.parties import APPROVER, BANK, CLERK, GRANTED, INITIATOR, SYSTEM, TREASURER, Party
from workflows.policies import PolicyBook, PolicyRow
from workflows.trail import Step

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
"""Rules look at a day to find the policy of that day; here there is one policy for all days."""
WORK, REACT, RUN, END = range(4)
"""What a node is: somebody works on it; it lies with somebody who does other work too; it waits for a payment run."""
ASSUMED_WORK, ASSUMED_REACTION = exponential(10.0), exponential(540.0)
"""Where nothing at all is known: ten minutes, and a day."""
PARTIES: Mapping[Party, str] = {
    INITIATOR: "initiator", APPROVER: "approver", CLERK: "clerk", TREASURER: "treasurer", BANK: "bank",
    SYSTEM: "system",
}  # fmt: skip
_PERSONS = {"initiator": 1, "approver": 2, "clerk": 3, "treasurer": 4, "bank": 5, "system": 6}
_SOMEBODY = 99


@dataclass(frozen=True, slots=True)
class Profile:
    """Cases that every rule judges alike."""

    type: str
    cents: int


def thresholds(model: Model) -> tuple[Decimal, ...]:
    """All numbers an amount can be compared with: what was agreed, the mandate, and where outcomes change."""
    found = {Decimal(0), Decimal(model.mandate_cents.value)}
    for given in model.policies.values():
        try:
            found.add(Decimal(given.value))
        except InvalidOperation:
            continue
    for flow in model.flows:
        for odds in flow.outcomes.values():
            found |= {Decimal(one.up_to_cents) for one in odds.value if one.up_to_cents is not None}
    return tuple(sorted(found))


def alike(cents: int, bounds: tuple[Decimal, ...]) -> tuple[int, int]:
    """What two amounts have in common of which every comparison with these bounds says the same."""
    return bisect_left(bounds, cents), bisect_right(bounds, cents)


class Way:
    """The declared way of one kind of case under one model."""

    def __init__(self, model: Model, case_type: CaseType) -> None:
        self.case_type, self.mandate = case_type, model.mandate_cents.value
        self.book = PolicyBook(
            tuple(PolicyRow(key, given.value, date.min, None, "model") for key, given in model.policies.items())
        )

    def begin(self) -> Action:
        """The step by which a case begins."""
        fills = [action for action in self.case_type.actions if action.takes_content]
        initial = [action for action in self.case_type.actions if self.case_type.initial.key in action.at]
        return next((one for one in fills if one in initial), initial[0])

    def leads_to(self, cents: int, state: str, action: str, taken: frozenset[str]) -> str:
        """To which state this step leads for such a case, after the steps that were taken."""
        declared = self.case_type.action(action)
        return leads_to(declared, self._situation(cents, state, declared, taken))

    def bars(self, cents: int, state: str, action: str, taken: frozenset[str]) -> frozenset[str]:
        """Whoever took one of these steps may not take this one."""
        declared = self.case_type.action(action)
        rules = [rule for rule in declared.needs if not rule.on_given]
        usual = self._broken(rules, self._situation(cents, state, declared, frozenset()))
        found = set()
        for step in taken:
            situation = self._situation(cents, state, declared, frozenset({step}), doer=_SOMEBODY)
            if self._broken(rules, situation) - usual:
                found.add(step)
        return frozenset(found)

    @staticmethod
    def _broken(rules: list[Rule], situation: Situation) -> frozenset[str]:
        return frozenset(rule.code for rule in rules if rule.broken(situation) is not False)

    def _situation(
        self, cents: int, state: str, action: Action, taken: frozenset[str], doer: int | None = None
    ) -> Situation:
        content = {
            "lines": [{"key": "1", "claimed_cents": cents, "sanctioned_cents": cents}],
            "cost_centre": "",
            "payable_cents": cents,
        }
        trail = tuple(
            Step(key, _PERSONS[party_of(self.case_type.action(key))] if doer is None else doer) for key in sorted(taken)
        )
        bound = None
        if any(self.case_type.action(key).binds for key in taken):
            # What is sent back is taken to be handed in again as it was.
            bound = {"cost_centre": "", "amount_cents": cents, **self.case_type.approved(content)}
        case = CaseView(
            state, 1, content, claimed_cents=cents, sanctioned_cents=cents, assignee_id=_SOMEBODY, trail=trail,
            bound=bound, policies=self.book,
        )  # fmt: skip
        actor = Actor(_SOMEBODY, action.who, mandate_cents=self.mandate)
        return Situation(case, actor, Given("-"), NOON, NOON.date())


def party_of(action: Action) -> str:
    """Who takes a step, in one word."""
    return next((name for party, name in PARTIES.items() if party & action.who), "clerk")


def waits_for(state: State) -> str:
    """Who a state waits for, in one word; empty for nobody."""
    return next((name for party, name in PARTIES.items() if party & state.waits_for), "")


def usual_action(case_type: CaseType, state: State) -> str:
    """The step by which a state is usually left, where nothing was measured: that of the straight way."""
    every = [one for one in case_type.actions if state.key in one.at and {*one.targets} - {state.key}]
    ways = [one for one in every if one.who & state.waits_for and not one.aside] or every
    far = _distances(case_type)
    ordered = sorted(
        ways, key=lambda one: (min(far.get(key, len(far) + 1) for key in one.targets), one.tone != "primary")
    )
    return ordered[0].key if ordered else ""


def _distances(case_type: CaseType) -> Mapping[str, int]:
    """From each state, how many steps it is to an end in which the case was granted."""
    found = {state.key: 0 for state in case_type.states if state.result is GRANTED}
    front, steps = set(found), 0
    while front:
        steps += 1
        front = {key for one in case_type.actions if front & set(one.targets) for key in one.at} - set(found)
        found.update(dict.fromkeys(front, steps))
    return found


class Stage:
    """A state or a station as the simulation meets it, the same for all profiles: what happens, how long, with whom."""

    __slots__ = ("aside", "flow", "index", "key", "kind", "norm_stops", "party", "resource", "result", "slot",
                 "spread", "wait")  # fmt: skip

    def __init__(self, flow: int, key: str, index: int) -> None:
        self.flow, self.key, self.index, self.slot = flow, key, index, 0
        self.kind, self.party, self.resource, self.result = END, "", -1, ""
        self.spread: Spread | None = None
        self.wait: Spread | None = None
        """How long it lies before a payment run takes it along, or before it is in the queue."""
        self.norm_stops = False
        self.aside = False
        """Whether a case that comes back from here goes on as it was: it waited for something outside."""


class Node:
    """A stage for cases of one profile after the same steps. Where an action leads is asked when it is first taken."""

    __slots__ = ("actions", "bars", "cums", "nexts", "stage", "taken", "trip")

    def __init__(self, trip: Trip, stage: Stage, taken: frozenset[str], shares: Mapping[str, float]) -> None:
        self.trip, self.stage, self.taken = trip, stage, taken
        total, sofar = sum(shares.values()), 0.0
        self.actions = [key for key, share in shares.items() if key and share > 0]
        self.cums = []
        for key in self.actions:
            sofar += shares[key] / total
            self.cums.append(sofar)
        if self.cums:
            self.cums[-1] = 1.0
        self.nexts: list[Node | None] = [None] * len(self.actions)
        self.bars: list[frozenset[str] | None] = [None] * len(self.actions)

    def choose(self, share: float) -> int:
        """The action that this share falls in."""
        return bisect_right(self.cums, share, 0, len(self.cums) - 1)

    def after(self, nth: int) -> Node:
        """The node to which the action leads."""
        found = self.nexts[nth]
        if found is None:
            found = self.nexts[nth] = self.trip.after(self, self.actions[nth])
        return found

    def barred(self, nth: int) -> frozenset[str]:
        """The steps whose takers may not take this action."""
        found = self.bars[nth]
        if found is None:
            found = self.bars[nth] = self.trip.bars(self, self.actions[nth])
        return found


class Trip:
    """The nodes of one profile."""

    def __init__(self, path: Path, profile: Profile) -> None:
        self.path, self.profile = path, profile
        self._nodes: dict[tuple[str, frozenset[str]], Node] = {}

    @cached_property
    def first(self) -> Node:
        """Where a case of this profile is once it came in."""
        way = self.path.way
        if way is None:
            return self.node(next(iter(self.path.flow.stations)), frozenset())
        begin = way.begin()
        initial = way.case_type.initial.key
        return self.node(way.leads_to(self.profile.cents, initial, begin.key, frozenset()), frozenset({begin.key}))

    def node(self, key: str, taken: frozenset[str]) -> Node:
        """The node of a state after these steps."""
        at = (key, taken)
        if at not in self._nodes:
            stage = self.path.stages[key]
            shares = {} if stage.kind == END else self.path.shares(key, self.profile.cents)
            self._nodes[at] = Node(self, stage, taken, shares)
        return self._nodes[at]

    def after(self, node: Node, action: str) -> Node:
        """Where an action leads from a node."""
        way = self.path.way
        if way is None:
            return self.node(action, node.taken)
        to = way.leads_to(self.profile.cents, node.stage.key, action, node.taken)
        return self.node(to, node.taken | {action})

    def bars(self, node: Node, action: str) -> frozenset[str]:
        """Whoever took one of these steps may not take this one."""
        way = self.path.way
        return way.bars(self.profile.cents, node.stage.key, action, node.taken) if way else frozenset()


class Path:
    """One flow of a model with all it needs to be simulated."""

    def __init__(self, model: Model, flow: Flow, number: int, roles: Mapping[str, int], first_stage: int) -> None:
        self.flow, self.number = flow, number
        self.case_type = None if flow.stations else CASE_TYPES[flow.type]
        self.way = Way(model, self.case_type) if self.case_type else None
        keys = [state.key for state in self.case_type.states] if self.case_type else [*flow.stations, DONE]
        self.stages = {key: Stage(number, key, first_stage + nth) for nth, key in enumerate(keys)}
        self.width = 1
        for stage in self.stages.values():
            self._fill(stage, roles)
            # How long and which way; before work also how long it lies. An end needs no luck.
            stage.slot = self.width
            self.width += {END: 0, WORK: 3}.get(stage.kind, 2)
        self.width += 1
        bounds = thresholds(model)
        self.trips: list[Trip] = []
        """The nodes of each case of the mix."""
        known: dict[tuple[int, int], Trip] = {}
        for like in flow.mix.value:
            kind = alike(like.amount_cents, bounds)
            if kind not in known:
                known[kind] = Trip(self, Profile(flow.type, like.amount_cents))
            self.trips.append(known[kind])

    def _fill(self, stage: Stage, roles: Mapping[str, int]) -> None:
        flow, touch = self.flow, self.flow.touch.get(stage.key)
        if self.case_type is None:
            if stage.key == DONE:
                stage.result = GRANTED.value
                return
            stage.party = flow.stations[stage.key] or stage.key
            stage.resource = roles.get(flow.stations[stage.key], -1)
        else:
            state = self.case_type.state(stage.key)
            if state.result is not None:
                stage.result = state.result.value
                return
            stage.party, stage.norm_stops = waits_for(state), state.suspends
            stage.aside = state.suspends and state.waits_for is not INITIATOR
            if state.waits_for is CLERK and not state.suspends:
                stage.resource = roles.get(CLERK_ROLE, -1)
            if state.waits_for is TREASURER:
                stage.kind = RUN
                stage.wait = flow.reaction[stage.key].value if stage.key in flow.reaction else None
                return
        if stage.resource >= 0:
            stage.kind, stage.spread = WORK, touch.value if touch else ASSUMED_WORK
            stage.wait = flow.reaction[stage.key].value if stage.key in flow.reaction else None
        else:
            stage.kind, stage.spread = REACT, self._reaction(stage)

    def _reaction(self, stage: Stage) -> Spread:
        """As it was measured for this state; else of another state of the same party; else a day."""
        known: Mapping[str, Input[Spread]] = self.flow.reaction
        if stage.key in known:
            return known[stage.key].value
        alike = [one for key, one in known.items() if self.stages[key].party == stage.party]
        return max(alike, key=lambda one: one.n).value if alike else ASSUMED_REACTION

    def shares(self, key: str, cents: int) -> Mapping[str, float]:
        """How a state is left by cases of this amount."""
        given = self.flow.outcomes.get(key)
        if given is None or not given.value:
            usual = DONE if self.case_type is None else usual_action(self.case_type, self.case_type.state(key))
            return {usual: 1.0}
        fits: list[Odds] = [one for one in given.value if one.up_to_cents is None or cents <= one.up_to_cents]
        return (fits or list(given.value))[0].shares
