"""Reminding clerks of questions that must be answered today and of people who must be called back. In office hours."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from portal.clock import local_date
from portal.commands import mail
from portal.commands.contact import terms_of
from portal.jobs.telling import Told, unless_idle
from portal.models.contact import CALL_BACK, Contact, ContactQuestion
from portal.worlds import World

MOST = 500
AHEAD = timedelta(days=1)
"""What is due today, whatever the hour, is due within this time."""


def run(world: World, at: datetime) -> Told:
    """Remind on the day something is due, once; tell the SSC as soon as it is late, once."""
    reminded = escalated = 0
    with world.db.transaction() as session:
        for question in _waiting(session, at):
            contact, due = question.contact, question.due
            calendar = terms_of(session, contact.municipality_id, at).calendar
            if due is None or calendar.next_office_moment(at) != at:
                continue
            if question.reminded_at is None and local_date(due) <= local_date(at):
                # Who promised to call is reminded; all else is for whoever of the SSC is there.
                own = question.promised_by if question.state == CALL_BACK else None
                mail.write(session, own, "remind_contact", at, question=question, case_id=question.case_id)
                question.reminded_at = at
                reminded += 1
            if question.escalated_at is None and due < at:
                mail.write(session, None, "escalate_contact", at, question=question, case_id=question.case_id)
                question.escalated_at = at
                escalated += 1
    return unless_idle("contacts_reminded", reminded=reminded, escalated=escalated)


def _waiting(session: Session, at: datetime) -> list[ContactQuestion]:
    """What is due today or before, and of which somebody was not told yet."""
    query = (
        select(ContactQuestion)
        .join(Contact, Contact.id == ContactQuestion.contact_id)
        .where(
            ContactQuestion.due < at + AHEAD,
            or_(ContactQuestion.reminded_at.is_(None), ContactQuestion.escalated_at.is_(None)),
        )
        .options(contains_eager(ContactQuestion.contact), joinedload(ContactQuestion.promised_by))
        .order_by(ContactQuestion.due, ContactQuestion.id)
        .limit(MOST)
    )
    return list(session.scalars(query))
