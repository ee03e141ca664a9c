"""Putting mail in the outbox, in the transaction that gives rise to it; and making and ending deciding links.

Mails go out on steps only, never on each save. Sending is a job's work.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from portal.i18n import gettext, reading_in
from portal.interfaces.letters import Place, compose
from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.models.mail import MailLink, OutboxMail, post
from portal.models.people import Person
from portal.queries.stand_ins import PASSED_OVER
from workflows import CASE_TYPES
from workflows.filling import Correspondent
from workflows.parties import N_

LINK_LIFE = timedelta(days=30)
SSC = "SSC"
"""Stands for the SSC's functional mailbox; the address is a setting, filled in when sending."""


def ask(session: Session, case: Case, person_id: int, letter: str, at: datetime, *, in_place_of: int | None = None,
        passed_over: Collection[tuple[int, str]] = ()) -> None:  # fmt: skip
    """Ask somebody to decide on this version of the case, by a mail with a link of their own.

    The mail says in whose place they decide, and which substitutes were passed over, with why. Whoever chose one mail a
    day gets it as a part of that; a reminder goes at once to everybody.
    """
    person = session.get_one(Person, person_id)
    part = letter == "ask" and person.daily_hour is not None
    link = MailLink(
        nonce=secrets.token_urlsafe(24),
        case_id=case.id,
        case_version=case.version,
        person_id=person_id,
        created_at=at,
        expires_at=at + LINK_LIFE,
    )
    session.add(link)
    session.flush()
    away = session.get_one(Person, in_place_of).name if in_place_of else ""
    names = [(session.get_one(Person, who).name, PASSED_OVER[why]) for who, why in passed_over]
    _write(session, case, person, "ask_part" if part else letter, at, link=link, part=part, away=away,
           passed_over=names)  # fmt: skip


def tell(session: Session, case: Case, person_id: int, letter: str, at: datetime, event: CaseEvent | None = None,
         **more: Any) -> None:  # fmt: skip
    """Tell somebody in the case what happened."""
    _write(session, case, session.get_one(Person, person_id), letter, at, event=event, **more)


def tell_ssc(session: Session, case: Case, letter: str, at: datetime, event: CaseEvent | None = None) -> None:
    """Tell the SSC's functional mailbox that there is work."""
    _write(session, case, None, letter, at, event=event)


def tell_outside(session: Session, case: Case, letter: str, at: datetime, event: CaseEvent | None = None) -> None:
    """Write to whoever outside the portal the case is about; without their address the SSC is asked to, on paper."""
    outside = CASE_TYPES[case.type].correspondent(case.content)
    if outside is not None and outside.email:
        _write(session, case, None, letter, at, event=event, outside=outside)
    elif outside is not None:
        _write(session, case, None, "write_on_paper", at, event=event, outside_name=outside.name)


def _write(session: Session, case: Case, person: Person | None, letter: str, at: datetime, *,
           link: MailLink | None = None, event: CaseEvent | None = None, part: bool = False,
           outside: Correspondent | None = None, **more: Any) -> None:  # fmt: skip
    actor = session.get(Person, event.actor_id) if event and event.actor_id else None
    behalf = session.get(Person, event.on_behalf_of_id) if event and event.on_behalf_of_id else None
    language = person.language if person else "nl"
    with reading_in(language):
        subject, text = compose(
            CASE_TYPES[case.type],
            letter,
            case=case,
            person=person,
            event=event,
            actor=actor,
            by=_by(actor, behalf),
            link=Place(f"[[request:{case.number}]]" if part else f"[[link:{link.id}]]") if link else "",
            status=Place(f"[[status:{case.number}]]") if outside else "",
            outside=outside,
            **more,
        )
    post(
        session,
        message_id=uuid4().hex,
        case_id=case.id,
        person_id=person.id if person else None,
        link_id=link.id if link else None,
        part=part,
        letter=letter,
        address=person.email if person else outside.email if outside else SSC,
        recipient=person.name if person else outside.name if outside else SSC,
        language=language,
        subject=subject,
        text=text,
        created_at=at,
        next_try_at=at,
    )


def _by(actor: Person | None, behalf: Person | None) -> str:
    """Who took a step, in words: both names when it was in somebody's place."""
    if actor is None:
        return SSC
    return gettext(N_("%(who)s on behalf of %(whom)s"), who=actor.name, whom=behalf.name) if behalf else actor.name


def invite(session: Session, person: Person, letter: str, nonce: str, at: datetime, **more: Any) -> None:
    """Mail a link to choose a password. The letter holds its nonce; only the sender makes it a true address."""
    write_to(session, person, letter, at, link=Place(f"[[account:{nonce}]]"), **more)


def write_to(
    session: Session, person: Person, letter: str, at: datetime, *, address: str = "", **more: Any
) -> OutboxMail:
    """Mail somebody about no case in particular; at another `address` than their own where one is given."""
    with reading_in(person.language):
        subject, text = compose(None, letter, person=person, **more)
    mail = OutboxMail(
        message_id=uuid4().hex,
        person_id=person.id,
        letter=letter,
        address=address or person.email,
        recipient=person.name,
        language=person.language,
        subject=subject,
        text=text,
        created_at=at,
        next_try_at=at,
    )
    session.add(mail)
    return mail


def write(session: Session, person: Person | None, letter: str, at: datetime, *, case_id: int | None = None,
          **more: Any) -> None:  # fmt: skip
    """Write to somebody, or to the SSC's mailbox, about something that is no step of a case.

    With `case_id` the mail is kept with that case all the same.
    """
    language = person.language if person else "nl"
    with reading_in(language):
        subject, text = compose(None, letter, person=person, **more)
    post(
        session, message_id=uuid4().hex, case_id=case_id, person_id=person.id if person else None, link_id=None,
        letter=letter, address=person.email if person else SSC, recipient=person.name if person else SSC,
        language=language, subject=subject, text=text, created_at=at, next_try_at=at,
    )  # fmt: skip


def send_anchor(session: Session, addresses: Sequence[str], anchor: str, at: datetime) -> None:
    """Mail where the end of the event chain is to those who keep it outside the SSC."""
    for address in addresses:
        with reading_in("nl"):
            subject, text = compose(None, "anchor", anchor=anchor, at=at)
        session.add(
            OutboxMail(
                message_id=uuid4().hex, letter="anchor", address=address, recipient=address, language="nl",
                subject=subject, text=text, created_at=at, next_try_at=at,
            )
        )  # fmt: skip


END = (
    update(MailLink)
    .where(
        MailLink.case_id == bindparam("case"), MailLink.ended.is_(None), MailLink.case_version < bindparam("version")
    )
    .values(ended=bindparam("why"), ended_at=bindparam("at"))
    .execution_options(synchronize_session=False)
)


def end_links(session: Session, case: Case, why: str, at: datetime) -> None:
    """Kill every living link of an older version of this case."""
    session.execute(END, {"case": case.id, "version": case.version, "why": why, "at": at})


def send_again(session: Session, mail_id: int, at: datetime) -> None:
    """Put a mail that was given up back in line, with all its tries before it."""
    mail = session.scalars(select(OutboxMail).where(OutboxMail.id == mail_id)).one()
    if mail.sent_at is None:
        mail.failed_at, mail.next_try_at, mail.tries = None, at, 0
