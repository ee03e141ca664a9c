"""Another account number: asked for by the employee, checked by a clerk, held, and released by a third person."""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.access import Role
from portal.commands import cases, payments
from portal.models.cases import Case
from portal.models.mail import OutboxMail
from portal.models.people import PersonAccount, Policy, RoleGrant
from portal.queries.bank_accounts import account_of, paid_on
from portal.worlds import World
from tests.cast import NEW_IBAN, SINCE, Cast
from tests.commands.helpers import events, here, letters, refused
from tests.commands.money import also_treasurer, lines_in, proposed, release, stops, waterveen

OLD_IBAN = "NL30MOCK0000000005"


def in_use(session: Session, cast: Cast, name: str = "anna") -> str:
    account = account_of(session, cast.people[name])
    return account.iban if account else ""


def end_hold(session: Session, cast: Cast, who: str, reason: str = "De medewerker is zelf gesproken") -> None:
    account = account_of(session, cast.people["anna"])
    assert account is not None
    viewer, ours = cast.viewer(session, who), waterveen(session, cast)
    payments.release_hold(session, viewer, ours, account.id, reason, cast.world.clock.now())
    session.flush()


def test_an_account_comes_in_use_by_the_check_and_not_before(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.asks_account(session)
        assert (case.number, case.state, in_use(session, cast)) == ("REK-2026-000001", "submitted", OLD_IBAN)
        carla = cast.viewer(session, "carla")
        assert refused(lambda: cast.act(session, "carla", case, "check")) == {"not_held", "checks_open"}
        cases.take(session, carla, case, world.clock.now())
        assert refused(lambda: cast.act(session, "carla", case, "check")) == {"checks_open"}
        for check in ("name", "called", "confirmed"):
            cases.tick(case, carla, "account", check, True, world.clock.now())
        cast.act(session, "carla", case, "check")
        account = account_of(session, cast.people["anna"])
        assert account is not None
        people = (cast.people["anna"], cast.people["carla"])
        assert (account.iban, account.changed_by_id, account.checked_by_id) == (NEW_IBAN, *people)
        assert (account.case_id, case.state, case.result) == (case.id, "in_use", "granted")


def test_a_change_that_was_rejected_or_withdrawn_changes_nothing(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.asks_account(session)
        cases.take(session, cast.viewer(session, "els"), case, world.clock.now())
        assert refused(lambda: cast.act(session, "els", case, "refuse")) == {"reason_missing"}
        cast.act(session, "els", case, "refuse", "De medewerker weet van niets")
        withdrawn = cast.asks_account(session, iban="NL41MOCK0000000001")
        cast.act(session, "anna", withdrawn, "withdraw")
        session.flush()
        assert in_use(session, cast) == OLD_IBAN
        assert paid_on(session, cast.people["anna"], waterveen(session, cast), world.clock.now()).waits == ()


def test_nobody_checks_a_change_of_their_own_or_one_they_asked_for(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        own = cast.asks_account(session, "carla")
        called = cast.asks_account(session, "anna", by="els")
        assert called.preparer_id == cast.people["els"]
        for name, case in (("carla", own), ("els", called)):
            viewer = cast.viewer(session, name)
            assert refused(lambda v=viewer, c=case: cases.take(session, v, c, world.clock.now())) == {"own_from_queue"}
            assert "own_case" in refused(lambda n=name, c=case: cast.act(session, n, c, "check"))
            taken = cases.take_next(session, viewer, world.clock.now())
            assert taken is not None
            assert taken.id != case.id
            session.flush()


def test_payments_wait_while_a_change_is_being_checked(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.payable(session)
        assert stops(session, cast, "dirk") == set()
        change = cast.asks_account(session)
        (one,) = proposed(session, cast)
        assert [(r.code, r.values) for r in one.refusals] == [("account_pending", {"number": change.number})]
        assert refused(lambda: release(session, cast, case.id)) == {"account_pending"}
        assert not one.held_for(cast.viewer(session, "dirk"))
        assert refused(lambda: end_hold(session, cast, "dirk")) == {"hold_over"}
        world.clock.set(here("2027-06-01 10:00"))
        assert stops(session, cast, "dirk") == {"account_pending"}, "however long it takes"
        cast.act(session, "anna", change, "withdraw")
        (line,) = lines_in(session, release(session, cast))
        assert line.iban == OLD_IBAN


def test_payments_to_a_changed_account_wait_for_the_hold_period(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        cast.payable(session)
        cast.changes_account(session)
        (one,) = proposed(session, cast)
        (refusal,) = one.refusals
        assert (refusal.code, str(refusal.values["since"]), str(refusal.values["until"])) == (
            "account_held", "2026-11-24", "2026-12-01",
        )  # fmt: skip
        assert refused(lambda: release(session, cast, one.payable.case_id)) == {"account_held"}
        world.clock.set(here("2026-12-01 16:59"))
        assert stops(session, cast, "dirk") == {"account_held"}
        world.clock.set(here("2026-12-01 17:00"))
        assert stops(session, cast, "dirk") == set()
        assert refused(lambda: end_hold(session, cast, "dirk")) == {"hold_over"}


def test_how_long_payments_wait_is_agreed_per_municipality_and_day(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        cast.payable(session)
        cast.changes_account(session)
        ours = waterveen(session, cast)
        session.add(
            Policy(key="account_hold_days", value="0", municipality_id=ours.id, valid_from=SINCE, source="test")
        )
        session.flush()
        assert stops(session, cast, "dirk") == set(), "this one does not want a hold"


def test_a_treasurer_who_had_no_hand_in_it_ends_the_hold(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        cast.payable(session, "aart", key="other")
        case = cast.payable(session)
        also_treasurer(session, cast, "anna", "els", "hanna")
        change = cast.changes_account(session)
        for who in ("anna", "els"):
            (one,) = [one for one in proposed(session, cast, who) if one.payable.case_id == case.id]
            assert not one.held_for(cast.viewer(session, who)), who
        assert refused(lambda: end_hold(session, cast, "anna")) == {"own_case", "four_eyes_hold"}
        assert refused(lambda: end_hold(session, cast, "els")) == {"four_eyes_hold"}
        assert refused(lambda: end_hold(session, cast, "carla")) == {"not_treasurer"}
        assert refused(lambda: end_hold(session, cast, "dirk", " ")) == {"reason_missing"}
        end_hold(session, cast, "dirk")
        assert refused(lambda: end_hold(session, cast, "hanna")) == {"hold_over"}
        els = {one.payable.case_id: {r.code for r in one.refusals} for one in proposed(session, cast, "els")}
        assert els[case.id] == {"account_checked_by_you"}
        (line,) = lines_in(session, release(session, cast, case.id))
        assert line.iban == NEW_IBAN
    with world.db.session(writes=False) as session:
        told = [(event.action, event.reason) for event in events(session, change.id)]
        assert told[-1] == ("release_hold", "De medewerker is zelf gesproken")


def test_who_asked_for_it_for_another_does_not_pay_it(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        cast.payable(session)
        also_treasurer(session, cast, "els")
        session.add(RoleGrant(person_id=cast.people["hanna"], role=Role.CLERK.value, valid_from=SINCE))
        change = cast.asks_account(session, by="els")
        hanna = cast.viewer(session, "hanna")
        cases.take(session, hanna, change, world.clock.now())
        for check in ("name", "called", "confirmed"):
            cases.tick(change, hanna, "account", check, True, world.clock.now())
        cast.act(session, "hanna", change, "check")
        session.flush()
        assert stops(session, cast, "els") == {"account_held", "account_changed_by_you"}
        assert refused(lambda: end_hold(session, cast, "els")) == {"own_case", "four_eyes_hold"}


def test_the_employee_is_told_of_the_old_and_the_new_number_without_either(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.changes_account(session)
        assert letters(session, case.id) == [("received", "anna"), ("to_check", "SSC"), ("checked", "anna")]
        mails = session.scalars(select(OutboxMail).where(OutboxMail.case_id == case.id)).all()
        for mail in mails:
            assert NEW_IBAN not in mail.text + mail.subject
            assert NEW_IBAN not in mail.text.replace(" ", "")
        assert all("Hebt u dit niet gevraagd?" in mail.text for mail in mails if mail.person_id)


def test_the_database_too_wants_three_people(world: World, cast: Cast) -> None:
    """Whatever is written past the portal: two of the changer, the checker and the releaser are never one person."""
    with world.db.transaction() as session:
        cast.changes_account(session)
    anna, els, dirk = (cast.people[name] for name in ("anna", "els", "dirk"))
    wrong = [
        {"checked_by_id": None},
        {"changed_by_id": None},
        *({"changed_by_id": changed, "checked_by_id": checked} for changed, checked in ((els, els), (els, anna))),
        *({"released_by_id": who} for who in (anna, els)),
    ]
    for values in wrong:
        with pytest.raises(IntegrityError), world.db.transaction() as session:
            session.execute(update(PersonAccount).where(PersonAccount.case_id.is_not(None)).values(**values))
    insert = "INSERT INTO person_account (person_id, iban, changed_at, changed_by_id, checked_by_id, released_by_id) "
    for eyes in itertools.product((anna, els, dirk), repeat=3):
        ok = anna not in eyes[1:] and len(set(eyes)) == len(eyes)
        statement = text(f"{insert} VALUES ({anna}, 'X', '2026-11-24 10:00:00+00:00', {', '.join(map(str, eyes))})")
        if ok:
            with world.db.transaction() as session:
                session.execute(statement)
        else:
            with pytest.raises(IntegrityError), world.db.transaction() as session:
                session.execute(statement)


def test_a_case_brings_one_account_in_use_once(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.changes_account(session)
        assert refused(lambda: cast.act(session, "els", case, "check")) == {"not_now"}
        number = session.scalars(select(Case.id).where(Case.id == case.id)).one()
    with pytest.raises(IntegrityError), world.db.transaction() as session:
        session.add(PersonAccount(person_id=1, iban="X", changed_at=world.clock.now(), case_id=number))
