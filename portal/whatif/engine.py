"""The simulation itself: one run of one model with the luck of one replication.

A loop over a heap of moments, in plain Python: cases come in, lie with people who do other work too, wait for clerks
who are there or not, go along with a payment run, and end. What happened to the cases that are counted is added up.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush

from portal.whatif.draw import Arrival, again
from portal.whatif.hours import DAY, WEEK
from portal.whatif.inputs import Spread
from portal.whatif.model import DUE_FIRST, SMALL_FIRST
from portal.whatif.plan import NEVER, Begun, Plan, Seen, Tally
from portal.whatif.routes import REACT, WORK, Node, Stage
from workflows.parties import ABORTED, GRANTED


def elapsed_share(spread: Spread, passed: float) -> float:
    """Which share of cases was done after so long: the luck of a case that is still there is above it."""
    low, high = 0.0, 1.0
    if passed <= 0:
        return 0.0
    for _ in range(30):
        middle = (low + high) / 2
        if spread.at(middle) <= passed:
            low = middle
        else:
            high = middle
    return low


class Run:
    """One run. All lists are by case, in the order in which cases came in."""

    def __init__(
        self, plan: Plan, coming: Sequence[Arrival], seed: int, replication: int, *, keep: bool = False
    ) -> None:
        self.plan, self.coming, self.seed, self.replication = plan, coming, seed, replication
        model = plan.model
        self.office, self.runs = plan.office, plan.runs
        self.people = plan.people(seed, replication)
        self.idle = [[nth for nth, axis in enumerate(team) if axis is not None] for team in self.people]
        self.queues: list[list[tuple[float, int]]] = [[] for _ in self.people]
        self.rates = [resource.cost_cents.value / 60 for resource in model.resources]
        self.slower = [1 / resource.share.value for resource in model.resources]
        self.priority = model.priority.value
        self.heap: list[tuple[float, int]] = []
        count = len(coming)
        self.at: list[Node | None] = [None] * count
        self.arrived, self.since, self.spent = [0.0] * count, [0.0] * count, [0.0] * count
        self.entered, self.work, self.stopped = [0.0] * count, [0.0] * count, [0.0] * count
        self.then = [0.0] * count
        """The office time of what is next in a case, worked out once."""
        self.choice, self.worker, self.been = [0] * count, [-1] * count, [0] * count
        self.back, self.counts = [False] * count, [False] * count
        self.hands: list[list[tuple[str, int]] | None] = [None] * count
        self.resting: set[int] = set()
        """What lies with clerks who do other work too, and is not in their queue yet."""
        self.later: dict[int, dict[int, int]] = {}
        self.begun: dict[int, Begun] = {}
        self.open = 0
        flows, stages, teams = len(plan.paths), len(plan.stages), len(self.people)
        self.tally = Tally(
            [[] for _ in range(flows)], [[] for _ in range(flows)], [0] * flows, [0] * flows, [0] * flows,
            [0.0] * flows, [0] * stages, [0.0] * stages, [0.0] * stages, [0.0] * teams, [0.0] * teams,
            [[] for _ in range(teams)],
        )  # fmt: skip
        self.stories: list[list[Seen]] | None = [[] for _ in range(count)] if keep else None

    def play(self, begun: Sequence[Begun] = ()) -> Tally:
        """Run until the counted cases are done, or for as long as a run goes on.

        The cases that were open at the start stand first among those that come in.
        """
        for nth, team in enumerate(self.people):
            if team:
                heappush(self.heap, (self._opening(nth, -1.0), ~nth))
        for nth, one in enumerate(begun):
            self._take_over(nth, one)
        self._loop(len(begun))
        self.tally.unfinished = self.open
        first, last = self.plan.window.begin, self.plan.window.end
        for nth, team in enumerate(self.people):
            self.tally.able[nth] = sum(axis.spent(last) - axis.spent(first) for axis in team if axis is not None)
        self.tally.stories = self.stories
        return self.tally

    def _loop(self, begun: int) -> None:
        window, heap, coming, place, count = self.plan.window, self.heap, self.coming, begun, len(self.coming)
        first, last, stop = window.begin, window.end, window.days * DAY
        sample = first + WEEK
        while True:
            upcoming = coming[place].at if place < count else NEVER
            if heap and heap[0][0] < upcoming:
                now, case = heappop(heap)
            elif place < count:
                now, case = upcoming, count
            else:
                break
            if now >= sample:
                sample = self._sample(now, sample, last)
            if now > stop or (now >= last and not self.open):
                break
            if case == count:
                self._arrive(place, coming[place], first <= now < last and not begun)
                place += 1
            elif case >= 0:
                self._leave(case, now)
            else:
                heappush(heap, (self._opening(~case, now), case))
                self._dispatch(~case, now)

    def _opening(self, resource: int, now: float) -> float:
        return min((axis.opening(now) for axis in self.people[resource] if axis is not None), default=NEVER)

    def _sample(self, now: float, sample: float, last: float) -> float:
        while sample <= now:
            if sample <= last:
                for nth, queue in enumerate(self.queues):
                    self.tally.queue[nth].append(len(queue))
            sample += WEEK
        return sample

    def _arrive(self, case: int, arrival: Arrival, counts: bool) -> None:
        now = arrival.at
        self.arrived[case] = now
        self.spent[case] = spent = self.office.spent(now)
        if counts:
            self.counts[case] = True
            self.open += 1
            self.tally.counted += 1
        self._enter(case, self.plan.paths[arrival.flow].trips[arrival.like].first, now, spent)

    def _take_over(self, case: int, one: Begun) -> None:
        """Put a case that was open already where it is, with the luck of a case that has been there this long."""
        now = self.plan.window.begin
        node = self.plan.paths[one.flow].trips[one.like].node(one.state, one.taken)
        self.begun[case] = one
        self.arrived[case], self.spent[case] = one.arrived, self.office.spent(one.arrived)
        self.counts[case] = True
        self.open += 1
        self._enter(case, node, now, self.office.spent(now), waited_since=one.since)

    def _luck(self, case: int, slot: int) -> tuple[float, float, float]:
        """What duration, outcome and delay beforehand this visit meets."""
        arrival, bit = self.coming[case], 1 << slot
        if not self.been[case] & bit:
            self.been[case] |= bit
            luck = arrival.luck
        else:
            times = self.later.setdefault(case, {})
            times[slot] = times.get(slot, 0) + 1
            luck = again(self.seed, self.replication, arrival, times[slot], len(arrival.luck))
        return luck[slot], luck[slot + 1], luck[slot + 2]

    def _enter(self, case: int, node: Node, now: float, spent: float, waited_since: float | None = None) -> None:
        stage = node.stage
        self.at[case] = node
        if not node.cums:
            self._end(case, stage, now, spent)
            return
        duration, outcome, delay = self._luck(case, stage.slot)
        self.choice[case] = node.choose(outcome)
        self.since[case], self.entered[case] = now, spent
        if stage.kind == WORK:
            self.work[case] = stage.spread.at(duration) if stage.spread is not None else 0.0
            if stage.wait is None:
                self._queue(case, stage, now)
            else:
                self.resting.add(case)
                heappush(self.heap, (self._react(stage.wait, delay, now, spent, waited_since)[0], case))
            return
        if stage.kind == REACT:
            done, then = self._react(stage.spread, duration, now, spent, waited_since)
        else:
            done = self.runs.next(self._react(stage.wait, duration, now, spent, waited_since)[0])
            if done == NEVER:
                done = self.office.days[-1] * DAY
            then = self.office.spent(done)
        self.then[case] = then
        if self.counts[case]:
            tally, index = self.tally, stage.index
            tally.visits[index] += 1
            tally.waiting[index] += then - spent
            if stage.norm_stops:
                self.stopped[case] += then - spent
        heappush(self.heap, (done, case))

    def _react(
        self, spread: Spread | None, share: float, now: float, spent: float, waited_since: float | None
    ) -> tuple[float, float]:
        """When somebody who does other work too is done with it, and the office time of that moment."""
        office = self.office
        if spread is None:
            return now, spent
        minutes = spread.at(share)
        if waited_since is not None:
            passed = now - waited_since if spread.wall else spent - office.spent(waited_since)
            gone = elapsed_share(spread, passed)
            minutes = max(spread.at(gone + (1 - gone) * share) - passed, 0.0)
        if spread.wall:
            return now + minutes, office.spent(now + minutes)
        if minutes <= 0:
            return now, spent
        done = office.moment(spent + minutes)
        return (done if done > now else now), spent + minutes

    def _queue(self, case: int, stage: Stage, now: float) -> None:
        """Put a case in the queue of whoever works on it, and let them begin when they can."""
        resource, order = stage.resource, now
        if self.priority == DUE_FIRST:
            order = self.plan.due(self.coming[case].flow, self.arrived[case])[0]
        elif self.priority == SMALL_FIRST:
            order = self.work[case]
        heappush(self.queues[resource], (order, case))
        if self.idle[resource]:
            self._dispatch(resource, now)

    def _dispatch(self, resource: int, now: float) -> None:
        """Let whoever is there and free begin on what is first in the queue for them."""
        queue, idle, team = self.queues[resource], self.idle[resource], self.people[resource]
        free = [nth for nth in idle if (axis := team[nth]) is not None and axis.is_open(now)] if queue else ()
        for person in free:
            passed: list[tuple[float, int]] = []
            while queue:
                first = heappop(queue)
                if self._may(first[1], person):
                    idle.remove(person)
                    self._begin(first[1], resource, person, now)
                    break
                passed.append(first)
            for one in passed:
                heappush(queue, one)

    def _may(self, case: int, person: int) -> bool:
        """Four eyes: whether nothing that this person did in the case bars them from this step."""
        hands = self.hands[case]
        if not hands:
            return True
        node = self.at[case]
        barred = node.barred(self.choice[case]) if node is not None else frozenset()
        return not barred or all(who != person or step not in barred for step, who in hands)

    def _begin(self, case: int, resource: int, person: int, now: float) -> None:
        axis, node = self.people[resource][person], self.at[case]
        if axis is None or node is None:
            return
        minutes = self.work[case]
        lasts = minutes * self.slower[resource]
        if self.counts[case]:
            index, tally = node.stage.index, self.tally
            tally.visits[index] += 1
            tally.waiting[index] += self.office.spent(now) - self.entered[case]
            tally.touch[index] += minutes
            tally.cost[self.coming[case].flow] += minutes * self.rates[resource]
        window = self.plan.window
        if window.begin <= now < window.end:
            self.tally.busy[resource] += lasts
        self.worker[case] = person
        if self.stories is not None:
            self.since[case] = now
        heappush(self.heap, (axis.add(now, lasts), case))

    def _leave(self, case: int, now: float) -> None:
        """A step is taken: whoever worked on it is free, and the case goes on."""
        node = self.at[case]
        if node is None:
            return
        stage, nth = node.stage, self.choice[case]
        if case in self.resting:
            self.resting.discard(case)
            self._queue(case, stage, now)
            return
        person = self.worker[case]
        if self.stories is not None:
            self._tell(case, node, nth, now)
        following = node.after(nth)
        if following.cums and self.been[case] & (1 << following.stage.slot) and not stage.aside:
            self.back[case] = True
        if person < 0:
            self._enter(case, following, now, self.then[case])
            return
        self.worker[case] = -1
        hands = self.hands[case]
        if hands is None:
            self.hands[case] = [(node.actions[nth], person)]
        else:
            hands.append((node.actions[nth], person))
        self._enter(case, following, now, self.office.spent(now))
        resource = stage.resource
        self.idle[resource].append(person)
        if self.queues[resource]:
            self._dispatch(resource, now)

    def _tell(self, case: int, node: Node, nth: int, now: float) -> None:
        if self.stories is not None:
            entered = self.plan.office.moment(self.entered[case]) if node.stage.kind == WORK else self.since[case]
            began = self.since[case] if node.stage.kind == WORK else now
            self.stories[case].append(
                Seen(node.stage.key, node.actions[nth], min(entered, began), began, now, self.worker[case])
            )

    def _end(self, case: int, stage: Stage, now: float, spent: float) -> None:
        """It is done."""
        self.at[case] = None
        if not self.counts[case]:
            return
        self.open -= 1
        tally, flow = self.tally, self.coming[case].flow
        tally.ended[flow] += 1
        due, in_office_time = self.plan.due(flow, self.arrived[case])
        kept = spent - self.stopped[case] <= due if in_office_time else now <= due
        if case in self.begun:
            tally.finished[case], tally.in_time[case] = now, kept
        if stage.result == ABORTED.value:
            return
        tally.kept[flow] += kept
        tally.right[flow] += not self.back[case] and stage.result == GRANTED.value
        tally.leads[flow].append(spent - self.spent[case])
        tally.days[flow].append(now - self.arrived[case])
