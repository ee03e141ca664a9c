"""An invoice from paper to the bank: who may do what, whose it is, when it counts from, and to whom is paid."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.commands import payments, registering
from portal.models.cases import Case
from portal.models.mail import MailLink, OutboxMail
from portal.models.payments import BatchLine, Payable, PaymentBatch
from portal.models.people import Policy
from portal.queries import chain
from portal.queries.cases import situation_of, standing
from portal.queries.payments import paid_later, proposal
from portal.worlds import World
from tests import invoices
from tests.cast import SINCE, Cast
from tests.commands.helpers import events, here, letters, pass_days, refused, whole
from tests.commands.money import also_treasurer, booked, credit, debit, lines_in, stops, take_in, waterveen
from workflows.purchase_invoice.rules import IS_CREDIT


def released(session: Session, cast: Cast, case: Case) -> PaymentBatch:
    payable = session.scalars(select(Payable).where(Payable.case_id == case.id)).one()
    return payments.release(
        session, cast.viewer(session, "dirk"), waterveen(session, cast), [payable.id], cast.world.clock.now()
    )


def test_from_paper_to_the_bank(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = invoices.handed_in(session, cast)
        assert (case.state, case.initiator.given_name, case.assignee_id) == ("received", "Anna", cast.people["carla"])
        assert local_date(case.received_at) == date(2026, 11, 20)  # type: ignore[arg-type]
        assert local_date(case.legal_due) == date(2026, 12, 21), "30 days, and then the weekend"  # type: ignore[arg-type]
        case_id = case.id
    with world.db.transaction() as session:
        case = whole(session, case_id)
        invoices.ticked(session, cast, case, "carla", "registration", ("file", "receipt", "supplier"))
        cast.act(session, "carla", case, "register")
        cast.act(session, "anna", case, "deliver")
        assert case.approver_id == cast.people["bram"]
        cast.act(session, "bram", case, "approve")
        invoices.ticked(session, cast, case, "els", "check", ("delivered", "mandate", "amount", "coding"))
        cast.act(session, "els", case, "check")
        assert case.state == "payable"
        assert letters(session, case_id) == [
            ("delivery", "anna"), ("supplier_received", "facturen"), ("ask", "bram"), ("to_check", "SSC"),
            ("invoice_checked", "anna"),
        ]  # fmt: skip
    world.clock.set(here("2026-12-15 10:00"))  # type: ignore[attr-defined]
    with world.db.transaction() as session:
        batch = released(session, cast, whole(session, case_id))
        assert b"F-i1 INK-2026-000001" in batch.file
        (line,) = lines_in(session, batch)
        paid = booked(debit(line))
        assert (line.name, line.iban, line.cents) == ("Groenbeheer Waterveen B.V.", invoices.SUPPLIER_IBAN, 12_100)
        assert (line.submitter_id, line.preparer_id) == (cast.people["anna"], cast.people["carla"])
    take_in(world, paid)
    with world.db.transaction() as session:
        assert whole(session, case_id).state == "paid"
        assert chain.verify(session).broken is None


def test_who_orders_is_asked_by_a_link_and_may_pass_it_on(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = invoices.registered(session, cast)
        first = session.scalars(select(MailLink)).one()
        assert (first.person_id, first.case_version) == (cast.people["anna"], case.version)
        unknown = {**case.content, "ordered_by": "niemand@example.org"}
        before = case.version
        assert refused(lambda: cast.act(session, "anna", case, "forward", content=unknown)) == {"colleague_unknown"}
        assert case.version == before
        cast.act(session, "anna", case, "forward", content={**case.content, "ordered_by": "AART@example.org"})
        assert (case.state, case.initiator_id) == ("delivery", cast.people["aart"])
        last = session.scalars(select(MailLink).order_by(MailLink.id.desc())).first()
        assert last is not None
        assert (last.person_id, last.case_version, last.ended) == (cast.people["aart"], case.version, None)
        session.refresh(first)
        assert first.ended == "superseded"
        assert refused(lambda: cast.act(session, "anna", case, "deliver")) == {"not_yours"}


def test_without_a_name_the_contact_of_the_municipality_is_asked(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = invoices.registered(session, cast, ordered_by="", cost_centre="")
        assert case.initiator_id == cast.people["aart"]
        assert case.cost_centre == "1100"


def test_another_municipality_gets_it_with_the_same_receipt(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = invoices.handed_in(session, cast)
        since, due = case.received_at, case.legal_due
        same = {**case.content, "municipality": "waterveen"}
        assert refused(lambda: cast.act(session, "carla", case, "move", content=same)) == {"municipality_unknown"}
        there = {**case.content, "municipality": "duinrade", "ordered_by": "", "cost_centre": ""}
        cast.act(session, "carla", case, "move", content=there)
        assert case.municipality.code == "duinrade"
        assert (case.received_at, case.legal_due) == (since, due)
        assert (case.initiator_id, case.assignee_id) == (cast.people["olga"], None)
        assert case.state == "received"


def test_where_nobody_is_named_no_invoice_can_be_begun(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        assert refused(lambda: begin(session, cast, "carla")) == {"no_invoice_contact"}


def begin(session: Session, cast: Cast, name: str) -> Case:
    viewer, now = cast.viewer(session, name), cast.world.clock.now()
    return registering.start_for(session, viewer, "purchase_invoice", waterveen(session, cast), "x", now)


def test_only_a_clerk_of_the_municipality_begins_one(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        invoices.prepare(session, cast)
        assert refused(lambda: begin(session, cast, "anna")) == {"not_clerk_here"}
        draft = begin(session, cast, "carla")
        assert begin(session, cast, "carla") is draft, "pressing twice begins one"


def test_a_wrong_day_of_receipt_is_put_right_until_it_is_registered(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = invoices.handed_in(session, cast)
        right = {**case.content, "received_at": "2026-11-10T00:00:00+01:00"}
        cast.act(session, "carla", case, "submit", content=right)
        assert local_date(case.legal_due) == date(2026, 12, 10)  # type: ignore[arg-type]
        assert case.number == "INK-2026-000001"


def test_an_unknown_supplier_or_a_wrong_sum_goes_no_further(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        wrong = {"net_cents": 1}
        assert refused(lambda: invoices.handed_in(session, cast, key="w", **wrong)) == {"invoice_incomplete"}
        case = invoices.handed_in(session, cast, supplier_id=None)
        checks = ("file", "receipt", "supplier")
        invoices.ticked(session, cast, case, "carla", "registration", checks)
        assert refused(lambda: cast.act(session, "carla", case, "register")) == {"supplier_unknown"}


def test_registering_receiving_approving_and_paying_are_of_different_people(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        own = invoices.registered(session, cast, ordered_by="bram@example.org", key="own")
        cast.act(session, "bram", own, "deliver")
        assert own.approver_id == cast.people["diane"], "who ordered it is passed over"
        case = invoices.registered(session, cast, key="k")
        cast.act(session, "anna", case, "forward", content={**case.content, "ordered_by": "carla@example.org"})
        assert refused(lambda: cast.act(session, "carla", case, "deliver")) == {"registrar_receives"}


def test_the_database_refuses_a_payment_that_who_registered_it_approved(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case_id = invoices.payable(session, cast).id
    world.clock.set(here("2026-12-15 10:00"))  # type: ignore[attr-defined]
    with world.db.transaction() as session:
        released(session, cast, whole(session, case_id))
    with world.db.session() as session, pytest.raises(IntegrityError):
        session.execute(text("UPDATE batch_line SET approver_id = preparer_id"))
    with world.db.session() as session, pytest.raises(IntegrityError):
        session.execute(text("UPDATE payable SET payee_id = :who"), {"who": cast.people["anna"]})


def test_it_is_proposed_in_time_and_not_too_early(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        session.add(Policy(key="pay_days_before", value="3", valid_from=SINCE, source="test"))
        case = invoices.payable(session, cast, due="2026-12-11")
        found = session.scalars(select(Payable)).one()
        assert found.pay_from == date(2026, 12, 8)
        place, dirk = waterveen(session, cast), cast.viewer(session, "dirk")
        assert list(proposal(session, dirk, place, here("2026-12-07 10:00"))) == []
        assert paid_later(session, place.id, date(2026, 12, 7)) == (1, 12_100)
        assert [one.payable.case_id for one in proposal(session, dirk, place, here("2026-12-08 10:00"))] == [case.id]
        late = invoices.payable(session, cast, due="2027-03-01", key="late")
        wanted = session.scalars(select(Payable.pay_from).where(Payable.case_id == late.id)).one()
        assert wanted == date(2026, 12, 16), "the law does not wait for what was agreed"


def test_a_dispute_stops_the_norm_and_not_the_law(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = invoices.handed_in(session, cast)
        legal, target = case.legal_due, case.target_due
        cast.act(session, "carla", case, "dispute", "De helft is niet geleverd")
        assert case.suspended_since is not None
        case_id = case.id
    pass_days(world, 7)
    with world.db.transaction() as session:
        case = whole(session, case_id)
        cast.act(session, "carla", case, "resume", "Creditnota beloofd")
        assert case.legal_due == legal
        assert case.target_due is not None
        assert target is not None
        assert case.target_due > target
        told = session.scalars(select(OutboxMail).where(OutboxMail.letter == "supplier_disputed")).one()
        assert told.address == "facturen@example.com"
        assert "De helft is niet geleverd" in told.text
        assert "[[status:INK-2026-000001]]" in told.text


def test_without_a_mail_address_the_ssc_writes_on_paper(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = invoices.handed_in(session, cast, supplier_email="")
        cast.act(session, "carla", case, "refuse", "Niet voor ons")
        assert letters(session, case.id) == [("write_on_paper", "SSC"), ("rejected_invoice", "anna")]


def test_credit_notes_are_set_off_with_the_same_supplier_and_municipality_only(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        note = invoices.payable(session, cast, 5000, key="c", credit=True, preceding="F-0")
        assert note.state == "credit"
        other = invoices.supplier(session, cast, "Andere B.V.", "87654321", "NL91ABNA0417164300")
        beside = invoices.payable(session, cast, 3000, key="o", by=other)
        small = invoices.payable(session, cast, 2000, key="s")
        assert (small.state, small.result) == ("paid", "granted")
        large = invoices.payable(session, cast, 10_000, key="l")
        cents = {one.case_id: one.cents for one in session.scalars(select(Payable))}
        assert cents == {beside.id: 3000, large.id: 7000}
        assert whole(session, note.id).state == "netted"
        large_id, number = large.id, note.number
    with world.db.transaction() as session:
        check = next(event for event in events(session, large_id) if event.action == "check")
        assert check.data["settled"] == [{"number": number, "kind": "credit", "cents": 3000}]


def test_what_is_below_zero_or_nothing_never_enters_a_batch(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        below = invoices.payable(session, cast, -4000, key="b")
        assert (below.state, below.sanctioned_cents) == ("credit", 4000)
        assert session.scalars(select(Payable)).all() == []
        assert session.scalars(select(BatchLine)).all() == []


def test_what_the_bank_returns_is_owed_again_to_the_credit_note(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        credit_id = invoices.payable(session, cast, 5000, key="c", credit=True, preceding="F-0").id
        case_id = invoices.payable(session, cast, 12_000, key="l").id
    world.clock.set(here("2026-12-15 10:00"))  # type: ignore[attr-defined]
    with world.db.transaction() as session:
        (line,) = lines_in(session, released(session, cast, whole(session, case_id)))
        assert line.cents == 7000
        paid, back = booked(debit(line)), booked(credit(line))
    take_in(world, paid, back)
    with world.db.transaction() as session:
        assert whole(session, case_id).state == "unpaid"
        assert whole(session, credit_id).state == "credit"


def test_who_is_wrongly_asked_is_told_why_they_may_not(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        also_treasurer(session, cast, "carla")
        case = invoices.delivered(session, cast)
        case.approver_id = cast.people["carla"]
        assert refused(lambda: cast.act(session, "carla", case, "approve")) == {"registrar_approves"}
        case.approver_id = cast.people["anna"]
        codes = refused(lambda: cast.act(session, "anna", case, "approve"))
        assert codes == {"own_case", "deliverer_approves"}
        paid = invoices.payable(session, cast, key="p", due="2026-11-30")
        assert stops(session, cast, "carla") == {"registrar_pays"}
        assert paid.state == "payable"


def test_the_branch_says_why_an_invoice_is_paid_and_not_set_off(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = invoices.approved(session, cast)
        now = situation_of(session, case, cast.viewer(session, "els").actor(standing(case)), world.clock.now())
        assert (IS_CREDIT.broken(now), IS_CREDIT.code) == (True, "is_no_credit")
