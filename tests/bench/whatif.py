"""What-if: a comparison of two scenarios of a year of 10,000 claims with 30 replications each, over two processes."""

from __future__ import annotations

import time
from datetime import date

from portal.whatif.compare import compare
from portal.whatif.scenarios import Change, Scenario, What
from tests.bench.report import say
from tests.bench.worlds import Bench
from tests.whatif.models import claims

GOAL = 15
YEAR = 364


def measure(bench: Bench) -> None:
    """From asking until the answer is there, processes started and all."""
    say("what-if: two scenarios of a year of 10,000 cases")
    days, least = (28, 4) if bench.quick else (YEAR, 30)
    scenario = Scenario("Sampling under € 100", (Change(What.POLICY, "10000", "sampling_limit_cents"),))
    began = time.perf_counter()
    model, first = claims(per_week=192.3), date(2026, 1, 5)
    found = compare(model, [scenario], seed=1, first=first, horizon=days, workers=2, least=least, most=least)
    took = time.perf_counter() - began
    runs = sum(answer.replications for answer in found.answers)
    cases = round(found.answers[0].measures["cases_year"].mean)
    bench.report.add("whatif_two_scenarios", took, "s", runs, cases_a_year=cases, days=days, goal=f"≤ {GOAL}")
