"""The bank's answers: accepted, refused, settled, returned, said twice, said wrongly; and the list for a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commands import bank, cases, payments
from portal.models.payments import BankEntry, BankFile, BatchLine
from portal.models.people import PersonAccount
from portal.queries import chain
from portal.queries.payments import open_entries
from portal.worlds import World
from tests import bank_messages as xml
from tests.bank_simulator import CLOSED_ACCOUNT, Bank, running_bank
from tests.cast import OTHER_IBAN, OUR_IBAN, Cast
from tests.commands.helpers import events, letters, pass_days, refused, whole
from tests.commands.money import (
    booked,
    credit,
    debit,
    lines_in,
    open_list,
    payable_of,
    paying,
    proposed,
    rejected,
    release,
    status,
    take_in,
    waterveen,
)


@pytest.fixture
def mock() -> Iterator[Bank]:
    with running_bank() as running:
        yield running


def counts(row: BankFile) -> tuple[int, int, int, int]:
    return row.accepted, row.settled, row.returned, row.unmatched


def state_of(world: World, line: BatchLine) -> str:
    with world.db.session(writes=False) as session:
        return (
            session.scalars(select(BatchLine).where(BatchLine.id == line.id).options(*bank.LINE))
            .one()
            .payable.case.state
        )


def waiting(world: World) -> list[tuple[str, str]]:
    with world.db.session(writes=False) as session:
        return open_list(session)


def test_refused_by_the_bank_and_paid_again_on_another_account(world: World, cast: Cast, mock: Bank) -> None:
    with world.db.transaction() as session:
        session.add(PersonAccount(person_id=cast.people["anna"], iban=CLOSED_ACCOUNT, changed_at=world.clock.now()))
        batch, _ = paying(session, cast)
        case_id = session.scalars(select(BatchLine).options(*bank.LINE)).one().payable.case_id
    (row,) = take_in(world, mock.submit(batch.file))
    assert counts(row) == (0, 0, 1, 0)
    with world.db.transaction() as session:
        case = whole(session, case_id)
        assert (case.state, case.waits_for) == ("unpaid", "CLERK")
        assert letters(session, case_id)[-1] == ("bounced", "anna")
        assert [(e.action, e.reason, e.data["code"]) for e in events(session, case_id)[-1:]] == [
            ("bounce", "AC04", "AC04")
        ]
        assert proposed(session, cast) == []
        pay_again(session, cast, case_id)
    with world.db.transaction() as session:
        assert [line.payable.case_id for line in proposed(session, cast)] == [case_id]
        again = release(session, cast)
        (second,) = lines_in(session, again)
        assert (second.end_to_end_id, second.iban) == (f"{case.number}-2", "NL91ABNA0417164300")
    take_in(world, mock.submit(again.file))
    mock.advance(2)
    rows = take_in(world, *(s for s in mock.statements(OUR_IBAN) if b"<Ntry>" in s))
    assert sum(row.settled for row in rows) == 1
    assert (state_of(world, second), waiting(world)) == ("paid", [])


def pay_again(session: Session, cast: Cast, case_id: int) -> None:
    """The account is changed, a clerk puts the payment up again, and a treasurer ends the hold."""
    now = cast.world.clock.now()
    cast.changes_account(session)
    case = whole(session, case_id)
    cases.take(session, cast.viewer(session, "carla"), case, now)
    assert refused(lambda: cast.act(session, "carla", case, "pay_again")) == {"reason_missing"}
    cast.act(session, "carla", case, "pay_again", "Nieuwe rekening")
    session.flush()
    (one,) = proposed(session, cast)
    assert one.account is not None
    payments.release_hold(
        session, cast.viewer(session, "dirk"), waterveen(session, cast), one.account.id, "Gebeld", now
    )
    session.flush()


def test_a_payment_that_comes_back_reopens_the_case(world: World, cast: Cast, mock: Bank) -> None:
    with world.db.transaction() as session:
        batch, (line,) = paying(session, cast)
    mock.return_later(OUR_IBAN, line.end_to_end_id, days=2, reason="MD07")
    take_in(world, mock.submit(batch.file))
    mock.advance(1)
    take_in(world, *mock.notifications(OUR_IBAN))
    assert state_of(world, line) == "paid"
    mock.advance(6)
    take_in(world, *mock.notifications(OUR_IBAN), *mock.statements(OUR_IBAN))
    with world.db.session(writes=False) as session:
        found = session.scalars(select(BatchLine).options(*bank.LINE)).one()
        case = found.payable.case
        assert (found.return_code, found.settled_by, found.returned_by) == ("MD07", "camt.054", "camt.054")
        assert (case.state, case.result, case.closed_at) == ("unpaid", None, None)
        assert [e.action for e in events(session, case.id)][-2:] == ["settle", "bounce"]
        assert chain.verify(session).broken is None
    assert waiting(world) == []


def test_a_notification_and_a_statement_of_one_booking_settle_once(world: World, cast: Cast, mock: Bank) -> None:
    with world.db.transaction() as session:
        batch, lines = paying(session, cast, 1250, 4300)
    take_in(world, mock.submit(batch.file))
    mock.advance(2)
    told = take_in(world, *mock.notifications(OUR_IBAN))
    stated = take_in(world, *mock.statements(OUR_IBAN))
    assert (sum(row.settled for row in told), sum(row.settled for row in stated)) == (2, 0)
    assert {state_of(world, line) for line in lines} == {"paid"}
    assert waiting(world) == []


def test_a_file_sent_twice_to_the_bank_is_paid_once(world: World, cast: Cast, mock: Bank) -> None:
    with world.db.transaction() as session:
        batch, (line,) = paying(session, cast)
    take_in(world, mock.submit(batch.file), mock.submit(batch.file))
    mock.advance(2)
    take_in(world, *mock.statements(OUR_IBAN))
    assert state_of(world, line) == "paid"


@pytest.mark.parametrize("reason", ["DUPL", "AM05"])
def test_a_whole_file_refused_as_a_copy_is_never_payable_again(world: World, cast: Cast, reason: str) -> None:
    with world.db.transaction() as session:
        batch, lines = paying(session, cast, 1250, 4300)
    (row,) = take_in(world, status(batch, group="RJCT", reason=reason))
    assert counts(row) == (0, 0, 0, 2)
    assert waiting(world) == [(line.end_to_end_id, "second_copy") for line in lines]
    assert {state_of(world, line) for line in lines} == {"paying"}
    with world.db.session(writes=False) as session:
        assert proposed(session, cast) == []


def test_a_whole_file_refused_brings_every_payment_back(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        batch, lines = paying(session, cast, 1250, 4300)
    (row,) = take_in(world, status(batch, group="RJCT", reason="FF01"))
    assert counts(row) == (0, 0, 2, 0)
    assert {state_of(world, line) for line in lines} == {"unpaid"}


def test_a_report_speaks_of_each_payment_apart(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        batch, lines = paying(session, cast, 1250, 4300, 900)
        first, second, third = lines
    told = status(batch, xml.line(first.end_to_end_id, "ACSP"), rejected(second), xml.line(third.end_to_end_id, "ACSC"))
    assert counts(take_in(world, told)[0]) == (1, 1, 1, 0)
    assert [state_of(world, line) for line in lines] == ["paying", "unpaid", "paid"]
    # What was settled by the report is not settled again by the statement; what was refused was not paid.
    (row,) = take_in(world, booked(debit(first), debit(third)))
    assert counts(row) == (0, 1, 0, 0)


def test_a_batch_booked_as_one_sum_settles_all_its_payments(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        batch, lines = paying(session, cast, 1250, 4300)

    def total(amount: str) -> str:
        summary = xml.batch(2).replace("BLOCK-1", batch.message_id).replace("FILE-1", batch.message_id)
        return xml.entry(amount, details=f"<NtryDtls>{summary}</NtryDtls>")

    assert counts(take_in(world, booked(total("55.49")))[0]) == (0, 0, 0, 1)
    assert waiting(world) == [(batch.message_id, "unknown_reference")]
    assert counts(take_in(world, booked(total("55.50"), iban=OTHER_IBAN))[0]) == (0, 0, 0, 1)
    assert counts(take_in(world, booked(total("55.50")))[0]) == (0, 2, 0, 0)
    assert {state_of(world, line) for line in lines} == {"paid"}


def test_what_is_announced_or_is_nothing_is_passed_over(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        _, (line,) = paying(session, cast)
    pending = xml.entry(
        "12.50", status="<Sts><Cd>PDNG</Cd></Sts>", details=f"<NtryDtls>{xml.detail(line.end_to_end_id)}</NtryDtls>"
    )
    assert counts(take_in(world, booked(pending, xml.entry("0.00")))[0]) == (0, 0, 0, 0)
    assert state_of(world, line) == "paying"


def test_an_entry_is_taken_off_the_list_with_what_was_done(world: World, cast: Cast) -> None:
    take_in(world, booked(xml.entry("99.00", side="CRDT"), iban=OUR_IBAN))
    with world.db.transaction() as session:
        (entry,) = open_entries(session, None)
        carla, now = cast.viewer(session, "carla"), pass_days(world, 1)
        assert refused(lambda: bank.resolve(entry, carla, " \n", now)) == {"resolution_missing"}
        bank.resolve(entry, carla, "  Teruggestort  ", now)
    with world.db.session(writes=False) as session:
        stored = session.get_one(BankEntry, entry.id)
        assert (stored.resolution, stored.resolved_at, stored.resolved_by_id) == ("Teruggestort", now, carla.person_id)
        assert list(open_entries(session, None)) == []


def test_a_refused_payment_can_be_given_up(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        batch, (line,) = paying(session, cast)
    take_in(world, status(batch, rejected(line)))
    with world.db.transaction() as session:
        case = session.scalars(select(BatchLine).options(*bank.LINE)).one().payable.case
        cases.take(session, cast.viewer(session, "carla"), case, world.clock.now())
        cast.act(session, "carla", case, "refuse", "Contant betaald")
        assert (case.state, case.sanctioned_cents) == ("rejected", 0)
        assert payable_of(session, case.id).closed_at is not None
        assert proposed(session, cast) == []
    world.clock.advance(timedelta(hours=1))
    take_in(world, booked(credit(line)))
    assert waiting(world) == []
