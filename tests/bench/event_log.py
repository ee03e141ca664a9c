"""The event log: how many events a second are written, and how much memory a million of them take more than a few.

python -m tests.bench.event_log 1000000 csv
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from portal.interfaces.event_log import FORMATS, gzipped
from portal.interfaces.event_log.stories import (
    BATCH,
    CASE,
    DOCUMENT,
    LINE,
    PAYMENT,
    PERSON_ROLE,
    Happening,
    Mask,
    Relation,
    Story,
    Thing,
)
from portal.interfaces.event_log.words import names_in
from tests.bench.report import say
from tests.bench.servers import ROOT
from tests.bench.worlds import Bench

STEPS = (
    ("submit", "draft", "submitted", "initiator"), ("approve", "submitted", "approved", "approver"),
    ("check", "approved", "payable", "clerk"), ("release", "payable", "paying", "treasurer"),
    ("settle", "paying", "paid", "bank"),
)  # fmt: skip
BEGIN = datetime(2026, 1, 5, 8, tzinfo=UTC)
FEW = 5_000


def invented(events: int) -> Iterator[Story]:
    """Cases of five steps with two lines, their documents and a payment, as many as make so many events."""
    mask = Mask(b"b" * 32)
    for number in range(events // len(STEPS)):
        case, at = mask(CASE, number), BEGIN + timedelta(minutes=number)
        of = (Relation(case, "of case"),)
        lines = [Thing(mask(LINE, f"{number}:{one}"), LINE, {"category": "meal", "amount": 900}, of) for one in "ab"]
        said: Any = {"kind": "receipt", "media_type": "image/jpeg", "pages": 1}
        papers = [Thing(mask(DOCUMENT, line.id), DOCUMENT, said, of) for line in lines]
        batch = Thing(mask(BATCH, number // 50), BATCH, {"municipality": "waterveen", "payments": 50})
        payment = Thing(mask(PAYMENT, number), PAYMENT, {"amount": 1800}, (*of, Relation(batch.id, "in batch")))
        people = [mask("person", f"{role}{number % 500}") for *_, role in STEPS]
        roles = [Thing(mask(PERSON_ROLE, who), PERSON_ROLE, {"resource": who}) for who in people]
        about = tuple(Relation(one.id, "handed in") for one in (*lines, *papers))
        told = [
            Happening(number * len(STEPS) + place, action, begin, end, at, at, at + timedelta(hours=place), role, who,
                      "portal", (*of, Relation(roles[place].id, "done by"), *(about if place == 0 else ())))
            for place, ((action, begin, end, role), who) in enumerate(zip(STEPS, people, strict=True))
        ]  # fmt: skip
        thing = Thing(case, CASE, {"case_type": "expense_claim", "amount": 1800, "granted": 1800})
        yield Story(case, "expense_claim", "waterveen", 1800, 1800, at, at, "granted", told,
                    (thing, *lines, *papers, payment, batch, *roles))  # fmt: skip


def memory() -> float:
    """The most memory that this process ever held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def write(form: str, events: int) -> int:
    """Write so many events and throw them away. Returns how many bytes it was."""
    return sum(map(len, gzipped(FORMATS[form].pieces(invented(events), names_in("nl")))))


def main() -> None:
    """Write a few events in these formats, then many, and print how much memory each took."""
    many, forms = int(sys.argv[1]), sys.argv[2:] or list(FORMATS)
    for form in forms:
        write(form, FEW)
    before, began = memory(), time.perf_counter()
    for form in forms:
        write(form, many)
    seconds = time.perf_counter() - began
    print(json.dumps({"before": before, "after": memory(), "per_second": many * len(forms) / seconds}))


def measured(many: int, *forms: str) -> dict[str, float]:
    """The same in a process of its own, as memory that was once used stays with a process."""
    command = [sys.executable, "-m", "tests.bench.event_log", str(many), *forms]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


EXPORT = """
import json, resource, sys, time
from portal.cli import main
began = time.perf_counter()
main(["export-log", *sys.argv[1:]], standalone_mode=False)
print(json.dumps({"seconds": time.perf_counter() - began,
                  "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def measure(bench: Bench) -> None:
    """Invented events, and those of a loaded world by the command itself."""
    many = 20_000 if bench.quick else 1_000_000
    for form in FORMATS:
        say(f"an event log of {many:,} events as {form}")
        found = measured(many, form)
        grown = found["after"] - found["before"]
        bench.report.add("event_log_events_per_second", found["per_second"], "1/s", many, format=form)
        bench.report.add("event_log_memory_growth", grown, "MiB", many, format=form, goal="≤ 20")
    few, more = (1000, 10_000) if bench.quick else (1000, 100_000)
    for kind in bench.first_kind:
        for size in (few, more):
            with bench.copy(kind, size) as url:
                _export(bench, kind, size, url)


def _export(bench: Bench, kind: str, size: int, url: str) -> None:
    target = Path(bench.folder) / "log.csv"
    environment = {**os.environ, **bench.environment(url), "SSC_BASE_URL": "http://localhost"}
    command = [sys.executable, "-c", EXPORT, "--out", str(target)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    with target.open() as file:
        events = sum(1 for _ in file) - 1
    target.unlink()
    bench.report.add("event_log_export", found["seconds"], "s", 1, kind, cases=size, events=events)
    bench.report.add("event_log_export_memory", found["memory"], "MiB", 1, kind, cases=size, events=events)


if __name__ == "__main__":
    main()
