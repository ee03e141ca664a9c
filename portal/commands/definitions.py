"""New versions of the definitions of indicators. What was counted by a version is never counted anew by another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from portal.commands.changes import because
from portal.models.indicators import IndicatorVersion
from portal.queries.indicators import STATES, definitions
from workflows.indicators import BadDefinition, Measure, read
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

UNREADABLE = "indicator_unreadable"
UNREADABLE_SENTENCE = N_("This definition cannot be read: %(why)s.")
FARTHEST = timedelta(days=2 * 365)
"""A version that begins later would keep others out for as long."""
NOT_FIRST_OF_MONTH = Refusal(
    "indicator_first_day", N_("A definition begins on the first day of a month, within two years from now.")
)
INDICATOR_PAST = Refusal(
    "indicator_past", N_("A new version begins in a month to come: what was counted already stays as it is.")
)
INDICATOR_GONE = Refusal("indicator_unknown", N_("This indicator does not exist."))
NORM_WRONG = Refusal("indicator_norm", N_("Give the norm as a number of days from 0 to 365."))
TARGET_WRONG = Refusal("indicator_target", N_("Give the target as a number from 0 to 100."))
NORM_FIXED = Refusal("indicator_norm_fixed", N_("The norm of this indicator cannot be changed here."))
SAME_INDICATOR = Refusal("indicator_same", N_("This is the same as what holds already."))


def define(session: Session, said: Mapping[str, Any], valid_from: date, at: datetime, today: date, *,
           by: int | None = None, municipality_id: int | None = None,
           reason: str = "") -> IndicatorVersion:  # fmt: skip
    """Let a definition hold for what comes in from a day on. The first of an indicator may begin in the past."""
    try:
        indicator = read(said, STATES)
    except BadDefinition as error:
        raise Refused(Refusal(UNREADABLE, UNREADABLE_SENTENCE, {"why": str(error)})) from error
    if valid_from.day != 1 or valid_from > today + FARTHEST:
        raise Refused(NOT_FIRST_OF_MONTH)
    known = definitions(session).versions(indicator.key)
    latest = max((one.valid_from for one in known if one.municipality_id == municipality_id), default=today)
    if known and valid_from <= max(today, latest):
        raise Refused(INDICATOR_PAST)
    new = IndicatorVersion(
        key=indicator.key, version=max((one.version for one in known), default=0) + 1, municipality_id=municipality_id,
        valid_from=valid_from, definition=dict(indicator.raw), made_at=at, made_by_id=by, reason=reason,
    )  # fmt: skip
    session.add(new)
    session.flush()
    return new


def define_all(session: Session, rows: Sequence[Mapping[str, Any]], valid_from: date, at: datetime,
               today: date) -> int:  # fmt: skip
    """Take in definitions that are not known yet; what is known already stays. Returns how many were new."""
    known = set(definitions(session).keys)
    new = [row for row in rows if row.get("key") not in known]
    for row in new:
        define(session, row, valid_from, at, today)
    return len(new)


def revise(session: Session, by: int, key: str, municipality_id: int | None, days: int | None, target: Decimal | None,
           valid_from: date, reason: str, at: datetime, today: date) -> IndicatorVersion:  # fmt: skip
    """Another norm or target for what comes in from a month to come on, for all or for one municipality."""
    why = because(reason)
    current = definitions(session).at(key, municipality_id, valid_from)
    if current is None:
        raise Refused(INDICATOR_GONE)
    said = dict(current.indicator.raw)
    if days is not None:
        if not isinstance(said.get("norm"), dict):
            raise Refused(NORM_FIXED)
        if not 0 <= days <= 365:
            raise Refused(NORM_WRONG)
        said["norm"] = {**said["norm"], "days": days}
    if target is not None:
        if not 0 <= target <= 100 or current.indicator.measure is Measure.OVERDUE:
            raise Refused(TARGET_WRONG)
        said["target"] = str(target)
    if said == dict(current.indicator.raw):
        raise Refused(SAME_INDICATOR)
    return define(session, said, valid_from, at, today, by=by, municipality_id=municipality_id, reason=why)
