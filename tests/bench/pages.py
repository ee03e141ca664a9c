"""Pages in worlds of growing size: time in the server, statements, and ratios to the bare stack's page.

Each world is measured in a process of its own that serves like a worker and sees nothing of the loading.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event, select

from portal import create_app
from portal.models.cases import Case
from portal.models.mail import MailLink
from portal.models.people import Account
from portal.queries.cases import PAGE
from portal.worlds import World
from tests.bench import bare
from tests.bench.browser import Person
from tests.bench.bulk_people import PASSWORD
from tests.bench.in_process import InProcess
from tests.bench.report import ms, say
from tests.bench.servers import ROOT
from tests.bench.worlds import Bench

PAGES = (
    "home", "home_clerk", "new_claim", "dossier", "decide", "queue", "queue_deep", "queue_search", "queue_facets",
    "bench", "leave",
)  # fmt: skip
SAMPLES = 20


def measure(bench: Bench) -> None:
    """All figures about pages."""
    sizes: tuple[int, ...] = (1000,) if bench.quick else (1000, 10_000, 100_000)
    for kind in bench.kinds:
        for size in (*sizes, 1_000_000) if bench.million else sizes:
            _measure_size(bench, kind, size, 40 if bench.quick else 200)
        if len(sizes) > 1:
            _growth(bench, kind, 100_000)
        if bench.million:
            _growth(bench, kind, 1_000_000)


def _measure_size(bench: Bench, kind: str, size: int, n: int) -> None:
    bench.load(size, "portal", "bare")
    say(f"pages with {size:,} cases on {kind}")
    plain = _apart(bench, bench.loaded["bare", kind, size], "bare", n)["list"]
    found = _apart(bench, bench.loaded["portal", kind, size], "portal", n)
    base = ms(plain["seconds"])
    bench.report.add("bare_page_time", base["median"], "ms", n, kind, p95=base["p95"], cases=size, rows=PAGE)
    for page in PAGES:
        times, context = ms(found[page]["seconds"]), {"page": page, "cases": size}
        bench.report.add("page_time", times["median"], "ms", n, kind, p95=times["p95"], **context)
        bench.report.add("page_statements", found[page]["statements"], "statements", n, kind, **context, goal="≤ 12")
        bench.report.add("page_size", found[page]["bytes"] / 1000, "kB", n, kind, **context)
        bench.report.ratio("page_to_bare", times["median"], base["median"], n, kind, **context, goal="≤ 4")


def _growth(bench: Bench, kind: str, size: int) -> None:
    for page in PAGES:
        first, last = (
            next(
                figure
                for figure in reversed(bench.report.figures)
                if figure["name"] == "page_time"
                and (figure["database"], figure["page"], figure["cases"]) == (kind, page, cases)
            )
            for cases in (1000, size)
        )
        bench.report.ratio(
            "page_p95_growth", last["p95"], first["p95"], last["n"], kind, page=page, cases=size, to=1000,
            median=round(last["value"] / first["value"], 2), goal="≤ 1.2 at 1,000,000",
        )  # fmt: skip


def _apart(bench: Bench, url: str, stack: str, n: int) -> dict[str, Any]:
    """Measure one world in a process of its own."""
    env = {**os.environ, **bench.environment(url), "BARE_DATABASE_URL": url, "BARE_FILES": str(bench.folder)}
    command = [sys.executable, "-m", "tests.bench.pages", stack, str(n)]
    done = subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


class Statements:
    """Counts what is sent to the database, the beginning of transactions left out."""

    def __init__(self, engine: Engine) -> None:
        self.count = 0
        event.listen(engine, "before_cursor_execute", self._saw)

    def _saw(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.count += not statement.startswith("BEGIN")


def _time(connection: InProcess, statements: Statements, get: Callable[[int], Any], n: int) -> dict[str, Any]:
    """Get a page many times, warmed up first. The most statements and bytes (packed) that any took."""
    most = size = 0
    for number in range(n + SAMPLES):
        statements.count = 0
        size = max(size, len(get(number).raw))
        most = max(most, statements.count)
    return {"seconds": connection.seconds[-n:], "statements": most, "bytes": size}


def _paid(world: World) -> tuple[str, list[str]]:
    """Somebody who was paid, and their dossiers: who looks into another's closed dossier is asked why first."""
    with world.db.session(writes=False) as session:
        paid = select(Account.username, Case.initiator_id).join(Case, Case.initiator_id == Account.person_id)
        name, person_id = session.execute(paid.where(Case.state == "paid").order_by(Case.id.desc()).limit(1)).one()
        own = select(Case.number).where(Case.state == "paid", Case.initiator_id == person_id).limit(SAMPLES)
        return name, [f"/zaken/{number}" for number in session.scalars(own)]


def _addresses(world: World) -> dict[str, list[str]]:
    """Some of each kind of page, so that not one row alone is warm."""
    with world.db.session(writes=False) as session:
        waiting = select(MailLink.nonce).where(MailLink.ended.is_(None)).order_by(MailLink.id).limit(SAMPLES)
        drafts = select(Case.id).where(Case.number.is_(None)).order_by(Case.id).limit(1)
        queue = select(Case.act_by, Case.id).where(Case.waits_for == "CLERK").order_by(Case.act_by, Case.id)
        due, number = session.execute(queue.where(Case.act_by.is_not(None)).offset(20).limit(1)).one()
        assert due is not None
        return {
            "decide": [f"/akkoord/{world.link_token(nonce)}" for nonce in session.scalars(waiting)],
            "new_claim": [f"/concept/{one}" for one in session.scalars(drafts)],
            # The words are in many cases, in few, and in none: what finds nothing reads the whole index.
            "queue_search": [f"/werkvoorraad?zoek={words}" for words in ("2026-0", "jansen", "nergens+te+vinden")],
            "queue_facets": [
                "/werkvoorraad?wie=free&leeftijd=late&signaal=any",
                "/werkvoorraad?gemeente=1&leeftijd=week",
            ],
            "queue_deep": [f"/werkvoorraad?after={due.isoformat().replace('+', '%2B')}_{number}"],
        }


def _portal(n: int) -> dict[str, Any]:
    app = create_app()
    world: World = app.extensions["world"]
    connection, statements = InProcess(app), Statements(world.db.engine)
    employee, clerk, owner, nobody = (Person(connection) for _ in range(4))
    employee.sign_in("e0", PASSWORD)
    clerk.sign_in("clerk0", PASSWORD)
    where = {"home": ["/"], "home_clerk": ["/"], "leave": ["/verlof"], "queue": ["/werkvoorraad"], **_addresses(world)}
    name, where["dossier"] = _paid(world)
    owner.sign_in(name, PASSWORD)
    where["bench"] = [str(clerk.post("/werkvoorraad/volgende", {}).location)]
    who = {"home": employee, "new_claim": employee, "leave": employee, "dossier": owner, "decide": nobody}

    def get(page: str) -> Callable[[int], Any]:
        return lambda number: who.get(page, clerk).get(where[page][number % len(where[page])])

    return {page: _time(connection, statements, get(page), n) for page in PAGES}


def _bare(n: int) -> dict[str, Any]:
    app = bare.create_app()
    connection, statements = InProcess(app), Statements(app.extensions["engine"])
    somebody = Person(connection)
    return {"list": _time(connection, statements, lambda _: somebody.get("/list"), n)}


if __name__ == "__main__":
    print(json.dumps({"portal": _portal, "bare": _bare}[sys.argv[1]](int(sys.argv[2]))))
