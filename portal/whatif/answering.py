"""Working out what was asked: the process is measured if that was not done today, then imitated and compared.

Needs no request: a job calls it. What comes out is plain data, without any case in it.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import Any

from sqlalchemy.orm import undefer

from portal.clock import local_date
from portal.commands.whatif import keep_model, key_of
from portal.models.whatif import WhatIfModel, WhatIfRun
from portal.queries.observed import period
from portal.queries.whatif import fresh_model, places_in
from portal.whatif.answers import Forecast
from portal.whatif.compare import STEADY, VERSION, compare
from portal.whatif.fit import tried
from portal.whatif.model import Model
from portal.whatif.observed import around, measured_model, open_now, traces
from portal.whatif.plain import from_plain, to_plain
from portal.whatif.questions import corrected, scenarios_of
from portal.whatif.stats import quantile
from portal.whatif.traces import Trace
from portal.worlds import World
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

Tell = Callable[[int, int], None]
NOTHING_MEASURED = Refusal(
    "whatif_nothing_measured", N_("Nothing came in yet before today, so there is nothing to imitate.")
)  # fmt: skip
NOTHING_OPEN = Refusal("whatif_nothing_open", N_("No request is open now."))
AHEAD = 182
"""Days that a forecast looks ahead: what is open is done by then, or hangs on something else than work."""
YEAR = 364
WORKERS = 2


@dataclass(frozen=True)
class Answer:
    """What was found, as plain data; by which model, and the key under which it is found again."""

    result: dict[str, Any]
    model_id: int
    key: str = ""


def answer(world: World, asked: WhatIfRun, at: datetime, tell: Tell) -> Answer:
    """Work out a question. Raises Refused for what cannot be imitated, and whatever `tell` raises."""
    held = measured(world, asked.scope, at, anew=asked.kind == "trust")
    model = from_plain(Model, held.model)
    if asked.kind == "trust":
        return Answer(tried(world, places_in(asked.scope), model, tell), held.id)
    changed, scenarios = corrected(model, asked.changes), scenarios_of(asked.scenarios)
    opened: Sequence[Trace] = ()
    if asked.begins == "forecast":
        with world.db.snapshot() as session:
            opened = tuple(open_now(session, places_in(asked.scope), local_date(at)))
        if not opened:
            raise Refused(NOTHING_OPEN)
    key = key_of(held.sha256, asked.changes, asked.scenarios, asked.begins, asked.seed, _digest(opened))
    found = compare(
        changed, scenarios, seed=asked.seed, workers=WORKERS, progress=tell, start=opened or STEADY,
        horizon=AHEAD if opened else YEAR,
    )  # fmt: skip
    result = {
        "comparison": without_cases(found.as_data()), "version": VERSION,
        "forecasts": [by_kind(one.forecasts, at) for one in found.answers] if opened else [],
        "warnings": to_plain(list(model.warnings)), "unknown": to_plain(list(model.unknown)),
    }  # fmt: skip
    return Answer(finite(result), held.id, key)


def measured(world: World, scope: str, at: datetime, *, anew: bool = False) -> WhatIfModel:
    """The process as it was measured today; measured now when that was not done yet. Raises Refused."""
    places, today = places_in(scope), local_date(at)
    with world.db.snapshot() as session:
        held = None if anew else fresh_model(session, scope, at)
        if held is not None:
            return held
        days = period(session, places, today)
        if days is None:
            raise Refused(NOTHING_MEASURED)
        model = measured_model(traces(session, places, *days), around(session, places, *days, today), *days)
    plain = finite(to_plain(model))
    plain = json.loads(json.dumps(plain, default=str))
    digest = hashlib.sha256(json.dumps([plain, VERSION], sort_keys=True).encode()).hexdigest()
    counted = sum(flow.mix.n for flow in model.flows)
    with world.db.transaction() as session:
        model_id = keep_model(session, WhatIfModel(
            scope=scope, first=days[0], last=days[1], measured_at=at, cases=counted, sha256=digest, model=plain,
        ))  # fmt: skip
        return session.get_one(WhatIfModel, model_id, populate_existing=True, options=[undefer(WhatIfModel.model)])


def _digest(opened: Sequence[Trace]) -> str:
    if not opened:
        return ""
    told = sorted(f"{one.case} {one.visits[-1].state} {one.visits[-1].enabled.isoformat()}" for one in opened)
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def without_cases(data: dict[str, Any]) -> dict[str, Any]:
    """A comparison without what names a single case: what is kept must not outlive a dossier."""
    for one in data["answers"]:
        one.pop("forecasts", None)
    return data


def by_kind(forecasts: Iterable[Forecast], at: datetime) -> list[dict[str, Any]]:
    """By when the open cases are done, all together first and then each kind: half, 9 of 10, and surely the last.

    What was open for longer than anything that was measured may be done any moment: not before now.
    """
    kinds: dict[str, list[Forecast]] = {}
    for one in forecasts:
        kinds.setdefault(one.type, []).append(one)
    if len(kinds) > 1:
        kinds[ALL_KINDS] = [one for found in kinds.values() for one in found]
    return [_together(kind, found, at) for kind, found in sorted(kinds.items(), key=lambda one: -len(one[1]))]


def _together(kind: str, found: Sequence[Forecast], at: datetime) -> dict[str, Any]:
    moments = sorted(max(one.median, at).timestamp() for one in found)
    zone = found[0].median.tzinfo
    half, most = (datetime.fromtimestamp(quantile(moments, share), zone) for share in (0.5, 0.9))
    last = max(at, *(one.p90 for one in found))
    return {
        "type": kind, "count": len(found), "half": half.isoformat(), "most": most.isoformat(),
        "last": last.isoformat(), "within_norm": fmean(one.within_norm for one in found),
    }  # fmt: skip


ALL_KINDS = ""
"""In place of a kind: all of them together."""
MOST = 1e6


def finite(data: Any) -> Any:
    """The same with every number one that JSON knows: what has no end becomes a million."""
    if isinstance(data, float) and not math.isfinite(data):
        return math.copysign(MOST, data) if not math.isnan(data) else 0.0
    if isinstance(data, Mapping):
        return {key: finite(one) for key, one in data.items()}
    return [finite(one) for one in data] if isinstance(data, list | tuple) else data
