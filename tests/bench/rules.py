"""The pure parts: deciding on a step with all its rules, offering steps in a whole queue, and taking in a receipt."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from statistics import median

from portal.interfaces.files import take_in
from tests.bench.bulk_stories import CLAIM, content_of, ticks_of
from tests.bench.report import ms, p95
from tests.bench.worlds import Bench
from tests.sample_files import jpeg, pdf
from workflows.deciding import decide, offers
from workflows.kernel import Actor, CaseView, Given, Situation
from workflows.parties import CLERK
from workflows.policies import PolicyBook, PolicyRow
from workflows.trail import Step

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BOOK = PolicyBook((PolicyRow("link_limit_cents", "50000", date(2020, 1, 1), None, "bench"),))


def _situation(number: int, given: Given | None = None) -> Situation:
    """A claim of two lines that a clerk has checked, about to be passed on."""
    content = content_of(number, "2026-11-20", 1250, "0" * 64)
    view = CaseView(
        state="approved", initiator_id=1, content=content, approver_id=2, assignee_id=3, claimed_cents=3182,
        sanctioned_cents=3182, cost_centre="1100", trail=(Step("submit", 1), Step("approve", 2)),
        bound={"claimed_cents": 3182, "cost_centre": "1100"}, ticks=ticks_of(content, (3, "Carla"), AT), policies=BOOK,
    )  # fmt: skip
    return Situation(view, Actor(3, CLERK), given or Given(content=content), AT, AT.date())


def _batches(work: Callable[[], object], times: int, batches: int) -> list[float]:
    """How long one of so many takes, per batch: in seconds."""
    found = []
    for _ in range(batches):
        began = time.perf_counter()
        for _ in range(times):
            work()
        found.append((time.perf_counter() - began) / times)
    return found


def measure(bench: Bench) -> None:
    """All figures about pure parts."""
    batches = 20 if bench.quick else 100
    checked = _situation(1)
    rules = len(CLAIM.action("check").needs)
    took = _batches(lambda: decide(CLAIM, "check", checked), 200, batches)
    bench.report.add("decide", median(took) * 1e6, "µs", 200 * batches, rules=rules, p95=p95(took) * 1e6, goal="≤ 50")
    rows = [_situation(number, Given()) for number in range(50)]
    took = _batches(lambda: [offers(CLAIM, row) for row in rows], 5, batches)
    bench.report.add("offers_of_queue", median(took) * 1e3, "ms", 5 * batches, rows=len(rows), goal="≤ 5")
    for name, content in (("small.jpg", jpeg()), ("telephone.jpg", jpeg(3000, 4000)), ("ticket.pdf", pdf())):
        n = 3 if bench.quick else 10
        took = _batches(lambda content=content, name=name: take_in(content, name), 1, n)  # type: ignore[misc]
        times = ms(took)
        bench.report.add("receipt_taken_in", times["median"], "ms", n, file=name, kilobytes=len(content) // 1000)
