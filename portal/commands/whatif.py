"""What-if questions: asked, and stopped when nobody waits for the answer any more. A job works them out.

Whoever may ask has a reach: of which municipalities the cases are counted. What was worked out before is not again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.access import Role, Viewer
from portal.models.whatif import WhatIfModel, WhatIfRun
from portal.queries.whatif import fresh_model, scope_of
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

Plain = Sequence[Mapping[str, Any]]
MAY = (Role.TRAINER, Role.DIRECTOR)
MOST_SCENARIOS, MOST_WAITING, LONGEST = 4, 5, 200
LARGEST_SEED = 2**31 - 1
NOTHING_ASKED = Refusal("whatif_nothing", N_("Choose at least one question, or change at least one number."))
TOO_MANY = Refusal(
    "whatif_most", N_("Choose %(most)s questions at most: more cannot be compared on one page."),
    {"most": MOST_SCENARIOS},
)  # fmt: skip
NAME_LONG = Refusal("whatif_name_long", N_("Use %(most)s characters at most."), {"most": LONGEST})
BUSY = Refusal(
    "whatif_busy", N_("Already %(most)s questions wait for an answer. Stop one, or ask again later."),
    {"most": MOST_WAITING},
)  # fmt: skip
ENDED = Refusal("whatif_ended", N_("This question was answered or stopped already."))


def key_of(model_sha256: str, changes: Plain, scenarios: Plain, begins: str, seed: int,
           start: str = "") -> str:  # fmt: skip
    """What is computed, in one word: the same key gives the same result. `start` is the digest of what it begins with.

    What scenarios are called is no part of it.
    """
    told = [model_sha256, list(changes), [one["changes"] for one in scenarios], begins, seed, start]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def ask(session: Session, viewer: Viewer, question: str, scenarios: Plain, at: datetime, *,
        changes: Plain = (), begins: str = "design", seed: int = 1) -> WhatIfRun:  # fmt: skip
    """Ask what happens when; gives the earlier run when just this was worked out of today's figures. Raises Refused."""
    said = " ".join(question.split())
    wrong = [NOTHING_ASKED] if not scenarios and begins == "design" else []
    wrong += [TOO_MANY] if len(scenarios) > MOST_SCENARIOS else []
    wrong += [NAME_LONG] if len(said) > LONGEST else []
    if wrong:
        raise Refused(*wrong)
    scope = scope_of(viewer.reach(*MAY))
    model = fresh_model(session, scope, at)
    key = key_of(model.sha256, changes, scenarios, begins, seed) if model is not None else ""
    if model is not None and begins == "design" and (earlier := _same(session, scope, key, scenarios)) is not None:
        return earlier
    return _waiting(session, viewer, at, WhatIfRun(
        kind="question", scope=scope, question=said, changes=list(changes), scenarios=[dict(one) for one in scenarios],
        begins=begins, seed=seed, key=key,
    ))  # fmt: skip


def measure(session: Session, viewer: Viewer, at: datetime) -> WhatIfRun:
    """Ask to measure how it goes now and to try how well that can be imitated; gives the one under way if there is."""
    scope = scope_of(viewer.reach(*MAY))
    under_way = session.scalars(
        select(WhatIfRun).where(WhatIfRun.scope == scope, WhatIfRun.kind == "trust", WhatIfRun.finished_at.is_(None),
                                WhatIfRun.stopped_at.is_(None)).limit(1)
    ).first()  # fmt: skip
    return under_way or _waiting(session, viewer, at, WhatIfRun(kind="trust", scope=scope, question=""))


def stop(session: Session, run: WhatIfRun, at: datetime) -> None:
    """Somebody no longer wants the answer. What works on it sees that within seconds. Raises Refused."""
    if run.finished_at is not None or run.stopped_at is not None:
        raise Refused(ENDED)
    run.stopped_at = at
    if run.begun_at is None:
        run.finished_at = at


def _same(session: Session, scope: str, key: str, scenarios: Plain) -> WhatIfRun | None:
    """An answered run of the same key; another when the scenarios have other names, which its result says."""
    names = [one["name"] for one in scenarios]
    found = session.scalars(
        select(WhatIfRun).where(WhatIfRun.key == key, WhatIfRun.scope == scope, WhatIfRun.kind == "question",
                                WhatIfRun.finished_at.is_not(None), WhatIfRun.stopped_at.is_(None),
                                WhatIfRun.error == "").order_by(WhatIfRun.id.desc()).limit(20)
    )  # fmt: skip
    return next((one for one in found if [each["name"] for each in one.scenarios] == names), None)


def _waiting(session: Session, viewer: Viewer, at: datetime, run: WhatIfRun) -> WhatIfRun:
    waits = select(func.count()).select_from(WhatIfRun)
    if (
        session.scalar(waits.where(WhatIfRun.scope == run.scope, WhatIfRun.finished_at.is_(None))) or 0
    ) >= MOST_WAITING:
        raise Refused(BUSY)
    run.asked_at, run.asked_by_id = at, viewer.person_id
    session.add(run)
    session.flush()
    return run


def keep_model(session: Session, model: WhatIfModel) -> int:
    """Keep a measured model; one that is just the same as an earlier one of its scope is that one, measured anew."""
    found = session.scalars(
        select(WhatIfModel).where(WhatIfModel.scope == model.scope, WhatIfModel.sha256 == model.sha256)
    ).first()
    if found is not None:
        found.measured_at, found.first, found.last, found.cases = (
            model.measured_at, model.first, model.last, model.cases,
        )  # fmt: skip
        return found.id
    session.add(model)
    session.flush()
    return model.id
