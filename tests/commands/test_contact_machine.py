"""Random contacts and random deeds about them: nothing gets lost, and what is marked equals what one would count."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.calendar import OfficeCalendar
from portal.clock import local, local_date
from portal.commands import contact_follow_up as follow_up
from portal.commands.contact import Asked, Spoken, record_contact, terms_of
from portal.models.cases import Case
from portal.models.contact import Contact, ContactEntry, ContactQuestion
from portal.queries.contact import repeats
from portal.worlds import World
from tests.cast import Cast
from workflows.kernel import Refused

WHO = ("anna", "aart", None)
QUIET = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
OUTCOMES = st.sampled_from(("answered", "call_back", "second", "third"))
MOMENTS = st.tuples(
    st.integers(0, 16 * 24), st.sampled_from(WHO),
    st.lists(st.sampled_from(("rules", "payment")), min_size=1, max_size=3), OUTCOMES,
)  # fmt: skip
DEEDS = st.tuples(
    st.sampled_from(("tie", "untie", "name", "answer", "not_reached", "promise", "pass_on", "add")),
    st.integers(0, 99), st.integers(0, 99), st.integers(0, 60),
)  # fmt: skip


@contextmanager
def rolled_back(world: World) -> Iterator[Session]:
    """A session of which nothing stays, so that every example begins with the same world."""
    start = world.clock.now()
    with world.db.session() as session:
        yield session
        session.rollback()
    world.clock.set(start)  # type: ignore[attr-defined]


def record(session: Session, cast: Cast, who: str | None, subjects: list[str], outcome: str) -> Contact:
    asked = tuple(Asked(subject, f"Vraag over {subject}", "Antwoord", outcome) for subject in subjects)
    known = {"person_id": cast.people[who]} if who else {"caller": "Iemand"}
    spoken = Spoken("telephone", 1, asked, **known)  # type: ignore[arg-type]
    return record_contact(session, cast.viewer(session, "carla"), spoken, cast.world.clock.now())


def do(session: Session, cast: Cast, key: str, question: ContactQuestion, case: Case, number: int) -> None:
    els, at = cast.viewer(session, "els"), cast.world.clock.now()
    whom = cast.people[("anna", "aart", "bram")[number % 3]]
    deeds: dict[str, Any] = {
        "tie": lambda: follow_up.tie(session, els, question, case, at),
        "untie": lambda: follow_up.untie(session, els, question, at),
        "name": lambda: follow_up.name_person(session, els, question.contact, whom, at),
        "answer": lambda: follow_up.answer(session, els, question, "Zo", at),
        "not_reached": lambda: follow_up.not_reached(session, els, question, "", at),
        "promise": lambda: follow_up.promise(session, els, question, None, at),
        "pass_on": lambda: follow_up.pass_on(session, els, question, 2 + number % 2, "", at),
        "add": lambda: follow_up.add(session, els, question, "Nog iets", at),
    }
    deeds[key]()


@QUIET
@given(contacts=st.lists(MOMENTS, min_size=1, max_size=5), deeds=st.lists(DEEDS, max_size=15))
def test_no_deed_loses_a_contact_or_a_word_of_it(
    world: World, cast: Cast, contacts: list[Any], deeds: list[Any]
) -> None:
    with rolled_back(world) as session:
        cases = [cast.submitted(session, name, key=name) for name in ("anna", "aart")]
        for hours, who, subjects, outcome in contacts:
            world.clock.advance(timedelta(hours=hours))  # type: ignore[attr-defined]
            record(session, cast, who, subjects, outcome)
        query = select(ContactQuestion).order_by(ContactQuestion.id)
        before = [(q.id, q.contact_id, q.subject, q.asked) for q in session.scalars(query)]
        written: list[tuple[int, str, str]] = []
        for key, which, number, hours in deeds:
            world.clock.advance(timedelta(hours=hours))  # type: ignore[attr-defined]
            question = loaded(session, before[which % len(before)][0])
            try:
                with session.begin_nested():
                    do(session, cast, key, question, cases[number % 2], number)
            except Refused:
                session.expire_all()
            session.flush()
            now = [(e.id, e.kind, e.text) for e in session.scalars(select(ContactEntry).order_by(ContactEntry.id))]
            assert now[: len(written)] == written, "what was written down stays as it was"
            written = now
        after = list(session.scalars(query.execution_options(populate_existing=True)))
        assert [(q.id, q.contact_id, q.subject, q.asked) for q in after] == before
        for question in after:
            contact = session.get_one(Contact, question.contact_id)
            assert (question.due is None) == (question.state == "answered")
            assert question.state != "answered" or question.answer
            if question.case_id is not None:
                assert session.get_one(Case, question.case_id).initiator_id == contact.person_id


def loaded(session: Session, question_id: int) -> ContactQuestion:
    return session.get_one(
        ContactQuestion, question_id, options=[joinedload(ContactQuestion.contact)], populate_existing=True
    )


def counted_by_hand(session: Session) -> dict[int, Any]:
    """Each question held against every other, as one would with a list on paper."""
    rows = session.execute(
        select(ContactQuestion.id, ContactQuestion.subject, Contact.id, Contact.person_id, Contact.at).join(
            Contact, Contact.id == ContactQuestion.contact_id
        )
    ).all()
    found: dict[int, Any] = {}
    for number, subject, contact, person, at in rows:
        earlier = [
            then for _, about, other, who, then in rows
            if person is not None and who == person and about == subject and other != contact
            and (then, other) < (at, contact)
        ]  # fmt: skip
        if earlier and (at - max(earlier)) <= timedelta(days=14):
            found[number] = max(earlier)
    return found


@QUIET
@given(contacts=st.lists(MOMENTS, min_size=1, max_size=8), named=st.lists(st.integers(0, 7), max_size=3))
def test_repeats_are_what_one_would_count(world: World, cast: Cast, contacts: list[Any], named: list[int]) -> None:
    with rolled_back(world) as session:
        made = []
        for hours, who, subjects, outcome in contacts:
            world.clock.advance(timedelta(hours=hours))  # type: ignore[attr-defined]
            made.append(record(session, cast, who, subjects, outcome))
        els = cast.viewer(session, "els")
        for which in named:
            contact = made[which % len(made)]
            follow_up.name_person(session, els, contact, cast.people["anna"], world.clock.now())
        session.flush()
        assert repeats(session, session.scalars(select(ContactQuestion)).all()) == counted_by_hand(session)


def by_hand(calendar: OfficeCalendar, at: Any, days: int) -> Any:
    """The closing time of the so many-th working day after today, walked day by day."""
    day, left = local_date(at), days
    while left:
        day += timedelta(days=1)
        left -= calendar.is_working_day(day)
    return day


@QUIET
@given(hours=st.integers(0, 24 * 200))
def test_what_is_promised_ends_by_the_office_calendar(world: World, cast: Cast, hours: int) -> None:
    with rolled_back(world) as session:
        at = world.clock.advance(timedelta(hours=hours))  # type: ignore[attr-defined]
        contact = record(session, cast, "anna", ["rules"], "call_back")
        other = record(session, cast, "anna", ["rules"], "second")
        terms = terms_of(session, contact.municipality_id, at)
        for made, days in ((contact, 1), (other, 5)):
            due = session.scalars(select(ContactQuestion.due).where(ContactQuestion.contact_id == made.id)).one()
            assert due is not None
            assert local(due).date() == by_hand(terms.calendar, at, days)
            assert local(due).time() == terms.calendar.closes
