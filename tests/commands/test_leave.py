"""Leave is reserved when asked, burned when approved, and let go when not; the ledger is only ever added to."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.commands import cases, destruction
from portal.commands.cases import Step
from portal.commands.leave_grants import buy, grant_yearly
from portal.models.cases import Case
from portal.models.destruction import DestructionList
from portal.models.leave import LeaveEntry
from portal.models.people import Employment, Municipality, Unit
from portal.models.work_patterns import EmploymentPattern, PatternDay
from portal.queries.cases import standing
from portal.queries.destruction import due_cases
from portal.queries.leave import absences_of, balances
from portal.queries.people import employments_of
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import at_once, events, here, letters, refused, whole
from tests.leave import (
    EXTRA_2026,
    STATUTORY_2026,
    agreed,
    asked,
    drafted,
    entries,
    given,
    granted,
    left,
    lots,
    read,
)
from workflows.kernel import Given


def submitting(session: Session, cast: Cast, case: Case, content: Any) -> frozenset[str]:
    return refused(lambda: cast.act(session, "anna", case, "submit", content=content))


def test_a_year_is_given_once_with_its_terms_and_a_run_that_comes_again_changes_nothing(
    world: World, cast: Cast
) -> None:
    with world.db.transaction() as session:
        agreed(session, cast)
        first = grant_yearly(session, cast.municipalities["waterveen"], world.clock.now())
        assert first.entries
        assert first.people
        assert left(session, cast) == {
            (kind, year): minutes
            for year in (2026, 2027)
            for kind, minutes in (("statutory", STATUTORY_2026), ("extra", EXTRA_2026))
        }
        assert [(one.kind, one.last_day, one.ends_as) for one in lots(session, cast)][:2] == [
            ("extra", date(2031, 12, 31), "prescribes"), ("statutory", date(2027, 12, 31), "lapses"),
        ]  # fmt: skip
        again = grant_yearly(session, cast.municipalities["waterveen"], world.clock.now() + timedelta(days=20))
        assert (again.people, again.entries) == (first.people, 0)


def test_other_hours_halfway_the_year_correct_what_was_given(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        employment = employments_of(session, cast.people["anna"])[0]
        pattern = EmploymentPattern(
            employment_id=employment.id, valid_from=date(2026, 7, 1), weeks=1, anchor=date(2026, 6, 29),
            set_at=world.clock.now(),
        )  # fmt: skip
        session.add(pattern)
        session.flush()
        session.add_all(PatternDay(pattern_id=pattern.id, day=day, minutes=432) for day in range(3))
        session.flush()
        grant_yearly(session, cast.municipalities["waterveen"], world.clock.now())
        corrected = [one for one in entries(session, cast) if one.what == "correct" and one.kind == "statutory"]
        # 144 hours a year until July, then three fifths of it, by days; rounded up once to six minutes.
        assert left(session, cast)["statutory", 2026] == 6900
        assert [(one.day, one.minutes) for one in corrected] == [
            (date(2026, 7, 1), 6900 - 8640), (date(2027, 1, 1), 5184 - 8640),
        ]  # fmt: skip
        assert all(one.reason and one.by_id is None for one in corrected)
        assert grant_yearly(session, cast.municipalities["waterveen"], world.clock.now()).entries == 0


def test_a_request_reserves_and_an_approval_burns_what_was_reserved(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        case = asked(session, cast, "2026-12-14", "2026-12-18")
        assert str(case.number).startswith("VRL-2026-")
        assert left(session, cast)["statutory", 2026] == STATUTORY_2026 - 5 * 432
        assert [(one.what, one.minutes, one.day.day) for one in entries(session, cast)[-5:]] == [
            ("reserve", -432, day) for day in range(14, 19)
        ]
        cast.act(session, "bram", case, "approve")
        assert (case.state, case.result) == ("granted", "granted")
        assert left(session, cast)["statutory", 2026] == STATUTORY_2026 - 5 * 432
        assert [one.what for one in entries(session, cast)[-10:]] == ["release"] * 5 + ["burn"] * 5
        session.commit()
        assert events(session, case.id)[-1].data["leave"] == {
            "what": "burn", "lots": [{"kind": "statutory", "last_day": "2027-12-31", "minutes": 2160}],
        }  # fmt: skip
        assert letters(session, case.id) == [("ask", "bram"), ("received", "anna"), ("granted", "anna")]


@pytest.mark.parametrize(("name", "step"), [("bram", "return"), ("bram", "reject"), ("anna", "withdraw")])
def test_what_is_not_approved_lets_go_of_its_hours(world: World, cast: Cast, name: str, step: str) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        before = left(session, cast)
        case = asked(session, cast, "2026-12-14", "2026-12-18")
        cast.act(session, name, case, step, reason="Te druk")
        assert left(session, cast) == before
        assert absences_of(session, cast.people["anna"], date(2026, 1, 1)) == []
        if step == "return":
            content, problems = read(session, cast, case, first="2026-12-15", last="2026-12-15")
            assert problems == ()
            cast.act(session, "anna", case, "submit", content=content)
            assert sum(left(session, cast).values()) == sum(before.values()) - 432


def test_what_comes_from_two_years_is_reserved_against_both(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        # All of this year but two days is taken, so the rest of it cannot pay for days after New Year.
        for kind, minutes in (("statutory", STATUTORY_2026), ("extra", EXTRA_2026)):
            lot = next(one for one in lots(session, cast) if one.kind == kind and one.valid_from.year == 2026)
            taken = minutes - (432 if kind == "statutory" else 0)
            session.add(
                LeaveEntry(
                    person_id=lot.person_id, municipality_id=lot.municipality_id, lot_id=lot.id, kind=kind,
                    what="burn", minutes=-taken, day=date(2026, 3, 2), recorded_at=world.clock.now(),
                )
            )  # fmt: skip
        session.flush()
        case = asked(session, cast, "2026-12-31", "2027-01-05")
        assert left(session, cast)["statutory", 2026] == 0
        assert left(session, cast)["statutory", 2027] == STATUTORY_2026 - 2 * 432
        assert [burn["last_day"] for burn in case.content["burns"]] == ["2027-12-31", "2028-12-31"]
        short = drafted(session, cast, key="short")
        content, problems = read(session, cast, short, first="2026-12-29", last="2026-12-30")
        assert [(one.field, one.code, one.values) for one in problems] == [
            ("last", "leave_too_little", {"asked_minutes": 864, "usable_minutes": 0})
        ]
        assert submitting(session, cast, short, content) == {"leave_too_little"}


def test_leave_without_hours_in_it_is_refused_and_closing_days_cost_nothing(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        case = drafted(session, cast)
        for first, last in (("2026-12-05", "2026-12-06"), ("2026-12-25", "2026-12-27")):
            content, problems = read(session, cast, case, first=first, last=last)
            assert [(one.field, one.code) for one in problems] == [("first", "leave_no_hours")]
            assert submitting(session, cast, case, {**content, "minutes": 1}) == {"leave_no_hours"}
            assert submitting(session, cast, case, content) == {"leave_incomplete"}
        municipality = session.get_one(Municipality, cast.municipalities["waterveen"])
        municipality.closing_days = {"2026-12-24": "Sluitingsdag"}
        session.flush()
        session.expire_all()
        content, _ = read(session, cast, drafted(session, cast), first="2026-12-23", last="2026-12-28")
        assert [day for day, _, _ in content["days"]] == ["2026-12-23", "2026-12-28"]


def test_overlap_is_refused_inside_around_and_on_approval_but_two_halves_of_a_day_go_together(
    world: World, cast: Cast
) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        case = asked(session, cast, "2026-12-08", "2026-12-10")
        for first, last in (("2026-12-09", "2026-12-09"), ("2026-12-07", "2026-12-11"), ("2026-12-10", "2026-12-14")):
            other = drafted(session, cast, key=first)
            content, problems = read(session, cast, other, first=first, last=last)
            assert [(one.code, one.values["number"]) for one in problems] == [("leave_overlaps", case.number)]
            assert submitting(session, cast, other, content) == {"leave_overlaps"}
        asked(session, cast, "2026-12-14", first_part="morning")
        asked(session, cast, "2026-12-14", first_part="afternoon")
        third = drafted(session, cast, key="third")
        content, problems = read(session, cast, third, first="2026-12-14", first_part="afternoon")
        assert [one.code for one in problems] == ["leave_overlaps"]


def test_overlap_counts_across_two_employers_and_balances_do_not(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        unit = session.scalars(select(Unit).where(Unit.municipality_id == cast.municipalities["duinrade"])).first()
        assert unit is not None
        session.add(
            Employment(
                person_id=cast.people["anna"], unit_id=unit.id, personnel_number="D-9", valid_from=date(2021, 1, 1)
            )
        )
        session.flush()
        given(session, cast)
        here_, there = (
            drafted(session, cast, key="here", employment=1),
            drafted(session, cast, key="there", employment=0),
        )
        assert here_.municipality_id != there.municipality_id
        content, problems = read(session, cast, here_, first="2026-12-08")
        assert problems == ()
        cast.act(session, "anna", here_, "submit", content=content)
        content, problems = read(session, cast, there, first="2026-12-08")
        assert [one.code for one in problems] == ["leave_overlaps"]
        assert content["left"] == STATUTORY_2026 + EXTRA_2026 - 432


def test_a_holiday_that_is_added_before_approval_is_not_burned(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        case = asked(session, cast, "2026-12-14", "2026-12-15")
        municipality = session.get_one(Municipality, cast.municipalities["waterveen"])
        municipality.closing_days = {"2026-12-15": "Sluitingsdag"}
        session.flush()
        case = whole(session, case.id)
        cast.act(session, "bram", case, "approve")
        assert left(session, cast)["statutory", 2026] == STATUTORY_2026 - 432


def test_an_approval_of_what_is_not_there_any_more_is_refused(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        case = asked(session, cast, "2026-12-14", "2026-12-18")
        for one in lots(session, cast):
            minutes = STATUTORY_2026 if one.kind == "statutory" else EXTRA_2026
            session.add(
                LeaveEntry(
                    person_id=one.person_id, municipality_id=one.municipality_id, lot_id=one.id, kind=one.kind,
                    what="correct", minutes=-minutes, day=date(2026, 12, 1), recorded_at=world.clock.now(),
                    reason="Vergissing",
                )
            )  # fmt: skip
        session.flush()
        assert refused(lambda: cast.act(session, "bram", case, "approve")) == {"leave_too_little"}
        assert (case.state, case.result) == ("submitted", None)
        cast.act(session, "bram", case, "reject", reason="Te weinig uren")


def test_kinds_that_are_counted_stay_within_what_was_agreed(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        before = left(session, cast)
        care = asked(session, cast, "2026-11-30", "2026-12-11", kind="care_short")
        cast.act(session, "bram", care, "approve")
        assert left(session, cast) == before
        assert (care.content["paid"], care.title) == (70, "30-11-2026 – 11-12-2026")
        more = drafted(session, cast, key="more")
        content, problems = read(session, cast, more, first="2026-12-14", kind="care_short")
        assert [(one.field, one.code, one.values) for one in problems] == [
            ("last", "leave_beyond_limit", {"over_minutes": 432})
        ]
        assert submitting(session, cast, more, content) == {"leave_beyond_limit"}
        born = {"kind": "birth", "occasion": "2026-12-01"}
        asked(session, cast, "2026-12-14", "2026-12-18", **born)
        content, problems = read(session, cast, more, first="2026-12-21", **born)
        assert [one.code for one in problems] == ["leave_beyond_limit"]
        content, problems = read(session, cast, more, first="2027-01-04", **born)
        assert [one.code for one in problems] == ["leave_after_term"]
        content, problems = read(session, cast, more, first="2026-12-21", kind="adoption", occasion="2026-12-01")
        assert [(one.field, one.code) for one in problems] == [("lines-0-receipt", "leave_document")]
        for kind in ("parental", "nonsense"):
            _, problems = read(session, cast, more, first="2026-12-21", kind=kind)
            assert [(one.field, one.code) for one in problems] == [("kind", "leave_kind")]


def test_of_two_requests_at_once_for_the_last_hours_one_is_refused(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        for one in lots(session, cast):
            total = STATUTORY_2026 if one.kind == "statutory" else EXTRA_2026
            keep = 432 if one.kind == "statutory" and one.valid_from.year == 2026 else 0
            if total - keep:
                session.add(
                    LeaveEntry(
                        person_id=one.person_id, municipality_id=one.municipality_id, lot_id=one.id, kind=one.kind,
                        what="burn", minutes=keep - total, day=one.valid_from, recorded_at=world.clock.now(),
                    )
                )  # fmt: skip
        session.flush()
        ready = []
        for day in ("2026-12-14", "2026-12-15"):
            case = drafted(session, cast, key=day)
            ready.append((case.id, read(session, cast, case, first=day)[0]))

    def hand_in(case_id: int, content: Any) -> str:
        with world.db.transaction() as session:
            case = whole(session, case_id)
            actor = cast.viewer(session, "anna").actor(standing(case))
            cases.act(session, case, Step("submit", actor, world.clock.now(), Given(content=content)))
            return case.state

    outcomes = at_once(*(lambda one=one: hand_in(*one) for one in ready))
    assert sorted(type(one).__name__ for one in outcomes) == ["Refused", "str"]
    with world.db.session(writes=False) as session:
        assert left(session, cast)["statutory", 2026] == 0


def test_bought_hours_are_a_lot_of_their_own_up_to_what_was_agreed(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        anna, where = cast.people["anna"], cast.municipalities["waterveen"]
        buy(session, anna, where, 2027, 8000, world.clock.now())
        assert left(session, cast)["bought", 2027] == 8000
        assert refused(lambda: buy(session, anna, where, 2027, 641, world.clock.now())) == {"leave_too_much_bought"}
        assert refused(lambda: buy(session, anna, where, 2027, 0, world.clock.now())) == {"leave_nothing_bought"}
        buy(session, anna, where, 2027, 640, world.clock.now())


def test_a_balance_is_of_any_day_as_known_at_any_moment(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given(session, cast, here("2026-01-01 02:00"))
        anna = cast.people["anna"]
        case = asked(session, cast, "2026-12-14", "2026-12-15")
        known = world.clock.now()

        def statutory(on: str, known_at: Any) -> list[tuple[int, int]]:
            found = balances(session, anna, date.fromisoformat(on), known_at)
            return [
                (one.booked, one.reserved)
                for one in found
                if (one.lot.kind, one.lot.valid_from.year) == ("statutory", 2026)
            ]

        assert statutory("2026-12-31", known) == [(8640, 864)]
        assert statutory("2026-12-14", known) == [(8640, 432)]
        assert statutory("2026-12-13", known) == [(8640, 0)]
        assert statutory("2026-12-31", known - timedelta(seconds=1)) == [(8640, 0)]
        assert statutory("2025-12-31", known) == [(0, 0)]
        assert statutory("2026-12-31", here("2025-12-31 09:00")) == []
        world.clock.advance(timedelta(days=1))  # type: ignore[attr-defined]
        cast.act(session, "bram", case, "approve")
        assert statutory("2026-12-31", world.clock.now()) == [(7776, 0)]
        assert statutory("2026-12-31", known) == [(8640, 864)]


TAMPERING = (
    "UPDATE leave_entry SET minutes = minutes - 60",
    "UPDATE leave_entry SET case_id = NULL WHERE case_id IS NOT NULL",
    "UPDATE leave_entry SET day = '2026-01-02'",
    "DELETE FROM leave_entry",
    "UPDATE leave_lot SET last_day = '2030-01-01'",
    "DELETE FROM leave_lot",
    "INSERT INTO leave_entry (person_id, municipality_id, lot_id, kind, what, minutes, day, part, recorded_at, reason) "
    "SELECT person_id + 1, municipality_id, lot_id, kind, what, minutes, day, part, recorded_at, reason "
    "FROM leave_entry LIMIT 1",
    "INSERT INTO leave_entry (person_id, municipality_id, lot_id, kind, what, minutes, day, part, recorded_at, reason) "
    "SELECT person_id, municipality_id, lot_id, kind, 'burn', minutes, day, part, recorded_at, reason "
    "FROM leave_entry WHERE minutes > 0 LIMIT 1",
    "INSERT INTO leave_entry (person_id, municipality_id, lot_id, kind, what, minutes, day, part, recorded_at, by_id, "
    "reason) SELECT person_id, municipality_id, lot_id, kind, 'correct', 60, day, part, recorded_at, person_id, 'x' "
    "FROM leave_entry WHERE lot_id IS NOT NULL LIMIT 1",
)


@pytest.mark.parametrize("statement", TAMPERING)
def test_the_database_lets_nobody_change_what_was_entered(world: World, cast: Cast, statement: str) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        granted(session, cast, "2026-12-14", "2026-12-15")
    with world.db.session() as session, pytest.raises(DBAPIError):
        session.execute(text(statement))


def test_a_destroyed_request_leaves_its_hours_in_the_ledger_without_its_name(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        case = granted(session, cast, "2026-12-14", "2026-12-15")
        before, case_id, destroy_on = left(session, cast), case.id, case.destroy_on
    assert destroy_on == date(2033, 11, 25)
    at = here("2034-01-02 03:00")
    with world.db.transaction() as session:
        assert [one.id for one in due_cases(session, at.date())] == [case_id]
        assert destruction.propose(session, at) == 1
    with world.db.transaction() as session:
        on = session.scalars(select(DestructionList)).one()
        destruction.approve(session, cast.viewer(session, "fenna" if "fenna" in cast.people else "carla"), on, at)
    with world.db.transaction() as session:
        destruction.execute(session, session.scalars(select(DestructionList)).one(), at)
    with world.db.session(writes=False) as session:
        assert session.get(Case, case_id) is None
        assert left(session, cast) == before
        assert all(one.case_id is None for one in entries(session, cast))
