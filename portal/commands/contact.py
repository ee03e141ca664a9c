"""Recording contact moments: who asked what, by which channel, and what was answered or promised.

What is done about a question afterwards is in `contact_follow_up.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.calendar import OfficeCalendar
from portal.clock import local_date
from portal.commands.contact_drafts import drop_draft
from portal.models.cases import Case
from portal.models.contact import (
    ANSWERED,
    CALL_BACK,
    CHANNELS,
    LINES,
    OPEN,
    PASSED,
    SUBJECTS,
    Contact,
    ContactEntry,
    ContactQuestion,
)
from portal.models.people import Municipality
from portal.queries.people import calendar_of, employments_of, national_calendar, policies_of
from workflows.filling import Problem
from workflows.kernel import Refusal, Refused, WorkingDays
from workflows.parties import N_

LONGEST = 4000
LONGEST_CALLER = 200
MOST_QUESTIONS = 10
FURTHEST = 20
"""How many working days ahead a call can be promised."""

CHANNEL_UNKNOWN = Refusal("channel_unknown", N_("Choose how the contact was made."))
LINE_UNKNOWN = Refusal("line_unknown", N_("Choose the first, second or third line."))
CALLER_MISSING = Refusal("caller_missing", N_("Write down who it was and how you can reach them."))
CALLER_TOO_LONG = Refusal("caller_too_long", N_("Use 200 characters at most."))
QUESTION_MISSING = Refusal("question_missing", N_("Write down what was asked."))
ANSWER_MISSING = Refusal("answer_missing", N_("Write down what was answered."))
CONTACT_TOO_LONG = Refusal("contact_too_long", N_("Use 4,000 characters at most."))
SUBJECT_UNKNOWN = Refusal("subject_unknown", N_("Choose what the question is about."))
OUTCOME_UNKNOWN = Refusal("outcome_unknown", N_("Choose what happens with the question."))
LINE_NOT_HIGHER = Refusal("line_not_higher", N_("Pass the question to a higher line than your own."))
CASE_OF_ANOTHER = Refusal("case_of_another", N_("This case is not one of this person."))
CALL_BACK_PAST = Refusal("call_back_past", N_("Choose a day on which there is still time to call."))
CALL_BACK_CLOSED = Refusal("call_back_closed", N_("The office is closed on this day. Choose another one."))
CALL_BACK_FAR = Refusal("call_back_far", N_("Choose a day within the next 20 working days."))
TOO_MANY_QUESTIONS = Refusal("too_many_questions", N_("One contact holds 10 questions at most. Record another one."))
OWN_CONTACT = Refusal("own_contact", N_("This is about you: a colleague must record it or answer it."))

ANSWER_DAYS, CALL_BACK_DAYS = ("contact_answer_days", 5), ("call_back_days", 1)
"""Policies: within how many working days a question is answered and somebody is called back, and what else holds."""

OUTCOMES = {"answered": ANSWERED, "call_back": CALL_BACK, "second": PASSED, "third": PASSED}
"""What somebody who records a question chooses, and the state that it then has."""
LINE_OF = {"second": 2, "third": 3}


@dataclass(frozen=True)
class Asked:
    """One question as it was taken down. `call_on` is the day on which a call was promised, when one was agreed."""

    subject: str
    asked: str
    answer: str = ""
    outcome: str = "answered"
    case_id: int | None = None
    call_on: date | None = None


@dataclass(frozen=True)
class Spoken:
    """One contact as it was taken down; without `person_id` it is not known who it was."""

    channel: str
    line: int
    questions: tuple[Asked, ...]
    person_id: int | None = None
    caller: str = ""
    client_key: str | None = None


@dataclass(frozen=True)
class Terms:
    """By when questions must be answered and people called back, where somebody works."""

    calendar: OfficeCalendar
    answer_days: int
    call_back_days: int

    def answer_by(self, at: datetime) -> datetime:
        """By when a question asked now must be answered."""
        return self.calendar.due(at, WorkingDays(self.answer_days))

    def call_by(self, at: datetime, on: date | None = None) -> datetime:
        """By when somebody to whom it is promised now must be called: by the norm, or on the day they agreed on."""
        days = self.call_back_days if on is None else self.calendar.working_days_between(local_date(at), on)
        return self.calendar.due(at, WorkingDays(days))


def terms_of(session: Session, municipality_id: int | None, at: datetime) -> Terms:
    """The terms of a municipality today; those that hold for all while nobody knows where somebody works."""
    place = session.get(Municipality, municipality_id) if municipality_id else None
    policies, today = policies_of(session, municipality_id or 0), local_date(at)
    return Terms(
        calendar_of(place) if place else national_calendar(),
        int(policies.number(ANSWER_DAYS[0], today, ANSWER_DAYS[1])),
        int(policies.number(CALL_BACK_DAYS[0], today, CALL_BACK_DAYS[1])),
    )


def wrong_day(terms: Terms, on: date | None, at: datetime) -> Refusal | None:
    """What is wrong with the day on which somebody would be called."""
    if on is None:
        return None
    today = local_date(at)
    if on < today:
        return CALL_BACK_PAST
    if terms.calendar.working_days_between(today, on) > FURTHEST:
        return CALL_BACK_FAR
    if not terms.calendar.is_working_day(on):
        return CALL_BACK_CLOSED
    # Promised for today after closing time, it would be tomorrow.
    return CALL_BACK_PAST if local_date(terms.call_by(at, on)) != on else None


def judge(spoken: Spoken, terms: Terms, at: datetime) -> list[Problem]:
    """All that is wrong with what was taken down, by field."""
    found = [
        _problem(field, refusal)
        for wrong, field, refusal in (
            (spoken.channel not in CHANNELS, "channel", CHANNEL_UNKNOWN),
            (spoken.line not in LINES, "line", LINE_UNKNOWN),
            (spoken.person_id is None and not spoken.caller.strip(), "caller", CALLER_MISSING),
            (len(spoken.caller) > LONGEST_CALLER, "caller", CALLER_TOO_LONG),
            (not spoken.questions, "asked-0", QUESTION_MISSING),
            (len(spoken.questions) > MOST_QUESTIONS, "asked-0", TOO_MANY_QUESTIONS),
        )
        if wrong
    ]
    for number, asked in enumerate(spoken.questions):
        found += _wrong_with(number, asked, spoken.line, terms, at)
    return found


def _problem(field: str, refusal: Refusal) -> Problem:
    return Problem(field, refusal.code, refusal.sentence)


def _wrong_with(number: int, asked: Asked, line: int, terms: Terms, at: datetime) -> Iterator[Problem]:
    passed = asked.outcome in LINE_OF
    day = wrong_day(terms, asked.call_on, at) if asked.outcome == CALL_BACK else None
    for wrong, name, refusal in (
        (asked.subject not in SUBJECTS, "subject", SUBJECT_UNKNOWN),
        (not asked.asked.strip(), "asked", QUESTION_MISSING),
        (len(asked.asked) > LONGEST, "asked", CONTACT_TOO_LONG),
        (asked.outcome == ANSWERED and not asked.answer.strip(), "answer", ANSWER_MISSING),
        (len(asked.answer) > LONGEST, "answer", CONTACT_TOO_LONG),
        (asked.outcome not in OUTCOMES, "outcome", OUTCOME_UNKNOWN),
        (passed and LINE_OF.get(asked.outcome, 0) <= line, "outcome", LINE_NOT_HIGHER),
    ):
        if wrong:
            yield _problem(f"{name}-{number}", refusal)
    if day is not None:
        yield _problem(f"call_on-{number}", day)


def home_of(session: Session, person_id: int) -> int | None:
    """The municipality somebody works for now, or worked for last."""
    employments = employments_of(session, person_id)
    return employments[0].unit.municipality_id if employments else None


def record_contact(session: Session, clerk: Viewer, spoken: Spoken, at: datetime) -> Contact:
    """Record a contact with its questions, with a case or before there is one. Sent twice it is recorded once."""
    if clerk.person_id == spoken.person_id:
        raise Refused(OWN_CONTACT)
    known = _recorded(session, spoken.client_key)
    if known is not None:
        return known
    home = home_of(session, spoken.person_id) if spoken.person_id else None
    terms = terms_of(session, home, at)
    problems = judge(spoken, terms, at)
    if problems:
        raise Refused(*(Refusal(problem.code, problem.sentence) for problem in problems))
    for asked in spoken.questions:
        expect_own_case(session, spoken.person_id, asked.case_id)
    contact = _contact(session, spoken, home, clerk.person_id, at)
    for asked in spoken.questions:
        _take_down(session, contact, asked, terms, at)
    drop_draft(session, clerk.person_id, spoken.person_id)
    return contact


def ask_question(session: Session, asker: Viewer, asked: Asked, client_key: str, at: datetime) -> Contact:
    """Somebody asks a question in the portal; the SSC answers within the norm."""
    known = _recorded(session, client_key)
    if known is not None:
        return known
    home = home_of(session, asker.person_id)
    terms = terms_of(session, home, at)
    spoken = Spoken("portal", 1, (asked,), asker.person_id, client_key=client_key)
    # Nobody has answered yet, so what an answer lacks is not wrong.
    problems = [problem for problem in judge(spoken, terms, at) if problem.code != ANSWER_MISSING.code]
    if problems:
        raise Refused(*(Refusal(problem.code, problem.sentence) for problem in problems))
    expect_own_case(session, asker.person_id, asked.case_id)
    contact = _contact(session, spoken, home, None, at)
    question = ContactQuestion(
        contact_id=contact.id, case_id=asked.case_id, subject=asked.subject, asked=asked.asked.strip(), state=OPEN,
        line=1, due=terms.answer_by(at),
    )  # fmt: skip
    session.add(question)
    session.flush()
    write_entry(session, question, "asked", asker.person_id, at)
    return contact


def _recorded(session: Session, client_key: str | None) -> Contact | None:
    if not client_key:
        return None
    return session.scalars(select(Contact).where(Contact.client_key == client_key)).first()


def expect_own_case(session: Session, person_id: int | None, case_id: int | None) -> None:
    """Refuse a case of somebody else: whoever may see a case reads what was said about it."""
    if case_id is None:
        return
    case = session.get_one(Case, case_id)
    if person_id != case.initiator_id:
        raise Refused(CASE_OF_ANOTHER)


def _contact(session: Session, spoken: Spoken, home: int | None, clerk_id: int | None, at: datetime) -> Contact:
    contact = Contact(
        person_id=spoken.person_id, clerk_id=clerk_id, municipality_id=home, at=at, channel=spoken.channel,
        line=spoken.line, caller=spoken.caller.strip(), client_key=spoken.client_key or None,
    )  # fmt: skip
    session.add(contact)
    session.flush()
    return contact


def _take_down(session: Session, contact: Contact, asked: Asked, terms: Terms, at: datetime) -> None:
    """Write down one question with what was done about it: answered, a call promised, or passed on."""
    state, answer = OUTCOMES[asked.outcome], asked.answer.strip()
    due = {CALL_BACK: terms.call_by(at, asked.call_on), PASSED: terms.answer_by(at)}.get(state)
    question = ContactQuestion(
        contact_id=contact.id, case_id=asked.case_id, subject=asked.subject, asked=asked.asked.strip(),
        answer=answer if state == ANSWERED else "", state=state, line=LINE_OF.get(asked.outcome, contact.line), due=due,
        promised_by_id=contact.clerk_id if state == CALL_BACK else None,
    )  # fmt: skip
    session.add(question)
    session.flush()
    about = {CALL_BACK: due.isoformat() if due else "", PASSED: str(question.line)}.get(state, "")
    write_entry(session, question, state, contact.clerk_id, at, answer, about)


def write_entry(session: Session, question: ContactQuestion, kind: str, by: int | None, at: datetime, text: str = "",
                about: str = "") -> None:  # fmt: skip
    """Write down what was done about a question."""
    session.add(ContactEntry(question_id=question.id, kind=kind, by_id=by, at=at, text=text.strip(), about=about))
