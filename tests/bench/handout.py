"""The next case for many clerks at once: how many a second, and whether two ever got the same one."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tests.bench.browser import Connection, Person
from tests.bench.bulk_people import PASSWORD
from tests.bench.report import say
from tests.bench.worlds import Bench


def measure(bench: Bench) -> None:
    """Every clerk takes so many cases, all at the same time."""
    clerks, each, size = (8, 8, 1000) if bench.quick else (20, 30, 10_000)
    for kind in bench.first_kind:
        say(f"{clerks} clerks take cases at once on {kind}")
        with bench.copy(kind, size) as url, bench.serve(url) as server, ThreadPoolExecutor(clerks) as pool:
            people = list(pool.map(lambda number, port=server.port: _clerk(port, number), range(clerks)))
            together = Barrier(clerks + 1)
            running = [pool.submit(_take, person, each, together) for person in people]
            together.wait()
            began = time.perf_counter()
            taken = [address for one in running for address in one.result()]
            seconds = time.perf_counter() - began
        doubles = len(taken) - len(set(taken))
        context = {"clerks": clerks, "cases": size}
        bench.report.add("handouts_per_second", len(taken) / seconds, "1/s", len(taken), kind, **context, goal="≥ 100")
        bench.report.add("handouts_double", doubles, "cases", len(taken), kind, **context, goal="0")


def _clerk(port: int, number: int) -> Person:
    clerk = Person(Connection(port))
    clerk.sign_in(f"clerk{number}", PASSWORD)
    return clerk


def _take(clerk: Person, times: int, together: Barrier) -> list[str]:
    together.wait()
    found = (clerk.post("/werkvoorraad/volgende", {}).location for _ in range(times))
    return [address for address in found if address != "/werkvoorraad"]
