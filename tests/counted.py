"""Cases as the log of events tells them, to count: written at once, past the steps that would have made them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.commands import indicators
from portal.commands.definitions import define_all
from portal.db import Base
from portal.models.people import Employment, Municipality
from portal.worlds import World
from seed.sources import source
from tests.cast import Cast
from tests.recounted import Told
from workflows.periods import Period, month

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
FIRST = 900_000
"""The ids of these cases begin above those that a test makes by the portal's own steps."""
OCTOBER: Period = month(date(2026, 10, 1))


class Log:
    """Writes cases in the log as they are told, step by step in the order of time."""

    def __init__(self, session: Session, cast: Cast, after: int = 0) -> None:
        self._session = session
        self._employment = session.scalars(select(Employment.id).limit(1)).one()
        self._places = session.scalars(select(Municipality.id).order_by(Municipality.id)).all()
        self._person = cast.people["anna"]
        self._event = after

    def cases(self, stories: list[Told]) -> list[Told]:
        """The cases without their steps, the place of each being that of a municipality."""
        rows = [self._case(at, story) for at, story in enumerate(stories, 1)]
        if rows:
            self._session.execute(insert(Base.metadata.tables["case"]), rows)
        return [replace(story, place=self._places[story.place]) for story in stories]

    def _case(self, at: int, story: Told) -> dict[str, Any]:
        content: dict[str, Any] = {"payable_cents": -100} if story.credit else {}
        return {
            "id": FIRST + at, "type": story.kind, "number": f"X-{at}", "state": story.steps[0][0], "version": 1,
            "waits_for": "", "municipality_id": self._places[story.place], "employment_id": self._employment,
            "initiator_id": self._person,
            "content": content, "client_key": uuid4().hex, "created_at": story.received, "received_at": story.received,
            "state_since": story.received, "title": "", "words": "", "claimed_cents": 0, "sanctioned_cents": 0,
            "cost_centre": "", "ticks": {}, "trail": [], "flags": [], "handed": [],
        }  # fmt: skip

    def steps(self, stories: list[Told], begin: datetime, end: datetime) -> None:
        """The steps in a stretch of time."""
        found = [
            (at, number, before, state)
            for number, story in enumerate(stories, 1)
            for before, (state, at) in zip(["draft", *(s for s, _ in story.steps)], story.steps, strict=False)
            if begin <= at < end
        ]
        rows = []
        for at, number, before, state in sorted(found):
            self._event += 1
            rows.append({
                "id": self._event, "case_id": FIRST + number, "action": "x", "from_state": before, "to_state": state,
                "enabled_at": at, "started_at": at, "at": at, "channel": "job", "reason": "", "data": {}, "salt": None,
                "said": "", "previous_hash": "", "hash": uuid4().hex,
            })  # fmt: skip
        if rows:
            self._session.execute(insert(Base.metadata.tables["case_event"]), rows)


def claim(day: int, paid_after: int, *later: tuple[str, datetime]) -> Told:
    """A claim of October that is paid so many days after it was handed in."""
    at = datetime(2026, 10, day, 9, tzinfo=UTC)
    steps = [("submitted", at), ("approved", at + timedelta(hours=3)), ("payable", at + timedelta(hours=5)),
             ("paying", at + timedelta(hours=6)), ("paid", at + timedelta(days=paid_after)), *later]  # fmt: skip
    return Told(0, "expense_claim", at, [step for step in steps if step[1] < NOW])


def two_claims(world: World, cast: Cast) -> None:
    """A month in which one of two claims was paid in time, counted."""
    stories = [claim(1, 5), claim(2, 20)]
    with world.db.transaction() as session:
        define_all(session, source("indicators")["indicators"], date(2026, 1, 1), NOW, date(2026, 1, 1))
        log = Log(session, cast)
        log.cases(stories)
        log.steps(stories, datetime(2026, 1, 1, tzinfo=UTC), NOW)
        indicators.catch_up_fully(session, NOW)
