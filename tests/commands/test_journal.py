"""The journal: what is booked of claims, advances and money paid back, month by month, and only ever added to."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.commands import bank, cases, journal, returned_money
from portal.commands.changes import Author
from portal.commands.documents import add_document
from portal.jobs import journal as job
from portal.models.changes import Change
from portal.models.ledger import JournalEntry, JournalLine, LedgerClose
from portal.models.payments import BankEntry
from portal.models.people import Municipality
from portal.queries.journal import booked_of, journals, lines_of, totals_of
from portal.worlds import World
from tests import bank_messages as xml
from tests.cast import Cast, sample_receipt
from tests.commands.helpers import at_once, refused, whole
from tests.commands.money import booked, credit, debit, lines_in, paying, release, take_in, waterveen
from tests.ledger import balances, begun, given_chart, posting, whole_chart

NOVEMBER, DECEMBER, JANUARY = date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)


def entries(session: Session) -> list[JournalEntry]:
    return list(session.scalars(select(JournalEntry).order_by(JournalEntry.id)))


def run(world: World) -> list[dict[str, Any]]:
    return job.run(world, world.clock.now())


def to(world: World, day: date) -> None:
    world.clock.advance(timedelta(days=(day - world.clock.now().date()).days))  # type: ignore[attr-defined]


def close(session: Session, cast: Cast, month: date, who: str = "dirk", code: str = "waterveen") -> LedgerClose:
    place, viewer = waterveen(session, cast, code), cast.viewer(session, who)
    return journal.close(session, viewer, place, month, cast.world.clock.now())


def test_a_claim_is_booked_when_granted_and_when_the_bank_paid(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        place = begun(session, cast).id
        _, (line,) = paying(session, cast, 1250)
    assert run(world) == [{"code": "booked", "name": "Waterveen", "count": 1}]
    with world.db.session(writes=False) as session:
        assert balances(session, place) == {"cost.parking": 1250, "employees": -1250}
        (entry,) = entries(session)
        assert (entry.number, entry.period, entry.booked_on, entry.action) == (
            1, NOVEMBER, date(2026, 11, 24), "check",
        )  # fmt: skip
        cost, owed = lines_of(session, [entry])[entry.id]
        assert (cost.account, cost.cost_centre, cost.task) == (
            cost.account, "1100", "8.3",
        ), "the taakveld of the cost centre goes before that of the rule"  # fmt: skip
        assert (owed.account, owed.cost_centre, owed.task) == ("1610", "", "")
    take_in(world, booked(debit(line)))
    run(world)
    assert run(world) == []
    with world.db.session(writes=False) as session:
        assert balances(session, place) == {"cost.parking": 1250, "bank": -1250}
        assert [one.action for one in booked_of(session, entries(session)[0].case_id)] == ["check", "settle"]
        totals = totals_of(session, place, NOVEMBER)
        assert sum(one.debit_cents for one in totals) == sum(one.credit_cents for one in totals) == 2500
    take_in(world, booked(credit(line)))
    run(world)
    with world.db.session(writes=False) as session:
        assert balances(session, place) == {"cost.parking": 1250, "employees": -1250}


def test_vat_that_is_reclaimed_is_booked_apart(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        place = begun(session, cast).id
        case = cast.draft(session, "anna")
        add_document(session, world.files, case, sample_receipt(), line_key="b", by=case.initiator_id,
                     at=world.clock.now())  # fmt: skip
        content = cast.content(case, 1210)
        content["lines"][0]["vat_cents"] = 210
        meal = {**content["lines"][0], "key": "b", "category": "meal", "claimed_cents": 1090, "sanctioned_cents": 1090,
                "vat_cents": 90}  # fmt: skip
        cast.act(session, "anna", case, "submit", content={**content, "lines": [*content["lines"], meal]})
        cast.act(session, "bram", case, "approve")
        viewer, now = cast.viewer(session, "carla"), world.clock.now()
        journal.post_all(session, place, now)
        assert entries(session) == []
        cases.take(session, viewer, case, now)
        for key in "ab":
            for check in ("legible", "amount", "date", "for_work"):
                cases.tick(case, viewer, key, check, True, now)
        cast.settled(session, case)
        cast.act(session, "carla", case, "check", content=case.content)
    run(world)
    with world.db.session(writes=False) as session:
        assert balances(session, place) == {"cost.parking": 1000, "vat": 210, "cost.meal": 1090, "employees": -2300}


def test_an_advance_is_settled_with_a_claim_and_with_money_paid_back(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        place = begun(session, cast).id
        advance = cast.payable_advance(session, cents=10_000).id
        (line,) = lines_in(session, release(session, cast, advance))
    take_in(world, booked(debit(line)))
    run(world)
    with world.db.transaction() as session:
        assert balances(session, place) == {"advances": 10_000, "bank": -10_000}
        cast.payable(session, cents=4000)
    run(world)
    with world.db.transaction() as session:
        assert balances(session, place) == {"advances": 6000, "bank": -10_000, "cost.parking": 4000}
        details = f"<NtryDtls>{xml.detail('TERUG', '60.00')}</NtryDtls>"
        file = booked(xml.entry("60.00", side="CRDT", code="ESCT", details=details))
        bank.take_in(session, file, "x.xml", world.clock.now())
        entry = session.scalars(select(BankEntry)).one()
        number = whole(session, advance).number or ""
        returned_money.give_back(session, cast.viewer(session, "carla"), entry, number, world.clock.now())
    run(world)
    assert run(world) == []
    with world.db.session(writes=False) as session:
        assert balances(session, place) == {"bank": -4000, "cost.parking": 4000}
        assert entries(session)[-1].action == "paid_back"
    with world.db.transaction() as session:
        entry = session.scalars(select(BankEntry)).one()
        returned_money.undo(session, cast.viewer(session, "els"), entry, "Van een ander", world.clock.now())
    run(world)
    with world.db.transaction() as session:
        assert balances(session, place) == {"advances": 6000, "bank": -10_000, "cost.parking": 4000}
        entry = session.scalars(select(BankEntry)).one()
        number = whole(session, advance).number or ""
        returned_money.give_back(session, cast.viewer(session, "carla"), entry, number, world.clock.now())
    run(world)
    with world.db.session(writes=False) as session:
        assert balances(session, place) == {"bank": -4000, "cost.parking": 4000}


def test_booking_waits_for_a_rule_and_goes_on_where_it_was(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        rows = [row for row in whole_chart() if row[:2] != ("boeking", "cost.parking")]
        given_chart(session, cast, *rows)
        place = waterveen(session, cast)
        journal.open_book(session, Author(None, None), place, NOVEMBER, world.clock.now())
        first = cast.payable_advance(session, cents=500).number
        second = cast.payable(session, cents=4000).number
        cast.payable_advance(session, "aart", cents=900, key="later")
    done = run(world)
    assert done == [
        {"code": "booked", "name": "Waterveen", "count": 1},
        {"code": "booking_held_up", "name": "Waterveen", "what": "cost.parking", "day": "2026-11-24", "number": second},
    ]
    to(world, DECEMBER)
    with world.db.transaction() as session:
        assert [entry.case_number for entry in entries(session)] == [first]
        assert refused(lambda: close(session, cast, NOVEMBER)) == {"booking_held_up"}
        given_chart(session, cast, posting("cost.parking", "4000"))
    run(world)
    with world.db.session(writes=False) as session:
        assert balances(session, cast.municipalities["waterveen"]) == {
            "advances": 1400, "cost.parking": 4000, "employees": -5400,
        }  # fmt: skip
        assert [entry.number for entry in entries(session)] == [1, 2, 3]


def test_a_closed_month_stays_as_it_is_and_what_comes_to_light_goes_in_the_next(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        place = begun(session, cast).id
        assert refused(lambda: close(session, cast, NOVEMBER)) == {"month_not_over"}
        _, (line,) = paying(session, cast, 1250)
    to(world, DECEMBER)
    with world.db.transaction() as session:
        for who in ("anna", "carla", "hanna", "farid"):
            assert refused(lambda who=who: close(session, cast, NOVEMBER, who)) == {"not_bookkeeper"}  # type: ignore[misc]
        assert refused(lambda: close(session, cast, NOVEMBER, code="duinrade")) == {"no_book"}
        assert refused(lambda: close(session, cast, DECEMBER)) == {"month_not_next"}
        # Closing books first what was not booked yet.
        done = close(session, cast, NOVEMBER)
        assert (done.entries, done.cents) == (1, 1250)
        assert refused(lambda: close(session, cast, NOVEMBER)) == {"month_closed"}
        log = session.scalars(select(Change).where(Change.what == "book.closed")).one()
        assert log.new == {"month": "2026-11-01"}
    at = world.clock.now() - timedelta(days=3)
    with world.db.transaction() as session:
        bank.take_in(session, booked(debit(line)), "x.xml", at)
    run(world)
    with world.db.session(writes=False) as session:
        late = entries(session)[-1]
        assert (late.booked_on, late.period, late.action) == (date(2026, 11, 28), DECEMBER, "settle")
        (kept,) = journals(session, [waterveen(session, cast)], world.clock.now().date())
        assert [(one.month, one.entries, one.close is not None) for one in kept.periods] == [
            (DECEMBER, 1, False), (NOVEMBER, 1, True),
        ]  # fmt: skip
        assert kept.to_close is not None
        assert kept.to_close.month == DECEMBER
        assert place == late.municipality_id


def test_a_journal_begins_once_with_a_month_of_this_year_and_a_chart(world: World, cast: Cast) -> None:
    author = Author(cast.people["hanna"], None)
    with world.db.transaction() as session:
        place, now = waterveen(session, cast), world.clock.now()

        def begin(month: date, who: Author = author) -> Any:
            return lambda: journal.open_book(session, who, place, month, now)

        assert refused(begin(NOVEMBER)) == {"book_no_chart"}
        given_chart(session, cast)
        assert refused(begin(DECEMBER)) == {"book_early"}
        assert refused(begin(date(2025, 10, 1))) == {"book_early"}
        assert refused(begin(NOVEMBER, Author(cast.people["hanna"], frozenset()))) == {"outside_your_work"}
        assert begin(date(2026, 11, 17))().begins_on == NOVEMBER
        assert refused(begin(NOVEMBER)) == {"book_open"}
        session.flush()
        # What happened before it is not booked.
        assert journal.post_all(session, place.id, now - timedelta(days=40)).entries == 0


def test_what_happened_before_the_journal_is_not_booked(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        _, (line,) = paying(session, cast, 1250)
    to(world, DECEMBER)
    with world.db.transaction() as session:
        place = begun(session, cast, month=DECEMBER).id
    take_in(world, booked(debit(line)))
    run(world)
    with world.db.session(writes=False) as session:
        # Its grant is in the opening balance that the municipality makes itself.
        assert balances(session, place) == {"employees": 1250, "bank": -1250}


HEADER = {"municipality_id": 0, "number": 2, "period": NOVEMBER, "booked_on": date(2026, 11, 24), "case_id": 1,
          "case_number": "DEC-1", "case_type": "expense_claim", "action": "check", "event_id": 999, "lines": 2,
          "debit_cents": 10, "credit_cents": 10}  # fmt: skip
LINE = {"entry_id": 2, "key": "bank", "account": "1100", "cost_centre": "", "task": "", "relation": ""}


def put(world: World, lines: list[dict[str, Any]], entry: dict[str, Any] | None) -> None:
    """Write past the application, lines first."""
    with world.db.transaction() as session:
        if lines:
            session.execute(insert(JournalLine), lines)
        if entry:
            session.execute(insert(JournalEntry), [entry])


def test_the_database_takes_no_entry_that_does_not_balance(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        place = begun(session, cast).id
        cast.payable(session, cents=1250)
    run(world)
    header = {**HEADER, "id": 2, "municipality_id": place, "posted_at": world.clock.now()}
    debit_line = {**LINE, "place": 1, "debit_cents": 10, "credit_cents": 0}
    credit_line = {**LINE, "place": 2, "debit_cents": 0, "credit_cents": 10}
    to(world, DECEMBER)
    tries: tuple[tuple[list[dict[str, Any]], dict[str, Any] | None], ...] = (
        ([debit_line], header), ([debit_line, {**credit_line, "credit_cents": 9}], header),
        ([debit_line, credit_line], None),  # lines without their entry
        ([], {**header, "lines": 0, "debit_cents": 0, "credit_cents": 0}),
        ([debit_line, credit_line], {**header, "lines": 3}),
        ([debit_line, credit_line], {**header, "debit_cents": 11, "credit_cents": 11}),
        ([debit_line, credit_line], {**header, "period": date(2026, 11, 2)}),
        ([debit_line, credit_line], {**header, "period": date(2026, 10, 1)}),
        ([debit_line, credit_line], {**header, "booked_on": date(2026, 10, 31), "period": NOVEMBER}),
        ([debit_line, credit_line], {**header, "number": 1}),
        ([debit_line, credit_line], {**header, "event_id": None}),
        ([debit_line, credit_line], {**header, "municipality_id": cast.municipalities["duinrade"]}),
        ([{**debit_line, "entry_id": 1, "place": 9}, {**credit_line, "entry_id": 1, "place": 8}], None),
        ([{**debit_line, "debit_cents": -10}, {**credit_line, "credit_cents": -10}], header),
    )  # fmt: skip
    for lines, entry in tries:
        with pytest.raises(DBAPIError):
            put(world, lines, entry)
    put(world, [debit_line, credit_line], header)
    with world.db.transaction() as session:
        close(session, cast, NOVEMBER)
    lines = [{**debit_line, "entry_id": 3}, {**credit_line, "entry_id": 3}]
    late = {**header, "id": 3, "number": 3, "event_id": 1000}
    with pytest.raises(DBAPIError):
        put(world, lines, late)
    put(world, lines, {**late, "period": DECEMBER})


def test_the_database_changes_nothing_that_was_booked_or_closed(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        begun(session, cast)
        cast.payable(session, cents=1250)
    to(world, DECEMBER)
    with world.db.transaction() as session:
        close(session, cast, NOVEMBER)
    for statement in (
        "UPDATE journal_entry SET number = 7", "DELETE FROM journal_entry", "UPDATE journal_line SET account = '1'",
        "DELETE FROM journal_line", "UPDATE ledger_close SET month = '2026-12-01'", "DELETE FROM ledger_close",
        "UPDATE ledger_book SET begins_on = '2026-10-01'", "DELETE FROM ledger_book",
        "INSERT INTO ledger_close (municipality_id, month, closed_at, closed_by_id, entries, cents) "
        "SELECT municipality_id, '2027-01-01', closed_at, closed_by_id, 0, 0 FROM ledger_close",
    ):  # fmt: skip
        with pytest.raises(DBAPIError), world.db.transaction() as session:
            session.execute(text(statement))
    with world.db.session(writes=False) as session:
        assert session.scalar(select(func.count()).select_from(JournalLine)) == 2


def test_booked_by_two_at_once_each_fact_stands_once(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        place = begun(session, cast).id
        begun(session, cast, "duinrade")
        for key in "abc":
            cast.payable(session, cents=1250, key=key)
    done = at_once(*(lambda: run(world) for _ in range(3)))
    assert not [one for one in done if isinstance(one, Exception)]
    with world.db.session(writes=False) as session:
        assert balances(session, place) == {"cost.parking": 3750, "employees": -3750}
        assert [entry.number for entry in entries(session)] == [1, 2, 3]
        assert session.get_one(Municipality, place).name == "Waterveen"
