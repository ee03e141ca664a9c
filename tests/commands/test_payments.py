"""Releasing payments: four eyes, held accounts, all or none, and a file whose bytes never change."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import undefer

from portal.commands import payments
from portal.commands.payments import execution_date
from portal.interfaces.bank import read_all
from portal.jobs import bank_folder
from portal.jobs.telling import told
from portal.models.events import CaseEvent
from portal.models.payments import BatchLine, Payable, PaymentBatch
from portal.models.people import Person, PersonAccount
from portal.queries.payments import proposal
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import at_once, here, pass_days, refused, whole
from tests.commands.money import also_treasurer, lines_in, payable_of, proposed, release, stops, waterveen
from workflows.kernel import Refused


def test_whoever_approved_checked_or_claims_does_not_release_and_another_does(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.payable(session)
        also_treasurer(session, cast, "bram", "carla", "anna")
        assert stops(session, cast, "bram") == stops(session, cast, "carla") == {"four_eyes_release"}
        assert stops(session, cast, "anna") == {"own_payment"}
        assert stops(session, cast, "dirk") == set()
        for who in ("bram", "carla", "anna"):
            assert refused(lambda who=who: release(session, cast, case.id, who=who)) == stops(session, cast, who)
        assert case.state == "payable"
        batch = release(session, cast)
        assert (case.state, batch.count, batch.cents, batch.released_by_id) == ("paying", 1, 1250, cast.people["dirk"])


def test_the_account_of_a_released_payment_stays_whatever_is_changed_later(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        cast.payable(session)
        batch = release(session, cast)
        before = batch.file
        cast.changes_account(session)
    with world.db.transaction() as session:
        again = session.get_one(PaymentBatch, batch.id, options=[undefer(PaymentBatch.file)])
        assert again.file == before
        assert b"NL30MOCK0000000005" in again.file


def test_without_a_good_account_nothing_is_paid(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        cast.payable(session)
        session.execute(update(PersonAccount).values(iban="NL00MOCK0000000005"))
        assert stops(session, cast, "dirk") == {"bad_account"}
        session.execute(delete(PersonAccount))
        assert stops(session, cast, "dirk") == {"no_account"}
        assert refused(lambda: release(session, cast, proposed(session, cast)[0].payable.case_id)) == {"no_account"}


def test_a_name_that_no_bank_can_write_holds_up_its_own_payment_only(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        first, second = cast.payable(session, "anna"), cast.payable(session, "aart")
        aart = session.get_one(Person, cast.people["aart"])
        aart.given_name, aart.family_name = "\u0410\u0440\u0442", "\u0411\u0435\u043b\u044b\u0439"
        held = [(line.payable.case_id, [r.code for r in line.refusals]) for line in proposed(session, cast)]
        assert held == [(first.id, []), (second.id, ["unwritable_name"])]
        assert refused(lambda: release(session, cast, first.id, second.id)) == {"unwritable_name"}
        assert release(session, cast).count == 1
        assert (first.state, second.state) == ("paying", "payable")


def test_a_municipality_with_a_wrong_account_is_told_so_and_pays_nothing(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.payable(session)
        waterveen(session, cast).iban = "NL00MOCK0000000001"
        session.flush()
        assert refused(lambda: release(session, cast)) == {"no_bank_file"}
        assert case.state == "payable"
        assert proposed(session, cast)[0].payable_now


def test_a_batch_is_released_whole_or_not_at_all(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        first, second = cast.payable(session, "anna"), cast.payable(session, "aart")
        session.execute(delete(PersonAccount).where(PersonAccount.person_id == cast.people["aart"]))
        assert refused(lambda: release(session, cast, first.id, second.id)) == {"no_account"}
        assert [line.payable.case_id for line in proposed(session, cast)] == [first.id, second.id]
        assert session.scalars(select(PaymentBatch)).all() == []


def test_only_a_treasurer_and_only_what_is_proposed(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case, now = cast.payable(session), world.clock.now()
        ours, theirs = waterveen(session, cast), waterveen(session, cast, "duinrade")
        dirk, carla = cast.viewer(session, "dirk"), cast.viewer(session, "carla")
        number = payable_of(session, case.id).id
        assert refused(lambda: payments.release(session, carla, ours, [number], now)) == {"not_treasurer"}
        assert refused(lambda: payments.release(session, dirk, ours, [], now)) == {"nothing_chosen"}
        assert refused(lambda: payments.release(session, dirk, ours, [number, 999], now)) == {"not_proposed"}
        assert refused(lambda: payments.release(session, dirk, theirs, [number], now)) == {"not_proposed"}
        batch = payments.release(session, dirk, ours, [number, number], now)
        assert batch.count == 1
        assert refused(lambda: payments.release(session, dirk, ours, [number], now)) == {"not_proposed"}
        assert list(proposal(session, dirk, ours, now)) == []


def test_two_treasurers_at_once_pay_once(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        also_treasurer(session, cast, "hanna")
        case_id = cast.payable(session).id

    def pay(who: str) -> int:
        with world.db.transaction() as session:
            return release(session, cast, case_id, who=who).id

    outcomes = at_once(lambda: pay("dirk"), lambda: pay("hanna"))
    assert len([each for each in outcomes if isinstance(each, int)]) == 1, outcomes
    assert isinstance(next(each for each in outcomes if not isinstance(each, int)), Refused)
    with world.db.session(writes=False) as session:
        assert len(session.scalars(select(BatchLine)).all()) == 1


def test_the_database_itself_refuses_a_second_open_payment(world: World, cast: Cast) -> None:
    def again(number: int) -> None:
        with world.db.transaction() as session:
            line = session.scalars(select(BatchLine)).first()
            assert line is not None
            batch = session.get_one(PaymentBatch, line.batch_id)
            copy = {c.key: getattr(batch, c.key) for c in PaymentBatch.__table__.columns if c.key not in ("id", "file")}
            other = PaymentBatch(**copy | {"message_id": f"OTHER-{number}"}, file=b"")
            session.add(other)
            session.flush()
            values = {"payable_id": line.payable_id, "name": "Anna", "iban": line.iban, "cents": line.cents,
                      "released_by_id": line.released_by_id, "submitter_id": line.submitter_id}  # fmt: skip
            session.add(BatchLine(batch_id=other.id, end_to_end_id=f"X-{number}", **values))

    with world.db.transaction() as session:
        cast.payable(session)
        release(session, cast)
    with pytest.raises(IntegrityError):
        again(1)
    with world.db.transaction() as session:
        session.execute(update(BatchLine).values(returned_at=world.clock.now()))
    again(2)


def test_the_database_refuses_payables_and_lines_of_nothing(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        cast.payable(session)
        release(session, cast)
    for table in (Payable, BatchLine):
        with pytest.raises(IntegrityError), world.db.transaction() as session:
            session.execute(update(table).values(cents=0))


def test_the_same_bytes_go_out_however_often(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        cast.payable(session)
        batch = release(session, cast)
        file, name = batch.file, f"{batch.message_id}.xml"
        assert hashlib.sha256(file).hexdigest() == batch.sha256
    assert bank_folder.deliver(world, world.clock.now()) == told("batches_delivered", count=1)
    delivered = world.settings.bank_out / name
    assert delivered.read_bytes() == file
    assert bank_folder.deliver(world, world.clock.now()) == []
    # As after a crash between writing and remembering it.
    delivered.unlink()
    with world.db.transaction() as session:
        session.execute(update(PaymentBatch).values(delivered_at=None))
    pass_days(world, 1)
    assert bank_folder.deliver(world, world.clock.now()) == told("batches_delivered", count=1)
    assert delivered.read_bytes() == file
    assert list(world.settings.bank_out.glob("*.part")) == []


def test_the_event_names_the_batch_and_the_line_names_the_case(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.payable(session)
        batch = release(session, cast)
        (line,) = lines_in(session, batch)
        assert (line.end_to_end_id, line.cents, line.name) == (f"{case.number}-1", 1250, "Anna de Wit")
        case_id = case.id
    with world.db.session(writes=False) as session:
        event = session.scalars(select(CaseEvent).where(CaseEvent.action == "release")).one()
        assert (event.data["batch"], event.case_id) == (batch.message_id, case_id)
        assert whole(session, case_id).state == "paying"
    with pytest.raises(Exception, match="bank_file_unknown_kind"):
        read_all(batch.file)


@pytest.mark.parametrize(
    ("released", "executed"),
    [
        ("2026-11-24 10:00", "2026-11-24"),
        ("2026-11-24 13:59", "2026-11-24"),
        ("2026-11-24 14:00", "2026-11-25"),
        ("2026-11-27 15:00", "2026-11-30"),
        ("2026-11-28 10:00", "2026-11-30"),
        ("2026-12-24 15:00", "2026-12-28"),
        ("2026-12-31 15:00", "2027-01-04"),
        ("2027-03-25 16:00", "2027-03-30"),
        ("2027-04-27 09:00", "2027-04-27"),
        ("2026-11-24 23:30", "2026-11-25"),
    ],
)
def test_a_batch_is_executed_on_the_first_bank_day(released: str, executed: str) -> None:
    assert execution_date(here(released)) == date.fromisoformat(executed)
