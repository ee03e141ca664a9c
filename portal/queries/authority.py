"""Who could sign on a day: first, second and in whose absence whom, each with why; and the register of mandates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select, true
from sqlalchemy.orm import Session, joinedload

from portal.db import overlaps
from portal.models.cases import Case
from portal.models.people import Employment, ManagerRelation, Mandate, Municipality, Person, Unit
from portal.queries.cases import HEADLINES, without
from portal.queries.line import Line, Request, Signer, line_of
from portal.queries.people import names_of
from portal.queries.stand_ins import Among, StandIn, fit, substitutions_on
from workflows import CASE_TYPES
from workflows.parties import Party

Places = frozenset[int] | None
NOBODY = 0
"""The key of an employee who is left open: no person has it."""


@dataclass(frozen=True)
class Question:
    """Who could sign for this: what kind of case, how much, on which cost centre, for whom, on which day."""

    municipality_id: int
    kind: str
    cents: int
    cost_centre: str
    on: date
    employee_id: int | None = None


@dataclass(frozen=True)
class Could:
    """Somebody who could sign: why, by which mandates, who may in their absence, and who is passed over."""

    name: str
    why: str
    unit: str
    mandates: tuple[Mandate, ...]
    substitutes: tuple[str, ...] = ()
    passed_over: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Answer:
    """For one unit: who is asked first, and who signs above that mandate; `enough` when the first suffices."""

    unit: Unit
    first: Could | None
    second: Could | None
    enough: bool


def kinds() -> dict[str, str]:
    """The kinds of case that somebody signs with a mandate of their own kind, with their labels."""
    return {
        key: case_type.label
        for key, case_type in CASE_TYPES.items()
        if case_type.mandate_kind == key and any(state.waits_for & Party.APPROVER for state in case_type.states)
    }


def answers(session: Session, asked: Question) -> Sequence[Answer]:
    """Who could sign, for the unit of the employee, or else for each unit with this cost centre; for every unit when
    none has it. A handful of statements, whatever its size."""
    line = line_of(session, asked.municipality_id, asked.kind, asked.on)
    absences = substitutions_on(session, asked.municipality_id, asked.on)
    units = _units(session, asked)
    mandates = _by_holder(mandates_on(session, asked.on, frozenset({asked.municipality_id}), asked.kind))
    found = [_signers(line, unit, asked) for unit in units]
    persons = {one.person_id for pair in found for one in pair if one is not None}
    persons |= {row.substitute_id for row in absences}
    words = _Words(names_of(session, persons), {unit.id: unit.name for unit in _all_units(session, asked)}, mandates)
    return [
        Answer(
            unit, words.could(line, absences, asked, first), words.could(line, absences, asked, second, first),
            first is not None and line.suffices(first.person_id, asked.cents, asked.cost_centre or unit.cost_centre),
        )
        for unit, (first, second) in zip(units, found, strict=True)
    ]  # fmt: skip


def _signers(line: Line, unit: Unit, asked: Question) -> tuple[Signer | None, Signer | None]:
    claimant = NOBODY if asked.employee_id is None else asked.employee_id
    about = Request(unit.id, claimant, asked.cents, asked.cost_centre or unit.cost_centre)
    first = line.first(about)
    if first is None or line.suffices(first.person_id, about.cents, about.cost_centre):
        return first, None
    return first, line.second(replace(about, apart=frozenset({first.person_id})))


@dataclass(frozen=True)
class _Words:
    """What an answer says about people and units."""

    names: Mapping[int, str]
    units: Mapping[int, str]
    mandates: Mapping[int, tuple[Mandate, ...]]

    def could(self, line: Line, absences: Sequence[StandIn], asked: Question, signer: Signer | None,
              first: Signer | None = None) -> Could | None:  # fmt: skip
        if signer is None:
            return None
        claimant = NOBODY if asked.employee_id is None else asked.employee_id
        signed = frozenset() if first is None else frozenset({first.person_id})
        able = fit(absences, line, Among(claimant, frozenset({claimant}), signed), signer.person_id)
        return Could(
            self.names.get(signer.person_id, ""),
            signer.why,
            self.units.get(signer.unit_id or 0, ""),
            self.mandates.get(signer.person_id, ()),
            tuple(self.names.get(who, "") for who in able.able),
            tuple((self.names.get(who, ""), why) for who, why in able.passed_over),
        )


def _all_units(session: Session, asked: Question) -> Sequence[Unit]:
    query = select(Unit).where(Unit.municipality_id == asked.municipality_id)
    return session.scalars(query.order_by(Unit.name, Unit.id)).all()


def _units(session: Session, asked: Question) -> Sequence[Unit]:
    every = [u for u in _all_units(session, asked) if u.valid_to is None or u.valid_to >= asked.on]
    if asked.employee_id is not None:
        theirs = set(
            session.scalars(
                select(Employment.unit_id).where(
                    Employment.person_id == asked.employee_id,
                    overlaps(asked.on, Employment.valid_from, Employment.valid_to),
                )
            )
        )
        return [unit for unit in every if unit.id in theirs]
    fitting = [unit for unit in every if unit.cost_centre == asked.cost_centre]
    return fitting or every


def mandates_on(session: Session, on: date, places: Places, kind: str = "") -> Sequence[Mandate]:
    """The mandates in force on a day in these municipalities, of one kind or of all; by municipality and holder."""
    query = select(Mandate).where(overlaps(on, Mandate.valid_from, Mandate.valid_to))
    if places is not None:
        query = query.where(Mandate.municipality_id.in_(places))
    if kind:
        query = query.where(Mandate.kind == kind)
    return session.scalars(query.order_by(Mandate.municipality_id, Mandate.person_id, Mandate.id)).all()


def _by_holder(mandates: Iterable[Mandate]) -> dict[int, tuple[Mandate, ...]]:
    found: dict[int, tuple[Mandate, ...]] = {}
    for mandate in mandates:
        found[mandate.person_id] = (*found.get(mandate.person_id, ()), mandate)
    return found


@dataclass(frozen=True)
class Registered:
    """A mandate in the register: whose, where, whether the holder works here on the day, and what they lead then."""

    mandate: Mandate
    holder: str
    municipality: str
    works: bool
    leads: tuple[str, ...]


def register(session: Session, on: date, places: Places, *, coming: bool = False) -> Sequence[Registered]:
    """The register of mandates on a day, with `coming` also those that begin later. Two statements."""
    works = exists().where(Employment.person_id == Person.id,
                           overlaps(on, Employment.valid_from, Employment.valid_to))  # fmt: skip
    there: ColumnElement[bool] = true() if places is None else Mandate.municipality_id.in_(places)
    held: ColumnElement[bool] = overlaps(on, Mandate.valid_from, Mandate.valid_to)
    if coming:
        held = or_(Mandate.valid_to.is_(None), Mandate.valid_to >= on)
    rows: Any = session.execute(
        select(Mandate, Person, Municipality.name, works)
        .join(Person, Person.id == Mandate.person_id)
        .join(Municipality, Municipality.id == Mandate.municipality_id)
        .where(held, there)
        .order_by(Municipality.name, Mandate.kind, Person.family_name, Person.given_name, Mandate.id)
    ).all()
    leads: dict[tuple[int, int], tuple[str, ...]] = {}
    led = (
        select(ManagerRelation.manager_id, Unit.municipality_id, Unit.name)
        .join(Unit, Unit.id == ManagerRelation.unit_id)
        .where(overlaps(on, ManagerRelation.valid_from, ManagerRelation.valid_to))
        .order_by(Unit.name)
    )
    for manager, place, name in session.execute(led):
        leads[manager, place] = (*leads.get((manager, place), ()), name)
    return [
        Registered(mandate, person.name, place, bool(here), leads.get((person.id, mandate.municipality_id), ()))
        for mandate, person, place, here in rows
    ]


def stranded(session: Session, places: Places, limit: int = 50) -> Sequence[Case]:
    """Open requests on which nobody may decide: the SSC must find somebody. The longest waiting first."""
    there: ColumnElement[bool] = true() if places is None else Case.municipality_id.in_(places)
    return session.scalars(
        select(Case)
        .where(Case.waits_for == Party.APPROVER.name, Case.closed_at.is_(None), Case.approver_id.is_(None), there)
        .options(*HEADLINES, *without(Case.draft), joinedload(Case.initiator), joinedload(Case.municipality))
        .order_by(Case.state_since, Case.id)
        .limit(limit)
    ).all()
