"""Taking in people from a file of the personnel records: first what would change, then, on somebody's word, all of it.

A file is of one municipality and is taken in as a whole or not at all. Somebody is known by their personnel number.
Whoever is not in the file stays as they are; an account number is only taken from a file for somebody new, since a
change of it is a case of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from portal.commands import employments as people
from portal.commands.changes import OWN_RIGHTS, Author, write_down
from portal.commands.employments import Details, Terms
from portal.commands.organisation import add_unit
from portal.interfaces.people_file import day_in, rows_of
from portal.models.imports import PeopleImport
from portal.models.people import Employment, Municipality, Person, PersonAccount, Unit
from portal.searching import folded
from workflows.iban import IBAN_SENTENCES, InvalidIban, clean_iban
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

TWICE = Refusal("import_twice", N_("Line %(line)s has the same personnel number or mail address."))
ENDED_HERE = Refusal(
    "import_ended_here",
    N_("This employment ended on %(day)s. Put that day in the file, or a first day after it for a new employment."),
)
AS_OF_MISSING = Refusal("import_as_of_missing", N_("Fill in from which day people are of their new unit."))
CHANGED_SINCE = Refusal(
    "import_changed_since", N_("Somebody changed people or units since you looked. Look again at what would change.")
)
HAS_PROBLEMS = Refusal("import_has_problems", N_("Something in the file is wrong, so nothing was taken in."))
DONE_ALREADY = Refusal("import_done_already", N_("This file was taken in already."))
OTHER_ACCOUNT = N_("The account number differs and is not taken over: that is a request of the employee.")


@dataclass(frozen=True)
class Line:
    """What would happen for one row of the file. `kind`: added, employed, changed, moved, ended or same.

    `differs` is field, what it is, what it becomes. With `problems` (field and refusal) the file is not taken in.
    """

    number: int
    name: str
    personnel_number: str
    details: Details
    terms: Terms
    kinds: tuple[str, ...] = ()
    differs: tuple[tuple[str, str, str], ...] = ()
    problems: tuple[tuple[str, Refusal], ...] = ()
    note: str = ""
    unit: str = ""
    iban: str = ""
    employment_id: int | None = None
    person_id: int | None = None


@dataclass(frozen=True)
class Plan:
    """What taking in a file would change."""

    lines: tuple[Line, ...]
    new_units: Mapping[str, str] = field(default_factory=dict)
    """Name and cost centre of each unit that is not there yet."""
    unused: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    """Who works there and is not in the file."""

    @property
    def problems(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.problems)

    def count(self, *kinds: str) -> int:
        """How many rows bring one of these."""
        return sum(bool(set(kinds) & set(line.kinds)) for line in self.lines)

    @property
    def digest(self) -> str:
        """What was looked at: taking in asks for the same again."""
        seen = [
            [line.number, line.kinds, line.differs, line.employment_id, line.person_id, len(line.problems)]
            for line in self.lines
        ]
        return hashlib.sha256(json.dumps([seen, dict(self.new_units)]).encode()).hexdigest()


def hand_in(session: Session, author: Author, municipality: Municipality, name: str, content: bytes,
            as_of: date | None, at: datetime) -> PeopleImport:  # fmt: skip
    """Keep a file to look at what it would change. Raises Refused when it cannot be read."""
    author.reaches(municipality.id)
    if as_of is None:
        raise Refused(AS_OF_MISSING)
    rows_of(content)
    if author.person_id is None:
        raise ValueError("a file is handed in by a person")
    new = PeopleImport(
        municipality_id=municipality.id, name=name[:200], content=content, as_of=as_of, handed_in_at=at,
        handed_in_by_id=author.person_id,
    )  # fmt: skip
    session.add(new)
    session.flush()
    return new


def plan_of(session: Session, author: Author, one: PeopleImport) -> Plan:
    """What taking in this file would change now."""
    author.reaches(one.municipality_id)
    if one.content is None:
        raise Refused(DONE_ALREADY)
    rows, unused = rows_of(one.content)
    return _Comparison(session, author, one).plan(rows, unused)


def take_in(session: Session, author: Author, one: PeopleImport, digest: str, at: datetime) -> Plan:
    """Take in the whole file, when it would still change what was looked at. Raises Refused."""
    plan = plan_of(session, author, one)
    if plan.problems:
        raise Refused(HAS_PROBLEMS)
    if plan.digest != digest:
        raise Refused(CHANGED_SINCE)
    units = _units(session, one.municipality_id)
    for name, cost_centre in plan.new_units.items():
        units[folded(name)] = add_unit(session, author, one.municipality_id, name, None, cost_centre, at)
    why = one.name
    for line in plan.lines:
        _carry_out(session, author, line, units, one.as_of, why, at)
    one.content, one.taken_in_at, one.taken_in_by_id = None, at, author.person_id
    one.added, one.changed = plan.count("added", "employed"), plan.count("changed", "moved")
    one.ended = plan.count("ended")
    write_down(
        session, author, at, "import.done", one.name, municipality_id=one.municipality_id,
        new={"added": one.added, "changed": one.changed, "ended": one.ended},
    )  # fmt: skip
    return plan


def _carry_out(session: Session, author: Author, line: Line, units: Mapping[str, Unit], as_of: date, why: str,
               at: datetime) -> None:  # fmt: skip
    unit = units[folded(line.unit)]
    if "added" in line.kinds:
        person = people.add_person(session, author, line.details, unit.id, line.terms, at)
        if line.iban:
            session.add(PersonAccount(person_id=person.id, iban=line.iban, changed_at=at))
        return
    person = session.get_one(Person, line.person_id)
    if "changed" in line.kinds:
        people.change_person(session, author, person, line.details, at)
    if "employed" in line.kinds:
        people.employ(session, author, person, unit.id, line.terms, at)
        return
    employment = session.get_one(
        Employment,
        line.employment_id,
        options=[joinedload(Employment.person), joinedload(Employment.unit).joinedload(Unit.municipality)],
    )
    if "moved" in line.kinds:
        title = line.terms.job_title or employment.job_title
        employment = people.move(session, author, employment, unit.id, line.terms.number, title, as_of, why, at)
    elif line.terms.job_title and line.terms.job_title != employment.job_title:
        people.retitle(session, author, employment, line.terms.job_title, at)
    if "ended" in line.kinds:
        people.end_employment(session, author, employment, line.terms.valid_to, why, at)


def _units(session: Session, municipality_id: int) -> dict[str, Unit]:
    found = session.scalars(
        select(Unit).where(Unit.municipality_id == municipality_id, Unit.valid_to.is_(None)).order_by(Unit.id.desc())
    )
    return {folded(unit.name): unit for unit in found}


class _Comparison:
    """One file beside what is known, read once."""

    def __init__(self, session: Session, author: Author, one: PeopleImport) -> None:
        self.author, self.as_of = author, one.as_of
        self.units = _units(session, one.municipality_id)
        self.new_units: dict[str, str] = {}
        self.seen: dict[str, int] = {}
        known = session.scalars(
            select(Employment)
            .join(Unit, Unit.id == Employment.unit_id)
            .where(Unit.municipality_id == one.municipality_id)
            .options(joinedload(Employment.unit), joinedload(Employment.person))
            .order_by(Employment.valid_from)
        ).all()
        self.by_number = {employment.personnel_number: employment for employment in known}
        self.by_address = {email.lower(): (key, name) for key, email, name in _addresses(session)}
        accounts = select(PersonAccount.person_id, PersonAccount.iban).order_by(PersonAccount.id)
        self.accounts = {row.person_id: row.iban for row in session.execute(accounts)}

    def plan(self, rows: list[tuple[int, dict[str, str]]], unused: tuple[str, ...]) -> Plan:
        lines = tuple(self._line(number, cells) for number, cells in rows)
        named = {line.personnel_number for line in lines}
        absent = sorted(
            employment.person.name
            for number, employment in self.by_number.items()
            if number not in named and (employment.valid_to is None or employment.valid_to >= self.as_of)
        )
        return Plan(lines, self.new_units, unused, tuple(absent))

    def _line(self, number: int, cells: dict[str, str]) -> Line:
        problems: list[tuple[str, Refusal]] = []
        first, last = (self._day(cells.get(name, ""), name, problems) for name in ("first", "last"))
        employment = self.by_number.get(cells["number"].strip())
        if employment and employment.valid_to and first and first > employment.valid_to:
            again, employment = employment.person, None
        else:
            again = None
        person = employment.person if employment else again
        details = self._details(cells, person, problems)
        terms = Terms(cells["number"].strip(), cells.get("job_title", ""), first, last)
        try:
            terms = people.judged_terms(terms)
        except Refused as refused:
            problems += [(PLACES[refusal.code], refusal) for refusal in refused.refusals]
        line = Line(
            number, f"{details.given_name} {details.family_name}".strip(), terms.number, details, terms,
            unit=" ".join(cells["unit"].split()), iban=self._iban(cells.get("iban", ""), problems),
        )  # fmt: skip
        self._expect_once(line, problems)
        self._expect_unit(line, cells.get("cost_centre", ""), problems)
        line = self._known(line, employment, problems) if employment else self._new(line, person, problems)
        oneself = self.author.person_id is not None and line.person_id == self.author.person_id
        if oneself and set(line.kinds) - {"same", "changed"}:
            problems.append(("number", OWN_RIGHTS))
        if employment and employment.valid_to and last is None and not problems:
            day = employment.valid_to
            problems.append(("last", replace(ENDED_HERE, values={"day": day})))
        return replace(line, problems=tuple(problems))

    def _details(self, cells: dict[str, str], person: Person | None, problems: list[tuple[str, Refusal]]) -> Details:
        typed = Details(
            cells["given_name"], cells["family_name"], cells["email"],
            cells.get("language", "").strip().lower() or (person.language if person else "nl"),
            cells.get("phone", "") or (person.phone if person else ""),
        )  # fmt: skip
        try:
            return people.judged(typed)
        except Refused as refused:
            problems += [(PLACES[refusal.code], refusal) for refusal in refused.refusals]
            return typed

    def _day(self, text: str, column: str, problems: list[tuple[str, Refusal]]) -> date | None:
        try:
            return day_in(text)
        except Refused as refused:
            problems += [(column, refusal) for refusal in refused.refusals]
            return None

    def _iban(self, text: str, problems: list[tuple[str, Refusal]]) -> str:
        if not text.strip():
            return ""
        try:
            return clean_iban(text)
        except InvalidIban as error:
            problems.append(("iban", Refusal(error.code, IBAN_SENTENCES[error.code])))
            return ""

    def _expect_once(self, line: Line, problems: list[tuple[str, Refusal]]) -> None:
        for key in (f"number {line.personnel_number}", f"address {line.details.email.lower()}"):
            if key.partition(" ")[2] and self.seen.setdefault(key, line.number) != line.number:
                problems.append(("number", replace(TWICE, values={"line": self.seen[key]})))
                return

    def _expect_unit(self, line: Line, cost_centre: str, problems: list[tuple[str, Refusal]]) -> None:
        if line.unit and folded(line.unit) in self.units:
            return
        if line.unit and cost_centre.strip():
            self.new_units.setdefault(line.unit, " ".join(cost_centre.split()))
        else:
            problems.append(("unit", people.UNIT_UNKNOWN))

    def _new(self, line: Line, person: Person | None, problems: list[tuple[str, Refusal]]) -> Line:
        holder, holder_name = self.by_address.get(line.details.email.lower(), (None, ""))
        if person is None and holder is not None and folded(holder_name) == folded(line.name):
            return replace(line, kinds=("employed",), person_id=holder)
        if holder is not None and (person is None or holder != person.id):
            problems.append(("email", people.EMAIL_TAKEN))
        if person is not None:
            differs = tuple(self._differing(line.details, person))
            return replace(
                line, kinds=("employed", *(("changed",) if differs else ())), person_id=person.id, differs=differs
            )
        return replace(line, kinds=("added",))

    def _known(self, line: Line, employment: Employment, problems: list[tuple[str, Refusal]]) -> Line:
        person, terms = employment.person, line.terms
        differs = list(self._differing(line.details, person))
        kinds = ["changed"] if differs else []
        if folded(line.unit) != folded(employment.unit.name):
            kinds.append("moved")
            differs.append(("unit", employment.unit.name, line.unit))
        if terms.job_title and terms.job_title != employment.job_title:
            kinds += [] if "changed" in kinds else ["changed"]
            differs.append(("job_title", employment.job_title, terms.job_title))
        if terms.valid_to is not None and terms.valid_to != employment.valid_to:
            kinds.append("ended")
            old = employment.valid_to.isoformat() if employment.valid_to else ""
            differs.append(("valid_to", old, terms.valid_to.isoformat()))
        known = self.accounts.get(person.id, "")
        if self.by_address.get(line.details.email.lower(), (person.id, ""))[0] != person.id:
            problems.append(("email", people.EMAIL_TAKEN))
        return replace(
            line, kinds=tuple(kinds) or ("same",), differs=tuple(differs), person_id=person.id,
            employment_id=employment.id, note=OTHER_ACCOUNT if line.iban and line.iban != known else "",
        )  # fmt: skip

    def _differing(self, new: Details, person: Person) -> Iterator[tuple[str, str, str]]:
        old = people.details_of(person)
        for name in ("given_name", "family_name", "email", "phone", "language"):
            if getattr(old, name) != getattr(new, name):
                yield name, getattr(old, name), getattr(new, name)


def _addresses(session: Session) -> Iterator[tuple[int, str, str]]:
    for key, email, given, family in session.execute(
        select(Person.id, func.lower(Person.email), Person.given_name, Person.family_name)
    ):
        yield key, email, f"{given} {family}"


PLACES: Mapping[str, str] = {
    "given_name_missing": "given_name", "name_missing": "family_name", "name_too_long": "family_name",
    "email_wrong": "email", "language_unknown": "language", "number_wrong": "number", "title_too_long": "job_title",
    "first_day_missing": "first", "last_before_first": "last",
}  # fmt: skip
"""In which column each refusal of people and employments stands."""
