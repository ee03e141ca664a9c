"""What-if questions that wait: each is worked out, said how far it is, and let go of when nobody wants it any more."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from portal.clock import stopwatch
from portal.jobs.progress import progress
from portal.jobs.telling import Told, told
from portal.models.whatif import WhatIfRun
from portal.whatif.answering import answer
from portal.worlds import World
from workflows.kernel import Refused

log = logging.getLogger("portal.jobs")
CUT_SHORT = timedelta(minutes=10)
"""Without a sign of life for so long, whoever worked on it is not at it any more."""
APART = 1.0
"""Seconds between two looks whether the answer is still wanted."""


class Unwanted(Exception):
    """Somebody stopped the question while it was being worked out."""


def run(world: World, at: datetime) -> Told:
    """Work out what waits, one after the other."""
    done: Told = []
    while (run_id := _claim(world, at)) is not None:
        done += _work(world, run_id, at)
    return done


def _claim(world: World, at: datetime) -> int | None:
    """The next question; of two processes one gets it."""
    free = or_(WhatIfRun.begun_at.is_(None), WhatIfRun.alive_at < at - CUT_SHORT)
    waits = (WhatIfRun.finished_at.is_(None), free)
    with world.db.session(writes=False) as session:
        found = session.scalar(select(WhatIfRun.id).where(*waits).order_by(WhatIfRun.id).limit(1))
    if found is None:
        return None
    with world.db.transaction() as session:
        mine = session.execute(
            update(WhatIfRun).where(WhatIfRun.id == found, *waits).values(begun_at=at, alive_at=at)
            .execution_options(synchronize_session=False).returning(WhatIfRun.id)
        ).first()  # fmt: skip
    return found if mine else _claim(world, at)


def _work(world: World, run_id: int, at: datetime) -> Told:
    with world.db.session(writes=False) as session:
        asked = session.get_one(WhatIfRun, run_id)
    if asked.stopped_at is not None:
        return _end(world, run_id)
    try:
        found = answer(world, asked, at, _Telling(world, run_id))
    except Unwanted:
        return _end(world, run_id)
    except Refused as refused:
        # Said on the page, in the language of whoever reads it.
        said = [{"sentence": one.sentence, "values": dict(one.values)} for one in refused.refusals]
        _end(world, run_id, error=", ".join(sorted(refused.codes)), result={"refused": said})
        return told("whatif_failed", number=run_id)
    except Exception as failure:
        log.exception("no answer to what-if question %s", run_id)
        _end(world, run_id, error=f"{type(failure).__name__}: {failure}"[:1000])
        return told("whatif_failed", number=run_id)
    _end(world, run_id, result=found.result, key=found.key, model_id=found.model_id)
    return told("whatif_answered", number=run_id)


class _Telling:
    """Says how far it is, once a second at most, and hears then whether it is still wanted."""

    def __init__(self, world: World, run_id: int) -> None:
        self.world, self.run_id, self.since, self.last = world, run_id, stopwatch(), -APART

    def __call__(self, done: int, of: int) -> None:
        progress(done, of)
        if self.since() - self.last < APART:
            return
        self.last = self.since()
        with self.world.db.transaction() as session:
            stopped = session.execute(
                update(WhatIfRun).where(WhatIfRun.id == self.run_id)
                .values(done=done, of=of, alive_at=self.world.clock.now())
                .execution_options(synchronize_session=False).returning(WhatIfRun.stopped_at)
            ).scalar_one()  # fmt: skip
        if stopped is not None:
            raise Unwanted


def _end(world: World, run_id: int, **values: object) -> Told:
    with world.db.transaction() as session:
        session.execute(update(WhatIfRun).where(WhatIfRun.id == run_id).values(finished_at=world.clock.now(), **values))
    return []
