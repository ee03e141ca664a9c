"""What the rows of a municipality add up to, in plain Python: for the manifest, and to hold two worlds against it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from portal.sealing import GENESIS, digest_of_said, digest_of_step

Row = Mapping[str, Any]


def figures_of(tables: Mapping[str, Iterable[Row]]) -> dict[str, Any]:
    """Counts and sums over rows as they stand in an archive: every table is read once, row by row."""
    counts: dict[str, int] = {}
    found: dict[str, Any] = {}
    for name in sorted(tables):
        rows = _counted(name, tables[name], counts)
        found |= FIGURES.get(name, _none)(rows)
        for _row in rows:  # what no figure asked for is counted all the same
            pass
    return {"rows": counts, **found}


def _counted(name: str, rows: Iterable[Row], counts: dict[str, int]) -> Iterator[Row]:
    counts[name] = 0
    for row in rows:
        counts[name] += 1
        yield row


def _none(_rows: Iterator[Row]) -> dict[str, Any]:
    return {}


def _cases(rows: Iterator[Row]) -> dict[str, Any]:
    open_by, numbers, claimed, granted = Counter[str](), [], 0, 0
    for row in rows:
        claimed, granted = claimed + row["claimed_cents"], granted + row["sanctioned_cents"]
        numbers.append(f"{row['number']}:{row['state']}")
        if row["closed_at"] is None:
            open_by[f"{row['type']}:{row['state']}"] += 1
    return {
        "open_cases": dict(sorted(open_by.items())), "claimed_cents": claimed, "granted_cents": granted,
        "cases_digest": _digest(numbers),
    }  # fmt: skip


def _ledger(rows: Iterator[Row]) -> dict[str, Any]:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        sums[row["account"]][0] += row["debit_cents"]
        sums[row["account"]][1] += row["credit_cents"]
    return {"ledger": {account: sums[account] for account in sorted(sums)}}


def _leave(rows: Iterator[Row]) -> dict[str, Any]:
    minutes: dict[str, int] = defaultdict(int)
    for row in rows:
        minutes[f"{row['person_id']}:{row['kind']}"] += row["minutes"]
    return {"leave_minutes": dict(sorted(minutes.items()))}


def _documents(rows: Iterator[Row]) -> dict[str, Any]:
    hashes = [row["sha256"] for row in rows]
    return {"documents": {"files": len(set(hashes)), "digest": _digest(hashes)}}


def _payables(rows: Iterator[Row]) -> dict[str, Any]:
    return {"to_pay_cents": sum(row["cents"] for row in rows if row["closed_at"] is None)}


def _owed(rows: Iterator[Row]) -> dict[str, Any]:
    left = (row["cents"] - row["settled_cents"] for row in rows if row["voided_at"] is None)
    return {"owed_cents": sum(left)}


def _steps(rows: Iterator[Row]) -> dict[str, Any]:
    """What happened, without the places in the chain: another portal has a chain of its own."""
    return {"steps_digest": _digest(json.dumps([row["case_id"], row["action"], row["at"]]) for row in rows)}


FIGURES = {
    "case": _cases, "journal_line": _ledger, "leave_entry": _leave, "document": _documents, "payable": _payables,
    "outstanding": _owed, "case_event": _steps,
}  # fmt: skip
"""By table what is worked out of it beside the number of rows."""


def _digest(values: Iterable[str]) -> str:
    """One hash for a pile of values, whatever their order."""
    return hashlib.sha256("\n".join(sorted(values)).encode()).hexdigest()


def wrong_in_chain(events: Iterable[Row]) -> list[str]:
    """What does not hold of these events, which are a part of a chain: each hash, and each that follows another."""
    wrong: list[str] = []
    place, previous = 0, GENESIS
    for event in events:
        if event["id"] <= place:
            wrong.append(f"event {event['id']} is out of its place")
        if event["id"] == place + 1 and event["previous_hash"] != previous:
            wrong.append(f"event {event['id']} does not follow the event before it")
        if _step(event) != event["hash"]:
            wrong.append(f"event {event['id']} was changed")
        if event["salt"] is not None and _said(event) != event["said"]:
            wrong.append(f"what was said in event {event['id']} was changed")
        place, previous = event["id"], event["hash"]
    return wrong


def _step(event: Row) -> str:
    times = (datetime.fromisoformat(event[name]) for name in ("enabled_at", "started_at", "at"))
    enabled, started, at = times
    return digest_of_step(
        event["id"], event["case_id"], event["action"], (event["from_state"], event["to_state"]),
        (enabled, started, at), event["channel"], event["said"], event["previous_hash"],
    )  # fmt: skip


def _said(event: Row) -> str:
    return digest_of_said(event["salt"], [event["actor_id"], event["on_behalf_of_id"]], event["reason"], event["data"])
