"""Putting open requests to whoever decides on them now: after a change of substitutes, mandates, leaders or jobs.

Whoever holds the link decides. When that is somebody else than it should be, the portal asks anew: the old link dies,
and its page says who has the request now. Doing it twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.commands.cases import SYSTEM_ACTOR, Step, act
from portal.commands.effects import ask_whoever_decides
from portal.models.cases import Case
from portal.models.people import Person
from portal.queries.cases import WHOLE
from portal.queries.deciders import PAGE, Decider, Deciders, Links, asking, links_of, waiting
from workflows import CASE_TYPES
from workflows.deciding import rerouting


@dataclass(frozen=True)
class Rerouted:
    """What was done: `moved` to somebody else, `asked` again as nobody held a link, `stranded`: nobody may decide."""

    moved: int = 0
    asked: int = 0
    stranded: int = 0
    last: int | None = None
    """The id of the last case looked at, to go on from; None when there was nothing more."""

    def __add__(self, other: Rerouted) -> Rerouted:
        return Rerouted(self.moved + other.moved, self.asked + other.asked, self.stranded + other.stranded, other.last)


def reroute(session: Session, at: datetime, *, of: Collection[int] | None = None,
            within: Collection[int] | None = None) -> Rerouted:  # fmt: skip
    """Put every open request to whoever decides now; only those of these approvers, or within these municipalities."""
    done = reroute_some(session, at, of=of, within=within)
    while done.last is not None:
        done += reroute_some(session, at, done.last, of=of, within=within)
    return done


def reroute_some(session: Session, at: datetime, after: int = 0, *, of: Collection[int] | None = None,
                 within: Collection[int] | None = None) -> Rerouted:  # fmt: skip
    """As `reroute`, of one page of requests."""
    session.flush()
    page = waiting(session, after, of=of, within=within)
    deciders, links = Deciders(session, local_date(at)), links_of(session, page, at)
    done = Rerouted(last=page[-1].id if len(page) == PAGE else None)
    wrong = [case.id for case in page if asking(case) and _differs(case, deciders.of(case), links.get(case.id))]
    for case_id in wrong:
        done = _settle(session, case_id, deciders, at) + done
    return Rerouted(done.moved, done.asked, done.stranded, page[-1].id if len(page) == PAGE else None)


def _differs(case: Case, wanted: Decider, links: Links | None) -> bool:
    holders = links.holders if links else frozenset()
    return wanted.approver_id != case.approver_id or holders != ({wanted.asked_id} - {None})


def _settle(session: Session, case_id: int, deciders: Deciders, at: datetime) -> Rerouted:
    """Ask whoever decides on this case, unless somebody was just before us."""
    query = select(Case).where(Case.id == case_id).options(*WHOLE).with_for_update(of=Case)
    case = session.scalars(query.execution_options(populate_existing=True)).one()
    if not asking(case):
        return Rerouted()
    links, wanted = links_of(session, [case], at).get(case.id, Links()), deciders.of(case)
    if not _differs(case, wanted, links):
        return Rerouted()
    if wanted.approver_id == case.approver_id and links.holders <= {wanted.asked_id}:
        # Nobody else was asked: the link ran out, or there never was one. A new one does, and nothing has changed.
        ask_whoever_decides(session, case, "remind" if links.ran_out else "ask", at)
        return Rerouted(asked=1)
    if action := rerouting(CASE_TYPES[case.type], case.state):
        act(session, case, Step(action.key, SYSTEM_ACTOR, at, data=_to_whom(session, wanted)))
    return Rerouted(moved=1, stranded=int(wanted.approver_id is None))


def _to_whom(session: Session, wanted: Decider) -> dict[str, str]:
    """Whom the request was put to, as the timeline tells it."""
    if wanted.asked_id is None:
        return {}
    said = {"asked": session.get_one(Person, wanted.asked_id).name}
    if wanted.asked_id != wanted.approver_id:
        said["in_place_of"] = session.get_one(Person, wanted.approver_id).name
    return said
