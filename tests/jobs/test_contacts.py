"""Reminding of questions and calls: once each, in office hours, to whoever promised or to the SSC."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select, update

from portal.commands.contact import Asked, ask_question
from portal.jobs import contacts
from portal.jobs.telling import Told, told
from portal.models.mail import OutboxMail
from portal.models.people import Municipality
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import here
from tests.commands.test_contact import CALL, record
from tests.jobs.test_remind import hourly


def at(world: World, moment: str) -> Told:
    world.clock.set(here(moment))  # type: ignore[attr-defined]
    return contacts.run(world, world.clock.now())


def mails(world: World) -> list[tuple[str, str]]:
    with world.db.session(writes=False) as session:
        found = session.scalars(select(OutboxMail).order_by(OutboxMail.id))
        return [(mail.letter, mail.address.partition("@")[0]) for mail in found]


def test_who_promised_is_reminded_on_the_day_and_the_ssc_is_told_when_it_is_late(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        record(session, cast, CALL)
    said = {moment: done for moment in hourly("2026-11-24 10:00", "2026-11-27 10:00") if (done := at(world, moment))}
    assert said == {
        "2026-11-25 08:00": told("contacts_reminded", reminded=1, escalated=0),
        "2026-11-26 08:00": told("contacts_reminded", reminded=0, escalated=1),
    }
    assert mails(world) == [("remind_contact", "carla"), ("escalate_contact", "SSC")]


def test_a_question_from_the_portal_is_for_whoever_is_there(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        ask_question(session, cast.viewer(session, "anna"), Asked("rules", "Mag het?"), "k", world.clock.now())
    assert at(world, "2026-11-30 16:59") == []
    assert at(world, "2026-12-01 08:00") == told("contacts_reminded", reminded=1, escalated=0)
    assert at(world, "2026-12-01 16:45") == []
    assert mails(world) == [("remind_contact", "SSC")]


def test_a_job_that_was_down_makes_up_for_both_and_a_closed_office_waits(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        session.execute(update(Municipality).values(closing_days={str(date(2026, 11, 30)): "Dag"}))
        record(session, cast, CALL)
    for closed in ("2026-11-28 11:00", "2026-11-30 11:00", "2026-12-01 07:45"):
        assert at(world, closed) == []
    assert at(world, "2026-12-01 09:00") == told("contacts_reminded", reminded=1, escalated=1)
    assert at(world, "2026-12-01 09:15") == []
