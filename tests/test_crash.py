"""Pulling the plug at any moment: what was confirmed is there, nothing is half, and nothing is paid twice."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter

from sqlalchemy import select
from sqlalchemy.orm import undefer

from portal.models.cases import Case, Document
from portal.models.events import CaseEvent
from portal.models.mail import OutboxMail
from portal.models.payments import BatchLine, PaymentBatch
from portal.queries import chain
from portal.worlds import World
from tests.cast import Cast
from tests.commands.money import booked, debit, lines_in, rejected, release, status
from tests.scans import cover, paper, pdf

ROUNDS = 6


def crash(world: World, what: str) -> list[list[str]]:
    """Let the workers run and be killed; what they said, word by word."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("SSC_")} | {
        "SSC_INSTANCE": str(world.settings.instance), "SSC_DATABASE_URL": world.settings.database_url,
        "SSC_SECRET_KEY": world.settings.secret_key, "SSC_MAIL_FROM": world.settings.mail_from,
        "SSC_BANK_SETTLE": "0", "SSC_SCAN_SETTLE": "0",
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.crashing", what, str(ROUNDS)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    said = [line.split() for line in done.stdout.splitlines()]
    assert sum(words[0] == "killed" for words in said) == ROUNDS
    assert not done.stderr, done.stderr
    return said


def test_whatever_was_confirmed_before_the_plug_was_pulled_is_there(world: World, cast: Cast) -> None:
    said = crash(world, "claims")
    confirmed = {(words[0], number) for words in said if words[0] not in ("started", "killed") for number in words[1:]}
    assert {step for step, _ in confirmed} == {"submit", "approve", "check", "release"}
    with world.db.session(writes=False) as session:
        numbers = {case.id: case.number for case in session.scalars(select(Case))}
        steps = Counter((e.action, numbers[e.case_id]) for e in session.scalars(select(CaseEvent)))
        assert confirmed <= set(steps)
        # Each is taken once; signals that two claims are alike are settled one by one.
        assert {taken for (step, _), taken in steps.items() if step != "settle_flag"} == {1}
        given = sorted(number for number in numbers.values() if number)
        assert given == [f"DEC-2026-{n:06d}" for n in range(1, len(given) + 1)]
        lines = session.scalars(select(BatchLine)).all()
        assert len({line.payable_id for line in lines}) == len(lines)
        for batch in session.scalars(select(PaymentBatch)):
            assert batch.count == len([line for line in lines if line.batch_id == batch.id])
        paying = session.scalars(select(Case).where(Case.state == "paying")).all()
        assert len(paying) == len(lines)
        found = chain.verify(session)
        assert (found.broken, found.count) == (None, steps.total())


def prepare(world: World, cast: Cast) -> dict[str, str]:
    """Ten batches to deliver, the bank's answers to them to take in, and the mails of all that. End of each case."""
    ends = {}
    world.settings.bank_in.mkdir(parents=True)
    for number in range(10):
        with world.db.transaction() as session:
            case = cast.payable(session, key=str(number))
            batch = release(session, cast, case.id)
            (line,) = lines_in(session, batch)
            ends[case.number or ""] = "unpaid" if number % 3 == 2 else "paid"
            answer = status(batch, rejected(line)) if number % 3 == 2 else booked(debit(line))
        (world.settings.bank_in / f"{number:02}-answer.xml").write_bytes(answer)
    return ends


def test_mail_batches_and_bank_files_survive_the_scheduler_being_killed(world: World, cast: Cast) -> None:
    ends = prepare(world, cast)
    crash(world, "jobs")
    settings = world.settings
    with world.db.session(writes=False) as session:
        assert {case.number: case.state for case in session.scalars(select(Case))} == ends
        for batch in session.scalars(select(PaymentBatch).options(undefer(PaymentBatch.file))):
            assert (settings.bank_out / f"{batch.message_id}.xml").read_bytes() == batch.file
            assert batch.delivered_at is not None
        for line in session.scalars(select(BatchLine)):
            assert (line.settled_at is None) != (line.returned_at is None)
        mails = session.scalars(select(OutboxMail)).all()
        assert all(mail.sent_at for mail in mails)
        assert chain.verify(session).broken is None
    assert list(settings.bank_in.glob("*.xml")) == []
    assert len(list(settings.bank_in.rglob("*.xml"))) == len(ends)
    sent = Counter((settings.instance / "letters").read_text().split())
    assert set(sent) == {f"<{mail.message_id}@ssc.example>" for mail in mails}
    assert sent.total() - len(sent) <= ROUNDS, "at most one mail goes twice for each crash, under the same Message-ID"


def test_scans_are_taken_in_once_each_although_the_scheduler_is_killed(world: World, cast: Cast) -> None:
    folder = world.settings.scan_in
    folder.mkdir(parents=True)
    with world.db.transaction() as session:
        numbers = [cast.submitted(session, key=str(each)).number for each in range(6)]
    for each, number in enumerate(numbers):
        (folder / f"{each}.pdf").write_bytes(pdf([cover(world, number), paper(each)]))
    crash(world, "scans")
    assert list(folder.glob("*.pdf")) == []
    assert sorted(file.name for file in (folder / "taken").iterdir()) == [f"{each}.pdf" for each in range(6)]
    with world.db.session(writes=False) as session:
        added = session.execute(
            select(Case.number, Document.sha256)
            .join(Document, Document.case_id == Case.id)
            .where(Document.kind == "post")
        ).all()
        assert sorted(number for number, _ in added) == sorted(numbers), "each once"
        assert all(world.files.exists(sha256) for _, sha256 in added)
        told = session.scalars(select(OutboxMail.address).where(OutboxMail.letter == "post_added")).all()
        assert Counter(told) == {"anna@example.org": 6, "bram@example.org": 6}
        assert chain.verify(session).broken is None
