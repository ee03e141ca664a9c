"""Reports and the live page in worlds of growing size, beside the raw scan that they must not come near to.

The cases are claims of two years with ten events each, made by the database itself: what is measured is the counting
and what reads it, not the steps that would have made them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import text

from portal import create_app, migrations
from portal.clock import SystemClock, end_of_day, local_date
from portal.commands import indicators
from portal.commands.definitions import define_all
from portal.commands.sign_in import hash_password
from portal.interfaces.report_files import FORMATS, Found
from portal.models.people import Account, Employment, Municipality, Person, RoleGrant, Unit
from portal.queries.behind import threats
from portal.queries.indicators import by_month, definitions, recounted
from portal.queries.reports import counted
from portal.worlds import World
from seed.sources import source
from tests.bench.browser import Person as Client
from tests.bench.in_process import InProcess
from tests.bench.report import ms, say
from tests.bench.worlds import Bench
from workflows.periods import month, shifted

SINCE = date(2020, 1, 1)
PLACES = 4
YEARS = 2
PASSWORD = "cijfers-van-de-maand"
RECURSIVE = "RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {size})"
STEPS = (
    ("draft", "submitted", 0),
    ("submitted", "submitted", 3),
    ("submitted", "approved", 26),
    ("approved", "on_hold", 30),
    ("on_hold", "approved", 52),
    ("approved", "payable", 60),
    ("payable", "paying", 98),
    ("paying", "paid", 146),
    ("paid", "paid", 150),
    ("paid", "paid", 151),
)
"""Each event, with the hours after receipt at which it came; each tenth claim takes five times as long."""
MOMENT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S.000000', {0}, 'unixepoch')",
    "postgresql": "to_timestamp({0})",
}
CASES = """
WITH {numbers}
INSERT INTO "case" (id, type, number, state, version, waits_for, municipality_id, employment_id, initiator_id, title,
  words, claimed_cents, sanctioned_cents, cost_centre, content, ticks, trail, flags, handed, client_key, created_at,
  received_at, state_since, target_due, closed_at, result)
SELECT i, 'expense_claim', 'DEC-' || i, CASE WHEN {open} THEN 'approved' ELSE 'paid' END, 1, '', i % {places} + 1, 1, 1,
  '', '', 1000, 1000, '', {empty}, {empty}, {none}, {none}, {none}, CAST(i AS VARCHAR), {received}, {received},
  {received}, {due}, CASE WHEN {open} THEN NULL ELSE {closed} END, CASE WHEN {open} THEN NULL ELSE 'granted' END
FROM n
"""
EVENTS = """
WITH {numbers}
INSERT INTO case_event (id, case_id, action, from_state, to_state, enabled_at, started_at, at, channel, reason, data,
  said, previous_hash, hash)
SELECT (i - 1) * 10 + {place} + 1, i, 'step', '{before}', '{after}', {at}, {at}, {at}, 'job', '', {empty}, '', '',
  'h' || ((i - 1) * 10 + {place})
FROM n WHERE {there}
"""


SCAN = """
SELECT municipality_id, {day}, count(*), sum(CASE WHEN closed_at <= target_due THEN 1 ELSE 0 END)
FROM "case" WHERE closed_at IS NOT NULL GROUP BY 1, 2
"""


def measure(bench: Bench) -> None:
    """All figures about figures."""
    sizes: tuple[int, ...] = (1000,) if bench.quick else (10_000, 100_000)
    for kind in bench.kinds:
        for size in (*sizes, 1_000_000) if bench.million and kind == "postgresql" else sizes:
            _measure_size(bench, kind, size)
        largest = 1_000_000 if bench.million and kind == "postgresql" else sizes[-1]
        for name in ("live_page_time", "report_time"):
            first, last = (bench.report.find(name, database=kind, cases=size) or 0 for size in (sizes[0], largest))
            bench.report.ratio(f"{name}_growth", last, first, 1, kind, cases=largest, to=sizes[0], goal="≤ 2")


def _measure_size(bench: Bench, kind: str, size: int) -> None:
    say(f"figures with {size:,} cases on {kind}")
    url = bench.databases.make(kind)
    world = bench.world(url)
    try:
        _fill(world, kind, size)
        bench.databases.settle(url)
        context = {"cases": size}
        took, _ = _timed(lambda: _count(world))
        bench.report.add("count_all", took, "s", 1, kind, **context, events_a_second=round(size * 10 / took))
        bench.databases.settle(url)
        _read(bench, world, kind, size)
    finally:
        world.db.dispose()
        bench.databases.drop(url)


def _timed(do: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = do()
    return time.perf_counter() - began, found


def _count(world: World) -> None:
    more = True
    while more:
        with world.db.transaction() as session:
            more = indicators.catch_up(session, world.clock.now()).more


def _median(do: Callable[[], Any], n: int) -> dict[str, float]:
    do()
    return ms([_timed(do)[0] for _ in range(n)])


def _read(bench: Bench, world: World, kind: str, size: int) -> None:
    """The raw scan, the full recount, the live page and the report of a month."""
    context, now = {"cases": size}, world.clock.now()
    n = 3 if bench.quick else 20
    last = shifted(local_date(now).replace(day=1), -1)

    def scan() -> Any:
        day = "substr(closed_at, 1, 7)" if kind == "sqlite" else "date_trunc('month', closed_at)"
        with world.db.session(writes=False) as session:
            return session.execute(text(SCAN.format(day=day))).all()

    def recount() -> Any:
        with world.db.session(writes=False) as session:
            return recounted(session, SINCE, local_date(now))

    def live() -> Any:
        with world.db.session(writes=False) as session:
            known = definitions(session)
            until = end_of_day(month(local_date(now)).last)
            return counted(session, None, month(local_date(now)), now), threats(
                session, known, range(PLACES + 1), until
            )

    def report() -> list[dict[str, Any]]:
        with world.db.session(writes=False) as session:
            places = [session.get_one(Municipality, one + 1) for one in range(PLACES)]
            return [counted(session, place, month(last), now) for place in (*places, None)]

    raw = _median(scan, min(n, 5))
    bench.report.add("raw_scan", raw["median"], "ms", min(n, 5), kind, **context)
    anew = _median(recount, min(n, 5))
    bench.report.add("full_recount", anew["median"], "ms", min(n, 5), kind, **context)
    bench.report.ratio("recount_to_scan", anew["median"], raw["median"], min(n, 5), kind, **context, goal="≤ 5")
    shown = _median(live, n)
    bench.report.add("live_figures", shown["median"], "ms", n, kind, p95=shown["p95"], **context)
    bench.report.ratio("live_to_scan", shown["median"], raw["median"], n, kind, **context, goal="≤ 0.1 at 1,000,000")
    _page(bench, world, kind, size, n)
    made = _median(report, n)
    bench.report.add("report_time", made["median"], "ms", n, kind, **context, reports=PLACES + 1)
    figures = report()[0]
    paper = _median(lambda: FORMATS["pdf"].make(Found(figures), "SSC", now), 3)
    bench.report.add("report_pdf", paper["median"], "ms", 3, kind, **context, goal="≤ 1000")
    with world.db.session(writes=False) as session:
        sums, again = by_month(session), recounted(session, SINCE, local_date(now))
        right = sum(one.count for one in sums.values()) == sum(one.count for one in again.values())
    bench.report.add("sums_equal_recount", float(right), "yes is 1", 1, kind, **context)


def _page(bench: Bench, world: World, kind: str, size: int, n: int) -> None:
    """The live page as the director opens it."""
    connection = InProcess(create_app(world))
    ilse = Client(connection)
    ilse.sign_in("ilse", PASSWORD)
    for _ in range(n + 2):
        ilse.get("/rapporten")
    found = ms(connection.seconds[-n:])
    bench.report.add("live_page_time", found["median"], "ms", n, kind, p95=found["p95"], cases=size)


def _fill(world: World, kind: str, size: int) -> None:
    """Four municipalities, the director, and the cases: made by the database from their numbers."""
    migrations.upgrade(world.db)
    now = SystemClock().now()
    with world.db.transaction() as session:
        session.add_all(
            Municipality(code=f"m{one}", name=f"Gemeente {one}", account_name="x", iban="x", bic="x")
            for one in range(PLACES)
        )
        session.flush()
        unit = Unit(municipality_id=1, name="Directie", cost_centre="1100")
        person = Person(given_name="Ilse", family_name="van Dorssen", email="ilse@example.org", language="nl")
        session.add_all([unit, person])
        session.flush()
        session.add(Employment(person_id=person.id, unit_id=unit.id, personnel_number="1", valid_from=SINCE))
        session.add(RoleGrant(person_id=person.id, role="director", valid_from=SINCE))
        session.add(Account(person_id=person.id, username="ilse", password_hash=hash_password(PASSWORD)))
        define_all(session, source("indicators")["indicators"], SINCE, now, SINCE)
    empty, none = ("'{}'", "'[]'") if kind == "sqlite" else ("'{}'::jsonb", "'[]'::jsonb")
    end = int(now.timestamp()) - 3600
    apart = YEARS * 365 * 86_400 // size
    since = f"{end - YEARS * 365 * 86_400} + i * {apart}"
    slow = "(CASE WHEN i % 10 = 0 THEN 5 ELSE 1 END)"
    numbers = f"n(i) AS (SELECT generate_series(1, {size}))"
    if kind == "sqlite":
        numbers = RECURSIVE.format(size=size)
    moment = MOMENT[kind].format
    done = f"({since}) + 146 * 3600 * {slow}"
    values = {"numbers": numbers, "places": PLACES, "empty": empty, "none": none, "open": f"{done} > {end}",
              "received": moment(since), "due": moment(f"({since}) + 14 * 86400"), "closed": moment(done)}  # fmt: skip
    with world.db.transaction() as session:
        session.execute(text(CASES.format(**values)))
        for place, (before, after, hours) in enumerate(STEPS):
            when = f"({since}) + {hours} * 3600 * {slow}"
            session.execute(text(EVENTS.format(
                numbers=numbers, empty=empty, place=place, before=before, after=after, at=moment(when),
                there=f"{when} <= {end}",
            )))  # fmt: skip
