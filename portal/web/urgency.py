"""Why a case stands where it stands in the queue, in one short sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal import i18n
from portal.calendar import OfficeCalendar
from portal.clock import local_date
from portal.models.cases import Case
from portal.queries.people import calendar_of
from workflows import CASE_TYPES
from workflows.kernel import WorkingDays
from workflows.parties import N_
from workflows.urgency import days_after


@dataclass(frozen=True)
class Urgency:
    """The reason in words, and how much it matters: `danger`, `warning` or `neutral`."""

    words: str
    tone: str


def urgency_of(case: Case, at: datetime) -> Urgency:
    """What is most likely to make this case breach a norm. The case is loaded with its municipality."""
    calendar = calendar_of(case.municipality)
    if case.step_due is not None and case.step_due < at:
        return Urgency(_over(_days(calendar, case.step_due, at)), "danger")
    if case.target_due is not None and case.target_due < at:
        return Urgency(i18n.gettext(N_("the whole request is over its norm")), "danger")
    left = _days(calendar, at, case.act_by) if case.act_by is not None else 0
    if case.step_due is not None and case.act_by is not None and case.act_by < case.step_due and left <= 1:
        return Urgency(_hurry(case, calendar, at), "warning")
    if left <= 1:
        return Urgency(i18n.gettext(N_("1 working day left") if left == 1 else N_("today is the last day")), "warning")
    norm = CASE_TYPES[case.type].state(case.state).norm
    waited = _days(calendar, case.state_since, at)
    if isinstance(norm, WorkingDays) and 0 < norm.days <= 2 * waited:
        words = i18n.gettext(N_("waits %(waited)s of %(days)s working days"), waited=waited, days=norm.days)
        return Urgency(words, "neutral")
    return Urgency(i18n.gettext(N_("%(days)s working days left"), days=left), "neutral")


def _days(calendar: OfficeCalendar, start: datetime, end: datetime) -> int:
    return calendar.working_days_between(local_date(start), local_date(end))


def _over(days: int) -> str:
    if days == 0:
        return i18n.gettext(N_("just over the norm"))
    return i18n.ngettext("%(num)s working day over the norm", "%(num)s working days over the norm", days)


def _hurry(case: Case, calendar: OfficeCalendar, at: datetime) -> str:
    """The step itself has time left, the whole request has not: what follows takes its time too."""
    end = min(due for due in (case.target_due, case.legal_due) if due is not None)
    return i18n.gettext(
        N_("hurry: the whole request has %(left)s working days left, and what follows takes %(rest)s"),
        left=max(_days(calendar, at, end), 0),
        rest=days_after(CASE_TYPES[case.type], case.state),
    )
