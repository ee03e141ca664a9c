"""A closed dossier is added to without being opened; reopening is a right of its own, and never pays twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Role
from portal.commands import cases, payments, roles
from portal.commands.afterwards import add_later
from portal.commands.cases import take_next
from portal.commands.changes import Author
from portal.models.cases import Case, Document
from portal.models.lines import CaseLine
from portal.models.mail import OutboxMail
from portal.models.payments import BatchLine, Payable
from portal.models.people import Municipality, Person, Policy, RoleGrant
from portal.queries.chain import verify
from portal.worlds import World
from tests.cast import SINCE, Cast, sample_receipt
from tests.commands.helpers import events, letters, pass_days, refused, whole
from tests.commands.money import booked, credit, debit, lines_in, paying, release, take_in


def may_reopen(session: Session, cast: Cast, *names: str) -> None:
    for name in names:
        session.add(RoleGrant(person_id=cast.people[name], role=Role.REOPENER.value, valid_from=SINCE))
    session.flush()


def rejected(session: Session, cast: Cast, by: str = "bram") -> Case:
    """A claim of Anna's that was rejected by her manager, or by a clerk while checking."""
    case = cast.submitted(session)
    if by != "bram":
        cast.act(session, "bram", case, "approve")
        cases.take(session, cast.viewer(session, by), case, cast.world.clock.now())
    cast.act(session, by, case, "reject" if by == "bram" else "refuse", "Geen werk")
    return case


def add(session: Session, cast: Cast, case: Case, who: str, note: str = "Brief ontvangen",
        files: Sequence[object] = ()) -> Sequence[Document]:  # fmt: skip
    viewer, now = cast.viewer(session, who), cast.world.clock.now()
    return add_later(session, cast.world.files, viewer, case, note, files, now)  # type: ignore[arg-type]


def test_what_is_added_later_stands_in_the_chain_and_changes_nothing_else(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = rejected(session, cast)
        closed, destroy_on, version = case.closed_at, case.destroy_on, case.version
        pass_days(world, 3)
        (document,) = add(session, cast, case, "carla", files=[sample_receipt()])
        assert (document.kind, document.frozen_at, document.line_key) == ("later", world.clock.now(), "")
        assert (case.state, case.result, case.closed_at, case.destroy_on) == ("rejected", "refused", closed, destroy_on)
        assert case.version > version
        session.commit()
        last = events(session, case.id)[-1]
        assert (last.action, last.from_state, last.to_state) == ("add_later", "rejected", "rejected")
        assert (last.reason, last.at) == ("Brief ontvangen", world.clock.now())
        assert last.data["documents"] == [{"name": "bon.jpg", "sha256": document.sha256}]
        assert add(session, cast, case, "carla", "Alleen een notitie") == []
    with world.db.session(writes=False) as session:
        assert verify(session).broken is None


def test_only_staff_of_the_ssc_adds_and_only_to_what_is_closed(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session, "carla", key="own")
        assert refused(lambda: add(session, cast, case, "els")) == {"not_now"}
        cast.act(session, "carla", case, "withdraw")
        assert refused(lambda: add(session, cast, case, "carla")) == {"own_case"}
        assert refused(lambda: add(session, cast, case, "bram")) == {"not_yours"}
        assert refused(lambda: add(session, cast, case, "els", " ")) == {"reason_missing"}
        assert refused(lambda: add(session, cast, case, "els", "x" * 2001)) == {"reason_too_long"}
        session.rollback()
        assert session.scalars(select(Document).where(Document.kind == "later")).all() == []


def test_reopening_is_a_right_that_two_functional_managers_give(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case, now = rejected(session, cast), world.clock.now()
        assert refused(lambda: cast.act(session, "els", case, "reopen", "Nieuw bewijs")) == {"not_yours"}
        els, today = session.get_one(Person, cast.people["els"]), now.date()
        session.add(RoleGrant(person_id=cast.people["diane"], role=Role.FUNCTIONAL_MANAGER.value, valid_from=SINCE))
        asked = roles.give_role(
            session, Author(cast.people["hanna"], None), els, Role.REOPENER, None, today, None, "Bezwaren", now, today
        )
        assert asked is not None
        session.flush()
        assert refused(lambda: cast.act(session, "els", case, "reopen", "Nieuw bewijs")) == {"not_yours"}
        hanna, diane = Author(cast.people["hanna"], None), Author(cast.people["diane"], None)
        assert refused(lambda: roles.decide_role(session, hanna, asked, True, now, today)) == {"second_person_needed"}
        roles.decide_role(session, diane, asked, True, now, today)
        session.flush()
        assert refused(lambda: cast.act(session, "els", case, "reopen")) == {"reason_missing"}
        cast.act(session, "els", case, "reopen", "Nieuw bewijs")
        # Without being a clerk the right is nothing.
        may_reopen(session, cast, "diane")
        again = rejected_again(session, cast, case)
        assert refused(lambda: cast.act(session, "diane", again, "reopen", "x")) >= {"not_yours"}


def test_who_reopens_neither_checks_nor_releases(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        may_reopen(session, cast, "els")
        session.add(RoleGrant(person_id=cast.people["els"], role=Role.TREASURER.value, valid_from=SINCE))
        case = rejected(session, cast)
        cast.act(session, "els", case, "reopen", "Er kwam een brief")
        cast.act(session, "bram", case, "approve")
        session.commit()
        assert take_next(session, cast.viewer(session, "els"), world.clock.now()) is None, (
            "not handed out to who reopened"
        )
        assert refused(lambda: cast.checked(session, case, "els")) == {"reopener_goes_on"}
        case.assignee_id = None
        cast.checked(session, case, "carla")
        session.flush()
        payable = session.scalars(select(Payable.id).where(Payable.case_id == case.id)).one()
        waterveen = session.get_one(Municipality, cast.municipalities["waterveen"])
        release = partial(
            payments.release, session, cast.viewer(session, "els"), waterveen, [payable], world.clock.now()
        )
        assert refused(release) == {"reopener_goes_on"}
        assert payments.release(session, cast.viewer(session, "dirk"), waterveen, [payable], world.clock.now())


def rejected_again(session: Session, cast: Cast, case: Case) -> Case:
    cast.act(session, "bram", case, "reject", "Toch niet")
    return case


@pytest.mark.parametrize(
    ("by", "state", "waits_for"), [("bram", "submitted", "APPROVER"), ("carla", "approved", "CLERK")]
)
def test_a_reopened_claim_goes_on_where_it_must(world: World, cast: Cast, by: str, state: str, waits_for: str) -> None:
    """What the manager never approved goes back to the manager; what a clerk rejected goes back to the check."""
    with world.db.transaction() as session:
        may_reopen(session, cast, "els")
        case = rejected(session, cast, by)
        target, legal = case.target_due, case.legal_due
        assert (case.destroy_on is not None, case.sanctioned_cents) == (True, 0)
        assert target is not None
        assert legal is not None
        now = pass_days(world, 14)
        cast.act(session, "els", case, "reopen", "Er kwam een brief")
        assert (case.state, case.waits_for) == (state, waits_for)
        assert (case.result, case.closed_at, case.destroy_on) == (None, None, None)
        assert (case.sanctioned_cents, case.ticks, case.assignee_id) == (1250, {}, None)
        assert case.step_due is not None
        assert now < case.step_due
        assert case.target_due is not None
        assert case.legal_due is not None
        assert timedelta(days=13) < case.target_due - target < timedelta(days=17)
        assert timedelta(days=13) <= case.legal_due - legal <= timedelta(days=15)
        assert case.act_by is not None
        told = letters(session, case.id)
        assert ("reopened", "anna") in told
        assert (told[-2] == ("ask", "bram") or told[-1] == ("ask", "bram")) is (state == "submitted")
    with world.db.session(writes=False) as session:
        assert verify(session).broken is None


def test_who_rejected_does_not_reopen_nor_does_the_employee(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        may_reopen(session, cast, "carla", "els")
        case = rejected(session, cast, "carla")
        assert refused(lambda: cast.act(session, "carla", case, "reopen", "x")) == {"reopener_refused"}
        own = cast.submitted(session, "els", key="own")
        cast.act(session, "diane", own, "reject", "Nee")
        assert refused(lambda: cast.act(session, "els", own, "reopen", "x")) == {"own_case"}


def test_a_paid_claim_is_never_reopened_and_a_reopened_one_is_paid_once(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        may_reopen(session, cast, "els")
        batch, lines = paying(session, cast, 900)
        file = booked(debit(lines[0]))
    take_in(world, file)
    with world.db.transaction() as session:
        paid = session.scalars(select(Case).where(Case.state == "paid")).one()
        assert refused(lambda: cast.act(session, "els", whole(session, paid.id), "reopen", "x")) == {"not_now"}
        case = rejected(session, cast, "carla")
        cast.act(session, "els", case, "reopen", "Er kwam een brief")
        cast.checked(session, case)
        session.flush()
        batch = release(session, cast, case.id)
        (line,) = lines_in(session, batch)
        again = booked(debit(line))
        assert line.cents == 1250
    take_in(world, again)
    with world.db.session(writes=False) as session:
        assert whole(session, case.id).state == "paid"
        of_case = select(BatchLine).join(Payable).where(Payable.case_id == case.id)
        assert len(session.scalars(of_case).all()) == 1


def test_a_change_of_account_is_checked_anew(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        may_reopen(session, cast, "els")
        case = cast.asks_account(session)
        cases.take(session, cast.viewer(session, "carla"), case, world.clock.now())
        cast.act(session, "carla", case, "refuse", "Niet bereikt")
        cast.act(session, "els", case, "reopen", "Wel bereikt")
        assert (case.state, case.waits_for, case.ticks) == ("submitted", "CLERK", {})


def test_what_was_claimed_while_a_claim_was_rejected_is_flagged_when_it_is_reopened(world: World, cast: Cast) -> None:
    """Rejected, claimed again and paid, and then reopened: without a signal the same receipt is paid twice."""
    with world.db.transaction() as session:
        may_reopen(session, cast, "els")
        case = rejected(session, cast, "carla")
        second = cast.payable(session, key="again")
        assert [one for one in second.flags if one["about"] == case.number] == []
        cast.act(session, "els", case, "reopen", "Er kwam een brief")
        assert [(one["code"], one["about"], one["settled_as"]) for one in case.flags] == [
            ("duplicate_file", second.number, "")
        ]
        cases.take(session, cast.viewer(session, "carla"), case, world.clock.now())
        for check in ("legible", "amount", "date", "for_work"):
            cases.tick(case, cast.viewer(session, "carla"), "a", check, True, world.clock.now())
        assert "flags_open" in refused(lambda: cast.act(session, "carla", case, "check", content=case.content))


def test_what_others_took_of_a_cap_meanwhile_is_cut_off_a_claim_that_is_reopened(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        session.add(
            Policy(key="cap_parking", value='{"month": {"cents": 2000, "then": "cut"}}', valid_from=SINCE,
                   municipality_id=cast.municipalities["waterveen"], source="Reisregeling")
        )  # fmt: skip
        may_reopen(session, cast, "els")
        case = rejected(session, cast, "carla")
        second = cast.payable(session, key="again")
        cast.act(session, "els", case, "reopen", "Er kwam een brief")
        (line,) = case.content["lines"]
        assert (line["claimed_cents"], line["allowed_cents"], line["sanctioned_cents"]) == (1250, 750, 750)
        assert [rule["code"] for rule in line["rules"]] == ["cap_parking"]
        assert case.sanctioned_cents + second.sanctioned_cents == 2000
        session.flush()
        kept = session.scalars(select(CaseLine.granted_cents).where(CaseLine.case_id == case.id)).one()
        assert kept == 750
    with world.db.session(writes=False) as session:
        assert events(session, case.id)[-1].data["content"]["lines"] == [line]
        assert verify(session).broken is None


def test_a_rejected_advance_is_taken_up_again_by_who_has_that_right(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        may_reopen(session, cast, "els")
        case = cast.asks_advance(session)
        cast.act(session, "bram", case, "reject", "Niet nodig")
        assert add(session, cast, case, "els") == []
        assert refused(lambda: cast.act(session, "carla", case, "take_up", "Toch wel")) == {"not_yours"}
        cast.act(session, "els", case, "take_up", "De cursus gaat toch door")
        assert (case.state, case.approver_id, case.sanctioned_cents) == ("submitted", cast.people["bram"], 10_000)
        assert letters(session, case.id)[-2:] == [("ask", "bram"), ("taken_up", "anna")]
        mail = session.scalars(select(OutboxMail).where(OutboxMail.letter == "taken_up")).one()
        assert mail.subject == f"{case.number} is heropend"
        assert "De cursus gaat toch door" in mail.text
        cast.act(session, "bram", case, "approve")
        cases.take(session, cast.viewer(session, "els"), case, world.clock.now())
        assert "reopener_goes_on" in refused(lambda: cast.act(session, "els", case, "check"))


def test_an_advance_that_was_at_the_bank_is_not_taken_up(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        may_reopen(session, cast, "els")
        case_id = cast.payable_advance(session).id
        (line,) = lines_in(session, release(session, cast, case_id))
    take_in(world, booked(debit(line)), booked(credit(line)))
    with world.db.transaction() as session:
        case = whole(session, case_id)
        cases.take(session, cast.viewer(session, "carla"), case, world.clock.now())
        cast.act(session, "carla", case, "refuse", "Geen rekening")
        assert refused(lambda: cast.act(session, "els", case, "take_up", "Toch wel")) == {"advance_was_at_bank"}
        add(session, cast, case, "els")
        session.commit()
        assert (events(session, case_id)[-1].action, case.state) == ("add_later", "rejected")
