"""Destruction: what is due is proposed, a person decides, the night carries it out, and the chain still holds."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.commands import destruction
from portal.commands.contact import Asked, Spoken, record_contact
from portal.commands.satisfaction import say
from portal.db import Base
from portal.jobs import destroy
from portal.models.cases import Case, Document
from portal.models.contact import Contact, ContactQuestion
from portal.models.destruction import DestructionItem, DestructionList
from portal.models.events import REGISTER, CaseEvent
from portal.models.payments import PaymentBatch
from portal.models.people import Person
from portal.models.satisfaction import Satisfaction
from portal.queries.chain import verify
from portal.queries.destruction import items_of
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import pass_days, refused, whole
from tests.commands.money import paying
from workflows import CASE_TYPES
from workflows.parties import Result
from workflows.retention import SELECTIELIJST_2020, Retention, destruction_day, retention_of

SEVEN_YEARS = 7 * 365 + 3


def withdrawn(session: Session, cast: Cast, key: str = "w", name: str = "anna") -> Case:
    case = cast.submitted(session, name, key=key)
    cast.act(session, name, case, "withdraw")
    return case


def verified(world: World) -> str:
    with world.db.session(writes=False) as session:
        return verify(session).why


def run(world: World) -> tuple[int, int]:
    """Lists carried out and cases proposed, now."""
    done = destroy.run(world, world.clock.now())
    return (done[0]["destroyed"], done[0]["proposed"]) if done else (0, 0)


def night(world: World) -> tuple[int, int]:
    pass_days(world, 1)
    return run(world)


def approve_all(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        hanna = cast.viewer(session, "hanna")
        for on in session.scalars(select(DestructionList).where(DestructionList.approved_at.is_(None))):
            destruction.approve(session, hanna, on, world.clock.now())


@pytest.mark.parametrize("case_type", CASE_TYPES.values(), ids=CASE_TYPES.keys())
def test_every_result_of_every_type_has_a_period_with_its_article(case_type: Any) -> None:
    for result in {state.result for state in case_type.states if state.result}:
        held = retention_of(case_type.retention, result.value, date(2026, 11, 24))
        assert held is not None, result
        assert held.years >= 1
        assert held.article
        # A row of the selection list has a number; what rests on something else names it as its source.
        assert held.article[0].isdigit() == (held.source == SELECTIELIJST_2020)


def test_a_later_period_holds_for_what_ends_later_and_leap_days_are_not_lost() -> None:
    rows = (Retention(Result.GRANTED, 7, "18.1"), Retention(Result.GRANTED, 10, "18.1.1", date(2027, 1, 1)))
    assert [retention_of(rows, "granted", day) for day in (date(2026, 12, 31), date(2027, 1, 1))] == list(rows)
    assert retention_of(rows, "aborted", date(2027, 1, 1)) is None
    assert destruction_day(rows[0], date(2024, 2, 29)) == date(2031, 3, 1)
    assert destruction_day(rows[0], date(2026, 11, 24)) == date(2033, 11, 25)


def test_the_result_sets_the_day(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        assert withdrawn(session, cast).destroy_on == date(2027, 11, 25)
        rejected = cast.submitted(session, key="r")
        assert rejected.destroy_on is None
        cast.act(session, "bram", rejected, "reject", "Geen werk")
        assert rejected.destroy_on == date(2033, 11, 25)


def test_what_is_due_is_proposed_once_and_by_municipality(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        withdrawn(session, cast, "1")
        withdrawn(session, cast, "2", "olga")
        cast.submitted(session, key="runs")
    pass_days(world, 365)
    assert run(world) == (0, 0)
    pass_days(world, 1)
    assert run(world) == (0, 2)
    assert night(world) == (0, 0)
    with world.db.session(writes=False) as session:
        assert session.scalar(select(func.count()).select_from(DestructionList)) == 2
        item = session.scalars(select(DestructionItem).order_by(DestructionItem.id)).first()
        assert item is not None
        assert (item.result, item.article, item.closed_on) == ("aborted", "18.5 Afgebroken", date(2026, 11, 24))


def test_a_person_takes_out_with_a_reason_approves_and_takes_back(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        kept = withdrawn(session, cast, "1").id
        withdrawn(session, cast, "2")
    pass_days(world, 366)
    run(world)
    with world.db.transaction() as session:
        hanna, now = cast.viewer(session, "hanna"), world.clock.now()
        on = session.scalars(select(DestructionList)).one()
        first, second = items_of(session, on.id)
        keep = destruction.keep_longer
        assert refused(lambda: keep(session, hanna, on, first.id, " ", now)) == {"keep_reason"}
        assert refused(lambda: keep(session, hanna, on, first.id, "x" * 2001, now)) == {"reason_too_long"}
        keep(session, hanna, on, first.id, "Er loopt een bezwaar", now)
        session.flush()
        assert session.get_one(Case, kept, populate_existing=True).destroy_on == date(2028, 11, 24)
        destruction.approve(session, hanna, on, now)
        assert refused(lambda: keep(session, hanna, on, second.id, "Toch niet", now)) == {"list_closed"}
        assert refused(lambda: destruction.approve(session, hanna, on, now)) == {"list_closed"}
        destruction.take_back(on)
        keep(session, hanna, on, second.id, "Toch niet", now)
        session.flush()
        assert refused(lambda: destruction.approve(session, hanna, on, now)) == {"list_empty"}


def test_nothing_is_carried_out_on_the_day_of_its_approval(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        withdrawn(session, cast)
    pass_days(world, 366)
    run(world)
    approve_all(world, cast)
    assert run(world) == (0, 0)
    assert night(world) == (1, 0)
    with world.db.transaction() as session:
        on = session.scalars(select(DestructionList)).one()
        assert refused(lambda: destruction.take_back(on)) == {"list_done"}


def mentions(world: World, ids: list[int]) -> list[str]:
    """Every column that refers to a case, or to what hangs on it, and still names one of these."""
    found = []
    with world.db.session(writes=False) as session:
        for table in Base.metadata.tables.values():
            for key in table.foreign_keys:
                if key.column.table.name == "case" and session.scalar(
                    select(func.count()).select_from(table).where(key.parent.in_(ids))
                ):
                    found.append(f"{table.name}.{key.parent.name}")
    return found


def test_nothing_of_a_destroyed_case_is_left_but_its_steps_and_a_certificate(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        batch, _ = paying(session, cast, 1250, 4300)
        case = whole(session, session.scalars(select(Case.id).order_by(Case.id).limit(1)).one())
        person = case.initiator_id
        carla, now = cast.viewer(session, "carla"), world.clock.now()
        of_case, loose = Asked("progress", "Wanneer?", "Morgen", case_id=case.id), Asked("rules", "Mag dat?", "Ja")
        record_contact(session, carla, Spoken("telephone", 1, (of_case,), person), now)
        record_contact(session, carla, Spoken("telephone", 1, (of_case, loose), person), now)
        ids = list(session.scalars(select(Case.id)))
        # As if the bank had booked them.
        for case_id in ids:
            one = whole(session, case_id)
            one.closed_at, one.result, one.destroy_on = world.clock.now(), "granted", date(2033, 11, 25)
            say(session, Viewer(one.initiator_id, "", "nl"), one, 9, "Dank, van Anna", now)
        batch_id = batch.id
        files = set(session.scalars(select(Document.sha256)))
    assert all(world.files.exists(sha256) for sha256 in files)
    pass_days(world, SEVEN_YEARS)
    run(world)
    approve_all(world, cast)
    assert night(world) == (1, 0)
    assert mentions(world, ids) == []
    with world.db.session(writes=False) as session:
        marks = session.scalars(select(Satisfaction)).all()
        assert {(one.score, one.case_id, one.person_id, one.remark) for one in marks} == {(9, None, None, "")}
        assert len(marks) == len(ids), "a mark stays, without whose it was"
    assert not any(world.files.exists(sha256) for sha256 in files)
    with world.db.session(writes=False) as session:
        assert session.get(PaymentBatch, batch_id) is None
        assert [asked.asked for asked in session.scalars(select(ContactQuestion))] == ["Mag dat?"]
        assert session.scalar(select(func.count()).select_from(Contact)) == 1, "a contact goes with its last question"
        assert session.get(Person, person) is not None
        assert not session.scalars(select(Case)).all()
        steps = session.scalars(select(CaseEvent).where(CaseEvent.case_id != REGISTER)).all()
        assert steps
        assert {(e.salt, e.reason, str(e.data), e.actor_id, e.on_behalf_of_id) for e in steps} == {
            (None, "", "{}", None, None)
        }
        certificate = session.scalars(select(CaseEvent).where(CaseEvent.case_id == REGISTER)).one()
        on = session.scalars(select(DestructionList)).one()
        assert certificate.actor_id == cast.people["hanna"]
        assert (certificate.data["count"], certificate.data["documents"]) == (len(ids), on.documents)
        assert certificate.data["digest"] == on.digest == destruction.digest_of(items_of(session, on.id))
    assert verified(world) == ""


def test_a_file_that_another_case_holds_stays(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        withdrawn(session, cast)
        other = cast.submitted(session, "aart", key="2")
        (kept,) = session.scalars(select(Document.sha256).where(Document.case_id == other.id))
    pass_days(world, 366)
    run(world)
    approve_all(world, cast)
    assert night(world) == (1, 0)
    assert world.files.exists(kept)
    assert verified(world) == ""


def test_a_parent_waits_for_its_child_and_what_was_reopened_is_left_out(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        parent, child = withdrawn(session, cast, "1"), withdrawn(session, cast, "2")
        child.parent_id = parent.id
        child_id = child.id
    pass_days(world, 366)
    assert run(world) == (0, 1)
    approve_all(world, cast)
    with world.db.transaction() as session:
        found = whole(session, child_id)
        found.closed_at, found.destroy_on = None, None
    assert night(world) == (1, 0)
    with world.db.session(writes=False) as session:
        assert session.get(Case, child_id) is not None
        assert session.scalars(select(CaseEvent.data).where(CaseEvent.case_id == REGISTER)).one()["count"] == 0


EMPTY = "UPDATE case_event SET salt = NULL, reason = '', data = '{}', actor_id = NULL, on_behalf_of_id = NULL "


def test_what_is_emptied_or_removed_without_a_certificate_is_named(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        withdrawn(session, cast)
    with world.db.engine.begin() as connection:
        connection.execute(text(EMPTY + "WHERE id = 2"))
    assert verified(world) == "it was emptied without a certificate"


@pytest.mark.parametrize(
    "statement",
    [EMPTY + ", channel = 'job'", EMPTY + ", hash = 'x'", EMPTY.replace("reason = ''", "reason = 'x'"),
     EMPTY.replace("salt = NULL", "salt = 'x'"), EMPTY.replace("'{}'", "'{\"a\": 1}'"), EMPTY + ", said = 'x'",
     EMPTY.replace("actor_id = NULL,", "actor_id = 1,")],
)  # fmt: skip
def test_the_triggers_let_events_be_emptied_whole_and_nothing_else(world: World, cast: Cast, statement: str) -> None:
    with world.db.transaction() as session:
        withdrawn(session, cast)
    with pytest.raises(DBAPIError, match="append-only"), world.db.engine.begin() as connection:
        connection.execute(text(statement))


def test_a_certificate_cannot_be_emptied_nor_an_empty_event_filled(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        withdrawn(session, cast)
    pass_days(world, 366)
    run(world)
    approve_all(world, cast)
    night(world)
    for statement in (EMPTY + "WHERE case_id = 0", "UPDATE case_event SET reason = 'x', salt = 'y' WHERE id = 1"):
        with pytest.raises(DBAPIError, match="append-only"), world.db.engine.begin() as connection:
            connection.execute(text(statement))


def test_a_case_that_was_taken_away_whole_is_missed(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case_id = withdrawn(session, cast).id
    with world.db.transaction() as session:
        destruction._destroy(session, Case.__table__, [case_id])  # type: ignore[arg-type]
    assert verified(world) == f"case {case_id} is missing"


def test_whatever_is_destroyed_in_whatever_order_the_chain_holds(world: World, cast: Cast) -> None:
    at: datetime = world.clock.now()
    for round_ in range(3):
        with world.db.transaction() as session:
            for number in range(3):
                withdrawn(session, cast, f"{round_}-{number}", ("anna", "aart", "olga")[number])
            cast.submitted(session, key=f"runs{round_}")
        world.clock.advance(timedelta(days=120))  # type: ignore[attr-defined]
    while world.clock.now() < at + timedelta(days=800):
        world.clock.advance(timedelta(days=60))  # type: ignore[attr-defined]
        run(world)
        assert verified(world) == ""
        approve_all(world, cast)
        night(world)
        assert verified(world) == ""
    with world.db.session(writes=False) as session:
        assert set(session.scalars(select(Case.state))) == {"submitted"}
