"""Who decides now on each request that waits for an approver, held against who was asked and who has the link."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session, defer, joinedload

from portal.models.cases import Case
from portal.models.mail import MailLink
from portal.models.people import Employment
from portal.queries.cases import without
from portal.queries.line import Line, about, line_of, signer
from portal.queries.stand_ins import Among, StandIn, fit, substitutions_on
from workflows import CASE_TYPES
from workflows.deciding import rerouting
from workflows.parties import Party

PAGE = 200


@dataclass(frozen=True)
class Decider:
    """Whose decision it is, and who has the link for it: that person or their substitute; None when nobody may."""

    approver_id: int | None
    asked_id: int | None


class Deciders:
    """Who decides on cases on a day. Lines and substitutions are read once for each municipality and kind of case."""

    def __init__(self, session: Session, on: date) -> None:
        self._session, self._on = session, on
        self._lines: dict[tuple[int, str], Line] = {}
        self._absences: dict[int, tuple[StandIn, ...]] = {}

    def of(self, case: Case) -> Decider:
        """Who decides on this case; its employment and trail are loaded."""
        line = self._line(case)
        approver = signer(line, CASE_TYPES[case.type].state(case.state), about(case))
        if approver is None:
            return Decider(None, None)
        able = fit(self._rows(case.municipality_id), line, Among.of(case), approver).able
        return Decider(approver, next(iter(able), approver))

    def _line(self, case: Case) -> Line:
        key = (case.municipality_id, case.type)
        if key not in self._lines:
            self._lines[key] = line_of(self._session, *key, self._on)
        return self._lines[key]

    def _rows(self, municipality_id: int) -> tuple[StandIn, ...]:
        if municipality_id not in self._absences:
            self._absences[municipality_id] = substitutions_on(self._session, municipality_id, self._on)
        return self._absences[municipality_id]


def asking(case: Case) -> bool:
    """Whether this case waits for an approver whom the portal can replace by another."""
    return case.waits_for == Party.APPROVER.name and rerouting(CASE_TYPES[case.type], case.state) is not None


def waiting(
    session: Session, after: int = 0, limit: int = PAGE, *, of: Collection[int] | None = None,
    within: Collection[int] | None = None,
) -> Sequence[Case]:  # fmt: skip
    """Open requests that wait for an approver, a page at a time by id; of these approvers or municipalities only."""
    asked: ColumnElement[bool] = true() if of is None else Case.approver_id.in_(of)
    there: ColumnElement[bool] = true() if within is None else Case.municipality_id.in_(within)
    return session.scalars(
        select(Case)
        .where(
            Case.waits_for == Party.APPROVER.name, Case.closed_at.is_(None), Case.number.is_not(None), Case.id > after,
            asked, there,
        )
        # Content is read of the few kinds only that keep in it who may not decide.
        .options(*without(Case.ticks, Case.bound, Case.draft), defer(Case.content), joinedload(Case.employment)
                 .load_only(Employment.unit_id))
        .order_by(Case.id)
        .limit(limit)
    ).all()  # fmt: skip


@dataclass(frozen=True)
class Links:
    """Who has a living link to decide on a case, and whether one ran out."""

    holders: frozenset[int] = frozenset()
    ran_out: bool = False


def links_of(session: Session, cases: Sequence[Case], at: datetime) -> dict[int, Links]:
    """The links to the present version of each of these cases. One query."""
    versions = {case.id: case.version for case in cases}
    rows = session.execute(
        select(MailLink.case_id, MailLink.case_version, MailLink.person_id, MailLink.expires_at).where(
            MailLink.case_id.in_(versions), MailLink.ended.is_(None)
        )
    )
    found: dict[int, Links] = {}
    for case_id, version, person_id, expires_at in rows:
        if version == versions[case_id]:
            known = found.get(case_id, Links())
            alive = {person_id} if expires_at > at else set()
            found[case_id] = Links(known.holders | alive, known.ran_out or not alive)
    return found
