"""An invented log of another system: declarations with bursts, batches, a weekly rhythm, a system user and drift.

It is made by other means than those by which it is measured: by people who come and go, not by tables.
"""

from __future__ import annotations

import csv
import gzip
import io
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

HEAD = ("case:concept:name", "concept:name", "time:timestamp", "org:resource", "org:role", "case:Amount")
BEGIN = date(2017, 1, 2)
ZONE = ZoneInfo("Europe/Amsterdam")
Row = tuple[str, str, datetime, str, str, float]


def office(at: datetime, minutes: float, random: Random) -> datetime:
    """Some working moment so many minutes of working days later."""
    at += timedelta(minutes=minutes)
    while at.weekday() > 4:
        at += timedelta(days=1)
    hour = min(max(random.gauss(12.5, 2.4), 8), 17.8)
    moved = datetime.combine(at.date(), time(int(hour), int(hour % 1 * 60), random.randrange(60)))
    return moved if moved > at else at + timedelta(minutes=random.expovariate(1 / 9))


def payday(at: datetime, random: Random) -> datetime:
    """The next Monday or Thursday at half past five."""
    day = at
    while day.weekday() not in (0, 3) or (day.date() == at.date() and at.hour >= 16):
        day += timedelta(days=1)
    return datetime.combine(day.date(), time(17, 30 + random.randrange(3), random.randrange(60)))


def rows(cases: int, seed: int = 1, days: int = 730) -> list[Row]:
    """The events of so many cases, case by case."""
    random, found = Random(seed), []
    moments: list[datetime] = []
    while len(moments) < cases:
        day = BEGIN + timedelta(days=random.randrange(days))
        if random.random() > (1, 0.95, 0.9, 0.9, 0.7, 0.08, 0.08)[day.weekday()]:
            continue
        at = datetime.combine(day, time()) + timedelta(hours=min(max(random.gauss(13, 3.6), 0), 23.9))
        moments += [at + timedelta(minutes=3 * nth) for nth in range(random.choice((1, 1, 1, 1, 2, 3, 7)))]
    for number, at in enumerate(sorted(moments[:cases])):
        found += list(_case(f"declaration {number}", at, random, days))
    return found


def _case(key: str, at: datetime, random: Random, days: int) -> list[Row]:
    late = (at.date() - BEGIN).days > days / 2
    amount = round(random.lognormvariate(4, 1), 2)
    slow = random.lognormvariate(0, 0.6) * (1.0 if late else 1.8)
    found: list[Row] = []

    def add(activity: str, moment: datetime, who: str, role: str) -> None:
        found.append((key, activity, moment, who, role, amount))

    def staff(minutes: float) -> None:
        nonlocal at
        at = office(at, minutes * slow, random)

    add("SUBMITTED by EMPLOYEE", at, "STAFF MEMBER", "EMPLOYEE")
    for _ in range(6):
        if not late and random.random() < 0.3:
            staff(400)
            add("APPROVED by PRE_APPROVER", at, "STAFF MEMBER", "PRE_APPROVER")
        staff(500)
        if random.random() < 0.12:
            add("REJECTED by ADMINISTRATION", at, "STAFF MEMBER", "ADMINISTRATION")
            staff(700)
            add("REJECTED by EMPLOYEE", at, "STAFF MEMBER", "EMPLOYEE")
            if random.random() < 0.15:
                return found
            staff(1500)
            add("SUBMITTED by EMPLOYEE", at, "STAFF MEMBER", "EMPLOYEE")
            continue
        add("APPROVED by ADMINISTRATION", at, "STAFF MEMBER", "ADMINISTRATION")
        if amount > 60 and random.random() < 0.6:
            staff(700)
            add("APPROVED by BUDGET OWNER", at, "STAFF MEMBER", "BUDGET OWNER")
        staff(900)
        add("FINAL_APPROVED by SUPERVISOR", at, "STAFF MEMBER", "SUPERVISOR")
        break
    at += timedelta(seconds=random.randrange(1, 240))
    add("Request Payment", at, "SYSTEM", "UNDEFINED")
    at = payday(at + timedelta(minutes=600), random)
    add("Payment Handled", at, "SYSTEM", "UNDEFINED")
    return found


def written(path: Path, events: list[Row]) -> Path:
    """As CSV, gzipped where the name says so."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEAD)
    for key, activity, at, who, role, amount in events:
        moment = at.replace(tzinfo=ZONE, microsecond=0).isoformat(timespec="milliseconds")
        writer.writerow((key, activity, moment, who, role, f"{amount:.2f}"))
    data = text.getvalue().encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def split(events: list[Row], share: float) -> tuple[list[Row], list[Row]]:
    """The cases that came in first, and the others."""
    begun: dict[str, datetime] = {}
    for key, _, at, *_ in events:
        begun.setdefault(key, at)
    cut = sorted(begun.values())[int(share * len(begun))]
    return [row for row in events if begun[row[0]] < cut], [row for row in events if begun[row[0]] >= cut]
