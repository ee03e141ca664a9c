"""What is measured must be the portal as it is: it accepts the loaded world, and the clients still find their way.

Nothing is timed here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from portal import create_app
from portal.clock import SystemClock, local_date
from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.worlds import World
from tests.bench.bulk import check_chain, load_world
from tests.bench.bulk_people import PASSWORD
from tests.bench.claims import PortalClient
from tests.bench.databases import Databases
from tests.bench.in_process import InProcess
from tests.bench.report import Report
from tests.bench.worlds import Bench
from tests.sample_files import pdf

CASES = 300


@pytest.fixture
def bench(tmp_path: Path, database_url: str) -> Bench:
    """A world loaded in bulk."""
    kind = database_url.partition("+")[0].partition(":")[0]
    bench = Bench(tmp_path, Databases(tmp_path), Report(), quick=True, kinds=(kind,))
    load_world(database_url, bench.instance, CASES)
    return bench


@pytest.fixture
def world(bench: Bench, database_url: str) -> Iterator[World]:
    """The portal's world on it."""
    made = bench.world(database_url)
    yield made
    made.db.dispose()


def test_the_loaded_chain_is_whole(world: World, database_url: str) -> None:
    found = check_chain(database_url)
    assert found.broken is None
    assert found.count > CASES
    with world.db.session(writes=False) as session:
        assert (session.scalar(select(func.count()).select_from(Case)) or 0) > CASES


def test_a_client_takes_claims_to_the_payment_run(world: World) -> None:
    def ask(statement: str) -> str:
        with world.db.session(writes=False) as session:
            return str(session.scalar(text(statement)))

    def steps() -> Counter[str]:
        with world.db.session(writes=False) as session:
            return Counter(session.scalars(select(CaseEvent.action)))

    yesterday, before = local_date(SystemClock().now()) - timedelta(days=1), steps()
    client = PortalClient(
        number=1, connection=InProcess(create_app(world)), ask=ask, receipt=pdf(), day=yesterday.isoformat(),
        link_key=world.key("mail link"), password=PASSWORD,
    )  # fmt: skip
    client.sign_in()
    dossier = client.claim()
    client.release(1)
    client.look(dossier)
    assert steps() - before == {"submit": 1, "approve": 1, "check": 1, "release": 1}
