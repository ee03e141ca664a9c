"""Claims that went their way over some weeks, written at once in the log of events: to measure by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.db import Base
from tests.cast import Cast
from tests.counted import FIRST, Log
from tests.recounted import Told

ACTIONS = {
    ("draft", "submitted"): "submit", ("submitted", "approved"): "approve", ("approved", "payable"): "check",
    ("payable", "paying"): "release", ("paying", "paid"): "settle",
}  # fmt: skip
BEGIN = datetime(2026, 9, 1, 8, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def lived(session: Session, cast: Cast, count: int = 60) -> None:
    """So many claims, each a day after the one before; the last few are open still. Who checks takes nine minutes."""
    stories = []
    for nth in range(count):
        # Two at a time come in at the very same moment.
        at = BEGIN + nth // 2 * 2 * DAY + (nth // 2 * 37 % 400) * MINUTE
        stays = [timedelta(0), (nth % 5) * DAY / 2 + 90 * MINUTE, (40 + nth % 50) * MINUTE, 2 * DAY, DAY]
        moments = [at + sum(stays[: step + 1], timedelta(0)) for step in range(5)]
        way = list(zip(("submitted", "approved", "payable", "paying", "paid"), moments, strict=True))
        stories.append(Told(0, "expense_claim", at, way if nth < count - 6 else way[: 1 + nth % 3]))
    log = Log(session, cast)
    log.cases(stories)
    rows, here = [], 0
    for number, story in enumerate(stories, 1):
        before, since = "draft", story.received
        for state, at in story.steps:
            here += 1
            began = at - 9 * MINUTE if before == "approved" else at
            rows.append({
                "id": 900_000 + here, "case_id": FIRST + number, "action": ACTIONS[before, state], "from_state": before,
                "to_state": state, "enabled_at": since, "started_at": began, "at": at, "channel": "portal",
                "reason": "", "data": {}, "salt": None, "said": "", "previous_hash": "", "hash": uuid4().hex,
            })  # fmt: skip
            before, since = state, at
    session.execute(insert(Base.metadata.tables["case_event"]), rows)
