"""What is flagged about a case, in words, as each reader may know it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal import i18n
from portal.access import Role, Viewer
from portal.commands.bills import SAME
from portal.models.cases import Case
from portal.queries.related import flagged_by, visible_of
from portal.web import unit_of_work as uow
from portal.words.timeline import answer_said
from portal.words.why import elsewhere_said
from workflows import CASE_TYPES
from workflows.caps import PERIODS
from workflows.flags import FLAG_KINDS
from workflows.parties import N_


@dataclass(frozen=True)
class Signal:
    """One flag in words. `id` is its place among those of the case, `number` the other case for who may see it.

    `answers` are the ways to settle it, `settled_as` how it was; `call` is the supplier to be called before that.
    """

    id: int
    label: str
    place: str
    said: str
    number: str
    answers: Mapping[str, str]
    settled_as: str
    settled_by: str
    settled_at: datetime | None
    reason: str
    call: int | None = None


def signals_of(case: Case, viewer: Viewer, seen: Collection[str] | None = None) -> list[Signal]:
    """What this reader is shown; nothing to whom the case is for.

    `seen` are the numbers of the other cases that they may see, where the page knows them already.
    """
    if not case.flags or viewer.person_id in (case.initiator_id, case.preparer_id):
        return []
    if seen is None:
        seen = visible_of(uow.session(), viewer, flagged_by(case))
    clerk = viewer.has(Role.CLERK, case.municipality_id)
    return [_signal(case, place, flag, flag["about"] in seen, clerk) for place, flag in enumerate(case.flags)]


def _signal(case: Case, place: int, flag: Mapping[str, Any], seen: bool, clerk: bool) -> Signal:
    kind = FLAG_KINDS[flag["code"]]
    sentence = kind.said if clerk or seen or not kind.apart else kind.apart
    return Signal(
        id=place,
        label=i18n.gettext(kind.label),
        place=_place(case, flag["line"]),
        said=" ".join(
            filter(
                None,
                (
                    i18n.say(sentence, {"other": flag["about"], **_values(flag["values"])}),
                    elsewhere_said(flag["values"]),
                ),
            )
        ),
        number=flag["about"] if seen else "",
        answers={key: i18n.gettext(label) for key, label in kind.answers.items()} if flag["asks"] else {},
        settled_as=answer_said(kind, flag["settled_as"]),
        settled_by=flag["name"],
        settled_at=datetime.fromisoformat(flag["at"]) if flag["at"] else None,
        reason=flag["reason"],
        call=CASE_TYPES[case.type].payee(case.content) if kind.after_call and clerk else None,
    )


def _values(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a sentence, with the period of a cap, what is the same and days in words."""
    said = dict(values)
    if "per" in values:
        period = PERIODS[values["per"]]
        said["per"] = i18n.gettext(period)
    if "same" in values:
        said["same"] = ", ".join(i18n.gettext(SAME[name]) for name in values["same"])
    if "since" in values:
        said["since"] = i18n.day(values["since"])
    return said


def _place(case: Case, line_key: str) -> str:
    """Which line of the case, by its number."""
    keys = [line.get("key") for line in case.content.get("lines", ())]
    if line_key not in keys:
        return ""
    return i18n.gettext(N_("Line %(number)s"), number=keys.index(line_key) + 1)
