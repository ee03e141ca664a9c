"""What treasurers and the bank do: payment runs, the bank's status reports and statements, and what goes wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.calendar import next_bank_day
from portal.clock import local_date
from portal.commands import bank, payments
from portal.models.payments import BankEntry, BankFile, BatchLine, Payable, PaymentBatch
from portal.queries.payments import proposal
from seed import bank_answers
from seed.bank_answers import Answered, Booked
from seed.filing import Story
from seed.office import moment
from seed.organisation import invented_iban
from seed.sources import source
from seed.stage import Stage

OPENING_CENTS = 25_000_000
"""What stands on a municipality's account when the story begins."""
LATE_RETURN = "AC06"
"""The one reason in the fates by which a payment comes back days after it was made; others are refused at once."""


@dataclass
class Treasury:
    """The SSC's treasurers, and the bank at the other end."""

    stage: Stage
    stories: dict[int, Story]
    balances: dict[int, int] = field(default_factory=dict)
    stated: Counter[int] = field(default_factory=Counter)
    """How many statements the bank has made of each municipality's account."""

    def run(self, municipality_id: int, *, part: float = 1.0, answered: bool = True, by: int = 0) -> None:
        """Release what is proposed and can be paid; with `part`, only that part of it, the oldest first."""
        stage = self.stage
        treasurer = by or self._on_duty(municipality_id)
        viewer, municipality = stage.viewer(treasurer), stage.municipalities[municipality_id]
        stage.session.flush()
        if answered:
            self.end_holds(treasurer, municipality_id)
        proposed = proposal(stage.session, viewer, municipality, stage.now)
        ids = [one.payable.id for one in proposed if one.payable_now]
        ids = ids[: max(1, round(len(ids) * part))]
        if not ids:
            return
        batch = payments.release(stage.session, viewer, municipality, ids, stage.now)
        batch.delivered_at = stage.now + timedelta(seconds=10)
        if answered:
            rng = stage.rng("answer", municipality_id, stage.now)
            stage.plan(stage.now + timedelta(minutes=rng.randrange(40, 200)), partial(self.status, batch.id))
            stage.plan(_morning_after(batch.execution_date), partial(self.statement, batch.id))

    def end_holds(self, treasurer: int, municipality_id: int, payee_id: int = 0) -> None:
        """Let payments to changed accounts wait no longer: those that came back before, or those to one person."""
        stage = self.stage
        viewer, municipality = stage.viewer(treasurer), stage.municipalities[municipality_id]
        stage.session.flush()
        ended = set()
        for one in proposal(stage.session, viewer, municipality, stage.now):
            meant = one.payable.payee_id == payee_id or any(step[0] == "bounce" for step in one.payable.case.trail)
            if one.account is not None and meant and one.account.id not in ended and one.held_for(viewer):
                ended.add(one.account.id)
                reason = stage.rng("hold", one.account.id).choice(source("words")["hold"]["reasons"])
                payments.release_hold(stage.session, viewer, municipality, one.account.id, reason, stage.now)
                stage.session.flush()

    def _on_duty(self, municipality_id: int) -> int:
        """Mostly the first treasurer; the other now and then, so that nobody's own claim waits for ever."""
        rng = self.stage.rng("treasurer", municipality_id, local_date(self.stage.now))
        first, *others = self.stage.staff.treasurers
        return first if rng.random() < 0.75 or not others else others[0]

    def _lines(self, batch_id: int) -> list[BatchLine]:
        query = (
            select(BatchLine).where(BatchLine.batch_id == batch_id)
            .options(joinedload(BatchLine.payable)).order_by(BatchLine.id)
        )  # fmt: skip
        return list(self.stage.session.scalars(query))

    def _refusal(self, payable: Payable) -> str:
        """Why the bank does not pay this one, if it does not; only the first time."""
        story = self.stories.get(payable.case_id)
        if story is None or story.fate.bank == LATE_RETURN:
            return ""
        fate = story.fate
        code, fate.bank = fate.bank, ""
        return code

    def status(self, batch_id: int) -> None:
        """The bank reports on a file: what it will pay, and what not."""
        stage = self.stage
        batch = stage.session.get_one(PaymentBatch, batch_id)
        lines = [
            Answered(line.end_to_end_id, line.cents, self._refusal(line.payable)) for line in self._lines(batch_id)
        ]
        version = 10 if local_date(stage.now).month % 2 else 3  # banks are moving from one to the other
        self.take_in(bank_answers.status_report(batch.message_id, stage.now, lines, version=version), "status")

    def statement(self, batch_id: int) -> None:
        """The bank states what it paid, with whatever else happened on the account."""
        batch = self.stage.session.get_one(PaymentBatch, batch_id)
        lines = [line for line in self._lines(batch_id) if line.returned_at is None]
        paid = [Booked(-line.cents, line.end_to_end_id, line.name, line.iban) for line in lines]
        self._state(batch.municipality_id, paid)
        for line in lines:
            story = self.stories.get(line.payable.case_id)
            if story is not None and story.fate.bank == LATE_RETURN:
                story.fate.bank = ""
                back = Booked(line.cents, line.end_to_end_id, line.name, line.iban, reason=LATE_RETURN)
                at = _morning_after(local_date(self.stage.now) + timedelta(days=1))
                self.stage.plan(at, partial(self._state, batch.municipality_id, [back]))

    def _state(self, municipality_id: int, bookings: list[Booked]) -> None:
        stage = self.stage
        municipality = stage.municipalities[municipality_id]
        opening = self.balances.get(municipality_id, OPENING_CENTS)
        self.balances[municipality_id] = opening + sum(booking.cents for booking in bookings)
        self.stated[municipality_id] += 1
        number = f"{municipality.code[:12].upper()}-{stage.now:%Y}-{self.stated[municipality_id]:05d}"
        self.take_in(bank_answers.statement(number, stage.now, municipality.iban, opening, bookings), "afschrift")

    def take_in(self, data: bytes, kind: str) -> BankFile:
        """Take in a file from the bank, as the folder job does."""
        return bank.take_in(self.stage.session, data, f"{kind}-{self.stage.now:%Y%m%d-%H%M%S}.xml", self.stage.now)

    def stray(self, municipality_id: int, name: str, cents: int, text: str) -> None:
        """Money comes in that no payment of ours explains; it stands on a statement of its own."""
        booking = Booked(cents, name=name, iban=invented_iban(5 * 10**9 + cents), text=text)
        at = _morning_after(local_date(self.stage.now))
        self.stage.plan(at, partial(self._state, municipality_id, [booking]))

    def mangled(self) -> None:
        """A file arrives that was cut off on its way."""
        municipality = next(iter(self.stage.municipalities.values()))
        whole = bank_answers.statement("AFGEBROKEN", self.stage.now, municipality.iban, 0, [Booked(-100, "DEC-0")])
        self.take_in(whole[: len(whole) * 2 // 3], "afschrift")

    def resolve(self) -> None:
        """A treasurer deals with what could not be matched so far."""
        stage = self.stage
        viewer = stage.viewer(stage.staff.treasurers[0])
        stage.session.flush()
        texts = source("words")["resolution"]["unmatched"]
        for entry in stage.session.scalars(select(BankEntry).where(BankEntry.resolved_at.is_(None))):
            bank.resolve(entry, viewer, stage.rng("resolve", entry.id).choice(texts), stage.now)


def _morning_after(day: date) -> datetime:
    """When the bank delivers what happened on this day."""
    return moment(next_bank_day(day + timedelta(days=1)), 6.6)
