"""From today's open cases on: when will these be done?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from random import Random

from portal.clock import AMSTERDAM, local
from portal.whatif.answers import Forecast
from portal.whatif.draw import Arrival
from portal.whatif.model import Flow
from portal.whatif.plan import Begun, Plan
from portal.whatif.stats import quantile
from portal.whatif.traces import Trace


def minutes_since(plan: Plan, at: datetime) -> float:
    """A moment in minutes since the first midnight of a plan; what is longer ago counts as that midnight."""
    here = local(at).replace(tzinfo=None)
    start = datetime.combine(plan.window.first, time.min)
    return max((here - start) / timedelta(minutes=1), 0.0)


def moment_of(plan: Plan, minutes: float) -> datetime:
    """The moment so many minutes after the first midnight of a plan, in UTC."""
    here = datetime.combine(plan.window.first, time.min) + timedelta(minutes=minutes)
    return here.replace(tzinfo=AMSTERDAM).astimezone(UTC)


def known(plan: Plan, cases: Sequence[Trace]) -> list[tuple[int, Trace]]:
    """The open cases that the model knows, each with the number of its flow."""
    numbers = {path.flow.type: nth for nth, path in enumerate(plan.paths)}
    return [
        (numbers[case.type], case)
        for case in cases
        if case.open and case.type in numbers and case.visits[-1].state in plan.paths[numbers[case.type]].stages
    ]


def begun_of(
    plan: Plan, cases: Sequence[Trace], coming: Sequence[Arrival], seed: int, replication: int
) -> tuple[list[Arrival], list[Begun]]:
    """What comes in from now on, after the open cases; and where these are."""
    first: list[Arrival] = []
    begun: list[Begun] = []
    for number, case in known(plan, cases):
        path = plan.paths[number]
        like = _nearest(path.flow, case)
        random = Random(f"{seed}/{replication}/open/{case.case}").random  # noqa: S311 - chance, no secret
        arrived = minutes_since(plan, case.begun)
        luck = [random() for _ in range(path.width)]
        taken = {visit.action for visit in case.visits[:-1] if visit.action}
        if path.way is not None:
            taken.add(path.way.begin().key)
        # Its place in the list keeps the luck of later visits apart from that of cases that come in.
        first.append(Arrival(arrived, number, like, (-1, len(first)), luck))
        since = minutes_since(plan, case.visits[-1].enabled)
        begun.append(Begun(case.case, number, like, case.visits[-1].state, frozenset(taken), arrived, since))
    return [*first, *(one for one in coming if one.at >= plan.window.begin)], begun


def _nearest(flow: Flow, case: Trace) -> int:
    """Which of the mix the case is most like: of its municipality where there is one, then by amount."""
    mix = flow.mix.value
    return min(
        range(len(mix)),
        key=lambda nth: (mix[nth].municipality != case.municipality, abs(mix[nth].amount_cents - case.amount_cents)),
    )


def forecasts(
    plan: Plan, cases: Sequence[Trace], finished: Sequence[dict[int, float]], in_time: Sequence[dict[int, bool]]
) -> tuple[Forecast, ...]:
    """For each open case when it is done, over all replications; what was not done counts as done at the end."""
    end = plan.window.days * 1440.0
    found = []
    for nth, (_, case) in enumerate(known(plan, cases)):
        moments = sorted(one.get(nth, end) for one in finished)
        kept = sum(one.get(nth, False) for one in in_time) / len(in_time)
        median, p80, p90 = (moment_of(plan, quantile(moments, share)) for share in (0.5, 0.8, 0.9))
        found.append(Forecast(case.case, case.type, case.visits[-1].state, median, p80, p90, kept))
    return tuple(found)
