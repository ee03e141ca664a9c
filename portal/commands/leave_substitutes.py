"""Letting a standing substitute decide while somebody is on leave: opened with it, and ended when it is not taken.

Worked out anew from the ledger of leave each time, so it does not matter what changed or in which order, and doing it
twice changes nothing. Open requests follow as after any substitution that begins or ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.commands.substitutes import SUBSTITUTE_SELF, SUBSTITUTE_UNKNOWN, stand_in
from portal.models.people import ManagerRelation, Mandate, Person, Substitution
from portal.models.standing_substitutes import StandingSubstitute
from portal.queries.absence import Away, away
from portal.queries.work_patterns import hours_of
from workflows.absences import Absence, spans
from workflows.kernel import Refused
from workflows.work_patterns import Part

AHEAD = timedelta(days=3 * 366)
ONE_DAY = timedelta(days=1)
Period = tuple[date, date]


def name_standing(session: Session, person_id: int, substitute_id: int | None, at: datetime) -> None:
    """Name who decides whenever one is on leave, somebody else, or nobody; leave that was approved follows at once."""
    if substitute_id == person_id:
        raise Refused(SUBSTITUTE_SELF)
    if substitute_id is not None and session.get(Person, substitute_id) is None:
        raise Refused(SUBSTITUTE_UNKNOWN)
    known = standing_of(session, person_id)
    if known is not None and substitute_id is None:
        session.delete(known)
    elif known is not None and substitute_id is not None:
        known.substitute_id, known.named_at = substitute_id, at
    elif substitute_id is not None:
        session.add(StandingSubstitute(person_id=person_id, substitute_id=substitute_id, named_at=at))
    session.flush()
    follow_leave(session, person_id, at)


def standing_of(session: Session, person_id: int) -> StandingSubstitute | None:
    """Whom somebody named for whenever they are on leave."""
    return session.scalars(select(StandingSubstitute).where(StandingSubstitute.person_id == person_id)).first()


def follow_leave(session: Session, person_id: int, at: datetime, *, case_id: int | None = None) -> Sequence[Refused]:
    """Make the substitutions of somebody's leave those of the leave that is approved now, from today on.

    Days on which somebody arranged a substitute by hand are left alone. With `case_id` nothing is opened but for the
    leave of that request: what somebody stopped by hand stays so. What cannot be is answered, and not opened.
    """
    today, standing = local_date(at), standing_of(session, person_id)
    rows = _rows(session, person_id, today)
    mine = [row for row in rows if row.from_leave]
    if standing is None and not mine:
        return ()
    found = _whole_days(session, person_id, today)
    wanted: list[Period] = []
    if standing is not None and _decides(session, person_id, today):
        by_hand = [(row.valid_from, row.valid_to) for row in rows if not row.from_leave]
        wanted = _without(by_hand, _together(session, person_id, today, found))
    may_open = [(one.day, one.day) for one in found if case_id is None or one.case_id == case_id]
    kept: set[Period] = set()
    for row in mine:
        period = (max(row.valid_from, today), row.valid_to)
        if standing is not None and row.substitute_id == standing.substitute_id and period in wanted:
            kept.add(period)
            continue
        may_open.append(period)
        if row.valid_from >= today:
            session.delete(row)
        else:
            row.valid_to = today - ONE_DAY
    session.flush()
    refusals = []
    for first, last in wanted:
        if standing is None or (first, last) in kept or not any(_meet((first, last), one) for one in may_open):
            continue
        try:
            stand_in(session, person_id, standing.substitute_id, first, last, today).from_leave = True
            session.flush()
        except Refused as refused:
            refusals.append(refused)
    return refusals


def uncovered(session: Session, person_id: int, today: date, rows: Iterable[Substitution]) -> list[Period]:
    """The days of approved leave on which nobody stands in, from today on, over weekends taken together. One query."""
    taken = [(row.valid_from, row.valid_to) for row in rows]
    days = {one.day for one in _whole_days(session, person_id, today)}
    open_days = (Absence(day, Part.WHOLE) for day in days if not any(first <= day <= last for first, last in taken))
    return [(one.first, one.last) for one in spans(open_days, lambda day: day.weekday() > 4)]


def _rows(session: Session, person_id: int, today: date) -> Sequence[Substitution]:
    return session.scalars(
        select(Substitution)
        .where(Substitution.absent_id == person_id, Substitution.valid_to >= today)
        .order_by(Substitution.valid_from, Substitution.id)
    ).all()


def _whole_days(session: Session, person_id: int, today: date) -> list[Away]:
    """The whole days of approved leave from today on; who is away for half a day still decides."""
    found = away(session, [person_id], today, today + AHEAD)
    return [one for one in found if one.approved and one.part is Part.WHOLE]


def _together(session: Session, person_id: int, today: date, found: Sequence[Away]) -> list[Period]:
    """These days as periods: those that follow each other, with nothing worked between, are one."""
    if not found:
        return []
    worked = hours_of(session, person_id, today, today + AHEAD)

    def idle(day: date) -> bool:
        return not any(one.first <= day <= one.last and one.minutes(day) for one in worked)

    return [(one.first, one.last) for one in spans({Absence(one.day, one.part) for one in found}, idle)]


def _meet(one: Period, other: Period) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _without(taken: Iterable[Period], periods: Iterable[Period]) -> list[Period]:
    """These periods without the days that are taken."""
    left = list(periods)
    for first, last in taken:
        cut: list[Period] = []
        for begins, ends in left:
            if last < begins or ends < first:
                cut.append((begins, ends))
                continue
            if begins < first:
                cut.append((begins, first - ONE_DAY))
            if last < ends:
                cut.append((last + ONE_DAY, ends))
        left = cut
    return left


def _decides(session: Session, person_id: int, today: date) -> bool:
    """Whether somebody may be asked to decide, now or later: by mandate, or as a leader."""
    open_mandate = exists().where(
        Mandate.person_id == person_id, or_(Mandate.valid_to.is_(None), Mandate.valid_to >= today)
    )
    leads = exists().where(
        ManagerRelation.manager_id == person_id,
        or_(ManagerRelation.valid_to.is_(None), ManagerRelation.valid_to >= today),
    )
    return bool(session.scalar(select(open_mandate | leads)))
