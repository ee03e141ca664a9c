"""Electronic invoices: how many a second are judged by the official rules, taken in and registered as cases."""

from __future__ import annotations

import time
from datetime import date, timedelta

from portal import migrations
from portal.commands import invoices
from portal.interfaces.einvoice.arriving import bring, one_ahead
from portal.interfaces.einvoice.writing import OIN, Bill, Firm, Item, written
from portal.models.invoices import FOLDER
from portal.worlds import World
from tests.bench.report import say
from tests.bench.worlds import Bench
from tests.cast import build
from tests.invoices import SUPPLIER_IBAN, prepare

SELLER = Firm("Groenbeheer Waterveen B.V.", "11223344", vat="NL123456782B01")
BUYER = Firm("Gemeente Waterveen", "00000001234567890000", OIN)
FIRST = date(2025, 1, 1)
WARM_UP = 20
"""Judging the first compiles the rules, and planning their statements is done once."""


def made(number: int) -> bytes:
    """An invoice of three lines, unlike all others."""
    items = tuple(Item(f"Perk {place}", 1000 + number * 7 + place, place) for place in (1, 2, 3))
    day = FIRST + timedelta(days=number % 600)
    return written(Bill(f"B{number:05d}", day, SELLER, BUYER, items, iban=SUPPLIER_IBAN))


def measure(bench: Bench) -> None:
    """Take in 500, one transaction each, as the job does with the files of the folder."""
    many = 100 if bench.quick else 500
    for kind in bench.first_kind:
        say(f"taking in {many} electronic invoices on {kind}")
        url = bench.databases.make(kind)
        world = bench.world(url)
        migrations.upgrade(world.db)
        cast = build(world)
        with world.db.transaction() as session:
            prepare(session, cast)
        files = [made(number) for number in range(WARM_UP + many)]
        _take_in(world, files[:WARM_UP])
        began, spent = time.perf_counter(), time.process_time()
        _take_in(world, files[WARM_UP:])
        seconds, spent = time.perf_counter() - began, time.process_time() - spent
        bench.report.add("einvoices_per_second", many / seconds, "1/s", many, kind, goal="≥ 50")
        bench.report.add(
            "einvoice_cpu", spent / many * 1000, "ms", many, kind, without="the process that runs the rules"
        )
        world.db.dispose()
        bench.databases.drop(url)


def _take_in(world: World, files: list[bytes]) -> None:
    for content, judged in one_ahead(lambda one: bring(one, "factuur.xml"), files):
        at, brought = world.clock.now(), judged.result()
        with world.db.transaction() as session:
            row = invoices.take_in(session, world.files, invoices.Arrived("x.xml", content, brought, FOLDER, at), at)
            if row.case_id is None:
                raise RuntimeError(f"not registered: {row.why} {row.findings}")
