"""Whole claims a second, on the portal and on the bare stack, by clients that are processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from portal.clock import SystemClock, local_date
from tests.bench.bulk_people import PASSWORD
from tests.bench.report import ms, say
from tests.bench.servers import ROOT, Server
from tests.bench.worlds import Bench
from tests.sample_files import jpeg, pdf

STACKS = ("bare", "portal")
BATCH = 10
RECEIPTS: dict[str, Callable[[], bytes]] = {"ticket.pdf": pdf, "small.jpg": jpeg}
"""A ticket as railways mail it; and a small picture, whose cleaning is most of the time of its request."""


@dataclass
class Run:
    """What a number of clients did together."""

    claims: int
    seconds: float
    requests: int
    cpu_seconds: float
    took: list[float]

    @property
    def rate(self) -> float:
        """Claims a second, all clients together."""
        return self.claims / self.seconds

    @property
    def cpu(self) -> float:
        """Processor time of the server per claim, in milliseconds."""
        return self.cpu_seconds / self.claims * 1000


def _clients(bench: Bench, server: Server, url: str, stack: str, clients: int, each: int, receipt: str) -> Run:
    """Start the clients, let them warm up, and let them all go at once."""
    key = bench.world(url).key("mail link").hex() if stack == "portal" else ""
    yesterday = local_date(SystemClock().now()) - timedelta(days=1)
    told = {
        "kind": stack, "port": server.port, "url": url, "link_key": key, "day": yesterday.isoformat(),
        "receipt": b64encode(RECEIPTS[receipt]()).decode(), "password": PASSWORD, "claims": each, "warm_up": 5,
        "batch": BATCH,
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.bench.drive"]
    started = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(clients)
    ]
    for number, process in enumerate(started):
        _tell(process, json.dumps({**told, "number": number}))
    for process in started:
        _hear(process)
    before = server.cpu_seconds()
    for process in started:
        _tell(process, "go")
    found: list[dict[str, Any]] = [json.loads(_hear(process)) for process in started]
    cpu = server.cpu_seconds() - before
    for process in started:
        process.communicate()
    return Run(
        claims=clients * each,
        seconds=max(one["seconds"] for one in found),
        requests=sum(one["requests"] for one in found),
        cpu_seconds=cpu,
        took=[seconds for one in found for seconds in one["took"]],
    )


def _tell(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


def _hear(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError("a client stopped; what it said stands above")
    return line


def measure(bench: Bench) -> None:
    """All figures about whole claims: rate, time, requests and processor time, and the ratios to the bare stack."""
    for kind in bench.kinds:
        for clients in (4,) if bench.quick else (1, 4, 8):
            _compare(bench, kind, clients, "ticket.pdf")
        if not bench.quick:
            _compare(bench, kind, 4, "small.jpg")
            _growth(bench, kind, 100_000)
        if bench.million:
            _growth(bench, kind, 1_000_000)


def _compare(bench: Bench, kind: str, clients: int, receipt: str) -> None:
    bare, portal = (_measure_one(bench, kind, stack, clients, 1000, receipt) for stack in STACKS)
    context = {"clients": clients, "receipt": receipt}
    bench.report.ratio("claims_to_bare", portal.rate, bare.rate, portal.claims, kind, **context, goal="≥ 0.5")
    bench.report.ratio("claim_cpu_to_bare", portal.cpu, bare.cpu, portal.claims, kind, **context)


def _growth(bench: Bench, kind: str, size: int) -> None:
    """The small and the large world, one right after the other."""
    small, large = (_measure_one(bench, kind, "portal", 4, cases, "ticket.pdf") for cases in (1000, size))
    bench.report.ratio(
        "claim_cpu_growth", large.cpu, small.cpu, large.claims, kind, cases=size, to=1000, goal="≤ 1.15 at 1,000,000"
    )


def _measure_one(bench: Bench, kind: str, stack: str, clients: int, size: int, receipt: str) -> Run:
    each = (10 if stack == "portal" else 20) if bench.quick else (30 if stack == "portal" else 60)
    say(f"{clients} clients on the {stack} with {kind}, {size:,} cases, {receipt}")
    with bench.copy(kind, size, stack) as url, bench.serve(url, stack) as server:
        run = _clients(bench, server, url, stack, clients, each, receipt)
    context: dict[str, Any] = {"stack": stack, "clients": clients, "cases": size, "receipt": receipt}
    bench.report.add("claims_per_second", run.rate, "1/s", run.claims, kind, **context)
    times = ms(run.took)
    bench.report.add("claim_time", times["median"], "ms", run.claims, kind, p95=times["p95"], **context)
    goal = {"goal": "≤ 35" if kind == "sqlite" else "≤ 45"} if stack == "portal" else {}
    bench.report.add("claim_server_cpu", run.cpu, "ms", run.claims, kind, **context, **goal)
    limit = {"goal": "≤ 12"} if stack == "portal" else {}
    bench.report.add("claim_requests", run.requests / run.claims, "requests", run.claims, kind, **context, **limit)
    return run
