"""Event logs of an invented world, read back by pm4py in an environment of its own: `make cross-check`.

Not part of `make test`, as it fetches pm4py. Exits with 1 when pm4py reads something else than the database says.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import and_, not_, select

from portal import migrations
from portal.clock import SystemClock
from portal.db import Database
from portal.interfaces.event_log import FORMATS
from portal.interfaces.event_log.stories import Mask
from portal.interfaces.event_log.words import names_in
from portal.interfaces.files import FileStore
from portal.interfaces.transport import TrayTransport
from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.queries.event_log import LEFT_OUT, Wanted, stories
from portal.worlds import World
from seed.loader import load
from tests.conftest import settings_for

WANTED = ("pm4py>=2.7,<3", "jsonschema>=4")


def main() -> int:
    """Seed, write, read back and compare."""
    with tempfile.TemporaryDirectory(prefix="cross-check-") as name:
        folder = Path(name)
        print("Inventing a world of 60 employees and three months")
        expected = _written(folder)
        print(f"Installing {' and '.join(WANTED)} in an environment of its own")
        python = _environment(folder)
        print("Reading")
        script = Path(__file__).with_name("by_pm4py.py")
        done = subprocess.run([python, script, folder], capture_output=True, text=True, check=True)
        found = json.loads(done.stdout.splitlines()[-1])
        wrong = list(_differences(found, *expected))
        for line in wrong or [f"{expected[0]} events: the same in {', '.join(found)}"]:
            print(line)
        return 1 if wrong else 0


def _environment(folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *WANTED], check=True)
    return python


def _written(folder: Path) -> tuple[int, int, Counter[str], list[str]]:
    """Write the log in every format; how many events and cases there are, of each activity how many, and when."""
    settings = settings_for(folder, f"sqlite:///{folder / 'portal.sqlite'}")
    settings.instance.mkdir()
    world = World("production", settings, Database(settings.database_url), SystemClock(), FileStore(settings.files),
                  TrayTransport())  # fmt: skip
    migrations.upgrade(world.db)
    load(world, employees=60, months=3, report=lambda _: None)
    for form in FORMATS.values():
        with world.db.snapshot() as session, (folder / f"log.{form.ending}").open("wb") as file:
            told = stories(session, Wanted(), Mask(b"cross-check"))
            file.writelines(form.pieces(told, names_in("nl")))
    with world.db.session(writes=False) as session:
        asked_back = select(CaseEvent.case_id).where(CaseEvent.action == "propose")
        of_absence = and_(Case.type == "leave_withdrawal", Case.id.in_(asked_back))
        told_of = set(
            session.scalars(
                select(Case.id).where(Case.number.is_not(None), Case.type.not_in(LEFT_OUT), not_(of_absence))
            )
        )
        rows: list[Any] = [
            row for row in session.execute(select(CaseEvent.case_id, CaseEvent.action, CaseEvent.at))
            if row.case_id in told_of
        ]  # fmt: skip
    world.db.dispose()
    moments = sorted(_floored(row.at) for row in rows)
    return len(rows), len({row.case_id for row in rows}), Counter(row.action for row in rows), moments


def _floored(at: datetime) -> str:
    return str(at.replace(microsecond=at.microsecond // 1000 * 1000))


def _differences(found: dict[str, Any], events: int, cases: int, actions: Counter[str], moments: list[str]) -> Any:
    for constraint in found.pop("broken constraints"):
        yield f"sqlite: {constraint} does not hold"
    known = found["csv"]["cases"]
    for name, read in found.items():
        same = {
            "events": read["events"] == events,
            "cases": len(read["cases"]) == cases and read["cases"] == known,
            "activities": read["activities"] == actions,
            "moments": sorted(map(_plain, read["moments"])) == sorted(map(_plain, moments)),
        }
        yield from (f"{name}: {what} differ" for what, holds in same.items() if not holds)
    for what in ("objects", "relations", "o2o"):
        if found["jsonocel"][what] != found["sqlite"][what]:
            yield f"objects: {what} differ between JSON and SQLite"


def _plain(moment: str) -> datetime:
    return datetime.fromisoformat(moment)


if __name__ == "__main__":
    sys.exit(main())
