"""Memory of the web tier, at the start and after many pages.

The value is the proportional set size: what the machine has to hold for it, with what its processes share counted
once. The plain sum of their resident sets, which counts that again for each, stands beside it as `rss`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice

from sqlalchemy import select

from portal.models.cases import Case
from tests.bench.browser import Connection, Person
from tests.bench.bulk_people import PASSWORD
from tests.bench.report import say
from tests.bench.servers import WORKERS
from tests.bench.worlds import Bench

CLIENTS = 4


def measure(bench: Bench) -> None:
    """Memory at the start and after so many requests, and what it grew in the second half of them."""
    many = 400 if bench.quick else 10_000
    for kind in bench.first_kind:
        say(f"memory over {many:,} requests on {kind}")
        with bench.copy(kind, 1000) as url, bench.serve(url) as server:
            with bench.world(url).db.session(writes=False) as session:
                paid = select(Case.number).where(Case.state == "paid").order_by(Case.id.desc()).limit(50)
                addresses = ["/", "/werkvoorraad", "/zaken", *(f"/zaken/{number}" for number in session.scalars(paid))]
            start = server.memory()
            walkers = [(_clerk(server.port, number), addresses) for number in range(CLIENTS)]
            _walk(walkers, many // 2)
            halfway = server.memory()
            _walk(walkers, many // 2)
            end = server.memory()
        bench.report.add("memory_start", start["pss"], "MiB", 1, kind, rss=start["rss"], workers=WORKERS)
        bench.report.add("memory_after", end["pss"], "MiB", many, kind, rss=end["rss"], workers=WORKERS, goal="≤ 200")
        grown = end["pss"] - halfway["pss"]
        bench.report.add("memory_growth_second_half", grown, "MiB", many // 2, kind, workers=WORKERS, goal="about 0")


def _clerk(port: int, number: int) -> Person:
    clerk = Person(Connection(port))
    clerk.sign_in(f"clerk{number}", PASSWORD)
    return clerk


def _walk(walkers: list[tuple[Person, list[str]]], requests: int) -> None:
    def walk(walker: tuple[Person, list[str]]) -> None:
        person, addresses = walker
        for address in islice(cycle(addresses), requests // len(walkers)):
            person.get(address)

    with ThreadPoolExecutor(len(walkers)) as pool:
        list(pool.map(walk, walkers))
