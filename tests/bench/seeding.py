"""The demo world: how long it takes to seed, and how many events a second are played through the real commands."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time

from sqlalchemy import func, select

from portal.models.events import CaseEvent
from tests.bench.report import say
from tests.bench.servers import ROOT
from tests.bench.worlds import Bench


def measure(bench: Bench) -> None:
    """Seed a world as `ssc-portal seed` does."""
    employees, months = (40, 2) if bench.quick else (240, 12)
    for kind in bench.first_kind:
        say(f"seeding {employees} employees and {months} months on {kind}")
        url = bench.databases.make(kind)
        env = {**os.environ, **bench.environment(url), "SSC_INSTANCE": str(bench.folder / f"seed-{kind}")}
        command = [
            sys.executable, "-m", "portal.cli", "seed", "--employees", str(employees), "--months", str(months)
        ]  # fmt: skip
        began, spent = time.perf_counter(), _processor_time()
        subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=sys.stderr)
        seconds, spent = time.perf_counter() - began, _processor_time() - spent
        with bench.world(url).db.session(writes=False) as session:
            events = session.scalar(select(func.count()).select_from(CaseEvent)) or 0
        context = {"employees": employees, "months": months}
        goal = {} if bench.quick else {"goal": "≤ 30"}
        bench.report.add("seed_time", seconds, "s", 1, kind, **context, **goal)
        bench.report.add("seed_cpu", spent, "s", 1, kind, **context)
        bench.report.add("seed_events_per_second", events / seconds, "1/s", events, kind, **context, goal="≥ 200")
        bench.databases.drop(url)


def _processor_time() -> float:
    """Of the processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
