"""The clerks' queue: filtered, counted, searched, and walked by key in the order of the chance of breaching a norm.

Everything it is filtered by stands in one index (`ix_case_queue`), so that a filter or a search reads that index from
the most urgent on, and opens only the cases it shows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Date, Integer, Select, and_, bindparam, exists, or_, select, tuple_
from sqlalchemy.orm import Session, aliased, joinedload, load_only

from portal.access import Role, Viewer
from portal.clock import local_date
from portal.db import UtcDateTime, overlaps
from portal.models.cases import Case, CaseFlag, Document
from portal.models.events import CaseEvent
from portal.models.people import Municipality, Person, RoleGrant
from portal.queries.cases import PAGE, WHOLE, Page, actions_that
from portal.queries.people import national_calendar
from portal.searching import like, patterns
from workflows.kernel import WorkingDays
from workflows.parties import Party

COUNT_CAP = 1000

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


class Shape(NamedTuple):
    """Which conditions a filter has, apart from their values: one statement is put together for each, and kept."""

    everywhere: bool
    municipality: bool
    type: bool
    holder: str
    age: str
    flag: str
    words: int


def shape_of(viewer: Viewer, wanted: QueueFilter) -> Shape:
    """The conditions of this filter for this clerk."""
    return Shape(
        everywhere=viewer.municipalities(Role.CLERK) is None,
        municipality=wanted.municipality_id is not None,
        type=bool(wanted.type),
        holder=wanted.assignee if wanted.assignee in (ANY, FREE, ME, TAKEN) else "clerk",
        age=wanted.age,
        flag=wanted.flag if wanted.flag in ("", ANY, NONE) else "code",
        words=len(patterns(wanted.text)),
    )


def values_of(viewer: Viewer, wanted: QueueFilter, at: datetime) -> dict[str, Any]:
    """What fills in the conditions of a filter."""
    return {
        "here": list(viewer.municipalities(Role.CLERK) or ()),
        "municipality": wanted.municipality_id,
        "type": wanted.type,
        "me": viewer.person_id,
        "clerk": None if wanted.assignee in (ANY, FREE, ME, TAKEN) else int(wanted.assignee),
        "at": at,
        "soon": national_calendar().due(at, WorkingDays(1)),
        **{f"before_{age}": at - term for age, term in AGES.items()},
        "flag": wanted.flag,
        **{f"word_{place}": pattern for place, pattern in enumerate(patterns(wanted.text))},
    }


def of_age(age: str) -> ColumnElement[bool]:
    """The SQL condition of one choice of how long."""
    if age == SUSPENDED:
        return Case.suspended_since.is_not(None)
    if age == "soon":
        return Case.act_by <= bindparam("soon")
    return Case.step_due < bindparam("at") if age == "late" else Case.received_at < bindparam(f"before_{age}")


HOLDERS: Mapping[str, ColumnElement[bool]] = {
    FREE: Case.assignee_id.is_(None), ME: Case.assignee_id == bindparam("me"), TAKEN: Case.assignee_id.is_not(None),
    "clerk": Case.assignee_id == bindparam("clerk"),
}  # fmt: skip
OPEN_FLAG = (CaseFlag.case_id == Case.id) & CaseFlag.settled_at.is_(None)
FLAGGED: Mapping[str, ColumnElement[bool]] = {
    ANY: exists().where(OPEN_FLAG), NONE: ~exists().where(OPEN_FLAG),
    "code": exists().where(OPEN_FLAG, CaseFlag.code == bindparam("flag")),
}  # fmt: skip
HERE: ColumnElement[bool] = Case.municipality_id.in_(bindparam("here", expanding=True))
RECEIVED: ColumnElement[bool] = Case.received_at.is_not(None)
"""Not what a clerk is still filling in."""
WAITING: ColumnElement[bool] = and_(Case.waits_for == Party.CLERK.name, Case.closed_at.is_(None), RECEIVED)


@lru_cache(maxsize=1024)
def filtered(shape: Shape) -> ColumnElement[bool]:
    """The SQL condition of a filter; `values_of` fills it in."""
    conditions = [WAITING] if shape.everywhere else [WAITING, HERE]
    if shape.municipality:
        conditions.append(Case.municipality_id == bindparam("municipality"))
    if shape.type:
        conditions.append(Case.type == bindparam("type"))
    if shape.holder != ANY:
        conditions.append(HOLDERS[shape.holder])
    if shape.age:
        conditions.append(of_age(shape.age))
    if shape.flag:
        conditions.append(FLAGGED[shape.flag])
    conditions += [like(Case.words, bindparam(f"word_{place}")) for place in range(shape.words)]
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


MOST, MOMENT = bindparam("most", type_=Integer()), bindparam("moment", type_=UtcDateTime())
FURTHER = tuple_(*URGENT_FIRST) > tuple_(MOMENT, bindparam("number", type_=Integer()))


@lru_cache(maxsize=1024)
def _page_of(shape: Shape, further: bool) -> Select[Case]:
    ids = select(Case.id).where(filtered(shape)).limit(MOST)
    return _whole(ids.where(FURTHER) if further else ids)


def queue(
    session: Session, viewer: Viewer, wanted: QueueFilter, at: datetime, after: str | None = None, limit: int = PAGE
) -> Page:
    """The clerks' queue, the most urgent first, a page at a time by key: the moment and id of the last row."""
    values = values_of(viewer, wanted, at) | {"most": limit + 1}
    if after:
        urgency, _, number = after.rpartition("_")
        moment = datetime.fromisoformat(urgency)
        if moment.tzinfo is None:
            raise ValueError("a moment without its zone")
        values |= {"moment": moment.astimezone(UTC), "number": int(number)}
    found = session.scalars(_page_of(shape_of(viewer, wanted), bool(after)), values).all()
    if len(found) <= limit:
        return Page(found)
    last = found[limit - 1]
    return Page(found[:limit], f"{last.act_by.isoformat() if last.act_by else ''}_{last.id}")


def chosen(session: Session, viewer: Viewer, numbers: Collection[str]) -> Mapping[str, Case]:
    """Those of these cases that are in this clerk's queue, whole, by number."""
    everything = filtered(shape_of(viewer, QueueFilter()))
    query = select(Case).where(Case.number.in_(numbers), everything).options(*WHOLE)
    here = {"here": list(viewer.municipalities(Role.CLERK) or ())}
    return {case.number: case for case in session.scalars(query, here) if case.number is not None}


HELD = _whole(select(Case.id).where(HOLDERS[ME], Case.waits_for == Party.CLERK.name, RECEIVED).limit(PAGE))


def held_by(session: Session, viewer: Viewer) -> Sequence[Case]:
    """Cases this clerk has taken, the most urgent first."""
    return session.scalars(HELD, {"me": viewer.person_id}).all()


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


@lru_cache(maxsize=1024)
def _next_of(shape: Shape, lock: bool) -> Select[Case]:
    return (NEXT_LOCKED if lock else NEXT).where(filtered(shape))


def next_free(session: Session, viewer: Viewer, wanted: QueueFilter, at: datetime, *, lock: bool = True) -> Case | None:
    """The most urgent free case that fits the filter and that this clerk may handle.

    With `lock` it is locked for this transaction, and one that another is being given is skipped. Passed over are their
    own requests, those they reopened, and those they approved as a manager or another approved for them. With whom
    cases are is no part of the question: who has a filter on their own cases wants the next one none the less.
    """
    free = replace(wanted, assignee=FREE)
    approving = sorted(actions_that(lambda action: action.binds or action.who is Party.REOPENER))
    values = values_of(viewer, free, at) | {"who": viewer.person_id, "approving": approving}
    return session.scalars(_next_of(shape_of(viewer, free), lock), values).first()


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


class Named(NamedTuple):
    """Somebody, by name."""

    given_name: str
    family_name: str

    @property
    def name(self) -> str:
        """Both names."""
        return f"{self.given_name} {self.family_name}"


class Arrival(NamedTuple):
    """The step that put a case where it is."""

    action: str
    at: datetime
    channel: str
    actor: Named | None
    on_behalf_of: Named | None


ACTOR, BEHALF = aliased(Person), aliased(Person)
ARRIVALS = (
    select(
        CaseEvent.case_id, CaseEvent.action, CaseEvent.at, CaseEvent.channel, ACTOR.given_name, ACTOR.family_name,
        BEHALF.given_name, BEHALF.family_name,
    )
    .join(Case, Case.id == CaseEvent.case_id)
    .outerjoin(ACTOR, ACTOR.id == CaseEvent.actor_id)
    .outerjoin(BEHALF, BEHALF.id == CaseEvent.on_behalf_of_id)
    .where(
        Case.id.in_(bindparam("cases", expanding=True)),
        CaseEvent.at == Case.state_since,
        CaseEvent.to_state == Case.state,
        CaseEvent.from_state != CaseEvent.to_state,
    )
    .order_by(CaseEvent.id)
)  # fmt: skip


def arrivals(session: Session, cases: Collection[Case]) -> Mapping[int, Arrival]:
    """Which step put each of these cases where it is, with whoever took it; by the id of the case. One query."""
    rows = session.connection().execute(ARRIVALS, {"cases": [one.id for one in cases]})
    return {row[0]: Arrival(*row[1:4], _named(*row[4:6]), _named(*row[6:])) for row in rows}


def _named(given: str | None, family: str | None) -> Named | None:
    return None if given is None or family is None else Named(given, family)


FLAGS = (
    select(CaseFlag)
    .where(CaseFlag.case_id.in_(bindparam("cases", expanding=True)), CaseFlag.settled_at.is_(None))
    .order_by(CaseFlag.id)
)


def open_flags(session: Session, cases: Collection[Case]) -> Mapping[int, list[CaseFlag]]:
    """What stands flagged on each of these cases, by the id of the case."""
    flags: dict[int, list[CaseFlag]] = {}
    for flag in session.scalars(FLAGS, {"cases": [one.id for one in cases]}):
        flags.setdefault(flag.case_id, []).append(flag)
    return flags


def _by_name(grants: Select[int]) -> Select[Person]:
    query = select(Person).where(Person.id.in_(grants)).options(load_only(*NAMED, raiseload=True))
    return query.order_by(Person.given_name, Person.family_name, Person.id)


GRANTED = select(RoleGrant.person_id).where(
    RoleGrant.role == Role.CLERK.value,
    overlaps(bindparam("day", type_=Date()), RoleGrant.valid_from, RoleGrant.valid_to),
)
FOR_HERE = or_(RoleGrant.municipality_id.is_(None), RoleGrant.municipality_id.in_(bindparam("here", expanding=True)))
CLERKS, CLERKS_HERE = _by_name(GRANTED), _by_name(GRANTED.where(FOR_HERE))


def clerks(session: Session, viewer: Viewer, at: datetime) -> Sequence[Person]:
    """Everybody who is a clerk today for a municipality this clerk works for, by name; the clerk too."""
    here = viewer.municipalities(Role.CLERK)
    values: dict[str, Any] = {"day": local_date(at)}
    if here is None:
        return session.scalars(CLERKS, values).all()
    return session.scalars(CLERKS_HERE, values | {"here": list(here)}).all()
