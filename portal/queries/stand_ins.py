"""Who decides while whoever is asked is away: their substitutes, step by step, and why one is passed over."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from portal.access import Role
from portal.db import overlaps
from portal.models.cases import Case
from portal.models.people import RoleGrant, Substitution
from portal.queries.line import Line, employed, line_of, makers_of, signed_this_round, took_part_before
from portal.queries.people import DAY, WHERE, WHO
from workflows.parties import N_

PASSED_OVER: Mapping[str, str] = {
    "own": N_("%(name)s stands in, but this is a request of their own."),
    "below": N_("%(name)s stands in, but works under the employee."),
    "signed": N_("%(name)s stands in, but signed this request already."),
    "before": N_("%(name)s stands in, but took part in what came before this."),
    "pays": N_("%(name)s stands in, but pays for this municipality. Nobody does both."),
    "left": N_("%(name)s stands in, but does not work here now."),
}
"""Why a substitute is not asked, by code."""


@dataclass(frozen=True)
class StandIn:
    """One substitution of today: who for whom, whether they pay for the municipality, whether they still work here."""

    absent_id: int
    substitute_id: int
    pays: bool
    works: bool


@dataclass(frozen=True)
class Among:
    """Between whom a substitute is looked for: who claims, who made the request, who signed it already, and
    who had a part in what came before it."""

    claimant_id: int
    makers: frozenset[int] = frozenset()
    signed: frozenset[int] = frozenset()
    before: frozenset[int] = frozenset()

    @classmethod
    def of(cls, case: Case) -> Among:
        return cls(case.initiator_id, makers_of(case), signed_this_round(case), took_part_before(case))


@dataclass(frozen=True)
class Fit:
    """Who may decide in somebody's place, who comes first in front; and who may not, with why."""

    able: tuple[int, ...] = ()
    passed_over: tuple[tuple[int, str], ...] = ()


def _every() -> Any:
    now = overlaps(DAY, Substitution.valid_from, Substitution.valid_to)
    pays = exists().where(
        RoleGrant.person_id == Substitution.substitute_id,
        RoleGrant.role == Role.TREASURER.value,
        or_(RoleGrant.municipality_id.is_(None), RoleGrant.municipality_id == WHERE),
        overlaps(DAY, RoleGrant.valid_from, RoleGrant.valid_to),
    )
    works = employed(Substitution.substitute_id)
    columns = (Substitution.id, Substitution.absent_id, Substitution.substitute_id, pays.label("pays"),
               works.label("works"))  # fmt: skip
    return select(*columns).where(now)


def _of_one() -> Any:
    every = _every()
    chain = every.where(Substitution.absent_id == WHO).cte("chain", recursive=True)
    chain = chain.union(every.join(chain, Substitution.absent_id == chain.c.substitute_id))
    return select(chain.c.absent_id, chain.c.substitute_id, chain.c.pays, chain.c.works).order_by(chain.c.id.desc())


OF_ONE = _of_one()
OF_ALL = (
    _every()
    .with_only_columns(*list(_every().selected_columns)[1:])
    .order_by(Substitution.id.desc())
)  # fmt: skip


def substitutions_on(session: Session, municipality_id: int, on: date) -> tuple[StandIn, ...]:
    """Every substitution of a day, the last one named first, as seen from a municipality."""
    rows = session.connection().execute(OF_ALL, {"where": municipality_id, "day": on})
    return tuple(StandIn(*row) for row in rows)


def fit(rows: Sequence[StandIn], line: Line, among: Among, approver_id: int) -> Fit:
    """Who of these may decide in place of an approver, and who may not.

    Who stands in and is away too is followed by their own substitute. Never the claimant or anybody below them, nor
    who signed already, nor who pays, nor who left; nor whoever one of these has named.
    """
    below = line.below(among.claimant_id)
    pairs: dict[int, list[int]] = {}
    barred: dict[int, str] = {}
    for row in rows:
        pairs.setdefault(row.absent_id, []).append(row.substitute_id)
        who = row.substitute_id
        reasons = (("own", who in among.makers), ("below", who in below), ("signed", who in among.signed),
                   ("before", who in among.before), ("pays", row.pays), ("left", not row.works))  # fmt: skip
        if code := next((code for code, holds in reasons if holds), ""):
            barred[who] = code
    met: dict[int, str] = {}
    able = tuple(dict.fromkeys(_walk(pairs, approver_id, {approver_id}, barred, met)))
    return Fit(able, tuple(met.items()))


def _walk(pairs: Mapping[int, Sequence[int]], absent: int, seen: Collection[int], barred: Mapping[int, str],
          met: dict[int, str]) -> Iterator[int]:  # fmt: skip
    for substitute in pairs.get(absent, ()):
        if substitute in barred:
            met[substitute] = barred[substitute]
        elif substitute not in seen:
            yield from _walk(pairs, substitute, {*seen, substitute}, barred, met)
            yield substitute


def fit_for(session: Session, case: Case, on: date) -> Fit:
    """Who may decide in place of whoever this case asks, and who was passed over."""
    if case.approver_id is None:
        return Fit()
    of = {"who": case.approver_id, "where": case.municipality_id, "day": on}
    rows = [StandIn(*row) for row in session.connection().execute(OF_ONE, of)]
    if not rows:
        return Fit()
    return fit(rows, line_of(session, case.municipality_id, case.type, on), Among.of(case), case.approver_id)


def stand_ins(session: Session, case: Case, on: date) -> tuple[int, ...]:
    """Who may decide in place of whoever is asked, who comes first in front; empty when the asked one is there."""
    return fit_for(session, case, on).able
