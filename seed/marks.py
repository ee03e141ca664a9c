"""What employees think of how their requests were handled: some of them say so, some days after the end."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select

from portal.commands.satisfaction import say
from portal.models.cases import Case
from seed.office import later
from seed.sources import source
from seed.stage import Stage
from workflows import CASE_TYPES
from workflows.satisfaction import is_asked

OFTEN, REMARKS = 0.32, 0.3
"""The part of what ended of which a mark is given, and the part of those with a remark."""
SHIFTS = {"waterveen": 0.3, "duinrade": -0.2, "lindehoven": 0.1, "oostermeer": -0.5}
"""How much better or worse than elsewhere people think of it, by municipality."""
FAST = timedelta(days=7)


class Marks:
    """Looks each morning at what ended the day before, and puts on the agenda who says something about it."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._seen: datetime | None = None

    def morning(self, at: datetime) -> None:
        """What ended since the last morning."""
        session, since = self._stage.session, self._seen
        self._seen = at
        if since is None:
            return
        ended = select(Case.id, Case.number, Case.type, Case.result).where(Case.closed_at > since, Case.closed_at <= at)
        for case_id, number, kind, result in session.execute(ended.order_by(Case.id)).all():
            rng = self._stage.rng("mark", number)
            if is_asked(CASE_TYPES[kind], result) and rng.random() < OFTEN:
                when = later(self._stage.ssc_office, at, rng.expovariate(1 / 10))
                self._stage.plan(when, partial(self._say, case_id))
        # Whatever else is done in the morning has a transaction of its own.
        session.commit()

    def _say(self, case_id: int) -> None:
        stage = self._stage
        case = stage.case(case_id)
        if case.closed_at is None or case.received_at is None:
            return
        rng = stage.rng("mark of", case.number)
        content = 7.7 + SHIFTS.get(stage.municipalities[case.municipality_id].code, 0)
        content += 0.4 if case.closed_at - case.received_at < FAST else -0.4
        if case.target_due and case.closed_at > case.target_due:
            content -= 1.6
        if case.result == "refused":
            content -= 2
        score = max(1, min(10, round(rng.gauss(content, 1.2))))
        remark = ""
        if rng.random() < REMARKS:
            words = source("words")["marks"]
            remark = rng.choice(words["good" if score >= 8 else "fair" if score >= 6 else "bad"])
        say(stage.session, stage.viewer(case.initiator_id), case, score, remark, stage.now)
