"""Recording contact moments: who asked what, by which channel, and what was answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.models.contact import CHANNELS, Contact
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

LONGEST = 4000
QUESTION_MISSING = Refusal("question_missing", N_("Write down what was asked."))
ANSWER_MISSING = Refusal("answer_missing", N_("Write down what was answered."))
CONTACT_TOO_LONG = Refusal("contact_too_long", N_("Use 4,000 characters at most."))
CHANNEL_UNKNOWN = Refusal("channel_unknown", N_("Choose how the contact was made."))
LINE_UNKNOWN = Refusal("line_unknown", N_("Choose the first, second or third line."))


def record_contact(session: Session, clerk: Viewer, person_id: int, case_id: int | None, *, channel: str, line: int,
                   question: str, answer: str, at: datetime) -> Contact:  # fmt: skip
    """Record one question and its answer, with the case or before there is one."""
    refusals = [
        refusal
        for wrong, refusal in (
            (channel not in CHANNELS, CHANNEL_UNKNOWN),
            (line not in (1, 2, 3), LINE_UNKNOWN),
            (not question.strip(), QUESTION_MISSING),
            (not answer.strip(), ANSWER_MISSING),
            (len(question) > LONGEST or len(answer) > LONGEST, CONTACT_TOO_LONG),
        )
        if wrong
    ]
    if refusals:
        raise Refused(*refusals)
    contact = Contact(
        case_id=case_id,
        person_id=person_id,
        clerk_id=clerk.person_id,
        at=at,
        channel=channel,
        line=line,
        question=question.strip(),
        answer=answer.strip(),
    )
    session.add(contact)
    return contact
