"""What is counted bit by bit equals what is counted anew over the log of events, in random worlds."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.commands import indicators
from portal.commands.definitions import define, define_all, revise
from portal.db import Base
from portal.models.contact import Contact, ContactEntry, ContactQuestion
from portal.models.people import Municipality
from portal.models.satisfaction import Satisfaction
from portal.queries.indicators import by_month, definitions, recounted
from portal.queries.people import calendar_of
from portal.queries.reports import counted as counted_now
from portal.worlds import World
from seed.sources import source
from tests.cast import Cast
from tests.commands.helpers import refused
from tests.counted import NOW, OCTOBER, Log
from tests.recounted import Asked, Told, counted, first_of, overdue, questions
from workflows import CASE_TYPES
from workflows.periods import month as month_of
from workflows.periods import parsed

SINCE = datetime(2026, 3, 2, 9, tzinfo=UTC)
KINDS = ("expense_claim", "advance", "leave", "purchase_invoice", "sample")
BEGINS = {"expense_claim": "submitted", "advance": "submitted", "leave": "submitted", "purchase_invoice": "received",
          "sample": "drawn"}  # fmt: skip


def ways(kind: str) -> dict[str, list[str]]:
    """To which states each state can lead, by what is declared."""
    case_type = CASE_TYPES[kind]
    found: dict[str, list[str]] = {}
    for action in case_type.actions:
        for state in action.at:
            found.setdefault(state, []).extend(to for to in action.targets if to not in (state, "draft"))
    return found


WAYS = {kind: ways(kind) for kind in KINDS}


@st.composite
def told(draw: st.DrawFn) -> Told:
    """A case that went some way by its declaration, at whatever moments, ends that were undone among them."""
    kind = draw(st.sampled_from(KINDS))
    at = SINCE + timedelta(minutes=draw(st.integers(0, 300_000)))
    received = at - timedelta(days=draw(st.integers(0, 3))) if kind == "purchase_invoice" else at
    steps = [(BEGINS[kind], at)]
    for _ in range(draw(st.integers(0, 9))):
        following = WAYS[kind].get(steps[-1][0])
        if not following:
            break
        at += timedelta(minutes=draw(st.integers(1, 30_000)))
        steps.append((draw(st.sampled_from(following)), at))
    credit = kind == "purchase_invoice" and draw(st.integers(0, 5)) == 0
    return Told(draw(st.integers(0, 1)), kind, received, [step for step in steps if step[1] < NOW] or steps[:1], credit)


@pytest.fixture
def measured(world: World, cast: Cast) -> Cast:
    """A partnership that measures from before anything happened."""
    with world.db.transaction() as session:
        define_all(session, source("indicators")["indicators"], date(2026, 1, 1), NOW, date(2026, 1, 1))
    return cast


def sums(session: Session) -> tuple[Counter[Any], Counter[Any]]:
    """What the sums of the months say, by the name of the indicator."""
    known = definitions(session).by_id
    counts: Counter[Any] = Counter()
    minutes: Counter[Any] = Counter()
    for (version, place, month, outcome), one in by_month(session).items():
        if outcome != "made_good" and one.count:
            key = known[version].indicator.key
            counts[key, place, f"{month:%Y-%m}", outcome] += one.count
            if key.startswith("time_"):
                minutes[key, place, f"{month:%Y-%m}", outcome] += one.amount
    return counts, minutes


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(told(), min_size=1, max_size=12), st.lists(st.integers(0, 380_000), max_size=4))
def test_counting_bit_by_bit_equals_a_recount_over_the_log(
    world: World, measured: Cast, stories: list[Told], pauses: list[int]
) -> None:
    with world.db.session() as session:
        log = Log(session, measured)
        placed = log.cases(stories)
        office = calendar_of(session.scalars(select(Municipality)).first())  # type: ignore[arg-type]
        moments = [SINCE - timedelta(days=9), *sorted(SINCE + timedelta(minutes=m) for m in pauses), NOW]
        for begin, end in pairwise(moments):
            log.steps(stories, begin, end)
            session.expire_all()
            while indicators.catch_up(session, end, most=7).more:
                pass
        expected = counted(placed, office, NOW)
        found = sums(session)
        assert found[0] == Counter({key: n for key, n in expected[0].items() if n})
        assert {key: n for key, n in found[1].items() if n} == {key: n for key, n in expected[1].items() if n}
        for name in {key[2] for key in expected[0]}:
            first = first_of(name)
            last = date.fromordinal(first.replace(day=28).toordinal() + 4).replace(day=1) - timedelta(days=1)
            anew = {key: one for key, one in recounted(session, first, last).items() if one.count}
            assert anew == {key: one for key, one in by_month(session, first, last).items() if one.count}
        shown = {one["key"]: one for one in counted_now(session, None, month_of(NOW.date()), NOW)["figures"]}
        late = overdue(placed, office, NOW)
        assert shown["over_norm_now"]["numerator"] == late.total()
        assert {row["code"]: row["numerator"] for row in shown["over_norm_now"]["by_municipality"]} == {
            code: late[place] for code, place in measured.municipalities.items()
        }
        for key in ("claims_paid", "approval", "leave_decided", "first_time_right"):
            good, bad = (
                sum(n for line, n in expected[0].items() if (line[0], line[2:]) == (key, ("2026-11", outcome)))
                for outcome in ("yes", "no")
            )
            assert (shown[key]["numerator"], shown[key]["denominator"]) == (good, good + bad)
        before = found
        assert indicators.catch_up_fully(session, NOW).changed == 0
        assert sums(session) == before
        session.rollback()


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    """A question with whatever was done about it, in whatever order."""
    at = SINCE + timedelta(minutes=draw(st.integers(0, 300_000)))
    done: list[tuple[str, datetime, datetime | None]] = [("asked", at, None)]
    then = at
    for what in draw(st.lists(st.sampled_from(("call_back", "not_reached", "passed", "answered")), max_size=5)):
        then += timedelta(minutes=draw(st.integers(0, 12_000)))
        promised = then + timedelta(minutes=draw(st.integers(60, 9000))) if what == "call_back" else None
        done.append((what, then, promised))
        if what == "answered":
            break
    return Asked(at, [one for one in done if one[1] < NOW])


def write_questions(session: Session, place: int, stories: list[Asked]) -> None:
    """Put questions in the database, with all that was done about them."""
    for story in stories:
        contact = Contact(municipality_id=place, at=story.at, channel="telephone", line=1)
        session.add(contact)
        session.flush()
        answered = any(what == "answered" for what, *_ in story.done)
        one = ContactQuestion(contact_id=contact.id, subject="rules", asked="?", line=1,
                              state="answered" if answered else "open", due=None if answered else story.at)  # fmt: skip
        session.add(one)
        session.flush()
        session.add_all(
            ContactEntry(question_id=one.id, at=at, kind=what, about=promised.isoformat() if promised else "")
            for what, at, promised in story.done
        )
    session.flush()


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(asked(), max_size=6), st.lists(st.integers(1, 10), max_size=8))
def test_questions_calls_and_marks_equal_a_recount(
    world: World, measured: Cast, stories: list[Asked], marks: list[int]
) -> None:
    with world.db.session() as session:
        place = session.get_one(Municipality, _place(session))
        write_questions(session, place.id, stories)
        at = datetime(2026, 10, 5, 9, tzinfo=UTC)
        session.add_all(Satisfaction(municipality_id=place.id, score=score, at=at) for score in marks)
        session.flush()
        indicators.catch_up_fully(session, NOW)
        counts, _ = sums(session)
        told = questions(stories, calendar_of(place), NOW)
        expected = Counter({(key, place.id, when, how): n for (key, when, how), n in told.items()})
        expected["satisfaction", place.id, "2026-10", "yes"] += len(marks)
        assert counts == Counter({key: n for key, n in expected.items() if n})
        shown = {one["key"]: one for one in counted_now(session, place, OCTOBER, NOW)["figures"]}["satisfaction"]
        assert shown["masked"] == (0 < len(marks) < 5)
        mean = Decimal(sum(marks)) / len(marks) if len(marks) >= 5 else None
        assert shown["value"] == (None if mean is None else float(mean.quantize(Decimal("0.1"), ROUND_FLOOR)))
        session.rollback()


def test_another_closing_day_counts_again_what_runs_over_it(world: World, measured: Cast) -> None:
    at = datetime(2026, 11, 2, 9, tzinfo=UTC)
    story = Told(0, "leave", at, [("submitted", at), ("granted", at + timedelta(days=4))])
    with world.db.transaction() as session:
        log = Log(session, measured)
        log.cases([story])
        log.steps([story], at - timedelta(days=1), NOW)
        indicators.catch_up_fully(session, NOW)
        assert sums(session)[0]["leave_decided", _place(session), "2026-11", "no"] == 1
        session.get_one(Municipality, _place(session)).closing_days = {"2026-11-04": "Dies"}
        session.flush()
        indicators.catch_up_fully(session, NOW)
        assert sums(session)[0]["leave_decided", _place(session), "2026-11", "yes"] == 1
        assert sums(session)[0]["leave_decided", _place(session), "2026-11", "no"] == 0


def _place(session: Session) -> int:
    return session.scalars(select(Municipality.id).order_by(Municipality.id)).first() or 0


def test_a_destroyed_case_stays_counted(world: World, measured: Cast) -> None:
    at = datetime(2026, 10, 5, 9, tzinfo=UTC)
    story = Told(0, "leave", at, [("submitted", at), ("granted", at + timedelta(hours=4))])
    with world.db.transaction() as session:
        log = Log(session, measured)
        log.cases([story])
        log.steps([story], at - timedelta(days=1), NOW)
        indicators.catch_up_fully(session, NOW)
        before = sums(session)
        session.execute(delete(Base.metadata.tables["case"]))
        session.execute(delete(Base.metadata.tables["indicator_mark"]))
        session.expire_all()
        indicators.catch_up_fully(session, NOW)
        assert sums(session) == before
        assert before[0]["leave_decided", _place(session), "2026-10", "yes"] == 1


def test_a_new_version_counts_what_comes_in_from_then_on(world: World, measured: Cast) -> None:
    hanna, today = measured.people["hanna"], date(2026, 10, 20)
    old, new = (datetime(2026, month, 30 if month == 10 else 2, 9, tzinfo=UTC) for month in (10, 11))
    stories = [Told(0, "leave", at, [("submitted", at), ("granted", at + timedelta(days=4))]) for at in (old, new)]
    with world.db.transaction() as session:
        revise(session, hanna, "leave_decided", None, 1, None, date(2026, 11, 1), "Strenger", NOW, today)
        log = Log(session, measured)
        log.cases(stories)
        log.steps(stories, old - timedelta(days=1), NOW)
        indicators.catch_up_fully(session, NOW)
        known = definitions(session).by_id
        found = {
            (known[version].version, outcome)
            for (version, *_, outcome) in by_month(session)
            if known[version].indicator.key == "leave_decided"
        }
        assert found == {(1, "yes"), (2, "no"), (2, "made_good")}


def test_definitions_say_what_is_wrong(world: World, measured: Cast) -> None:
    today, first = date(2026, 10, 20), date(2026, 11, 1)
    said = dict(source("indicators")["indicators"][0])
    with world.db.transaction() as session:

        def change(key: str = "approval", days: int | None = 4, target: Any = None, on: date = first) -> Any:
            return revise(session, measured.people["hanna"], key, None, days, target, on, "Omdat", NOW, today)

        assert refused(lambda: define(session, {**said, "measure": "x"}, first, NOW, today)) == {"indicator_unreadable"}
        assert refused(lambda: define(session, {**said, "states": ["nergens"]}, first, NOW, today)) == {
            "indicator_unreadable"
        }
        assert refused(lambda: define(session, said, date(2026, 11, 2), NOW, today)) == {"indicator_first_day"}
        assert refused(lambda: change(on=date(2026, 10, 1))) == {"indicator_past"}
        assert refused(lambda: change(on=date(9999, 12, 1))) == {"indicator_first_day"}
        assert refused(lambda: change("nope")) == {"indicator_unknown"}
        assert refused(lambda: change(days=999)) == {"indicator_norm"}
        assert refused(lambda: change("satisfaction")) == {"indicator_norm_fixed"}
        assert refused(lambda: change(days=None, target=101)) == {"indicator_target"}
        assert refused(lambda: change(days=5)) == {"indicator_same"}
        change()
        assert refused(lambda: change(days=3)) == {"indicator_past"}


def test_no_difference_between_figures_points_at_a_person(world: World, measured: Cast) -> None:
    """Marks of Waterveen: six in September and two in October; of Duinrade nine in September and five in October."""
    with world.db.transaction() as session:
        first, other = session.scalars(select(Municipality).order_by(Municipality.id)).all()
        for place, month, count in ((first, 9, 6), (first, 10, 2), (other, 9, 9), (other, 10, 5)):
            at = datetime(2026, month, 5, 9, tzinfo=UTC)
            session.add_all(Satisfaction(municipality_id=place.id, score=8, at=at) for _ in range(count))
        session.flush()
        indicators.catch_up_fully(session, NOW)

        def masked(place: Municipality | None, period: str) -> bool:
            when = parsed(period)
            assert when is not None
            figures = counted_now(session, place, when, NOW)["figures"]
            return bool(next(one for one in figures if one["key"] == "satisfaction")["masked"])

        assert masked(first, "2026-10")
        assert not masked(first, "2026-09")
        assert masked(first, "2026-09..2026-10")  # less September it would say what October was
        assert masked(first, "2026-09-01..2026-09-30") is False  # the whole month by another name
        assert masked(first, "2026-09-02..2026-09-30")
        assert not masked(other, "2026-10")
        assert masked(None, "2026-10")  # less Duinrade it would say what Waterveen was
        assert not masked(None, "2026-09")
