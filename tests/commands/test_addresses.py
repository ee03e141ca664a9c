"""A change of mail address redirects no decisions: the old address is told, and every link that went there dies."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commands import accounts, cases, employments, people_import
from portal.commands.addresses import SUPERSEDED
from portal.commands.changes import Author
from portal.commands.employments import details_of
from portal.interfaces.csv_files import written
from portal.models.mail import MailLink, OutboxMail
from portal.models.people import Account, Employment, Municipality, Person, Policy
from portal.queries.cases import standing
from portal.queries.mail import link_by_nonce
from portal.worlds import World
from tests.cast import SINCE, Cast
from tests.commands.helpers import refused, whole
from tests.commands.test_approvers import away
from tests.commands.test_people_import import HEADER
from workflows.parties import Channel

HANNA_EVERYWHERE = None
NEW = "b.dewit@example.org"


def change(session: Session, cast: Cast, name: str = "bram", email: str = NEW) -> Person:
    """Hanna puts another mail address for this person."""
    person = session.get_one(Person, cast.people[name])
    hanna = Author(cast.people["hanna"], HANNA_EVERYWHERE)
    employments.change_person(session, hanna, person, replace(details_of(person), email=email), cast.world.clock.now())
    session.commit()
    return person


def living(session: Session, person_id: int) -> list[MailLink]:
    query = select(MailLink).where(MailLink.person_id == person_id, MailLink.ended.is_(None)).order_by(MailLink.id)
    return list(session.scalars(query))


def mails(session: Session, letter: str) -> list[OutboxMail]:
    return list(session.scalars(select(OutboxMail).where(OutboxMail.letter == letter).order_by(OutboxMail.id)))


def test_the_old_address_is_told_and_what_waits_is_asked_anew_at_the_new_one(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        session.commit()
        (old,) = living(session, cast.people["bram"])
        bram = change(session, cast)
        assert (bram.email, bram.email_changed_at) == (NEW, world.clock.now())
        (left,), (new,) = mails(session, "address_left"), mails(session, "address_new")
        assert (left.address, new.address) == ("bram@example.org", NEW)
        assert "Hanna de Wit heeft uw mailadres in het portaal gewijzigd" in left.text
        assert NEW not in left.text, "whoever reads the old address now need not know the new one"
        dead = link_by_nonce(session, old.nonce)
        assert dead is not None
        assert (dead.ended, dead.ended_at) == (SUPERSEDED, world.clock.now())
        (again,) = living(session, cast.people["bram"])
        assert (again.case_id, again.case_version) == (case.id, case.version)
        assert [mail.address for mail in mails(session, "ask")] == ["bram@example.org", NEW]
        assert whole(session, case.id).state == "submitted"


def test_a_substitute_with_a_new_address_is_asked_anew_too(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        away(cast, session, "bram", "diane")
        cast.submitted(session)
        session.commit()
        (old,) = living(session, cast.people["diane"])
        change(session, cast, "diane", "d.dewit@example.org")
        (again,) = living(session, cast.people["diane"])
        assert again.id != old.id
        assert living(session, cast.people["bram"]) == []


def test_the_same_address_in_other_letters_and_another_name_change_nothing(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        cast.submitted(session)
        session.commit()
        (old,) = living(session, cast.people["bram"])
        bram = change(session, cast, email="Bram@Example.org")
        assert bram.email_changed_at is None
        hanna = Author(cast.people["hanna"], HANNA_EVERYWHERE)
        now = world.clock.now()
        employments.change_person(session, hanna, bram, replace(details_of(bram), family_name="Bakker"), now)
        session.commit()
        assert [link.id for link in living(session, bram.id)] == [old.id]
        assert mails(session, "address_left") == []


def test_a_link_for_a_password_that_went_to_the_old_address_is_dead(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        bram, now = session.get_one(Person, cast.people["bram"]), world.clock.now()
        account = session.scalars(select(Account).where(Account.person_id == bram.id)).one()
        hanna = Author(cast.people["hanna"], HANNA_EVERYWHERE)
        accounts.send_link(session, hanna, bram, cast.municipalities["waterveen"], account, now)
        session.commit()
        nonce = mails(session, "password")[0].text.partition("[[account:")[2].partition("]]")[0]
        assert accounts.living_link(session, nonce, now) is not None
        change(session, cast)
        session.expire_all()
        assert accounts.living_link(session, nonce, now) is None
        dead = {"account_link_dead"}
        assert refused(lambda: accounts.choose_password(session, nonce, "een heel lang wachtwoord", now)) == dead


def test_a_file_of_the_personnel_records_tells_the_old_address_as_well(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        cast.submitted(session)
        session.commit()
        where = session.get_one(Municipality, cast.municipalities["waterveen"])
        number = session.scalars(
            select(Employment.personnel_number).where(Employment.person_id == cast.people["bram"])
        ).one()
        row = (number, "Bram", "de Wit", NEW, "Team Vergunningen", SINCE.isoformat(), "", "")
        file = written(HEADER, [row])
        hanna, now = Author(cast.people["hanna"], HANNA_EVERYWHERE), world.clock.now()
        one = people_import.hand_in(session, hanna, where, "mensen.csv", file, date(2026, 11, 24), now)
        plan = people_import.plan_of(session, hanna, one)
        assert plan.problems == ()
        people_import.take_in(session, hanna, one, plan.digest, now)
        session.commit()
        assert [mail.address for mail in mails(session, "address_left")] == ["bram@example.org"]
        assert [mail.address for mail in mails(session, "ask")] == ["bram@example.org", NEW]


@pytest.mark.parametrize(("days", "asks"), [(0, True), (13, True), (14, False), (15, False)])
def test_by_a_link_at_a_new_address_one_signs_in_for_a_while(world: World, cast: Cast, days: int, asks: bool) -> None:
    with world.db.transaction() as session:
        session.add(Policy(key="address_hold_days", value="14", valid_from=SINCE, source="test"))
        case = cast.submitted(session)
        bram = change(session, cast)
        world.clock.advance(timedelta(days=days))  # type: ignore[attr-defined]
        viewer = cast.viewer(session, "bram")

        def decide(signed_in: bool) -> None:
            actor = viewer.actor(standing(case), channel=Channel.MAIL_LINK, signed_in=signed_in)
            actor = replace(actor, address_since=bram.email_changed_at)
            cases.act(session, case, cases.Step("approve", actor, world.clock.now()))

        if asks:
            assert refused(lambda: decide(False)) == {"link_above_limit"}
        decide(asks)
        assert case.state == "approved"
