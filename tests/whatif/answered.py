"""A question with its answer, worked out once in earnest over a few weeks: for pages to show."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy.orm import Session

from portal.commands.whatif import keep_model
from portal.models.whatif import WhatIfModel, WhatIfRun
from portal.whatif.answering import finite, without_cases
from portal.whatif.compare import compare
from portal.whatif.plain import to_plain
from portal.whatif.questions import asked, scenarios_of
from tests.whatif.models import claims

KEYS = ("clerk_more", "sampling", "busier")


@cache
def _found(per_week: float, keys: tuple[str, ...]) -> str:
    found = compare(
        claims(per_week, 1), scenarios_of(asked(keys)), seed=1, workers=1, horizon=28, least=4, most=4,
        first=date(2026, 3, 2),
    )  # fmt: skip
    return json.dumps(finite(without_cases(found.as_data())))


def with_model(session: Session, at: datetime) -> WhatIfModel:
    """A model that was measured just now."""
    plain = json.loads(json.dumps(finite(to_plain(claims(40, 1))), default=str))
    kept = keep_model(session, WhatIfModel(
        scope="*", first=date(2025, 12, 1), last=at.date() - timedelta(days=1), measured_at=at, cases=2080, sha256="m",
        model=plain,
    ))  # fmt: skip
    return session.get_one(WhatIfModel, kept)


def with_answer(session: Session, by_id: int, at: datetime, keys: tuple[str, ...] = KEYS, per_week: float = 40,
                **others: Any) -> WhatIfRun:  # fmt: skip
    """A question that was asked and answered."""
    notes = [{"sentence": "No request is open now."}]
    result = {"comparison": json.loads(_found(per_week, keys)), "forecasts": [], "warnings": notes, "unknown": []}
    values = {"kind": "question", "scope": "*", "question": "", "scenarios": asked(keys), "result": result, **others}
    run = WhatIfRun(model_id=with_model(session, at).id, asked_at=at, asked_by_id=by_id, begun_at=at, finished_at=at,
                    **values)  # fmt: skip
    session.add(run)
    session.flush()
    return run
