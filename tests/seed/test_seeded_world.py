"""What must be true of every seeded world: the same rules hold as for work done by hand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from portal.calendar import municipal_calendar
from portal.clock import local, local_date
from portal.jobs import bank_folder, deliver, remind, tidy
from portal.models.cases import Case, CaseFlag, Document, NumberSeries
from portal.models.costs import QuarterInvoice
from portal.models.events import CaseEvent
from portal.models.invoices import InvoiceFile
from portal.models.leave import LeaveEntry, LeaveLot
from portal.models.mail import OutboxMail
from portal.models.outstanding import Outstanding, Settlement
from portal.models.payments import BankEntry, BankFile, BatchLine, Payable, PaymentBatch
from portal.models.people import Employment, ManagerRelation, Municipality, Person, PersonAccount, Substitution, Unit
from portal.models.sampling import SampleDraw, SampleSeed
from portal.models.standing_substitutes import StandingSubstitute
from portal.queries.chain import verify
from portal.queries.line import Request, line_of
from portal.queries.sampling import draw_again
from portal.worlds import World
from tests.seed.conftest import Make
from workflows import CASE_TYPES
from workflows.iban import clean_iban

STATES = {("expense_claim", state.key) for state in CASE_TYPES["expense_claim"].states} | {
    ("account_change", "submitted"), ("account_change", "in_use"),
}  # fmt: skip
"""What every seeded world has, however small."""
STATES_OF_CASES = select(Case.type, Case.state).distinct()


@pytest.fixture
def session(seeded: World) -> Iterator[Session]:
    with seeded.db.session(writes=False) as session:
        yield session


def test_every_state_and_every_step_happens(session: Session) -> None:
    assert set(session.execute(STATES_OF_CASES).all()) >= STATES
    taken = set(session.scalars(select(CaseEvent.action).distinct()))
    assert taken >= {
        "submit",
        "approve",
        "check",
        "return",
        "reject",
        "release",
        "settle",
        "bounce",
        "withdraw",
        "release_hold",
    }


def test_some_ask_for_advances_which_are_paid_and_owed(session: Session) -> None:
    states = {case.state for case in session.scalars(select(Case).where(Case.type == "advance"))}
    assert "submitted" in states
    assert states & {"outstanding", "settled"}
    for debt in session.scalars(select(Outstanding)):
        assert 0 <= debt.settled_cents <= debt.cents


def test_people_ask_for_leave_and_what_is_booked_is_what_was_asked(seeded: World, session: Session) -> None:
    cases = session.scalars(select(Case).where(Case.type == "leave", Case.number.is_not(None))).all()
    assert {case.state for case in cases} >= {"granted", "submitted"}
    moved = select(LeaveEntry.case_id, func.sum(LeaveEntry.minutes)).where(LeaveEntry.case_id.is_not(None))
    held = {row[0]: -row[1] for row in session.execute(moved.group_by(LeaveEntry.case_id))}
    back: Counter[int | None] = Counter()
    for case in session.scalars(select(Case).where(Case.type == "leave_withdrawal", Case.state == "granted")):
        back[case.parent_id] += case.content["minutes"]
    assert back
    for case in cases:
        # What was granted is burned less what was taken back, what waits is reserved, and nothing else takes anything.
        stands = case.state in ("granted", "submitted")
        assert held.get(case.id, 0) == (case.content["minutes"] - back[case.id] if stands else 0)
    left = session.scalars(
        select(func.sum(LeaveEntry.minutes)).where(LeaveEntry.lot_id.is_not(None)).group_by(LeaveEntry.lot_id)
    ).all()
    assert min(left) >= 0
    assert {"statutory", "extra", "bought"} == set(session.scalars(select(LeaveLot.kind).distinct()))
    anna = session.scalars(select(Person.id).where(Person.email.startswith("anna."))).first()
    assert [case.state for case in cases if case.initiator_id == anna].count("submitted") == 1
    assert seeded.clock.now() >= max(case.created_at for case in cases)


def test_people_are_ill_and_recover_and_nobody_twice_at_once(session: Session) -> None:
    cases = session.scalars(select(Case).where(Case.type == "sickness", Case.number.is_not(None))).all()
    assert "recovered" in {case.state for case in cases}
    running = Counter(case.initiator_id for case in cases if case.state == "ill")
    assert all(count == 1 for count in running.values())
    assert {key for case in cases for key in case.content} == {"first", "since", "again_of", "parts", "recovered"}


def test_invoices_come_in_and_are_received_approved_and_paid(session: Session) -> None:
    found = session.scalars(select(Case).where(Case.type == "purchase_invoice")).all()
    assert {case.state for case in found} >= {"received", "delivery", "submitted", "paid"}
    assert {row.case_id for row in session.scalars(select(InvoiceFile))} == {case.id for case in found}
    for case in found:
        by = {action: person for action, person, _ in case.trail}
        hands = [by[key] for key in ("register", "deliver", "approve", "check", "release") if key in by]
        assert len(set(hands)) == len(hands), case.number
        assert case.received_at is not None
        assert case.legal_due is not None


def test_an_invoice_waits_for_anna_and_one_for_bram(session: Session) -> None:
    waiting = select(Case).where(Case.type == "purchase_invoice").options(joinedload(Case.initiator))
    delivery = session.scalars(waiting.where(Case.state == "delivery")).all()
    assert "Anna" in [case.initiator.given_name for case in delivery]
    asked = select(Person.given_name).join(Case, Case.approver_id == Person.id)
    asked = asked.where(Case.type == "purchase_invoice", Case.state == "submitted")
    assert "Bram" in session.scalars(asked).all()


def test_the_chain_holds(session: Session) -> None:
    found = verify(session)
    assert (found.broken, found.why) == (None, "")
    assert found.count > 100


PAID = ("paid", "outstanding", "settled")
"""Where a case is of which the money arrived: a claim, and an advance that is to be accounted for or is."""
KEPT_BACK = select(Settlement.case_id, func.sum(Settlement.cents)).where(
    Settlement.undone_at.is_(None), Settlement.case_id.is_not(None)
).group_by(Settlement.case_id)  # fmt: skip


def test_what_was_settled_is_what_was_granted(session: Session) -> None:
    kept_back = session.scalar(
        select(func.coalesce(func.sum(Settlement.cents), 0))
        .join(Case, Case.id == Settlement.case_id)
        .where(Settlement.undone_at.is_(None), Case.state.in_(PAID))
    )
    settled = session.scalar(
        select(func.sum(BatchLine.cents)).where(BatchLine.settled_at.is_not(None), BatchLine.returned_at.is_(None))
    )
    granted = session.scalar(select(func.sum(Case.sanctioned_cents)).where(Case.state.in_(PAID)))
    assert (settled or 0) + (kept_back or 0) == granted
    assert settled


def test_every_payable_is_of_a_checked_case_and_for_what_was_granted(session: Session) -> None:
    rows = session.execute(select(Payable, Case).join(Case, Case.id == Payable.case_id)).all()
    assert {case.state for _, case in rows} <= {"payable", "paying", "unpaid", *PAID, "withdrawn", "rejected"}
    kept: dict[int, int] = dict(session.execute(KEPT_BACK).all())
    granted = [(row, case) for row, case in rows if case.result != "aborted"]
    assert all(row.cents == case.sanctioned_cents - kept.get(case.id, 0) for row, case in granted)


def test_one_municipality_samples_and_its_draws_agree(session: Session) -> None:
    seeds = session.scalars(select(SampleSeed)).all()
    duinrade = session.scalars(select(Municipality.id).where(Municipality.code == "duinrade")).one()
    assert {seed.municipality_id for seed in seeds} == {duinrade}
    assert len(seeds) > 2
    assert all(draw_again(session, seed).agrees for seed in seeds)
    assert session.scalar(select(func.count()).where(SampleDraw.drawn.is_not(None)))


def test_nobody_decides_twice_or_on_their_own(session: Session) -> None:
    for case in session.scalars(select(Case)):
        by_step = defaultdict(set)
        for action, person, on_behalf_of in case.trail:
            by_step[action] |= {p for p in (person, on_behalf_of) if p}
        approved = by_step["approve"] | by_step["return"] | by_step["reject"]
        checked = by_step["check"] | by_step["adjust"] | by_step["refuse"] | by_step["send_back"]
        assert case.initiator_id not in approved | checked | by_step["release"]
        assert not approved & checked
        assert not (approved | checked) & by_step["release"]


def test_numbers_follow_each_other(session: Session) -> None:
    numbers = defaultdict(list)
    cases = session.scalars(select(Case.number).where(Case.number.is_not(None)).order_by(Case.number)).all()
    for number in (*cases, *session.scalars(select(QuarterInvoice.number).order_by(QuarterInvoice.number))):
        prefix, year, place = str(number).split("-")
        numbers[prefix, int(year)].append(int(place))
    assert all(places == list(range(1, len(places) + 1)) for places in numbers.values())
    assert {(row.prefix, row.year): row.last for row in session.scalars(select(NumberSeries))} == {
        series: len(places) for series, places in numbers.items()
    }


def test_time_goes_on_and_people_sleep(seeded: World, session: Session) -> None:
    now, last = seeded.clock.now(), None
    office = municipal_calendar(range(2024, 2029), {})
    for event in session.scalars(select(CaseEvent).order_by(CaseEvent.id)):
        here = local(event.at)
        assert last is None or last <= event.at <= now
        assert event.enabled_at <= event.started_at <= event.at
        # The portal itself does not sleep: at night it puts requests to who stands in from that day on.
        if event.channel != "job" or event.action not in ("reroute", "reroute_second"):
            assert 6 <= here.hour < 23
            assert office.is_working_day(here.date()) or event.channel == "bank_file"
        last = event.at


def test_all_mail_was_sent_when_it_was_written(seeded: World, session: Session) -> None:
    assert session.scalars(select(OutboxMail.id).where(OutboxMail.sent_at.is_(None))).first() is None
    assert session.scalars(select(PaymentBatch.id).where(PaymentBatch.delivered_at.is_(None))).first() is None
    assert session.scalar(select(func.count()).select_from(OutboxMail))


def test_receipts_are_there_and_whole(seeded: World, session: Session) -> None:
    documents = session.scalars(select(Document)).all()
    assert Counter(document.media_type for document in documents).keys() == {
        "image/jpeg", "application/pdf", "application/xml",
    }  # fmt: skip
    for document in documents:
        assert len(seeded.files.read(document.sha256)) == document.size
        assert document.thumb_sha256 is None or seeded.files.exists(document.thumb_sha256)


def test_open_work_has_receipts_of_its_own(session: Session) -> None:
    clerks_see = (
        select(Document.sha256, func.count(func.distinct(Document.case_id)))
        .join(Case, Case.id == Document.case_id)
        .where(Case.state == "approved")
        .group_by(Document.sha256)
    )
    assert {count for _, count in session.execute(clerks_see)} == {1}


def test_some_receipts_come_twice_and_clerks_settle_that_before_they_end_a_check(session: Session) -> None:
    twice = session.execute(select(CaseFlag, Case).join(Case, Case.id == CaseFlag.case_id)).all()
    waiting = [case for flag, case in twice if flag.code == "duplicate_file" and flag.settled_at is None]
    assert {"submitted", "approved"} >= {case.state for case in waiting}
    assert len({case.municipality_id for case in waiting}) == 2
    assert not [case.number for flag, case in twice if flag.asks and not flag.settled_as and case.state == "paid"]


def test_the_bank_sends_odd_things(session: Session) -> None:
    assert [file.refused for file in session.scalars(select(BankFile).where(BankFile.refused != ""))] == [
        "bank_file_not_xml"
    ]
    entries = session.scalars(select(BankEntry).order_by(BankEntry.id)).all()
    assert [entry.resolved_at is not None for entry in entries] == [True, False]
    assert session.scalar(select(func.count()).where(BatchLine.return_code == "AC04"))


def test_account_numbers_are_valid(session: Session) -> None:
    for iban in (*session.scalars(select(PersonAccount.iban)), *session.scalars(select(Municipality.iban))):
        assert clean_iban(iban) == iban
        assert iban[4:8] == "MOCK"


def test_everybody_who_claims_has_somebody_else_to_approve(seeded: World, session: Session) -> None:
    today = local_date(seeded.clock.now())
    for row in session.scalars(select(Employment).options(joinedload(Employment.unit))):
        line = line_of(session, row.unit.municipality_id, "expense_claim", today)
        for cents in (5_000, 90_000, 900_000):
            request = Request(row.unit_id, row.person_id, cents, row.unit.cost_centre)
            first = line.first(request)
            assert first is not None
            if not line.suffices(first.person_id, cents, row.unit.cost_centre):
                second = line.second(replace(request, apart=frozenset({first.person_id})))
                assert second is not None
                assert second.person_id not in (first.person_id, row.person_id)


def test_careers_have_turns(session: Session) -> None:
    posts = Counter(session.scalars(select(Employment.person_id)))
    assert max(posts.values()) == 2
    assert session.scalars(select(Employment.id).where(Employment.valid_to.is_not(None))).first()
    assert session.scalar(select(func.count()).select_from(Substitution))
    assert set(session.scalars(select(Unit.name))) >= {"SSC Vierstroom P&F", "Team Vergunningen"}
    assert any(not name.isascii() for name in session.scalars(select(Person.given_name + Person.family_name)))


def test_the_scheduler_finds_nothing_of_long_ago_to_do(make: Make) -> None:
    world = make(employees=40, months=1)
    at = world.clock.now()
    assert deliver.run(world, at) == []
    assert bank_folder.deliver(world, at) == []
    assert bank_folder.take_in(world, at) == []
    assert tidy.run(world, at + timedelta(days=2)) == []
    with world.db.session(writes=False) as session:
        before = session.scalar(select(func.count()).select_from(OutboxMail)) or 0
    remind.run(world, at)
    with world.db.session(writes=False) as session:
        assert (session.scalar(select(func.count()).select_from(OutboxMail)) or 0) - before < 10


def test_a_manager_named_who_decides_whenever_they_are_on_leave(session: Session) -> None:
    standing = session.scalars(select(StandingSubstitute)).one()
    assert standing.person_id != standing.substitute_id
    led = select(ManagerRelation.manager_id).where(ManagerRelation.valid_to.is_(None))
    assert {standing.person_id, standing.substitute_id} <= set(session.scalars(led))
