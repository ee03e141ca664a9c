"""Whoever submits, approves, checks or has a hand in the account does not release: the database refuses it too."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal import migrations
from portal.commands import cases
from portal.models.payments import EYES, BatchLine, PaymentBatch
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import pass_days, whole
from tests.commands.money import booked, credit, debit, lines_in, release, take_in

CASE_EYES = ("approver_id", "second_approver_id", "checker_id")
SAME = [
    *((eye, "released_by_id") for eye in EYES),
    *((eye, "submitter_id") for eye in CASE_EYES),
    ("second_approver_id", "approver_id"), ("checker_id", "approver_id"), ("checker_id", "second_approver_id"),
]  # fmt: skip
"""Of each pair the same person may not be both."""


def eyes(line: BatchLine, cast: Cast) -> dict[str, str]:
    """Who had which hand in a payment, by name; what nobody did is left out."""
    names = {person: name for name, person in cast.people.items()}
    found = {eye: getattr(line, eye) for eye in (*EYES, "released_by_id")}
    return {eye: names[person] for eye, person in found.items() if person is not None}


def a_line(session: Session, cast: Cast) -> BatchLine:
    cast.payable(session)
    (line,) = lines_in(session, release(session, cast))
    return line


def test_a_payment_keeps_whose_hands_it_went_through(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        assert eyes(a_line(session, cast), cast) == {
            "submitter_id": "anna", "approver_id": "bram", "checker_id": "carla", "released_by_id": "dirk",
        }  # fmt: skip
        claim = cast.submitted(session, "aart", cents=200_000, key="large")
        cast.act(session, "bram", claim, "approve")
        cast.act(session, "diane", claim, "countersign")
        cast.checked(session, claim)
        cast.changes_account(session, "aart")
    pass_days(world, 14)
    with world.db.transaction() as session:
        (line,) = lines_in(session, release(session, cast))
        assert eyes(line, cast) == {
            "submitter_id": "aart", "approver_id": "bram", "second_approver_id": "diane", "checker_id": "carla",
            "account_changed_by_id": "aart", "account_checked_by_id": "els", "released_by_id": "dirk",
        }  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_database_refuses_one_person_for_two(world: World, cast: Cast, one: str, other: str) -> None:
    with world.db.transaction() as session:
        line = a_line(session, cast)
        values = {eye: getattr(line, eye) for eye in EYES}
        everybody = dict(zip(EYES, (cast.people[name] for name in (
            "anna", "aart", "bram", "diane", "carla", "els", "farid")), strict=True))  # fmt: skip
        assert {key: value for key, value in values.items() if value} == {
            key: value for key, value in everybody.items() if values[key]
        }
    with world.db.transaction() as session:
        session.execute(update(BatchLine).values(**everybody))
    same = {one: getattr(BatchLine, other)}
    with pytest.raises(IntegrityError, match=r"_by_another|CHECK"), world.db.transaction() as session:
        session.execute(update(BatchLine).values(**same))
    columns = [column for column in BatchLine.__table__.columns if column.name != "id"]
    copied = [same.get(column.name, column) for column in columns]
    with pytest.raises(IntegrityError, match=r"_by_another|CHECK"), world.db.transaction() as session:
        session.execute(insert(BatchLine).from_select(columns, select(*copied)))


def test_the_releaser_of_a_line_is_that_of_its_batch_and_no_other(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        a_line(session, cast)
    for change in (
        update(BatchLine).values(released_by_id=cast.people["hanna"]),
        update(PaymentBatch).values(released_by_id=cast.people["hanna"]),
        update(BatchLine).values(released_by_id=None),
        update(BatchLine).values(submitter_id=None),
    ):
        with pytest.raises(IntegrityError), world.db.transaction() as session:
            session.execute(change)


def test_payments_from_before_are_given_the_hands_they_went_through(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        cast.changes_account(session)
        first = cast.payable(session, "aart")
        case_id = first.id
        (line,) = lines_in(session, release(session, cast))
    take_in(world, booked(debit(line)), booked(credit(line)))
    pass_days(world, 14)
    with world.db.transaction() as session:
        case = whole(session, case_id)
        cases.take(session, cast.viewer(session, "els"), case, world.clock.now())
        cast.act(session, "els", case, "pay_again", "Rekening klopt")
        cast.payable(session, "anna")
        claim = cast.submitted(session, "aart", cents=200_000, key="large")
        cast.act(session, "bram", claim, "approve")
        cast.act(session, "diane", claim, "countersign")
        cast.checked(session, claim)
        release(session, cast)
    with world.db.session(writes=False) as session:
        before = [(one.id, eyes(one, cast)) for one in session.scalars(select(BatchLine).order_by(BatchLine.id))]
    assert len(before) == 4
    as_made = migrations.drift(world.db)
    _as_it_was(world)
    with world.db.session(writes=False) as session:
        after = [(one.id, eyes(one, cast)) for one in session.scalars(select(BatchLine).order_by(BatchLine.id))]
    assert after == before
    assert migrations.drift(world.db) == as_made
    with world.db.transaction() as session:
        cast.payable(session, key="one more")
        assert release(session, cast).count == 1


BEFORE = (
    "CREATE TABLE old_line AS SELECT id, batch_id, payable_id, end_to_end_id, name, iban, cents, accepted_at, "
    "settled_at, returned_at, settled_by, returned_by, return_code FROM batch_line",
    "DROP TABLE batch_line",
    "ALTER TABLE old_line RENAME TO batch_line",
    "DROP INDEX uq_payment_batch_releaser",
)


def _as_it_was(world: World) -> None:
    """Take the hands off the payments, as before the migration that put them on; then run that one."""
    (file,) = (Path(migrations.__file__).parent / "versions").glob("*_four_eyes.py")
    number = file.name[:4]
    stamp = text("UPDATE alembic_version SET version_num = :number")
    with world.db.engine.begin() as connection:
        head = connection.scalar(text("SELECT version_num FROM alembic_version"))
        for statement in BEFORE:
            connection.execute(text(statement))
        connection.execute(stamp, {"number": f"{int(number) - 1:04}"})
    with world.db.engine.begin() as connection:
        command.upgrade(migrations._config(connection), number)
        connection.execute(stamp, {"number": head})
