"""Filling an empty database with a partnership, its people, and months of claims."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.clock import local_date, stopwatch
from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.models.mail import OutboxMail
from portal.models.people import Person
from portal.worlds import World
from seed import (
    agreements,
    books,
    business_cases,
    careers,
    catalogue,
    chart,
    occupancy,
    organisation,
    patterns,
    people,
    rates,
    reports,
    settlements,
    suppliers,
    tasks,
)
from seed.evidence import drawing_ahead
from seed.history import History
from seed.office import months_before
from seed.people import Settling, Staff
from seed.sources import source
from seed.stage import Stage

MOST_MONTHS = 48
"""Further back, no rates are known."""


class AlreadySeeded(Exception):
    """There are people in this database already, so nothing was done."""


def load(
    world: World,
    *,
    employees: int = 240,
    months: int = 12,
    random_seed: int = 1,
    report: Callable[[str], object] = print,
) -> None:
    """Fill an empty, migrated database, up to the world's now. The same arguments and now give the same cases."""
    if not 1 <= months <= MOST_MONTHS:
        raise ValueError(f"months must be from 1 to {MOST_MONTHS}")
    until, seconds = world.clock.now(), stopwatch()
    staff = _settle(world, employees, months, random_seed, until)
    report(f"{len(staff.members)} people, {len(staff.leaders)} of them lead a unit")
    stage = Stage(world, staff, random_seed, until)
    history = History(stage, employees, months)
    history.plan()
    bookkeeper = books.Bookkeeper(stage, months_before(local_date(until), months))
    publisher = reports.Publisher(stage, months_before(local_date(until), months))
    stage.at_opening += [_monthly(report), bookkeeper.morning, publisher.morning]
    playing = stopwatch()
    with drawing_ahead(history.receipts):
        stage.play()
    books.rest(world)
    reports.rest(world)
    took = playing()
    with world.db.transaction() as session:
        gone = ~(OutboxMail.part & OutboxMail.bundle_id.is_(None))
        session.execute(update(OutboxMail).where(gone).values(sent_at=OutboxMail.created_at, tries=1))
        cases, events = (session.scalar(select(func.count()).select_from(table)) or 0 for table in (Case, CaseEvent))
    speed = f"{took:.1f} s, {events / took:.0f} events a second"
    report(f"{cases} cases with {events} events ({speed}); in all {seconds():.1f} s")


def _monthly(report: Callable[[str], object]) -> Callable[[datetime], None]:
    """Tells which month is being played, once a month."""
    told: set[str] = set()

    def tell(at: datetime) -> None:
        month = f"{at:%B %Y}"
        if month not in told:
            told.add(month)
            report(f"  {month}")

    return tell


def _settle(world: World, employees: int, months: int, random_seed: int, until: datetime) -> Staff:
    """Everything there is before anybody claims anything."""
    today = local_date(until)
    begin = months_before(today, months)
    rng = Random(random_seed)  # noqa: S311 - names, not secrets
    with world.db.transaction() as session:
        _refuse_filled(session)
        rates.publish(session, Random(f"rates-{random_seed}"), begin - timedelta(days=60), today, until)  # noqa: S311
        apart = len(source("people")["named"]) + len(source("people")["ssc"]) + len(organisation.shares()) - 1
        sizes = people.sizes(employees, organisation.shares(), apart)
        branches = organisation.build(session, sizes, range(begin.year - 1, today.year + 3))
        chart.build(session, branches)
        catalogue.build(session, branches, begin, today)
        reports.define(session, begin, until, today)
        books.begin(session, begin, until - timedelta(days=30 * months))
        settling = Settling(session, rng, begin - timedelta(days=400))
        people.named(settling, branches[0])
        people.ssc(settling, branches[0])
        for branch, size in zip(branches, sizes, strict=True):
            people.municipality(settling, branch, size, rng)
        for branch in branches[1:]:
            people.contract_manager(settling, branch)
        people.for_the_top(settling, branches)
        careers.careers(settling, branches, rng, begin, today)
        patterns.everybody(session, Random(f"patterns-{random_seed}"), begin, today)  # noqa: S311 - as above
        occupancy.minimums(session, begin)
        suppliers.build(session, branches, settling.staff, begin)
        careers.accounts(session, settling.staff, branches)
        business_cases.build(session, settling.staff, begin, today)
        agreements.build(session, settling.staff, branches, begin, today)
        tasks.build(session, branches, begin)
        settlements.build(session, settling.staff, branches, begin)
    return settling.staff


def _refuse_filled(session: Session) -> None:
    if session.scalars(select(Person.id).limit(1)).first() is not None:
        raise AlreadySeeded("there are people in this database; seed an empty one")
