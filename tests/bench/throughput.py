"""Whole claims a second, on the portal and on the bare stack, by clients that are processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64encode
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from portal.clock import SystemClock, local_date
from tests.bench.bulk_people import PASSWORD
from tests.bench.report import ms, say
from tests.bench.servers import ROOT, Server
from tests.bench.worlds import Bench
from tests.sample_files import jpeg

STACKS = ("bare", "portal")
BATCH = 10


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
        return self.claims / self.seconds


def _clients(bench: Bench, server: Server, url: str, stack: str, clients: int, each: int) -> Run:
    """Start the clients, let them warm up, and let them all go at once."""
    key = bench.world(url).key("mail link").hex() if stack == "portal" else ""
    yesterday = local_date(SystemClock().now()) - timedelta(days=1)
    told = {
        "kind": stack, "port": server.port, "url": url, "receipt": b64encode(jpeg()).decode(), "link_key": key,
        "day": yesterday.isoformat(), "password": PASSWORD, "claims": each, "warm_up": 5, "batch": BATCH,
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
        for clients in (1, 4) if bench.quick else (1, 4, 8):
            runs = {stack: _measure_one(bench, kind, stack, clients, 1000) for stack in STACKS}
            portal, bare = runs["portal"], runs["bare"]
            bench.report.ratio(
                "claims_per_second_to_bare", portal.rate, bare.rate, portal.claims, kind, clients=clients, goal="≥ 0.5"
            )
        if not bench.quick:
            large = _measure_one(bench, kind, "portal", 4, 100_000)
            small = bench.report.find("claim_server_cpu", database=kind, stack="portal", clients=4, cases=1000)
            bench.report.ratio(
                "claim_server_cpu_growth", large.cpu_seconds / large.claims * 1000, small or 0, large.claims, kind,
                cases=100_000, to=1000, goal="≤ 1.15",
            )  # fmt: skip


def _measure_one(bench: Bench, kind: str, stack: str, clients: int, size: int) -> Run:
    each = (10 if stack == "portal" else 30) if bench.quick else (50 if stack == "portal" else 120)
    say(f"{clients} clients on the {stack} with {kind}, {size:,} cases")
    with bench.copy(kind, size, stack) as url, bench.serve(url, stack) as server:
        run = _clients(bench, server, url, stack, clients, each)
    context: dict[str, Any] = {"stack": stack, "clients": clients, "cases": size}
    bench.report.add("claims_per_second", run.rate, "1/s", run.claims, kind, **context)
    times = ms(run.took)
    bench.report.add("claim_time", times["median"], "ms", run.claims, kind, p95=times["p95"], **context)
    cpu = run.cpu_seconds / run.claims * 1000
    goal = {"goal": "≤ 35" if kind == "sqlite" else "≤ 45"} if stack == "portal" else {}
    bench.report.add("claim_server_cpu", cpu, "ms", run.claims, kind, **context, **goal)
    bench.report.add("claim_requests", run.requests / run.claims, "requests", run.claims, kind, **context)
    return run
