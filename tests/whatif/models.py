"""Models for the tests: claims as they come in somewhere, and queues from the textbooks."""

from __future__ import annotations

from portal.whatif.inputs import Input, Spread, assumed, exponential, measured, seen
from portal.whatif.model import DONE, Arrivals, Flow, Like, Model, Odds, PaymentRuns, Resource

OFFICE = tuple(1.0 if hour % 24 in range(8, 18) and hour < 120 else 0.0 for hour in range(168))
ALWAYS = (1.0,) * 168


def claims(per_week: float = 190.0, clerks: int = 2, limit: str = "0") -> Model:
    """Expense claims of two municipalities, checked by clerks who share the work."""
    flow = Flow(
        "expense_claim",
        Arrivals(measured(per_week, 10_000), measured(OFFICE, 10_000), burst=measured(0.1, 250)),
        measured(tuple(Like("water", cents) for cents in (1250, 4800, 9900, 15_000, 420_000)), 10_000),
        touch={"approved": assumed(seen((4, 7, 9, 12, 20, 45)))},
        reaction={
            "submitted": assumed(seen((5, 60, 240, 500, 1500, 4000))),
            "countersign": assumed(seen((60, 240, 500, 1500))),
            "returned": assumed(seen((100, 500, 3000))),
            "on_hold": assumed(seen((500, 3000))),
            "unpaid": assumed(seen((100, 500))),
            "paying": assumed(seen((500, 600))),
        },
        outcomes={
            "submitted": assumed((Odds(None, {"approve": 0.93, "return": 0.05, "reject": 0.02}),)),
            "approved": assumed((Odds(None, {"check": 0.93, "send_back": 0.05, "suspend": 0.02}),)),
        },
    )
    clerk = Resource("clerk", "clerk", assumed(clerks), absence=assumed(0.1), cost_cents=assumed(4500))
    return Model(
        "Claims", (flow,), (clerk,), PaymentRuns(assumed((0, 1, 2, 3, 4))),
        policies={"sampling_limit_cents": assumed(limit)},
    )  # fmt: skip


def queueing(
    rates: float, stations: dict[str, tuple[float, int, dict[str, float]]], reactions: dict[str, float] | None = None
) -> Model:
    """A network of queues that are never closed: arrivals an hour; of each station service time, servers, where to."""
    always: dict[str, Input[int]] = {"opens": assumed(0), "closes": assumed(1440)}
    touch: dict[str, Input[Spread]] = {name: assumed(exponential(mean)) for name, (mean, *_) in stations.items()}
    flow = Flow(
        "queue", Arrivals(assumed(rates * 168), assumed(ALWAYS)), assumed((Like("", 0),)), touch=touch,
        outcomes={name: assumed((Odds(None, to or {DONE: 1.0}),)) for name, (_, _, to) in stations.items()},
        reaction={name: assumed(exponential(mean)) for name, mean in (reactions or {}).items()},
        stations={name: name for name in stations},
    )  # fmt: skip
    people = tuple(
        Resource(name, name, assumed(servers), weekdays=assumed(tuple(range(7))), **always)
        for name, (_, servers, _) in stations.items()
    )
    return Model("Queue", (flow,), people, **always)
