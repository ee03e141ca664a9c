"""What is said at the table, what people notice, and how it goes at each seat."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db import Database
from portal.workshop import talking
from portal.workshop.standing import judged, running_since
from portal.workshop.tables import Diary, Seat, Segment, WorkshopBase
from workflows.kernel import Refused

WALL = datetime(2026, 11, 24, 9, tzinfo=UTC)
STORY = datetime(2026, 11, 2, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def session() -> Iterator[Session]:
    """The tables of a workshop alone."""
    db = Database("sqlite://")
    WorkshopBase.metadata.create_all(db.engine)
    with db.session() as session:
        yield session
    db.dispose()


def seated(session: Session, key: str = "anna", **more: object) -> Seat:
    seat = Seat(
        **{"key": key, "role": "employee", "person_id": sum(key.encode()), "played_by": "person", "joined": WALL} | more
    )
    session.add(seat)
    session.flush()
    return seat


def test_a_message_reaches_whom_it_is_for(session: Session) -> None:
    anna, bram = seated(session), seated(session, "bram-h")
    talking.say(session, " Koffie ", STORY, WALL)
    talking.nudge(session, bram, STORY, WALL)
    assert [one.text for one in talking.said_to(session, anna.id)] == ["Koffie"]
    assert [one.text for one in talking.said_to(session, bram.id)] == [talking.NUDGE, "Koffie"]
    assert [(one.kind, one.seat_id) for one in session.scalars(select(Diary))] == [
        ("message", None), ("nudge", bram.id),
    ]  # fmt: skip


def test_an_empty_or_endless_text_says_nothing(session: Session) -> None:
    for text, code in (("  ", "workshop_nothing_said"), ("x" * 501, "workshop_text_too_long")):
        with pytest.raises(Refused) as refused:
            talking.say(session, text, STORY, WALL)
        assert refused.value.codes == {code}
        with pytest.raises(Refused) as refused:
            talking.record(session, text, 1, STORY, WALL)
        assert refused.value.codes == {code}


def test_findings_stand_the_worst_first(session: Session) -> None:
    found = [talking.record(session, text, 1, STORY, WALL) for text in ("een", "twee", "drie")]
    session.flush()
    talking.classify(session, found[2], "blocking")
    talking.classify(session, found[1], "awkward")
    assert [one.text for one in talking.findings(session)] == ["drie", "twee", "een"]
    talking.classify(session, found[2], "")
    assert [one.text for one in talking.findings(session)] == ["twee", "een", "drie"]
    with pytest.raises(Refused) as refused:
        talking.classify(session, found[0], "terrible")
    assert refused.value.codes == {"workshop_unknown_class"}


def test_who_is_idle_offline_or_stuck_and_since_when(session: Session) -> None:
    anna = seated(session, seen=WALL)
    now = WALL + 10 * MINUTE
    assert judged(anna, 1, None, STORY, now, WALL) == ("offline", WALL)
    anna.seen = now
    assert judged(anna, 0, None, STORY, now, WALL) == ("idle", None)
    assert judged(anna, 1, WALL + 2 * MINUTE, STORY, now, WALL) == ("stuck", WALL + 2 * MINUTE)
    assert judged(anna, 1, now - MINUTE, STORY, now, WALL) == ("busy", None)
    # While the story stands still nobody is stuck, nor just after it began to run again.
    assert judged(anna, 1, None, STORY, now, None) == ("busy", None)
    assert judged(anna, 1, None, STORY, now, now - MINUTE) == ("busy", None)
    anna.away_until = STORY + MINUTE
    assert judged(anna, 1, None, STORY, now, WALL) == ("away", None)
    assert judged(seated(session, "els", played_by="bot"), 1, None, STORY, now, WALL) == ("bot", None)
    assert judged(seated(session, "dirk", played_by="trainer"), 0, None, STORY, now, WALL) == ("idle", None)


def test_since_when_the_story_runs(session: Session) -> None:
    assert running_since(session) is None
    for minute, paused in enumerate((True, False, False)):
        session.add(Segment(wall=WALL + minute * MINUTE, at=STORY, speed=2.0 + minute, paused=paused, office_only=True))
    session.flush()
    assert running_since(session) == WALL + MINUTE
    session.add(Segment(wall=WALL + 5 * MINUTE, at=STORY, speed=2.0, paused=True, office_only=True))
    session.flush()
    assert running_since(session) is None
