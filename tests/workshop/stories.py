"""Stories to test with: a practice world filled by a scenario, and what must be true of it however it was played."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.clock import FixedClock
from portal.db import Database
from portal.interfaces.files import FileStore
from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.models.payments import BankEntry, BankFile, BatchLine, Payable, PaymentBatch
from portal.queries.chain import verify
from portal.workshop import casting, reading
from portal.workshop.scenario import Scenario
from portal.workshop.script import NAME
from portal.workshop.tables import Card, Timer
from portal.worlds import Practice, World
from tests.conftest import KeepingTransport, settings_for
from tests.databases import EMPTY, own_sqlite
from workflows import CASE_TYPES
from workflows.parties import Party, Result

MADE: dict[tuple[str, int, int], Path] = {}
"""The worlds that were filled once, by scenario, round and number of people."""


def a_story(folder: Path, file: Path, number: int, people: int) -> tuple[World, Scenario]:
    """A practice world at the beginning of a round, with bots on all seats: a copy of what was filled once."""
    scenario = reading.read(file)
    instance = folder / "rounds" / str(number)
    instance.mkdir(parents=True)
    shutil.copy(file, folder / NAME)
    settings = settings_for(folder, f"sqlite:///{instance / 'portal.sqlite'}", instance=instance)
    made = MADE.get((file.stem, number, people))
    if made is None:
        own_sqlite().copy(EMPTY, instance / "portal.sqlite")
    else:
        shutil.copy(made, instance / "portal.sqlite")
    world = World(
        "oefening-TESTS", settings, Database(settings.database_url), FixedClock(scenario.begins),
        FileStore(settings.files), KeepingTransport(), wall=FixedClock(scenario.begins),
        practice=Practice("TESTS", folder, number, "Oefening"),
    )  # fmt: skip
    if made is None:
        casting.build(world, scenario, number, people)
        world.db.dispose()
        kept = MADE[file.stem, number, people] = own_sqlite().folder / f"story-{file.stem}-{number}-{people}"
        shutil.copy(instance / "portal.sqlite", kept)
    return world, scenario


def expect_sound(session: Session) -> None:
    """What holds in every story: nothing is paid twice, four eyes saw what was paid, sums add up, the chain holds."""
    _expect_money(session)
    _expect_four_eyes(session)
    assert verify(session).broken is None
    assert session.scalars(select(BankFile.refused).where(BankFile.refused != "")).all() == []
    assert session.scalars(select(BankEntry.id).where(BankEntry.resolved_at.is_(None))).all() == []


def _expect_money(session: Session) -> None:
    paid = select(BatchLine.payable_id, func.count()).where(
        BatchLine.settled_at.is_not(None), BatchLine.returned_at.is_(None)
    )
    assert {count for _, count in session.execute(paid.group_by(BatchLine.payable_id))} <= {1}
    lines = select(func.coalesce(func.sum(BatchLine.cents), 0))
    assert session.scalar(lines) == session.scalar(select(func.coalesce(func.sum(PaymentBatch.cents), 0)))
    for case in session.scalars(select(Case).where(Case.state == "paid")):
        bank = session.scalar(
            lines.join(Payable, Payable.id == BatchLine.payable_id)
            .where(Payable.case_id == case.id, BatchLine.settled_at.is_not(None), BatchLine.returned_at.is_(None))
        )  # fmt: skip
        assert bank == case.sanctioned_cents > 0, case.number


def _expect_four_eyes(session: Session) -> None:
    steps: dict[int, list[CaseEvent]] = {}
    for event in session.scalars(select(CaseEvent).order_by(CaseEvent.id)):
        steps.setdefault(event.case_id, []).append(event)
    for case in session.scalars(select(Case).where(Case.type.in_(("expense_claim", "purchase_invoice")))):
        hands: dict[str, set[int]] = {}
        for event in steps.get(case.id, []):
            if event.actor_id is not None:
                hands.setdefault(event.action, set()).add(event.actor_id)
        approved = hands.get("approve", set()) | hands.get("countersign", set())
        assert case.initiator_id not in approved | hands.get("check", set()), case.number
        assert not hands.get("release", set()) & (approved | hands.get("check", set()) | {case.initiator_id})
        assert not approved & hands.get("check", set()), case.number


def unexplained(session: Session) -> list[str]:
    """The cards of which nothing came and that wait for nothing that has a name."""
    found = []
    for card in session.scalars(select(Card)):
        case = session.get(Case, card.case_id) if card.case_id else None
        if case is None:
            if card.done_at is None:
                found.append(f"{card.key}: nothing came of it")
        elif case.closed_at is None and not _named(session, case):
            found.append(f"{card.key}: {case.type} {case.state}")
    return found


def _named(session: Session, case: Case) -> bool:
    """Whether somebody said why a case waits, or it waits for what goes its own way."""
    if case.waits_for in (Party.BANK.name, Party.SYSTEM.name, Party.TREASURER.name):
        return True
    told = [
        timer.told for timer in session.scalars(select(Timer).where(Timer.kind == "bot").order_by(Timer.id))
        if timer.about.get("case") == case.id
    ]  # fmt: skip
    return any(one.startswith("waits: ") and len(one) > 7 for one in told[-2:])


def results(cases: Iterable[Case]) -> Counter[str]:
    """How many cases of each kind ended how; empty for those that did not."""
    return Counter(f"{case.type} {case.result or case.state}" for case in cases)


def ended_well(case: Case) -> bool:
    """Whether a case ended as whoever asked for it wanted."""
    return case.result == Result.GRANTED.value and case.type in CASE_TYPES
