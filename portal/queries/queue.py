"""The clerks' queue: filtered, counted, searched, and walked by key in the order of the chance of breaching a norm.

Everything it is filtered by stands in one index (`ix_case_queue`), so that a filter or a search reads that index from
the most urgent on, and opens only the cases it shows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, exists, func, or_, select, true, tuple_
from sqlalchemy.orm import Session, joinedload, load_only

from portal.access import Role, Viewer
from portal.clock import local_date
from portal.db import overlaps
from portal.models.cases import Case, CaseFlag, Document
from portal.models.events import CaseEvent
from portal.models.people import Municipality, Person, RoleGrant
from portal.queries.cases import PAGE, WHOLE, Page, actions_that
from portal.queries.people import national_calendar
from portal.searching import matching
from workflows.kernel import WorkingDays
from workflows.parties import Party

COUNT_CAP = 1000
FACET_CAP = 2000
"""How many cases are looked at to count what each choice of a filter would give."""

ANY, FREE, ME, TAKEN, NONE = "any", "free", "me", "taken", "none"

AGES: Mapping[str, timedelta] = {"week": timedelta(days=7), "month": timedelta(days=30)}
"""How long ago a case came in, by the word in the filter; besides these there are `late`, `soon` and SUSPENDED."""
SUSPENDED = "suspended"


@dataclass(frozen=True)
class QueueFilter:
    """What a clerk wants to see of the queue."""

    municipality_id: int | None = None
    type: str | None = None
    age: str = ""
    """`late` (over the norm of its step), `soon` (in danger today or on the next working day), or as in AGES; or
    SUSPENDED: its clock stands still."""
    flag: str = ""
    """The code of a flag that stands open, `any` of them or `none`."""
    assignee: str = ANY
    """`any`, `free`, `me`, `taken`, or the id of a colleague."""
    text: str = ""


def _in_queue(viewer: Viewer) -> ColumnElement[bool]:
    allowed = viewer.municipalities(Role.CLERK)
    here = true() if allowed is None else Case.municipality_id.in_(allowed)
    return and_(Case.waits_for == Party.CLERK.name, Case.closed_at.is_(None), here)


def _of_age(age: str, at: datetime) -> ColumnElement[bool]:
    if age == "late":
        return Case.step_due < at
    if age == SUSPENDED:
        return Case.suspended_since.is_not(None)
    if age == "soon":
        return Case.act_by <= national_calendar().due(at, WorkingDays(1))
    return Case.received_at < at - AGES[age]


def _with(assignee: str, viewer: Viewer) -> ColumnElement[bool]:
    match assignee:
        case "free":
            return Case.assignee_id.is_(None)
        case "me":
            return Case.assignee_id == viewer.person_id
        case "taken":
            return Case.assignee_id.is_not(None)
        case _:
            return Case.assignee_id == int(assignee)


OPEN_FLAG = (CaseFlag.case_id == Case.id) & CaseFlag.settled_at.is_(None)


def _flagged(flag: str) -> ColumnElement[bool]:
    if flag in (ANY, NONE):
        found = exists().where(OPEN_FLAG)
        return found if flag == ANY else ~found
    return exists().where(OPEN_FLAG, CaseFlag.code == flag)


def _filtered(viewer: Viewer, wanted: QueueFilter, at: datetime) -> ColumnElement[bool]:
    conditions = [_in_queue(viewer)]
    if wanted.municipality_id is not None:
        conditions.append(Case.municipality_id == wanted.municipality_id)
    if wanted.type:
        conditions.append(Case.type == wanted.type)
    if wanted.assignee != ANY:
        conditions.append(_with(wanted.assignee, viewer))
    if wanted.age:
        conditions.append(_of_age(wanted.age, at))
    if wanted.flag:
        conditions.append(_flagged(wanted.flag))
    if wanted.text:
        conditions.append(matching(Case.words, wanted.text))
    return and_(*conditions)


NAMED = (Person.given_name, Person.family_name)
IN_QUEUE = (
    load_only(
        Case.version, Case.type, Case.number, Case.title, Case.state, Case.state_since, Case.claimed_cents,
        Case.step_due, Case.act_by, Case.target_due, Case.legal_due, Case.initiator_id, Case.assignee_id,
        raiseload=True,
    ),
    joinedload(Case.initiator, innerjoin=True).load_only(*NAMED, raiseload=True),
    joinedload(Case.assignee).load_only(*NAMED, raiseload=True),
    joinedload(Case.municipality, innerjoin=True)
    .load_only(Municipality.name, Municipality.closing_days, raiseload=True),
)  # fmt: skip
"""What a row of the queue shows, and no more: asking for anything else of these cases is an error."""
URGENT_FIRST = (Case.act_by, Case.id)


def _whole(ids: Select[int]) -> Select[Case]:
    """These cases with what a list shows: found by the index alone, and only then opened."""
    found = ids.order_by(*URGENT_FIRST).subquery()
    return select(Case).join(found, found.c.id == Case.id).options(*IN_QUEUE).order_by(*URGENT_FIRST)


def queue(
    session: Session, viewer: Viewer, wanted: QueueFilter, at: datetime, after: str | None = None, limit: int = PAGE
) -> Page:
    """The clerks' queue, the most urgent first, a page at a time by key: the moment and id of the last row."""
    ids = select(Case.id).where(_filtered(viewer, wanted, at)).limit(limit + 1)
    if after:
        urgency, _, number = after.rpartition("_")
        moment = datetime.fromisoformat(urgency)
        if moment.tzinfo is None:
            raise ValueError("a moment without its zone")
        ids = ids.where(tuple_(*URGENT_FIRST) > (moment.astimezone(UTC), int(number)))
    found = session.scalars(_whole(ids)).all()
    if len(found) <= limit:
        return Page(found)
    last = found[limit - 1]
    return Page(found[:limit], f"{last.act_by.isoformat() if last.act_by else ''}_{last.id}")


def chosen(session: Session, viewer: Viewer, numbers: Collection[str]) -> Mapping[str, Case]:
    """Those of these cases that are in this clerk's queue, whole, by number."""
    query = select(Case).where(Case.number.in_(numbers), _in_queue(viewer)).options(*WHOLE)
    return {case.number: case for case in session.scalars(query) if case.number is not None}


def ids_of(viewer: Viewer, wanted: QueueFilter, at: datetime) -> Select[int]:
    """The ids of the cases that fit the filter, to be counted."""
    return select(Case.id).where(_filtered(viewer, wanted, at))


@dataclass(frozen=True)
class Facets:
    """How many cases each choice of each filter would give, the other filters as they are.

    Of a long queue the FACET_CAP most urgent are counted; then `more` is true and every number is "at least".
    """

    size: int
    more: bool
    municipality: Mapping[int, int]
    type: Mapping[str, int]
    age: Mapping[str, int]
    assignee: Mapping[str, int]
    flag: Mapping[str, int]


@dataclass(frozen=True)
class _Cell:
    """How many cases are alike in everything they are filtered by."""

    municipality_id: int
    type: str
    assignee_id: int | None
    ages: frozenset[str]
    count: int

    def fits(self, wanted: QueueFilter, me: int) -> bool:
        return (
            wanted.municipality_id in (None, self.municipality_id)
            and wanted.type in (None, self.type)
            and wanted.assignee in self.holders(me)
            and (not wanted.age or wanted.age in self.ages)
        )

    def values(self, key: str, me: int) -> frozenset[Any]:
        """Which choices of one filter find this."""
        match key:
            case "assignee":
                return self.holders(me)
            case "age":
                return self.ages
            case _:
                return frozenset((getattr(self, key),))

    def holders(self, me: int) -> frozenset[str]:
        """By which words of the filter on whom it is with this is found."""
        if self.assignee_id is None:
            return frozenset((ANY, FREE))
        return frozenset((ANY, TAKEN, str(self.assignee_id), *((ME,) if self.assignee_id == me else ())))


def facets(session: Session, viewer: Viewer, wanted: QueueFilter, at: datetime) -> Facets:
    """Count what each choice would give. Two statements: one for the flags, of which a case can have several."""
    cells = _cells(session, viewer, wanted, at)
    flags = _flags(session, viewer, replace(wanted, flag=""), at)
    me = viewer.person_id
    narrowed = wanted.age == SUSPENDED
    if narrowed:
        wanted = replace(wanted, age="")

    def count(key: str, free: QueueFilter) -> dict[Any, int]:
        found: dict[Any, int] = {}
        for cell in cells:
            if cell.fits(free, me):
                for one in cell.values(key, me):
                    found[one] = found.get(one, 0) + cell.count
        return found

    total = sum(cell.count for cell in cells)
    return Facets(
        size=sum(cell.count for cell in cells if cell.fits(wanted, me)),
        more=total >= FACET_CAP,
        municipality=count("municipality_id", replace(wanted, municipality_id=None)),
        type=count("type", replace(wanted, type=None)),
        # Among what stands still nothing is known of the rest.
        age={} if narrowed else count("age", replace(wanted, age="")),
        assignee=count("assignee", replace(wanted, assignee=ANY)),
        flag=flags,
    )


def _cells(session: Session, viewer: Viewer, wanted: QueueFilter, at: datetime) -> list[_Cell]:
    """The queue counted by everything it can be filtered by at once. Only the text, the flag and whether a clock stands
    still narrow it first."""
    ages = {age: _of_age(age, at).label(age) for age in ("late", "soon", *AGES)}
    loose = QueueFilter(text=wanted.text, flag=wanted.flag, age=wanted.age if wanted.age == SUSPENDED else "")
    rows = (
        select(Case.municipality_id, Case.type, Case.assignee_id, *ages.values())
        .where(_filtered(viewer, loose, at))
        .order_by(*URGENT_FIRST)
        .limit(FACET_CAP)
        .subquery()
    )
    return [
        _Cell(
            row[0], row[1], row[2], frozenset(age for age, holds in zip(ages, row[3:], strict=False) if holds), row[-1]
        )
        for row in session.connection().execute(select(*rows.c, func.count()).group_by(*rows.c))
    ]


def _flags(session: Session, viewer: Viewer, wanted: QueueFilter, at: datetime) -> dict[str, int]:
    ids = select(Case.id).where(_filtered(viewer, wanted, at)).order_by(*URGENT_FIRST).limit(FACET_CAP).subquery()
    counted = (
        select(CaseFlag.code, func.count(CaseFlag.case_id.distinct()))
        .join(ids, ids.c.id == CaseFlag.case_id)
        .where(CaseFlag.settled_at.is_(None))
        .group_by(CaseFlag.code)
    )
    return {row[0]: row[1] for row in session.connection().execute(counted)}


def held_by(session: Session, viewer: Viewer) -> Sequence[Case]:
    """Cases this clerk has taken, the most urgent first."""
    mine = (Case.assignee_id == viewer.person_id) & (Case.waits_for == Party.CLERK.name)
    return session.scalars(_whole(select(Case.id).where(mine).limit(PAGE))).all()


WHO: BindParameter[int] = bindparam("who")
MAY_HANDLE = and_(
    Case.suspended_since.is_(None),
    Case.initiator_id != WHO,
    or_(Case.preparer_id.is_(None), Case.preparer_id != WHO),
    ~exists().where(
        CaseEvent.case_id == Case.id,
        CaseEvent.action.in_(bindparam("approving", expanding=True)),
        or_(CaseEvent.actor_id == WHO, CaseEvent.on_behalf_of_id == WHO),
    ),
)
# Put together once: that takes longer than running it.
NEXT = select(Case).where(MAY_HANDLE).options(joinedload(Case.municipality)).order_by(*URGENT_FIRST).limit(1)
NEXT_LOCKED = NEXT.with_for_update(skip_locked=True, of=Case)


def next_free(session: Session, viewer: Viewer, wanted: QueueFilter, at: datetime, *, lock: bool = True) -> Case | None:
    """The most urgent free case that fits the filter and that this clerk may handle.

    With `lock` it is locked for this transaction, and one that another is being given is skipped. Their own requests
    are passed over, and those they approved as a manager, or another approved for them. With whom cases are is no part
    of the question: who has a filter on their own cases wants the next one none the less.
    """
    query = (NEXT_LOCKED if lock else NEXT).where(_filtered(viewer, replace(wanted, assignee=FREE), at))
    approving = sorted(actions_that(lambda action: action.binds))
    return session.scalars(query, {"who": viewer.person_id, "approving": approving}).first()


def pdfs_next(session: Session, limit: int = 100) -> Sequence[tuple[str, int]]:
    """The PDFs of the most urgent cases that wait for a clerk, by their hash, and how many pages each has."""
    waiting = (Case.waits_for == Party.CLERK.name) & Case.closed_at.is_(None)
    urgent = select(Case.id, Case.act_by).where(waiting).order_by(*URGENT_FIRST).limit(limit).subquery()
    found = (
        select(Document.sha256, Document.pages)
        .join(urgent, urgent.c.id == Document.case_id)
        .where(Document.media_type == "application/pdf")
        .order_by(urgent.c.act_by, urgent.c.id, Document.id)
    )
    return [(row[0], row[1]) for row in session.execute(found)]


def arrivals(session: Session, cases: Collection[Case]) -> Mapping[int, CaseEvent]:
    """Which step put each of these cases where it is, with whoever took it; by the id of the case. One query."""
    found = session.scalars(
        select(CaseEvent)
        .join(Case, Case.id == CaseEvent.case_id)
        .where(
            Case.id.in_([one.id for one in cases]),
            CaseEvent.at == Case.state_since,
            CaseEvent.to_state == Case.state,
            CaseEvent.from_state != CaseEvent.to_state,
        )
        .options(
            load_only(CaseEvent.case_id, CaseEvent.action, CaseEvent.at, CaseEvent.channel, raiseload=True),
            joinedload(CaseEvent.actor).load_only(*NAMED, raiseload=True),
            joinedload(CaseEvent.on_behalf_of).load_only(*NAMED, raiseload=True),
        )
        .order_by(CaseEvent.id)
    )
    return {event.case_id: event for event in found}


def open_flags(session: Session, cases: Collection[Case]) -> Mapping[int, list[CaseFlag]]:
    """What stands flagged on each of these cases, by the id of the case."""
    flags: dict[int, list[CaseFlag]] = {}
    query = select(CaseFlag).where(CaseFlag.case_id.in_([one.id for one in cases]), CaseFlag.settled_at.is_(None))
    for flag in session.scalars(query.order_by(CaseFlag.id)):
        flags.setdefault(flag.case_id, []).append(flag)
    return flags


def clerks(session: Session, viewer: Viewer, at: datetime) -> Sequence[Person]:
    """Everybody who is a clerk today for a municipality this clerk works for, by name; the clerk too."""
    grants = select(RoleGrant.person_id).where(
        RoleGrant.role == Role.CLERK.value, overlaps(local_date(at), RoleGrant.valid_from, RoleGrant.valid_to)
    )
    here = viewer.municipalities(Role.CLERK)
    if here is not None:
        grants = grants.where(or_(RoleGrant.municipality_id.is_(None), RoleGrant.municipality_id.in_(here)))
    query = select(Person).where(Person.id.in_(grants)).options(load_only(*NAMED, raiseload=True))
    return session.scalars(query.order_by(Person.given_name, Person.family_name, Person.id)).all()
