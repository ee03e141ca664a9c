"""Taking in what a municipality begins with: first a trial in which nothing is written, then by a second person, and
then file and portal are held against each other, line by line.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import i18n
from portal.access import Viewer
from portal.commands import people_import
from portal.commands.changes import write_down
from portal.commands.leave_grants import grant_yearly, lot_for
from portal.commands.lines import one_at_a_time
from portal.commands.passages import ENDED, author_of
from portal.interfaces.opening_files import Balance, balances_in, items_in
from portal.interfaces.people_file import rows_of
from portal.models.cases import Case
from portal.models.imports import PeopleImport
from portal.models.leave import LeaveEntry
from portal.models.passages import OpeningFile, OpeningItem, Passage
from portal.models.people import Employment, Municipality
from portal.queries.opening import Difference, Key, Report, compared, employed_on, lots_with_balance, open_items
from workflows.kernel import Refusal, Refused
from workflows.lots import LOT_KINDS
from workflows.parties import N_

PEOPLE, BALANCES, ITEMS = "people", "balances", "items"
READ = {PEOPLE: rows_of, BALANCES: balances_in, ITEMS: items_in}

KIND_MISSING = Refusal("opening_kind_missing", N_("Choose what is in the file."))
AS_OF = Refusal("opening_as_of_missing", N_("Fill in as of which day this is."))
WRONG = Refusal("opening_has_problems", N_("Something in the file is wrong, so nothing was taken in."))
SAME_PERSON = Refusal("opening_same_person", N_("You handed in this file, so a second person must take it in."))
DONE = Refusal("opening_done", N_("This file was taken in already."))
NOT_YET = Refusal("opening_not_taken_in", N_("This file was not taken in yet, so there is nothing to compare."))
NUMBER_UNKNOWN = Refusal("opening_number", N_("Nobody works here with this personnel number on that day."))
TWICE = Refusal("opening_twice", N_("Line %(line)s is about the same."))
NOT_YOURS = Refusal("opening_own", N_("This is your own balance. Somebody else must hand it in and take it in."))
CASE_UNKNOWN = Refusal("opening_case", N_("This municipality has no case with this number."))
TICKED = Refusal("opening_ticked", N_("This was ticked off already."))
BEGINS_WITH = N_("Opening balance when the municipality joined")


@dataclass(frozen=True, slots=True)
class Line:
    """What one row of a file would do: about what, how it is now, what it becomes, and what is wrong with it."""

    number: int
    what: str
    now: str
    becomes: str
    problems: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """What taking in a file would do. Nothing was written."""

    lines: tuple[Line, ...]
    count: int
    total: int = 0

    @property
    def problems(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.problems)


def hand_in(session: Session, viewer: Viewer, passage: Passage, kind: str, name: str, content: bytes,
            as_of: date | None, at: datetime) -> OpeningFile:  # fmt: skip
    """Keep a file to try out. Raises Refused when it cannot be read."""
    author_of(viewer).reaches(passage.municipality_id)
    if passage.ended_at is not None:
        raise Refused(ENDED)
    if kind not in READ:
        raise Refused(KIND_MISSING)
    if as_of is None:
        raise Refused(AS_OF)
    READ[kind](content)
    new = OpeningFile(
        passage_id=passage.id, kind=kind, name=name[:200], content=content, as_of=as_of, handed_in_at=at,
        sha256=hashlib.sha256(content).hexdigest(), handed_in_by_id=viewer.person_id,
    )  # fmt: skip
    session.add(new)
    session.flush()
    return new


def try_out(session: Session, viewer: Viewer, one: OpeningFile) -> Trial:
    """What taking in this file would do now."""
    author_of(viewer).reaches(one.passage.municipality_id)
    match one.kind:
        case "people":
            return _people(people_import.plan_of(session, author_of(viewer), _as_import(one)))
        case "balances":
            return _Balances(session, one, viewer.person_id).trial()
        case _:
            return _items(session, one)


def take_in(session: Session, viewer: Viewer, one: OpeningFile, at: datetime) -> Report:
    """Take in the whole file, by somebody who did not hand it in; then hold it against the portal."""
    author, place_id = author_of(viewer), one.passage.municipality_id
    if one.passage.ended_at is not None:
        raise Refused(ENDED)
    # Of two at the same moment the second sees that the first took it in.
    session.refresh(one, ["taken_in_at"], with_for_update=True)
    if one.taken_in_at is not None:
        raise Refused(DONE)
    if one.handed_in_by_id == viewer.person_id:
        raise Refused(SAME_PERSON)
    if try_out(session, viewer, one).problems:
        raise Refused(WRONG)
    match one.kind:
        case "people":
            file = _as_import(one)
            people_import.take_in(session, author, file, people_import.plan_of(session, author, file).digest, at)
        case "balances":
            grant_yearly(session, place_id, at)
            _Balances(session, one, viewer.person_id).enter(viewer.person_id, at)
        case _:
            session.add_all(
                OpeningItem(municipality_id=place_id, file_id=one.id, kind=item.kind, reference=item.reference,
                            whose=item.whose, day=item.day, due=item.due, cents=item.cents)
                for item in items_in(one.content)
            )  # fmt: skip
    one.taken_in_at, one.taken_in_by_id = at, viewer.person_id
    session.flush()
    place = session.get_one(Municipality, place_id)
    write_down(session, author, at, "opening.taken_in", place.name, municipality_id=place_id,
               new={"name": one.name, "sha256": one.sha256})  # fmt: skip
    return reconcile(session, viewer, one, at)


def reconcile(session: Session, viewer: Viewer, one: OpeningFile, at: datetime) -> Report:
    """Hold the file against the portal as it is now, and keep how many differences there are."""
    report = report_of(session, viewer, one)
    one.reconciled_at, one.differences = at, len(report.differences)
    session.flush()
    return report


def report_of(session: Session, viewer: Viewer, one: OpeningFile) -> Report:
    """File and portal side by side, with every difference; nothing is written."""
    author_of(viewer).reaches(one.passage.municipality_id)
    if one.taken_in_at is None:
        raise Refused(NOT_YET)
    match one.kind:
        case "people":
            return _people_compared(session, viewer, one)
        case "balances":
            return _Balances(session, one, viewer.person_id).compared()
        case _:
            return _items_compared(session, one)


def tick_off(session: Session, viewer: Viewer, item: OpeningItem, number: str, at: datetime) -> None:
    """Say which case an open item became."""
    author_of(viewer).reaches(item.municipality_id)
    if item.settled_at is not None:
        raise Refused(TICKED)
    there = select(Case.id).where(Case.number == number.strip(), Case.municipality_id == item.municipality_id)
    if session.scalars(there).first() is None:
        raise Refused(CASE_UNKNOWN)
    item.settled_at, item.settled_by_id, item.case_number = at, viewer.person_id, number.strip()


# People: the same comparison as of any file from the personnel records.


def _as_import(one: OpeningFile) -> PeopleImport:
    """The file as the personnel records hand one in; it is kept here, and not there as well."""
    return PeopleImport(
        municipality_id=one.passage.municipality_id, name=one.name, content=one.content, as_of=one.as_of,
        handed_in_at=one.handed_in_at, handed_in_by_id=one.handed_in_by_id,
    )  # fmt: skip


def _people(plan: people_import.Plan) -> Trial:
    lines = tuple(
        Line(line.number, f"{line.name} ({line.personnel_number})", "", f"{line.unit}: {', '.join(line.kinds)}",
             tuple(refusal for _, refusal in line.problems))
        for line in plan.lines
    )  # fmt: skip
    return Trial(lines, len(lines))


def _people_compared(session: Session, viewer: Viewer, one: OpeningFile) -> Report:
    plan = people_import.plan_of(session, author_of(viewer), _as_import(one))
    found = [
        Difference(f"{line.name} ({line.personnel_number}){f', {field}' if field else ''}", new, old)
        for line in plan.lines
        for field, old, new in _told(line)
    ]
    found += [Difference(name, "", name) for name in plan.absent]
    there = employed_on(session, one.passage.municipality_id, one.as_of)
    return Report(len(plan.lines), len(there), 0, 0, tuple(found))


def _told(line: people_import.Line) -> Iterator[tuple[str, str, str]]:
    """What differs of somebody: field, in the portal, in the file."""
    if line.kinds == ("same",) and not line.problems:
        return
    yield from line.differs
    if not line.differs:
        yield "", "", line.unit


# Balances of leave: what the ledger lacks of each, as a correction by two people.


class _Balances:
    """A file with balances beside the ledger, read once."""

    def __init__(self, session: Session, one: OpeningFile, viewer_id: int) -> None:
        self.session, self.one, self.place_id = session, one, one.passage.municipality_id
        self.rows = balances_in(one.content)
        self.people = employed_on(session, self.place_id, one.as_of)
        self.lots = lots_with_balance(session, self.place_id, one.as_of.year)
        self.hands = {viewer_id, one.handed_in_by_id}

    def _judged(self) -> Iterator[tuple[Balance, Employment | None]]:
        seen: dict[tuple[str, str, int], int] = {}
        for row in self.rows:
            problems, person = list(row.problems), self.people.get(row.number)
            if person is None:
                problems.append(NUMBER_UNKNOWN)
            elif person.person_id in self.hands:
                problems.append(NOT_YOURS)
            first = seen.setdefault((row.number, row.kind, row.year), row.line)
            if first != row.line:
                problems.append(Refusal(TWICE.code, TWICE.sentence, {"line": first}))
            yield replace(row, problems=tuple(problems)), person

    def trial(self) -> Trial:
        lines = []
        for row, person in self._judged():
            kind = i18n.gettext(LOT_KINDS[row.kind]) if row.kind else ""
            name = f"{person.person.name if person else '?'} ({row.number}), {kind} {row.year or ''}"
            now = self.lots.get((person.person_id, row.kind, row.year), (None, 0))[1] if person else 0
            lines.append(Line(row.line, name, i18n.hours(now), i18n.hours(row.minutes), row.problems))
        return Trial(tuple(lines), len(lines), sum(row.minutes for row in self.rows))

    def enter(self, second_id: int, at: datetime) -> None:
        """Bring each lot to what the file says; what the file does not name of these people comes to nothing."""
        wanted = {(self.people[row.number].person_id, row.kind, row.year): row.minutes for row in self.rows}
        people = {person_id for person_id, _, _ in wanted}
        lots = lots_with_balance(self.session, self.place_id, self.one.as_of.year)
        for person_id in sorted(people):
            one_at_a_time(self.session, person_id)
        for person_id, kind, year in sorted(wanted.keys() | {key for key in lots if key[0] in people}):
            there = lots.get((person_id, kind, year))
            lacks = wanted.get((person_id, kind, year), 0) - (there[1] if there else 0)
            if not lacks:
                continue
            lot = there[0] if there else lot_for(self.session, person_id, self.place_id, kind, year, at)[0]
            self.session.add(
                LeaveEntry(
                    person_id=person_id, municipality_id=self.place_id, lot_id=lot.id, kind=kind, what="correct",
                    minutes=lacks, day=max(self.one.as_of, lot.valid_from), recorded_at=at,
                    by_id=self.one.handed_in_by_id, second_id=second_id, reason=BEGINS_WITH,
                )
            )  # fmt: skip
        self.session.flush()

    def compared(self) -> Report:
        by_id = {one.person_id: one for one in self.people.values()}
        file: dict[Key, int] = {(row.number, row.kind, str(row.year)): row.minutes for row in self.rows if row.minutes}
        portal: dict[Key, int] = {
            (by_id[person_id].personnel_number, kind, str(year)): minutes
            for (person_id, kind, year), (_, minutes) in self.lots.items()
            if person_id in by_id and minutes
        }
        said = {key: self._name(key) for key in file.keys() | portal.keys()}
        return compared(file, portal, said, _Hours())

    def _name(self, key: Key) -> str:
        number, kind, year = key
        name = self.people[number].person.name if number in self.people else "?"
        return f"{name} ({number}), {i18n.gettext(LOT_KINDS[kind])} {year}"


class _Hours(dict[int, str]):
    """Any minutes in words."""

    def __missing__(self, minutes: int) -> str:
        return i18n.hours(minutes)


class _Euros(dict[int, str]):
    """Any cents in words."""

    def __missing__(self, cents: int) -> str:
        return i18n.euro(cents)


# Open items: a list to tick off.


def _items(session: Session, one: OpeningFile) -> Trial:
    items = items_in(one.content)
    there = {(item.kind, item.reference) for item in open_items(session, one.passage.municipality_id)}
    seen: dict[tuple[str, str], int] = {}
    lines = []
    for item in items:
        problems, key = list(item.problems), (item.kind, item.reference)
        first = seen.setdefault(key, item.line)
        if first != item.line or key in there:
            problems.append(Refusal(TWICE.code, TWICE.sentence, {"line": first}))
        becomes = f"{i18n.euro(item.cents)}, {i18n.day(item.day)}"
        lines.append(Line(item.line, f"{item.reference}, {item.whose}", "", becomes, tuple(problems)))
    return Trial(tuple(lines), len(lines), sum(item.cents for item in items))


def _items_compared(session: Session, one: OpeningFile) -> Report:
    file = _sums((item.kind, item.reference, item.cents) for item in items_in(one.content))
    mine = [item for item in open_items(session, one.passage.municipality_id) if item.file_id == one.id]
    portal = _sums((item.kind, item.reference, item.cents) for item in mine)
    return compared(file, portal, {key: key[1] for key in file.keys() | portal.keys()}, _Euros())


def _sums(items: Iterable[tuple[str, str, int]]) -> Mapping[Key, int]:
    found: Counter[Key] = Counter()
    for kind, reference, cents in items:
        found[kind, reference] += cents
    return found
