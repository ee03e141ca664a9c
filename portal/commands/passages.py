"""Municipalities that join or leave: begun by one person, each point judged with a reason, and their archives by two.

Who may is the director of the SSC and the functional manager, for the municipalities of that role.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Role, Viewer
from portal.commands.changes import LONGEST, Author, because, write_down
from portal.i18n import gettext
from portal.models.passages import ArchiveRequest, Passage, PassageStep
from portal.models.people import Municipality
from portal.queries.passages import reconciled_of, said_of
from workflows.kernel import Refusal, Refused
from workflows.parties import N_
from workflows.passages import LEAVING, POINTS, gaps

MAY = (Role.DIRECTOR, Role.FUNCTIONAL_MANAGER)
ALREADY = Refusal("passage_already", N_("This municipality is on its way already."))
NO_DAY = Refusal("passage_day_missing", N_("Fill in from which day."))
PAST = Refusal("passage_day_past", N_("This day has passed already."))
ENDED = Refusal("passage_ended", N_("This has ended already, so nothing is added to it any more."))
POINT_UNKNOWN = Refusal("passage_point_unknown", N_("Choose what you decide about this point."))
TOO_EARLY = Refusal("passage_too_early", N_("The agreed day has not come yet: %(day)s."))
ASKED_ALREADY = Refusal("archive_asked", N_("An archive was asked for already, and is not made yet."))
DECIDED = Refusal("archive_decided", N_("This request was decided already."))
SECOND = Refusal("archive_second_person", N_("You asked for this archive, so a second person must grant it."))


def author_of(viewer: Viewer) -> Author:
    """Who acts, with the municipalities for which they may."""
    return Author(viewer.person_id, viewer.reach(*MAY))


def begin(session: Session, viewer: Viewer, kind: str, place: Municipality, day: date | None, reason: str, at: datetime,
          today: date) -> Passage:  # fmt: skip
    """Write down that a municipality joins or leaves, from which day and why."""
    author = author_of(viewer)
    author.reaches(place.id)
    if day is None:
        raise Refused(NO_DAY)
    if day < today:
        raise Refused(PAST)
    why = because(reason)
    there = select(Passage.id).where(Passage.municipality_id == place.id, Passage.kind == kind)
    if session.scalars(there).first() is not None:
        raise Refused(ALREADY)
    new = Passage(municipality_id=place.id, kind=kind, day=day, reason=why, begun_at=at, begun_by_id=viewer.person_id)
    session.add(new)
    session.flush()
    write_down(
        session, author, at, f"passage.{kind}", place.name, municipality_id=place.id, new={"day": day}, reason=why
    )
    return new


def judge(session: Session, viewer: Viewer, passage: Passage, key: str, verdict: str, reason: str, owner: str,
          due: date | None, at: datetime) -> PassageStep:  # fmt: skip
    """Say of one point how it stands; the last that was said counts, what was said before stays."""
    author_of(viewer).reaches(passage.municipality_id)
    if passage.ended_at is not None:
        raise Refused(ENDED)
    point = next((point for point in POINTS[passage.kind] if point.key == key), None)
    if point is None or verdict not in point.verdicts:
        raise Refused(POINT_UNKNOWN)
    step = PassageStep(
        passage_id=passage.id, key=key, verdict=verdict, reason=because(reason),
        owner=" ".join(owner.split())[:LONGEST], due=due, at=at, by_id=viewer.person_id,
    )  # fmt: skip
    session.add(step)
    session.flush()
    return step


def end(session: Session, viewer: Viewer, passage: Passage, at: datetime, today: date) -> None:
    """The municipality goes live, or has left: when nothing stands in the way any more. The refusal names all gaps."""
    author = author_of(viewer)
    author.reaches(passage.municipality_id)
    if passage.ended_at is not None:
        raise Refused(ENDED)
    lacking = gaps(passage.kind, said_of(session, passage), reconciled_of(session, passage))
    if passage.kind == LEAVING and today < passage.day:
        lacking.append(Refusal(TOO_EARLY.code, TOO_EARLY.sentence, {"day": passage.day}))
    if lacking:
        raise Refused(*map(_said, lacking))
    passage.ended_at, passage.ended_by_id = at, viewer.person_id
    place = session.get_one(Municipality, passage.municipality_id)
    write_down(session, author, at, f"passage.{passage.kind}_ended", place.name, municipality_id=place.id,
               new={"day": today})  # fmt: skip


def _said(refusal: Refusal) -> Refusal:
    """What is lacking, named in the language of the reader."""
    named = {key: gettext(value) if isinstance(value, str) else value for key, value in refusal.values.items()}
    return Refusal(refusal.code, refusal.sentence, named)


def ask_archive(session: Session, viewer: Viewer, passage: Passage, reason: str, at: datetime) -> ArchiveRequest:
    """Ask for the archive of a municipality; somebody else must grant it before it is made."""
    author = author_of(viewer)
    author.reaches(passage.municipality_id)
    why = because(reason)
    # Of two at the same moment the second sees that the first asked.
    session.refresh(passage, ["ended_at"], with_for_update=True)
    waits = select(ArchiveRequest.id).where(
        ArchiveRequest.passage_id == passage.id, ArchiveRequest.made_at.is_(None), ArchiveRequest.error == "",
        ArchiveRequest.granted.is_not(False),
    )  # fmt: skip
    if session.scalars(waits).first() is not None:
        raise Refused(ASKED_ALREADY)
    new = ArchiveRequest(passage_id=passage.id, reason=why, asked_at=at, asked_by_id=viewer.person_id)
    session.add(new)
    session.flush()
    place = session.get_one(Municipality, passage.municipality_id)
    write_down(session, author, at, "archive.asked", place.name, municipality_id=place.id, reason=why)
    return new


def decide_archive(session: Session, viewer: Viewer, asked: ArchiveRequest, granted: bool, at: datetime) -> None:
    """Grant what another asked for, or do not; who asked may take it back."""
    author, passage = author_of(viewer), session.get_one(Passage, asked.passage_id)
    author.reaches(passage.municipality_id)
    if asked.decided_at is not None:
        raise Refused(DECIDED)
    place = session.get_one(Municipality, passage.municipality_id)
    if asked.asked_by_id == viewer.person_id:
        if granted:
            raise Refused(SECOND)
        session.delete(asked)
    else:
        asked.decided_at, asked.decided_by_id, asked.granted = at, viewer.person_id, granted
    what = "archive.granted" if granted else "archive.refused"
    write_down(session, author, at, what, place.name, municipality_id=place.id, reason=asked.reason)


def fetched(session: Session, viewer: Viewer, asked: ArchiveRequest, place: Municipality, at: datetime) -> None:
    """Write down that somebody took the file along."""
    write_down(
        session, author_of(viewer), at, "archive.fetched", place.name, municipality_id=place.id,
        new={"sha256": asked.sha256},
    )  # fmt: skip
