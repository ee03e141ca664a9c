"""Agreements with municipalities: the SSC's director makes a draft of the version before, and both sides sign it.

A signature is bound to what was signed: a change of the draft voids it. What both signed never changes; a new version
ends the one before it on the day before it begins. A DFA belongs to a DVO and is closed for a year.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.access import Role, Viewer
from portal.commands import catalogue, mail
from portal.commands.changes import Author, because, write_down
from portal.models.agreements import Agreement
from portal.models.catalogue import Service
from portal.models.people import Municipality, Person
from portal.queries.agreements import draft_of, last_signed, sides_of, signers_of
from portal.queries.catalogue import prices_on, services_on
from workflows.agreements import DFA, DVO, KINDS, MUNICIPALITY, SSC, digest, empty, missing, year_from
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

NOT_YOURS = Refusal("agreement_not_yours", N_("Only the director of the SSC drafts agreements."))
KIND = Refusal("agreement_kind_unknown", N_("Choose which agreement it is."))
DRAFT_THERE = Refusal("agreement_draft_there", N_("There is a draft already. Change that one."))
TO_COME = Refusal("agreement_day_to_come", N_("An agreement begins on a day to come."))
NOT_AFTER = Refusal("agreement_not_after", N_("It begins after the version before it, which holds from %(day)s on."))
CLOSED = Refusal("agreement_closed", N_("The financial agreement before it is closed up to and including %(day)s."))
ENDS_EARLY = Refusal("agreement_ends_early", N_("The last day cannot be before the first day."))
NO_DVO = Refusal(
    "agreement_no_dvo", N_("A financial agreement belongs to a service level agreement that holds on its first day.")
)
DVO_UNSIGNED = Refusal("agreement_dvo_unsigned", N_("The service level agreement it belongs to must be signed first."))
SIGNED = Refusal("agreement_signed", N_("Both sides signed this. Make a new version to agree otherwise."))
CHANGED = Refusal("agreement_changed", N_("This was changed since you opened it. Read it again before you sign."))
NOT_YOUR_SIDE = Refusal(
    "agreement_not_your_side", N_("The SSC's director and the municipality's contract manager sign, each for one side.")
)
SIDE_SIGNED = Refusal("agreement_side_signed", N_("Your side signed this already."))
SAME_PERSON = Refusal("agreement_same_person", N_("You signed for the other side, so somebody else must sign this."))

BELONGS = Refusal("agreement_has_dfa", N_("A financial agreement belongs to this draft. Throw that one away first."))

ONE_DAY = timedelta(days=1)


def _director(viewer: Viewer, place: int) -> Author:
    """The author of what the director changes; anybody else is refused."""
    if not viewer.has(Role.DIRECTOR, place):
        raise Refused(NOT_YOURS)
    return Author(viewer.person_id, None)


def draft(session: Session, viewer: Viewer, place: Municipality, kind: str, first: date | None, at: datetime,
          today: date) -> Agreement:  # fmt: skip
    """Begin a version as a copy of the one before it, or empty when it is the first."""
    author = _director(viewer, place.id)
    if kind not in KINDS:
        raise Refused(KIND)
    if draft_of(session, place.id, kind) is not None:
        raise Refused(DRAFT_THERE)
    before = last_signed(session, place.id, kind)
    dvo = _fitting(session, place.id, kind, first, today, before)
    if first is None:
        raise Refused(TO_COME)
    content = deepcopy(before.content) if before else empty(kind)
    content["until"] = year_from(first).isoformat() if kind == DFA else ""
    if kind == DFA:
        content["prices"] = _prices(session, place.id, first, content["prices"], dvo)
    row = Agreement(
        municipality_id=place.id, kind=kind, number=1 + _count(session, place.id, kind), valid_from=first,
        valid_to=year_from(first) if kind == DFA else None, content=content, dvo_id=dvo.id if dvo else None,
        follows_id=before.id if before else None, drafted_at=at, drafted_by_id=viewer.person_id,
        digest=digest(kind, place.code, first, content),
    )  # fmt: skip
    session.add(row)
    session.flush()
    write_down(
        session, author, at, "agreement.drafted", about(row, place), municipality_id=place.id,
        new={"valid_from": first},
    )  # fmt: skip
    return row


def change(session: Session, viewer: Viewer, row: Agreement, content: Mapping[str, Any], first: date | None,
           last: date | None, at: datetime, today: date) -> bool:  # fmt: skip
    """Change a draft; tells whether it voided a signature. `last` None is for the time being; a DFA lasts a year."""
    place = session.get_one(Municipality, row.municipality_id)
    author = _director(viewer, place.id)
    if row.signed:
        raise Refused(SIGNED)
    before = session.get(Agreement, row.follows_id) if row.follows_id else None
    dvo = _fitting(session, place.id, row.kind, first, today, before)
    if first is None:
        raise Refused(TO_COME)
    last = year_from(first) if row.kind == DFA else last
    if last is not None and last < first:
        raise Refused(ENDS_EARLY)
    new = {**deepcopy(dict(content)), "until": last.isoformat() if last else ""}
    now = digest(row.kind, place.code, first, new)
    if now == row.digest and (dvo.id if dvo else None) == row.dvo_id:
        return False
    signers = [who for who in (row.ssc_signed_by_id, row.municipality_signed_by_id) if who is not None]
    voided = _void(row)
    row.content, row.digest, row.valid_from, row.valid_to = new, now, first, last
    row.dvo_id = dvo.id if dvo else None
    session.flush()
    write_down(
        session, author, at, "agreement.changed", about(row, place), municipality_id=place.id,
        new={"digest": now, "voided": ", ".join(voided)},
    )  # fmt: skip
    for who in signers:
        _mail(session, viewer, who, "agreement_voided", row, place, at)
    return bool(voided)


def sign(session: Session, viewer: Viewer, row: Agreement, side: str, seen: str, at: datetime,
         today: date) -> None:  # fmt: skip
    """Sign for one side what was `seen`, by its digest. The second signature makes it hold from its first day on."""
    place = session.get_one(Municipality, row.municipality_id)
    if side not in sides_of(viewer, place.id):
        raise Refused(NOT_YOUR_SIDE)
    if row.signed:
        raise Refused(SIGNED)
    if seen != row.digest:
        raise Refused(CHANGED)
    mine, other = (row.ssc_signed_by_id, row.municipality_signed_by_id)[:: 1 if side == SSC else -1]
    dvo = session.get(Agreement, row.dvo_id) if row.dvo_id else None
    wrong = [
        refusal
        for bad, refusal in (
            (mine is not None, SIDE_SIGNED),
            (other == viewer.person_id, SAME_PERSON),
            (row.valid_from <= today, TO_COME),
            (dvo is not None and not dvo.signed, DVO_UNSIGNED),
            (dvo is not None and not _holds(dvo, row.valid_from), NO_DVO),
        )
        if bad
    ] + missing(row.kind, row.content)
    if wrong:
        raise Refused(*wrong)
    if side == SSC:
        row.ssc_signed_at, row.ssc_signed_by_id = at, viewer.person_id
    else:
        row.municipality_signed_at, row.municipality_signed_by_id = at, viewer.person_id
    session.flush()
    author = Author(viewer.person_id, None)
    write_down(
        session, author, at, "agreement.signed", about(row, place), municipality_id=place.id,
        new={"side": side, "digest": row.digest},
    )  # fmt: skip
    if other is not None:
        _hold(session, author, row, at, today)
        _mail(session, viewer, other, "agreement_signed", row, place, at)
        return
    for who in signers_of(session, MUNICIPALITY if side == SSC else SSC, place.id, today):
        if who != viewer.person_id:
            _mail(session, viewer, who, "agreement_to_sign", row, place, at)


def discard(session: Session, viewer: Viewer, row: Agreement, reason: str, at: datetime) -> None:
    """Throw away a draft."""
    place = session.get_one(Municipality, row.municipality_id)
    author, why = _director(viewer, place.id), because(reason)
    if row.signed:
        raise Refused(SIGNED)
    if session.scalars(select(Agreement.id).where(Agreement.dvo_id == row.id).limit(1)).first() is not None:
        raise Refused(BELONGS)
    write_down(
        session, author, at, "agreement.discarded", about(row, place), municipality_id=place.id,
        old={"digest": row.digest}, new={"digest": ""}, reason=why,
    )  # fmt: skip
    session.delete(row)
    session.flush()


def about(row: Agreement, place: Municipality) -> str:
    """How the log calls it."""
    return f"{row.kind.upper()} {place.name} {row.number}"


def _mail(session: Session, viewer: Viewer, who: int, letter: str, row: Agreement, place: Municipality,
          at: datetime) -> None:  # fmt: skip
    mail.write_to(
        session, session.get_one(Person, who), letter, at, who=viewer.name, what=about(row, place),
        first=row.valid_from, id=row.id,
    )  # fmt: skip


def _void(row: Agreement) -> list[str]:
    """Take the signatures off; tells of which sides."""
    found = []
    if row.ssc_signed_at is not None:
        found.append(SSC)
        row.ssc_signed_at = row.ssc_signed_by_id = None
    if row.municipality_signed_at is not None:
        found.append(MUNICIPALITY)
        row.municipality_signed_at = row.municipality_signed_by_id = None
    return found


def _fitting(session: Session, place_id: int, kind: str, first: date | None, today: date,
             before: Agreement | None) -> Agreement | None:  # fmt: skip
    """The DVO that a DFA belongs to. Refuses a first day that does not fit."""
    if first is None or first <= today:
        raise Refused(TO_COME)
    if before is not None and kind == DFA and before.valid_to is not None and first <= before.valid_to:
        raise Refused(Refusal(CLOSED.code, CLOSED.sentence, {"day": before.valid_to}))
    if before is not None and first <= before.valid_from:
        raise Refused(Refusal(NOT_AFTER.code, NOT_AFTER.sentence, {"day": before.valid_from}))
    if kind != DFA:
        return None
    candidates = (draft_of(session, place_id, DVO), last_signed(session, place_id, DVO))
    for dvo in candidates:
        if dvo is not None and _holds(dvo, first):
            return dvo
    raise Refused(NO_DVO)


def _holds(row: Agreement, day: date) -> bool:
    return row.valid_from <= day and (row.valid_to is None or day <= row.valid_to)


def _count(session: Session, place_id: int, kind: str) -> int:
    there = (Agreement.municipality_id == place_id) & (Agreement.kind == kind)
    return session.scalar(select(func.coalesce(func.max(Agreement.number), 0)).where(there)) or 0


def _prices(session: Session, place_id: int, first: date, before: Mapping[str, Any],
            dvo: Agreement | None) -> dict[str, Any]:  # fmt: skip
    """What the services of the DVO cost on the first day by the catalogue, with the volumes that were agreed."""
    costs = prices_on(session, place_id, first)
    known = {one.key: costs[one.id].cents for one in services_on(session, first) if one.id in costs}
    agreed = dvo.content["services"] if dvo else {}
    return {
        key: {"cents": known.get(key, before.get(key, {}).get("cents", 0)), "volume": volume}
        for key, volume in agreed.items()
    }


def _hold(session: Session, author: Author, row: Agreement, at: datetime, today: date) -> None:
    """What both signed: it ends the version before it, and its prices are those of the municipality."""
    before = session.get(Agreement, row.follows_id) if row.follows_id else None
    if before is not None and (before.valid_to is None or before.valid_to >= row.valid_from):
        before.valid_to = row.valid_from - ONE_DAY
    if row.kind == DFA:
        _set_prices(session, author, row, at, today)
    session.flush()


def _set_prices(session: Session, author: Author, row: Agreement, at: datetime, today: date) -> None:
    """Let what was agreed be the price of the municipality where it is another; one set before gives way."""
    place = session.get_one(Municipality, row.municipality_id)
    costs, why = prices_on(session, place.id, row.valid_from), about(row, place)
    for service in session.scalars(select(Service).where(Service.key.in_(row.content["prices"]))):
        agreed, now = row.content["prices"][service.key]["cents"], costs.get(service.id)
        if now is not None and now.cents == agreed:
            continue
        if now is not None and now.municipality_id == place.id and now.valid_from == row.valid_from:
            catalogue.take_back(session, author, now, why, at, today)
        catalogue.set_price(session, author, service, place.id, agreed, row.valid_from, why, at, today)
