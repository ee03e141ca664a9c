"""Handing cases over: whoever receives one may work on it, whoever loses one can read why, and nothing else changes."""

from __future__ import annotations

from itertools import product

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.commands import cases
from portal.commands.handing import hand, tell
from portal.models.cases import Case
from portal.models.mail import OutboxMail
from portal.models.people import Person, RoleGrant
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import refused, whole
from workflows.kernel import Refused


def to_check(session: Session, cast: Cast, name: str = "anna", key: str = "k1") -> Case:
    case = cast.submitted(session, name, key=key)
    cast.act(session, "diane" if name in ("carla", "els") else "bram", case, "approve")
    return case


def test_a_free_case_is_given_without_a_word_and_one_in_hand_with_a_reason(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case, now = to_check(session, cast), world.clock.now()
        carla, els = cast.viewer(session, "carla"), cast.viewer(session, "els")
        hand(session, carla, case, els, now)
        assert (case.assignee_id, case.assigned_at) == (els.person_id, now)
        assert refused(lambda: hand(session, carla, case, carla, now, " \n ")) == {"held_by_colleague"}
        assert refused(lambda: hand(session, carla, case, None, now)) == {"held_by_colleague"}
        assert refused(lambda: hand(session, carla, case, None, now, "x" * 2001)) == {"reason_too_long"}
        hand(session, carla, case, carla, now, "Els is\nziek")
        hand(session, carla, case, None, now)
        assert (case.assignee_id, case.assigned_at) == (None, None)
        assert [(step["by"], step["to"], step["why"]) for step in case.handed] == [
            (carla.name, els.name, ""), (carla.name, carla.name, "Els is ziek"), (carla.name, "", ""),
        ]  # fmt: skip
        assert refused(lambda: hand(session, carla, case, None, now)) == {"nobody_has_it"}


def test_what_is_with_somebody_already_is_said(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case, carla = to_check(session, cast), cast.viewer(session, "carla")
        cases.take(session, carla, case, world.clock.now())
        assert refused(lambda: hand(session, carla, case, carla, world.clock.now())) == {"has_it_already"}


def test_only_what_waits_for_the_ssc_is_handed_over_and_by_its_clerks(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        now, carla = world.clock.now(), cast.viewer(session, "carla")
        waiting = cast.submitted(session)
        assert refused(lambda: hand(session, carla, waiting, carla, now)) == {"not_in_queue"}
        cast.act(session, "bram", waiting, "approve")
        for name in ("anna", "bram", "dirk", "hanna"):
            viewer = cast.viewer(session, name)
            assert refused(lambda viewer=viewer: hand(session, viewer, waiting, carla, now)) == {"not_in_queue"}
            expected = {"no_clerk_there"}
            assert refused(lambda viewer=viewer: hand(session, carla, waiting, viewer, now)) == expected


def test_a_clerk_of_elsewhere_is_no_clerk_here(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = to_check(session, cast)
        session.execute(
            update(RoleGrant)
            .where(RoleGrant.person_id == cast.people["els"])
            .values(municipality_id=cast.municipalities["duinrade"])
        )
        carla, els, now = cast.viewer(session, "carla"), cast.viewer(session, "els"), world.clock.now()
        assert refused(lambda: hand(session, carla, case, els, now)) == {"no_clerk_there"}
        assert refused(lambda: hand(session, els, case, carla, now)) == {"not_in_queue"}


def test_nobody_gets_what_they_may_not_check_and_nobody_deals_in_their_own(world: World, cast: Cast) -> None:
    """Every clerk, every claimant, every holder, with and without a reason: refused, or a fit holder."""
    names, now = ("carla", "els"), world.clock.now()
    seen = set()
    with world.db.transaction() as session:
        ids = [to_check(session, cast, name, f"k{name}").id for name in ("anna", *names)]
    for case_id, giver, to, holder, why in product(ids, names, (*names, None), (*names, None), ("", "Vakantie")):
        with world.db.session() as session:
            case = whole(session, case_id)
            case.assignee_id = cast.people[holder] if holder else None
            session.flush()
            before = (case.assignee_id, list(case.handed), case.version)
            viewer, receiver = cast.viewer(session, giver), cast.viewer(session, to) if to else None
            try:
                hand(session, viewer, case, receiver, now, why)
            except Refused as no:
                seen |= no.codes
                assert (case.assignee_id, case.handed, case.version) == before
            else:
                assert case.initiator_id not in (viewer.person_id, case.assignee_id)
                assert case.assignee_id == (receiver.person_id if receiver else None) != before[0]
                assert before[0] in (None, viewer.person_id) or case.handed[-1]["why"] == "Vakantie"
            session.rollback()
    assert seen == {"own_from_queue", "their_own", "nobody_has_it", "has_it_already", "held_by_colleague"}


def test_who_approved_it_does_not_get_it(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = to_check(session, cast)
        session.add(RoleGrant(person_id=cast.people["bram"], role="clerk", valid_from=world.clock.now().date()))
        session.flush()
        carla, bram = cast.viewer(session, "carla"), cast.viewer(session, "bram")
        assert refused(lambda: hand(session, carla, case, bram, world.clock.now())) == {"their_own"}


def test_a_colleague_is_told_by_one_mail_that_names_numbers_only(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        found = [to_check(session, cast, key=f"k{at}") for at in range(3)]
        carla, els = cast.viewer(session, "carla"), session.get_one(Person, cast.people["els"])
        before = len(session.scalars(select(OutboxMail.id)).all())
        tell(session, carla, els, found, "Ik ben\nvrij", world.clock.now())
        tell(session, carla, els, [], "", world.clock.now())
        tell(session, carla, session.get_one(Person, cast.people["carla"]), found, "", world.clock.now())
        session.flush()
        mails = session.scalars(select(OutboxMail).where(OutboxMail.letter == "handed")).all()
        assert len(mails) == 1
        assert len(session.scalars(select(OutboxMail.id)).all()) == before + 1
        [mail] = mails
        assert (mail.recipient, mail.case_id, mail.subject) == (els.name, None, "U hebt 3 zaken gekregen")
        assert all(str(case.number) in mail.text for case in found)
        assert "Ik ben vrij" in mail.text
        assert "Zitting" not in mail.text
        assert "Anna" not in mail.text
