"""The indicators counted anew the slow way: over the log of events, indicator by indicator, without the portal's code.

Only the calendar is the portal's own, which has a recount of itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from portal.calendar import OfficeCalendar
from portal.clock import AMSTERDAM
from workflows.norms import WorkingDays

SUSPENDS = {
    ("expense_claim", "on_hold"),
    ("expense_claim", "returned"),
    ("expense_claim", "confirming"),
    ("advance", "returned"),
    ("advance", "outstanding"),
    ("leave", "returned"),
    ("purchase_invoice", "disputed"),
    ("purchase_invoice", "credit"),
}
GOOD = {"paid", "settled", "granted", "netted", "right"}
BAD = {"rejected", "wrong"}
GONE = {"withdrawn", "lapsed"}
ENDS = GOOD | BAD | GONE
NORMS = {"expense_claim": 10, "advance": 10, "leave": 5, "purchase_invoice": 15}
HOLDERS = {
    "employee": {"returned", "confirming", "outstanding", "delivery", "draft"},
    "manager": {"submitted", "countersign", "judging"},
    "ssc": {"approved", "payable", "unpaid", "received", "drawn"},
    "supplier": {"disputed"},
}
TIMED = ("expense_claim", "advance", "leave", "purchase_invoice")


@dataclass(frozen=True)
class Told:
    """A case as the log tells it: where, what kind, when it came in, and each state with its moment."""

    place: int
    kind: str
    received: datetime
    steps: Sequence[tuple[str, datetime]]
    credit: bool = False

    def left(self, at: int) -> datetime | None:
        """When the state of this step was left."""
        return self.steps[at + 1][1] if at + 1 < len(self.steps) else None


Line = tuple[str, int, str, str]
"""Indicator, municipality, month, outcome."""


def here(at: datetime) -> datetime:
    """On the clock in the Netherlands."""
    return at.astimezone(AMSTERDAM)


def month(at: datetime) -> str:
    """The month a moment is in."""
    return f"{here(at):%Y-%m}"


def after_days(since: datetime, days: int) -> datetime:
    """The last moment of the day so many days later."""
    return datetime.combine(here(since).date() + timedelta(days=days), time.max, AMSTERDAM)


def counted(cases: Iterable[Told], office: OfficeCalendar, now: datetime) -> tuple[Counter[Line], Counter[Line]]:
    """How many of each indicator had which outcome in which month, and the minutes of the times by party."""
    counts: Counter[Line] = Counter()
    minutes: Counter[Line] = Counter()
    for case in cases:
        for key, outcome, at in (*_within(case, office, now), *_each_time(case, office, now), *_ended(case)):
            counts[key, case.place, month(at), outcome] += 1
        for party, spent in _times(case, office):
            line = (f"time_{party}", case.place, month(case.steps[-1][1]), "yes")
            counts[line] += 1
            minutes[line] += spent
    return counts, minutes


def _judged(due: datetime | None, done: datetime | None, why: str, now: datetime) -> tuple[str, datetime] | None:
    if due is not None and due < (done or now):
        return "no", due
    return (why or "yes", done) if done is not None else None


def _first(case: Told, states: set[str]) -> datetime | None:
    return next((at for state, at in case.steps if state in states), None)


def _closed(case: Told) -> tuple[str, datetime] | None:
    return case.steps[-1] if case.steps[-1][0] in ENDS else None


def _within(case: Told, office: OfficeCalendar, now: datetime) -> Iterable[tuple[str, str, datetime]]:
    """From receipt to something, by a term."""
    closed = _closed(case)
    granted = closed[1] if closed and closed[0] in GOOD else None
    why = ""
    if closed and granted is None:
        why = "withdrawn" if closed[0] in GONE else "refused"
    if case.kind == "purchase_invoice":
        for key, states in (("invoices_payable", {"payable"}), ("invoices_paid", set[str]())):
            if case.credit:
                yield key, "credit", case.received
                continue
            reached = _first(case, states)
            done = reached or (closed[1] if closed else None)
            if found := _judged(after_days(case.received, 30), done, "" if reached or granted else why, now):
                yield key, *found
    if case.kind == "expense_claim":
        due = _moved(case, office, 10)
        if found := _judged(due, closed[1] if closed else None, why, now):
            yield "claims_paid", *found
    if case.kind in NORMS:
        if case.credit:
            yield "within_norm", "credit", case.received
            return
        aim = {"advance": {"outstanding"}, "purchase_invoice": {"payable"}}.get(case.kind, set())
        reached = _first(case, aim)
        ended = closed[1] if closed else None
        left_out = "withdrawn" if closed and closed[0] in GONE and not reached else ""
        if found := _judged(_moved(case, office, NORMS[case.kind]), reached or ended, left_out, now):
            yield "within_norm", *found


def _moved(case: Told, office: OfficeCalendar, days: int) -> datetime | None:
    """The end of a term in working days, moved by each time that the case stood still before it."""
    due = office.due(case.received, WorkingDays(days))
    for at, (state, since) in enumerate(case.steps):
        if (case.kind, state) in SUSPENDS and since < due:
            until = case.left(at)
            if until is None:
                return None
            due = office.resume(due, since, until, WorkingDays(days))
    return due


def _each_time(case: Told, office: OfficeCalendar, now: datetime) -> Iterable[tuple[str, str, datetime]]:
    """Each time it lies somewhere, by a term."""
    rules = (
        ("approval", ("expense_claim", "advance", "purchase_invoice"), {"submitted", "countersign"}, 5),
        ("check", ("expense_claim", "advance", "purchase_invoice"), {"approved"}, 3),
        ("leave_decided", ("leave",), {"submitted"}, 3),
    )
    for key, kinds, states, days in rules:
        for at, (state, since) in enumerate(case.steps):
            if case.kind in kinds and state in states:
                until = case.left(at)
                gone = until is not None and case.steps[at + 1][0] in GONE
                due = office.due(since, WorkingDays(days))
                if found := _judged(due, until, "withdrawn" if gone else "", now):
                    yield key, *found


def _ended(case: Told) -> Iterable[tuple[str, str, datetime]]:
    """Of what ended: whether something ever happened."""
    closed = _closed(case)
    if closed is None:
        return
    seen = {state for state, _ in case.steps}
    gone = closed[0] in GONE
    if case.kind in ("expense_claim", "advance", "leave"):
        yield "first_time_right", "withdrawn" if gone else "no" if "returned" in seen else "yes", closed[1]
    if case.kind == "sample":
        yield "samples_failed", "withdrawn" if gone else "yes" if "wrong" in seen else "no", closed[1]


def _times(case: Told, office: OfficeCalendar) -> Iterable[tuple[str, int]]:
    """Minutes of office time with each party, of what ended."""
    closed = _closed(case)
    if closed is None or closed[0] in GONE or case.kind not in TIMED:
        return
    for party, states in HOLDERS.items():
        if party == "supplier" and case.kind != "purchase_invoice":
            continue
        spent = timedelta()
        for at, (state, since) in enumerate(case.steps):
            until = case.left(at)
            if state in states and until is not None:
                spent += office.office_hours_between(since, until)
        yield party, spent // timedelta(minutes=1)


def overdue(cases: Iterable[Told], office: OfficeCalendar, now: datetime) -> Counter[int]:
    """How many cases are open past their norm, by municipality."""
    found: Counter[int] = Counter()
    for case in cases:
        late = any(key == "within_norm" and outcome == "no" for key, outcome, _ in _within(case, office, now))
        aim = {"advance": "outstanding", "purchase_invoice": "payable"}.get(case.kind)
        done = _closed(case) is not None or any(state == aim for state, _ in case.steps)
        found[case.place] += late and not done
    return found


@dataclass(frozen=True)
class Asked:
    """A question to the SSC: when it was asked, and what was done about it, with for when a call was promised."""

    at: datetime
    done: Sequence[tuple[str, datetime, datetime | None]]


def questions(asked: Iterable[Asked], office: OfficeCalendar, now: datetime) -> Counter[tuple[str, str, str]]:
    """Indicator, month and outcome of questions and of promises to call."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for one in asked:
        answered = next((at for what, at, _ in one.done if what == "answered"), None)
        if found := _judged(office.due(one.at, WorkingDays(5)), answered, "", now):
            counts["contacts_answered", month(found[1]), found[0]] += 1
        for place, (what, _, promised) in enumerate(one.done):
            if what == "call_back":
                rest = [(w, at) for w, at, _ in one.done[place + 1 :] if w in ("answered", "not_reached", "call_back")]
                called = rest[0][1] if rest else None
                again = "anew" if rest and rest[0][0] == "call_back" else ""
                if found := _judged(promised, called, again, now):
                    counts["calls_kept", month(found[1]), found[0]] += 1
    return counts


def first_of(name: str) -> date:
    """The first day of a month."""
    return date.fromisoformat(f"{name}-01")
