"""Run the measurements: all of them, the quick ones, or one."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench import einvoices, event_log, figures, handout, memory, pages, rules, seeding, throughput, whatif, wire
from tests.bench.databases import BOTH, Databases
from tests.bench.report import Report, say
from tests.bench.worlds import Bench

PARTS: dict[str, Callable[[Bench], None]] = {
    "rules": rules.measure,
    "claims": throughput.measure,
    "pages": pages.measure,
    "wire": wire.measure,
    "figures": figures.measure,
    "handout": handout.measure,
    "einvoices": einvoices.measure,
    "event_log": event_log.measure,
    "whatif": whatif.measure,
    "memory": memory.measure,
    "seed": seeding.measure,
}


def main() -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small worlds and few repetitions: within a minute")
    parser.add_argument("--only", choices=PARTS, action="append", help="one part; may be given several times")
    parser.add_argument("--database", choices=BOTH, help="one database instead of both")
    parser.add_argument("--million", action="store_true", help="pages at 1,000,000 cases too (takes half an hour)")
    told = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        databases = Databases(folder)
        kinds = (told.database,) if told.database else BOTH
        bench = Bench(folder, databases, Report(), told.quick, kinds, million=told.million)
        try:
            for part in told.only or PARTS:
                PARTS[part](bench)
        finally:
            databases.close()
    say(f"done in {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
