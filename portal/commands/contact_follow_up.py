"""What is done about a question after it was asked: answered, called, passed on, added to, tied to a case or a person.

Nothing that was written down is changed: each deed is an entry, and the question shows where it now stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.commands import mail
from portal.commands.contact import (
    ANSWER_MISSING,
    CONTACT_TOO_LONG,
    LINE_UNKNOWN,
    LONGEST,
    OWN_CONTACT,
    expect_own_case,
    home_of,
    terms_of,
    write_entry,
    wrong_day,
)
from portal.models.cases import Case
from portal.models.contact import ANSWERED, CALL_BACK, PASSED, Contact, ContactQuestion
from portal.models.people import Employment, Person
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

QUESTION_ANSWERED = Refusal("question_answered", N_("This question was answered already. Add to it what is new."))
NOT_A_CALL_BACK = Refusal("not_a_call_back", N_("Nobody promised to call about this question."))
ADDITION_MISSING = Refusal("addition_missing", N_("Write down what you add."))
SAME_LINE = Refusal("same_line", N_("The question is with this line already."))
TIED_ALREADY = Refusal("tied_already", N_("This question is with a case already. Take it off that case first."))
NOT_TIED = Refusal("not_tied", N_("This question is with no case."))
PERSON_UNKNOWN = Refusal("person_unknown", N_("Choose somebody who works for one of the municipalities."))
CONTACT_HAS_CASES = Refusal(
    "contact_has_cases", N_("A question of this contact is with a case of this person. Take it off that case first.")
)


def _expect_open(viewer: Viewer, question: ContactQuestion) -> None:
    _expect_not_own(viewer, question.contact)
    if question.state == ANSWERED:
        raise Refused(QUESTION_ANSWERED)


def _expect_not_own(viewer: Viewer, contact: Contact) -> None:
    if viewer.person_id == contact.person_id:
        raise Refused(OWN_CONTACT)


def _said(text: str, missing: Refusal) -> str:
    if not text.strip():
        raise Refused(missing)
    return _short(text)


def _short(text: str) -> str:
    if len(text) > LONGEST:
        raise Refused(CONTACT_TOO_LONG)
    return text.strip()


def _wait_anew(question: ContactQuestion, due: datetime | None) -> None:
    """Another moment to wait for, with reminders of its own."""
    question.due = due
    question.reminded_at = question.escalated_at = None


def answer(session: Session, viewer: Viewer, question: ContactQuestion, text: str, at: datetime) -> None:
    """Write down the answer. Who asked in the portal gets it by mail too."""
    _expect_open(viewer, question)
    said = _said(text, ANSWER_MISSING)
    question.state, question.answer = ANSWERED, said
    _wait_anew(question, None)
    write_entry(session, question, ANSWERED, viewer.person_id, at, said)
    contact = question.contact
    if contact.channel == "portal" and contact.person_id is not None:
        person = session.get_one(Person, contact.person_id)
        mail.write(session, person, "answered_question", at, case_id=question.case_id, question=question)


def not_reached(session: Session, viewer: Viewer, question: ContactQuestion, note: str, at: datetime) -> None:
    """Somebody was called and not reached: kept as an attempt; by the norm there is another."""
    _expect_open(viewer, question)
    if question.state != CALL_BACK:
        raise Refused(NOT_A_CALL_BACK)
    said = _short(note)
    question.attempts += 1
    _wait_anew(question, terms_of(session, question.contact.municipality_id, at).call_by(at))
    write_entry(session, question, "not_reached", viewer.person_id, at, said)


def promise(session: Session, viewer: Viewer, question: ContactQuestion, on: date | None, at: datetime) -> None:
    """Promise to call: by the norm, or on a day that was agreed."""
    _expect_open(viewer, question)
    terms = terms_of(session, question.contact.municipality_id, at)
    if wrong := wrong_day(terms, on, at):
        raise Refused(wrong)
    due = terms.call_by(at, on)
    question.state, question.promised_by_id = CALL_BACK, viewer.person_id
    _wait_anew(question, due)
    write_entry(session, question, CALL_BACK, viewer.person_id, at, about=due.isoformat())


def pass_on(session: Session, viewer: Viewer, question: ContactQuestion, line: int, note: str, at: datetime) -> None:
    """Let another line find out. By when there must be an answer, or a call, stays as it was."""
    _expect_open(viewer, question)
    if line not in (2, 3):
        raise Refused(LINE_UNKNOWN)
    if line == question.line:
        raise Refused(SAME_LINE)
    said = _short(note)
    question.line = line
    if question.state != CALL_BACK:
        question.state = PASSED
    write_entry(session, question, PASSED, viewer.person_id, at, said, str(line))


def add(session: Session, viewer: Viewer, question: ContactQuestion, text: str, at: datetime) -> None:
    """Add to what was written down, or correct it; what stood there stays."""
    _expect_not_own(viewer, question.contact)
    write_entry(session, question, "added", viewer.person_id, at, _said(text, ADDITION_MISSING))


def tie(session: Session, viewer: Viewer, question: ContactQuestion, case: Case, at: datetime) -> None:
    """Put a question with the case it is about. When nobody knew who asked it, it now is whose case it is."""
    contact = question.contact
    _expect_not_own(viewer, contact)
    if question.case_id is not None:
        raise Refused(TIED_ALREADY)
    if contact.person_id is None:
        name_person(session, viewer, contact, case.initiator_id, at)
    expect_own_case(session, contact.person_id, case.id)
    question.case_id = case.id
    write_entry(session, question, "tied", viewer.person_id, at, about=case.number or "")


def untie(session: Session, viewer: Viewer, question: ContactQuestion, at: datetime) -> None:
    """Take a question off its case. It stays with the person who asked it."""
    _expect_not_own(viewer, question.contact)
    if question.case_id is None:
        raise Refused(NOT_TIED)
    number = session.get_one(Case, question.case_id).number or ""
    question.case_id = None
    write_entry(session, question, "untied", viewer.person_id, at, about=number)


def name_person(session: Session, viewer: Viewer, contact: Contact, person_id: int, at: datetime) -> None:
    """Say who it was, or correct that. What was promised by when stays."""
    _expect_not_own(viewer, contact)
    if viewer.person_id == person_id:
        raise Refused(OWN_CONTACT)
    if session.scalar(select(exists().where(Employment.person_id == person_id))) is not True:
        raise Refused(PERSON_UNKNOWN)
    questions = _questions_of(session, contact.id)
    if contact.person_id != person_id and any(question.case_id is not None for question in questions):
        raise Refused(CONTACT_HAS_CASES)
    contact.person_id, contact.municipality_id = person_id, home_of(session, person_id)
    for question in questions:
        write_entry(session, question, "named", viewer.person_id, at, about=str(person_id))


def _questions_of(session: Session, contact_id: int) -> Sequence[ContactQuestion]:
    query = select(ContactQuestion).where(ContactQuestion.contact_id == contact_id)
    return session.scalars(query.order_by(ContactQuestion.id)).all()
