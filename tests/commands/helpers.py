"""What the tests of commands share: reading back, catching refusals, moving time, and running at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import AMSTERDAM
from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.models.mail import OutboxMail
from portal.queries.cases import WHOLE
from portal.worlds import World
from workflows.kernel import Refused

Got = TypeVar("Got")


def whole(session: Session, case_id: int) -> Case:
    """The case as the database has it, with everybody in it."""
    return session.get_one(Case, case_id, options=WHOLE, populate_existing=True)


def refused(do: Callable[[], object]) -> frozenset[str]:
    """The codes with which this is refused."""
    with pytest.raises(Refused) as caught:
        do()
    return caught.value.codes


def letters(session: Session, case_id: int) -> list[tuple[str, str]]:
    """The mails of a case: which letter to whom. They stand in the outbox from the commit on."""
    session.commit()
    mails = session.scalars(select(OutboxMail).where(OutboxMail.case_id == case_id).order_by(OutboxMail.id))
    return [(mail.letter, mail.address.partition("@")[0]) for mail in mails]


def events(session: Session, case_id: int) -> Sequence[CaseEvent]:
    """The steps of a case, the first first."""
    session.flush()
    return session.scalars(select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(CaseEvent.id)).all()


def here(text: str) -> datetime:
    """A moment in the Netherlands: "2026-12-01 09:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


def pass_days(world: World, days: float) -> datetime:
    """Let the clock of a world run on."""
    return world.clock.advance(timedelta(days=days))  # type: ignore[attr-defined, no-any-return]


def at_once(*work: Callable[[], Got]) -> list[Got | Exception]:
    """Do all of these at the same moment, each in a thread of its own; what came of each, errors too."""
    start, outcomes = threading.Barrier(len(work)), [None] * len(work)

    def run(place: int, do: Callable[[], Any]) -> None:
        start.wait()
        try:
            outcomes[place] = do()
        except Exception as error:
            outcomes[place] = error  # type: ignore[call-overload]

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(work)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes  # type: ignore[return-value]
