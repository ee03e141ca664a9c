"""Who does which process: much the same for every municipality, with what some divided otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy.orm import Session

from portal.commands import tasks
from portal.commands.changes import COMMAND_LINE
from seed.office import moment
from seed.organisation import Branch
from seed.sources import source


def build(session: Session, branches: Iterable[Branch], begin: date) -> None:
    """Divide every process, from the year on in which the history begins."""
    plan, first = source("tasks"), date(begin.year, 1, 1)
    eve = first - timedelta(days=1)
    for branch in branches:
        own = plan["own"].get(branch.municipality.code, {})
        rows = {row[0]: row for row in (*plan["task"], *own.get("task", []))}
        for task, doer, services, note in rows.values():
            if task not in own.get("nobody", []):
                tasks.divide(
                    session, COMMAND_LINE, branch.municipality, task, doer, services, note, first, plan["source"],
                    moment(eve, 9), eve,
                )  # fmt: skip
