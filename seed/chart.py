"""The chart of accounts of each municipality: taakvelden, accounts and posting rules alike, cost centres its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy.orm import Session

from portal.models.ledger import ChartEntry
from portal.models.people import Unit
from seed.organisation import Branch
from seed.sources import source


def build(session: Session, branches: Iterable[Branch]) -> None:
    """Give every municipality its chart."""
    plan = source("chart")
    for branch in branches:
        for row in _rows(plan, branch):
            session.add(ChartEntry(municipality_id=branch.municipality.id, valid_from=plan["valid_from"], **row))
    session.flush()


def _rows(plan: dict[str, Any], branch: Branch) -> Iterator[dict[str, str]]:
    for code, label in plan["tasks"]:
        yield {"kind": "task", "code": code, "label": label, "source": plan["tasks_source"]}
    for code, label, side, category in plan["accounts"]:
        yield {"kind": "account", "code": code, "label": label, "side": side, "category": category,
               "source": plan["accounts_source"]}  # fmt: skip
    for unit in _units(branch):
        yield {"kind": "cost_centre", "code": unit.cost_centre, "label": unit.name,
               "task": plan["unit_tasks"].get(unit.name, ""), "source": plan["cost_centres_source"]}  # fmt: skip
    for code, account, task, vat in plan["rules"]:
        yield {"kind": "posting", "code": code, "label": "", "account": account, "task": task, "vat": vat,
               "source": plan["rules_source"]}  # fmt: skip


def _units(branch: Branch) -> Iterator[Unit]:
    """Its units, one for each cost centre."""
    units = [branch.top, branch.staff, *branch.directorates, *(team for _, team in branch.teams)]
    yield from {unit.cost_centre: unit for unit in (*units, *([branch.ssc] if branch.ssc else []))}.values()
