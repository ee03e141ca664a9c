"""A statement of leave for who runs the portal: as text for people, as JSON for programs. Plain values in, text out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from workflows.hours import hours_text

Row = Mapping[str, Any]


def as_json(about: Row, lots: Sequence[Row], entries: Sequence[Row]) -> str:
    """All of it; minutes are whole numbers, days and moments ISO text."""
    return json.dumps({**about, "lots": list(lots), "entries": list(entries)}, ensure_ascii=False, indent=2)


def as_text(about: Row, lots: Sequence[Row], entries: Sequence[Row]) -> str:
    """The same in columns, hours as people write them."""
    lines = [f"Leave of {about['name']} on {about['on']}, as known at {about['as_known']}", ""]
    head = ("employer", "kind", "from", "last day", "booked", "reserved", "free")
    lines += _columns(head, [_lot(one) for one in lots])
    lines += ["", f"Free in all: {_hours(sum(one['free_minutes'] for one in lots))} hours", ""]
    head = ("day", "entered", "what", "kind", "case", "hours", "balance")
    lines += _columns(head, [_entry(one) for one in entries])
    return "\n".join(line.rstrip() for line in lines)


def _hours(minutes: int) -> str:
    return hours_text(minutes, decimal_comma=False)


def _lot(one: Row) -> tuple[str, ...]:
    minutes = (_hours(one[f"{name}_minutes"]) for name in ("booked", "reserved", "free"))
    return (one["employer"], one["kind"], one["valid_from"], one["last_day"], *minutes)


def _entry(one: Row) -> tuple[str, ...]:
    amounts = (_hours(one["minutes"]), _hours(one["balance_minutes"]))
    return (one["day"], one["recorded_at"][:16], one["what"], one["kind"], one["case"] or "", *amounts)


def _columns(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Rows under their head, numbers to the right."""
    widths = [max(len(row[place]) for row in (head, *rows)) for place in range(len(head))]
    numbers = {place for place, name in enumerate(head) if name in ("booked", "reserved", "free", "hours", "balance")}
    return [
        "  ".join(
            cell.rjust(width) if place in numbers else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in (head, *rows)
    ]
