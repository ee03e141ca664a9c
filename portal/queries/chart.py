"""The chart of accounts of a municipality, as it is kept."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal.models.ledger import ChartEntry
from workflows.chart import Chart, ChartRow

ENTRIES = select(ChartEntry).where(ChartEntry.municipality_id == bindparam("place")).order_by(ChartEntry.id)


def row_of(entry: ChartEntry) -> ChartRow:
    """What an entry says, as a plain value."""
    return ChartRow(
        entry.kind, entry.code, entry.label, entry.valid_from, entry.valid_to, entry.source, side=entry.side,
        category=entry.category, account=entry.account, task=entry.task, vat=entry.vat,
    )  # fmt: skip


def chart_of(session: Session, municipality_id: int) -> Chart:
    """All that this municipality's chart says, on any day."""
    return Chart(row_of(entry) for entry in session.scalars(ENTRIES, {"place": municipality_id}))
