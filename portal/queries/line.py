"""The line of command: who is asked to approve, and who signs above their mandate. Who stands in: `stand_ins.py`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Date, bindparam, cast, exists, false, literal, null, or_, select, union_all
from sqlalchemy.orm import Session

from portal.access import Power, highest
from portal.db import overlaps
from portal.models.cases import Case
from portal.models.events import NOTES
from portal.models.people import Employment, ManagerRelation, Mandate, Substitution, Unit
from portal.queries.people import DAY, WHERE
from workflows import CASE_TYPES
from workflows.defaults import nobody
from workflows.kernel import State


@dataclass(frozen=True)
class Request:
    """What a decision is asked about: of whom, from which unit, how much (in cents), on which cost centre.

    `apart` are those who may not decide whatever their mandate: who prepared it, who signed already.
    """

    unit_id: int
    claimant_id: int
    cents: int
    cost_centre: str = ""
    apart: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Signer:
    """Who signs, and why: `line` (leads `unit_id`), `cost_centre` (holds its mandate) or `designated`."""

    person_id: int
    why: str
    unit_id: int | None = None


@dataclass(frozen=True)
class Line:
    """The line of command of one municipality for one kind of case on one day.

    Parents and leaders by unit, powers by person. `designated` are the powers over those above whom nobody stands,
    `posts` the units in which those with a mandate and those who stand in for somebody work.
    """

    parents: Mapping[int, int | None]
    leaders: Mapping[int, int]
    mandates: Mapping[int, tuple[Power, ...]]
    designated: Mapping[int, tuple[Power, ...]] = field(default_factory=dict)
    posts: Mapping[int, frozenset[int]] = field(default_factory=dict)

    def up(self, unit_id: int) -> Iterator[int]:
        """This unit and those above it, each once."""
        seen: set[int] = set()
        at: int | None = unit_id
        while at is not None and at not in seen:
            seen.add(at)
            yield at
            at = self.parents.get(at)

    def below(self, person_id: int) -> frozenset[int]:
        """Who leads or works in a unit that this person leads, or one under it, as far as they could ever decide."""
        led = {unit for unit, leader in self.leaders.items() if leader == person_id}
        if not led:
            return frozenset()
        under = {unit for unit in (*self.parents, *led) if not led.isdisjoint(self.up(unit))}
        above = {self.leaders.get(unit) for one in led for unit in self.up(one) if unit not in under}
        people = {self.leaders[unit] for unit in under if unit in self.leaders}
        people |= {person for person, units in self.posts.items() if not units.isdisjoint(under)}
        return frozenset(people - above - {person_id})

    def suffices(self, person_id: int, cents: int, cost_centre: str) -> bool:
        """Whether this person may decide alone on such an amount of this cost centre."""
        limit = highest(self.mandates.get(person_id, ()), cost_centre)
        return limit is not None and limit >= cents

    def first(self, about: Request) -> Signer | None:
        """Who is asked: the nearest leader up the line with a mandate, however high; else who was designated.

        Never the claimant, nor anybody below them.
        """
        barred = self._barred(about)
        for unit in self.up(about.unit_id):
            leader = self.leaders.get(unit)
            if leader is not None and leader not in barred and leader in self.mandates:
                return Signer(leader, "line", unit)
        holders = [who for who in self.designated if who not in barred]
        return self._chosen(holders, about) or self._largest(holders, about)

    def second(self, about: Request) -> Signer | None:
        """Who signs above a mandate: the nearest leader up the line whose mandate suffices; else the holder of the
        smallest one that does for this very cost centre; else who was designated."""
        barred = self._barred(about)
        for unit in self.up(about.unit_id):
            leader = self.leaders.get(unit)
            if leader is not None and leader not in barred and self.suffices(leader, about.cents, about.cost_centre):
                return Signer(leader, "line", unit)
        bound = [
            (power.cents, who)
            for who, powers in self.mandates.items()
            for power in powers
            if power.cost_centres and who not in barred and power.holds_for(about.cost_centre)
            and power.cents >= about.cents
        ]  # fmt: skip
        if bound:
            return Signer(min(bound)[1], "cost_centre")
        return self._chosen([who for who in self.designated if who not in barred], about)

    def _barred(self, about: Request) -> frozenset[int]:
        return about.apart | {about.claimant_id} | self.below(about.claimant_id)

    def _chosen(self, holders: Sequence[int], about: Request) -> Signer | None:
        """Of those designated the one with the smallest power that suffices."""
        limits = [(highest(self.designated[who], about.cost_centre), who) for who in holders]
        enough = [(limit, who) for limit, who in limits if limit is not None and limit >= about.cents]
        return Signer(min(enough)[1], "designated") if enough else None

    def _largest(self, holders: Sequence[int], about: Request) -> Signer | None:
        limits = [(highest(self.designated[who], about.cost_centre) or 0, -who) for who in holders]
        return Signer(-max(limits)[1], "designated") if limits else None


def employed(person: Any) -> Any:
    """Who left decides nothing, whatever they led."""
    return exists().where(Employment.person_id == person, overlaps(DAY, Employment.valid_from, Employment.valid_to))


_NO_DAY, _NO_WORDS = cast(null(), Date), literal("")
_HOLDERS = select(Mandate.person_id).where(Mandate.municipality_id == WHERE)
_STAND_INS = select(Substitution.substitute_id).where(overlaps(DAY, Substitution.valid_from, Substitution.valid_to))
LINE: Any = union_all(
    select(literal("unit"), Unit.id, Unit.parent_id, _NO_WORDS, false(), _NO_DAY).where(Unit.municipality_id == WHERE),
    select(literal("leader"), ManagerRelation.unit_id, ManagerRelation.manager_id, _NO_WORDS, false(),
           ManagerRelation.valid_from)
    .join(Unit, Unit.id == ManagerRelation.unit_id)
    .where(
        Unit.municipality_id == WHERE,
        overlaps(DAY, ManagerRelation.valid_from, ManagerRelation.valid_to),
        employed(ManagerRelation.manager_id),
    ),
    select(literal("mandate"), Mandate.person_id, Mandate.maximum_cents, Mandate.cost_centres, Mandate.designated,
           _NO_DAY)
    .where(
        Mandate.municipality_id == WHERE,
        Mandate.kind == bindparam("kind"),
        overlaps(DAY, Mandate.valid_from, Mandate.valid_to),
        employed(Mandate.person_id),
    ),
    select(literal("post"), Employment.person_id, Employment.unit_id, _NO_WORDS, false(), _NO_DAY)
    .join(Unit, Unit.id == Employment.unit_id)
    .where(
        Unit.municipality_id == WHERE,
        overlaps(DAY, Employment.valid_from, Employment.valid_to),
        or_(Employment.person_id.in_(_HOLDERS), Employment.person_id.in_(_STAND_INS)),
    ),
)  # fmt: skip


def line_of(session: Session, municipality_id: int, kind: str, on: date) -> Line:
    """Read the line of command of a municipality for one kind of case. One query, whatever its size."""
    of = {"where": municipality_id, "day": on, "kind": CASE_TYPES[kind].mandate_kind}
    found: dict[str, list[Any]] = {"unit": [], "leader": [], "mandate": [], "post": []}
    for what, *row in session.connection().execute(LINE, of):
        found[what].append(row)
    powers: dict[int, tuple[Power, ...]] = {}
    designated: dict[int, tuple[Power, ...]] = {}
    for person, cents, cost_centres, for_the_top, _ in found["mandate"]:
        power = Power(cents, tuple(cost_centres.split()))
        powers[person] = (*powers.get(person, ()), power)
        if for_the_top:
            designated[person] = (*designated.get(person, ()), power)
    posts: dict[int, frozenset[int]] = {}
    for person, unit, *_ in found["post"]:
        posts[person] = posts.get(person, frozenset()) | {unit}
    return Line(
        parents={unit: parent for unit, parent, *_ in found["unit"]},
        # Of two leaders of a unit the last one counts.
        leaders={unit: leader for unit, leader, *_ in sorted(found["leader"], key=lambda row: row[4])},
        mandates=powers,
        designated=designated,
        posts=posts,
    )


def signed_this_round(case: Case) -> frozenset[int]:
    """Who approved since the case was last submitted, also on behalf of another: a second signature is not theirs."""
    case_type, signed = CASE_TYPES[case.type], set[int]()
    for key, *persons in case.trail:
        if key in NOTES:
            continue
        action = case_type.action(key)
        if action.takes_content:
            signed.clear()
        elif action.binds:
            signed |= {person for person in persons if person is not None}
    return frozenset(signed)


def makers_of(case: Case) -> frozenset[int]:
    """Who claims, and who prepared it for them."""
    return frozenset(who for who in (case.initiator_id, case.preparer_id) if who is not None)


def took_part_before(case: Case) -> frozenset[int]:
    """Who had a part in what came before this case, or took a step in it that keeps them from deciding; nobody for most
    kinds of case, whose content is not even read."""
    case_type = CASE_TYPES[case.type]
    before = frozenset() if case_type.apart is nobody else case_type.apart(case.content)
    if not case_type.apart_steps:
        return before
    return before | {who for key, *persons in case.trail if key in case_type.apart_steps for who in persons if who}


def apart_in(case: Case) -> frozenset[int]:
    """Who may not be asked about this case: who made it, who signed it, and who took part in what came before it."""
    return signed_this_round(case) | makers_of(case) | took_part_before(case)


def about(case: Case, **changed: Any) -> Request:
    """What is asked in this case; its employment is loaded."""
    known: dict[str, Any] = {
        "unit_id": case.employment.unit_id, "claimant_id": case.initiator_id, "cents": case.claimed_cents,
        "cost_centre": case.cost_centre, "apart": apart_in(case),
    }  # fmt: skip
    return Request(**known | changed)


def signer(line: Line, state: State, request: Request) -> int | None:
    """Who decides in this state; None when nobody may."""
    found = line.second(request) if state.second else line.first(request)
    return found.person_id if found else None


def whom_to_ask(session: Session, case: Case, on: date, apart: Collection[int] | None = None) -> int | None:
    """Who is or would be asked first to decide on this case; None when nobody may."""
    barred = apart_in(case) if apart is None else frozenset(apart)
    found = line_of(session, case.municipality_id, case.type, on).first(about(case, apart=barred))
    return found.person_id if found else None
