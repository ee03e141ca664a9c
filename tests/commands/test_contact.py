"""Contacts with several questions: what must be filled in, what is promised by when, and what is done about it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from portal.commands import contact_follow_up as follow_up
from portal.commands.contact import Asked, Spoken, ask_question, record_contact
from portal.commands.contact_drafts import draft_of, save_draft
from portal.models.contact import Contact, ContactEntry, ContactQuestion, EntryFixed
from portal.models.mail import OutboxMail
from portal.models.people import Municipality, Policy
from portal.queries.contact import entries_of, question_of, questions_of, repeats, to_do
from portal.queries.finding import find, numbers_meant
from portal.worlds import World
from tests.cast import SINCE, Cast
from tests.commands.helpers import here, pass_days, refused

TODAY = date(2026, 11, 24)


def spoken(cast: Cast, *questions: Asked, who: str | None = "anna", **more: Any) -> Spoken:
    person = {"person_id": cast.people[who]} if who else {"caller": "Een mevrouw, 06 12345678"}
    return Spoken(**{"channel": "telephone", "line": 1, "questions": questions, **person, **more})


def record(session: Session, cast: Cast, *questions: Asked, who: str | None = "anna", **more: Any) -> Contact:
    carla = cast.viewer(session, "carla")
    return record_contact(session, carla, spoken(cast, *questions, who=who, **more), cast.world.clock.now())


def asked_in(session: Session, contact: Contact) -> list[ContactQuestion]:
    query = select(ContactQuestion).where(ContactQuestion.contact_id == contact.id).order_by(ContactQuestion.id)
    carla = [question_of(session, ANYWHERE, found.id) for found in session.scalars(query)]
    return [question for question in carla if question is not None]


def done_about(session: Session, question: ContactQuestion) -> list[tuple[str, str, str]]:
    session.flush()
    return [(entry.kind, entry.text, entry.about) for entry in entries_of(session, [question])[question.id]]


@pytest.fixture(autouse=True)
def _anywhere(world: World, cast: Cast) -> None:
    global ANYWHERE  # noqa: PLW0603 - whoever may see all, for reading back
    with world.db.session(writes=False) as session:
        ANYWHERE = cast.viewer(session, "carla")


ANYWHERE: Any = None
CALL = Asked("payment", "Waar blijft het geld?", outcome="call_back")
ANSWERED = Asked("rules", "Mag een deelauto?", "Ja, als Overig")
SECOND = Asked("rules", "En in het buitenland?", outcome="second")


def test_one_contact_holds_several_questions_each_with_what_happens_to_it(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        contact = record(session, cast, CALL, ANSWERED, SECOND, Asked("progress", "Hoe ver?", "Ver", case_id=case.id))
        call, answered, second, of_case = asked_in(session, contact)
        assert (call.state, call.line, call.due, call.promised_by_id) == (
            "call_back", 1, here("2026-11-25 17:00"), cast.people["carla"],
        )  # fmt: skip
        assert (answered.state, answered.due, answered.answer) == ("answered", None, "Ja, als Overig")
        assert (second.state, second.line, second.due) == ("passed", 2, here("2026-12-01 17:00"))
        assert (of_case.case_id, contact.municipality_id) == (case.id, cast.municipalities["waterveen"])
        assert done_about(session, answered) == [("answered", "Ja, als Overig", "")]
        waiting = to_do(session, ANYWHERE)
        assert [question.id for question in waiting.questions] == [call.id, second.id]


@pytest.mark.parametrize(
    ("changed", "question", "codes"),
    [
        ({"channel": "pigeon", "line": 4}, ANSWERED, {"channel_unknown", "line_unknown"}),
        ({}, Asked("", " ", "", "whatever"), {"subject_unknown", "question_missing", "outcome_unknown"}),
        ({}, Asked("rules", "Mag het?"), {"answer_missing"}),
        ({}, Asked("rules", "x" * 4001, "y" * 4001), {"contact_too_long"}),
        ({"line": 3}, SECOND, {"line_not_higher"}),
        ({"who": None, "caller": " "}, CALL, {"caller_missing"}),
        ({"who": None, "caller": "x" * 201}, CALL, {"caller_too_long"}),
        ({"who": "carla"}, CALL, {"own_contact"}),
        ({}, Asked("payment", "?", outcome="call_back", call_on=TODAY - timedelta(1)), {"call_back_past"}),
        ({}, Asked("payment", "?", outcome="call_back", call_on=date(2026, 11, 28)), {"call_back_closed"}),
        ({}, Asked("payment", "?", outcome="call_back", call_on=date(2026, 12, 23)), {"call_back_far"}),
    ],
)
def test_all_that_is_wrong_is_said_at_once_and_nothing_is_recorded(
    world: World, cast: Cast, changed: dict[str, Any], question: Asked, codes: set[str]
) -> None:
    with world.db.transaction() as session:
        assert refused(lambda: record(session, cast, question, **changed)) == codes
        assert session.scalars(select(Contact)).all() == []


def test_no_question_is_no_contact_and_eleven_are_too_many(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        assert refused(lambda: record(session, cast)) == {"question_missing"}
        assert refused(lambda: record(session, cast, *[ANSWERED] * 11)) == {"too_many_questions"}
        record(session, cast, *[ANSWERED] * 10)


def test_a_case_of_somebody_else_is_refused(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session, "aart")
        asked = Asked("progress", "Hoe ver?", "Ver", case_id=case.id)
        assert refused(lambda: record(session, cast, asked)) == {"case_of_another"}


def test_a_day_for_the_call_can_be_agreed(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        days = (TODAY, date(2026, 11, 30), date(2026, 12, 22))
        asked = [Asked("payment", "?", outcome="call_back", call_on=day) for day in days]
        found = asked_in(session, record(session, cast, *asked))
        assert [question.due for question in found] == [here(f"{day} 17:00") for day in days]
        world.clock.set(here("2026-11-24 17:00"))  # type: ignore[attr-defined]
        assert refused(lambda: record(session, cast, asked[0])) == {"call_back_past"}


def test_the_terms_are_those_of_the_municipality_of_that_day(world: World, cast: Cast) -> None:
    duinrade = cast.municipalities["duinrade"]
    with world.db.transaction() as session:
        for key, value in (("contact_answer_days", "2"), ("call_back_days", "0")):
            session.add(Policy(key=key, value=value, municipality_id=duinrade, valid_from=SINCE, source="test"))
        session.execute(
            update(Municipality).where(Municipality.id == duinrade).values(closing_days={"2026-11-25": "Dag"})
        )
        session.expire_all()
        call, second = asked_in(session, record(session, cast, CALL, SECOND, who="olga"))
        assert (call.due, second.due) == (here("2026-11-24 17:00"), here("2026-11-27 17:00"))
        call, second = asked_in(session, record(session, cast, CALL, SECOND, who=None))
        assert (call.due, second.due) == (here("2026-11-25 17:00"), here("2026-12-01 17:00")), "those that hold for all"


def test_sent_twice_is_recorded_once(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        first = record(session, cast, CALL, client_key="once")
        assert record(session, cast, CALL, client_key="once") is first
        anna = cast.viewer(session, "anna")
        one, two = (ask_question(session, anna, Asked("rules", "Mag het?"), "k", world.clock.now()) for _ in "12")
        assert one is two


def test_what_was_typed_is_kept_until_it_is_recorded(world: World, cast: Cast) -> None:
    carla, anna = cast.people["carla"], cast.people["anna"]
    with world.db.transaction() as session:
        for typed in ({"asked-0": "Waa"}, {"asked-0": "Waar blijft"}):
            save_draft(session, carla, anna, typed, world.clock.now())
        save_draft(session, carla, None, {"caller": "x"}, world.clock.now())
        draft = draft_of(session, carla, anna)
        assert draft is not None
        assert draft.typed == {"asked-0": "Waar blijft"}
        record(session, cast, CALL)
        session.expire_all()
        assert draft_of(session, carla, anna) is None
        assert draft_of(session, carla, None) is not None


def test_a_call_that_was_promised_is_tried_until_there_is_an_answer(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        (question,) = asked_in(session, record(session, cast, CALL))
        els, at = cast.viewer(session, "els"), pass_days(world, 1)
        question.reminded_at = at
        follow_up.not_reached(session, els, question, " voicemail ", at)
        assert (question.attempts, question.due, question.reminded_at) == (1, here("2026-11-26 17:00"), None)
        assert refused(lambda: follow_up.not_reached(session, els, question, "x" * 4001, at)) == {"contact_too_long"}
        assert refused(lambda: follow_up.answer(session, els, question, " ", at)) == {"answer_missing"}
        follow_up.answer(session, els, question, "Morgen", at)
        assert (question.state, question.due, question.answer) == ("answered", None, "Morgen")
        for again in (
            lambda: follow_up.answer(session, els, question, "Nee", at),
            lambda: follow_up.not_reached(session, els, question, "", at),
            lambda: follow_up.promise(session, els, question, None, at),
            lambda: follow_up.pass_on(session, els, question, 2, "", at),
        ):
            assert refused(again) == {"question_answered"}
        assert refused(lambda: follow_up.add(session, els, question, "\n", at)) == {"addition_missing"}
        follow_up.add(session, els, question, "Vrijdag, niet morgen", at)
        assert [entry[:2] for entry in done_about(session, question)] == [
            ("call_back", ""), ("not_reached", "voicemail"), ("answered", "Morgen"), ("added", "Vrijdag, niet morgen"),
        ]  # fmt: skip
        assert question.answer == "Morgen", "a correction is an addition"


def test_a_question_is_passed_on_and_a_call_can_still_be_promised(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        (question,) = asked_in(session, record(session, cast, SECOND))
        els, at = cast.viewer(session, "els"), pass_days(world, 1)
        assert refused(lambda: follow_up.not_reached(session, els, question, "", at)) == {"not_a_call_back"}
        assert refused(lambda: follow_up.pass_on(session, els, question, 2, "", at)) == {"same_line"}
        assert refused(lambda: follow_up.pass_on(session, els, question, 1, "", at)) == {"line_unknown"}
        follow_up.pass_on(session, els, question, 3, "Fiscaal", at)
        assert (question.line, question.state, question.due) == (3, "passed", here("2026-12-01 17:00"))
        wrong = date(2026, 11, 29)
        assert refused(lambda: follow_up.promise(session, els, question, wrong, at)) == {"call_back_closed"}
        follow_up.promise(session, els, question, None, at)
        assert (question.state, question.due, question.promised_by_id) == (
            "call_back", here("2026-11-26 17:00"), cast.people["els"],
        )  # fmt: skip
        follow_up.pass_on(session, els, question, 2, "", at)
        assert question.state == "call_back", "the promise stays"


def test_a_question_from_the_portal_is_answered_there_and_by_mail(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        anna, carla = cast.viewer(session, "anna"), cast.viewer(session, "carla")
        contact = ask_question(session, anna, Asked("rules", " Mag een deelauto? "), "k", world.clock.now())
        (question,) = asked_in(session, contact)
        assert (question.state, question.due, question.asked) == ("open", here("2026-12-01 17:00"), "Mag een deelauto?")
        assert refused(lambda: follow_up.answer(session, anna, question, "Ja", world.clock.now())) == {"own_contact"}
        assert refused(lambda: follow_up.add(session, anna, question, "Ja", world.clock.now())) == {"own_contact"}
        follow_up.answer(session, carla, question, "Ja, als [[home:/x]] Overig", world.clock.now())
    with world.db.session(writes=False) as session:
        mail = session.scalars(select(OutboxMail)).one()
        assert (mail.letter, mail.address) == ("answered_question", "anna@example.org")
        assert "Mag een deelauto?" in mail.text
        assert "[ [home:/x]] Overig" in mail.text, "nobody puts an address in a mail of ours"
        assert [found.answer for found in questions_of(session, cast.people["anna"])] == ["Ja, als [[home:/x]] Overig"]


def test_what_an_employee_asks_is_judged_too(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        anna, now = cast.viewer(session, "anna"), world.clock.now()
        assert refused(lambda: ask_question(session, anna, Asked("", ""), "k", now)) == {
            "subject_unknown", "question_missing",
        }  # fmt: skip
        case = cast.submitted(session, "aart")
        asked = Asked("rules", "Wat?", case_id=case.id)
        assert refused(lambda: ask_question(session, anna, asked, "k", now)) == {"case_of_another"}


def test_somebody_unknown_is_tied_to_a_case_and_with_it_to_its_employee(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case, els, now = cast.submitted(session), cast.viewer(session, "els"), world.clock.now()
        contact = record(session, cast, CALL, SECOND, who=None)
        call, second = asked_in(session, contact)
        assert contact.municipality_id is None
        assert refused(lambda: follow_up.untie(session, els, call, now)) == {"not_tied"}
        follow_up.tie(session, els, call, case, now)
        assert (call.case_id, contact.person_id) == (case.id, cast.people["anna"])
        assert (second.case_id, contact.municipality_id) == (None, cast.municipalities["waterveen"])
        assert refused(lambda: follow_up.tie(session, els, call, case, now)) == {"tied_already"}
        other = cast.submitted(session, "aart", key="other")
        assert refused(lambda: follow_up.tie(session, els, second, other, now)) == {"case_of_another"}
        aart = cast.people["aart"]
        assert refused(lambda: follow_up.name_person(session, els, contact, aart, now)) == {"contact_has_cases"}
        follow_up.untie(session, els, call, now)
        follow_up.name_person(session, els, contact, aart, now)
        assert [entry[0] for entry in done_about(session, call)] == ["call_back", "named", "tied", "untied", "named"]
        assert contact.caller == "Een mevrouw, 06 12345678", "what was written down stays"
        mine = cast.people["els"]
        assert refused(lambda: follow_up.name_person(session, els, contact, mine, now)) == {"own_contact"}
        assert refused(lambda: follow_up.name_person(session, els, contact, 99999, now)) == {"person_unknown"}


def test_what_was_written_down_cannot_be_changed(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        record(session, cast, CALL)
    with world.db.session() as session:
        session.scalars(select(ContactEntry)).one().text = "anders"
        with pytest.raises(EntryFixed):
            session.flush()
    with world.db.session() as session, pytest.raises(DatabaseError):
        session.execute(text("UPDATE contact_entry SET text = 'anders'"))


def test_clerks_see_what_is_of_their_municipalities_and_of_nobody_yet(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        record(session, cast, CALL)
        record(session, cast, CALL, who=None)
        record(session, cast, CALL, who="olga")
        session.execute(text("UPDATE role_grant SET municipality_id = :there WHERE person_id = :who"),
                        {"there": cast.municipalities["duinrade"], "who": cast.people["els"]})  # fmt: skip
        els = cast.viewer(session, "els")
        seen = [
            found.contact.person.given_name if found.contact.person else "" for found in to_do(session, els).questions
        ]
        assert sorted(seen) == ["", "Olga"]
        assert question_of(session, els, 1) is None


def test_the_list_is_walked_by_key_in_the_order_of_urgency(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        for _ in range(4):
            record(session, cast, CALL, SECOND, ANSWERED)
        found, after = [], None
        while True:
            page = to_do(session, ANYWHERE, limit=3, after=after)
            found += [(question.due, question.id) for question in page.questions]
            if (after := page.after) is None:
                break
        assert len(found) == 8
        assert found == sorted(found)
        assert len(to_do(session, ANYWHERE, calls=True).questions) == 4
        assert len(to_do(session, ANYWHERE, calls=False, line=2).questions) == 4
        assert to_do(session, ANYWHERE, calls=False, line=1).questions == []
        for wrong in ("2026-01-01T00:00:00_5", "x_1", "_", "2026-01-01T00:00:00+00:00_²"):
            with pytest.raises(ValueError):
                to_do(session, ANYWHERE, after=wrong)


def test_the_same_person_about_the_same_within_14_days_is_a_repeat(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        first = record(session, cast, ANSWERED, ANSWERED)
        start = world.clock.now()
        pass_days(world, 14)
        second = record(session, cast, ANSWERED, CALL)
        other = record(session, cast, ANSWERED, who="aart")
        world.clock.advance(timedelta(days=14, seconds=1))  # type: ignore[attr-defined]
        third = record(session, cast, ANSWERED)
        questions = [q for contact in (first, second, other, third) for q in asked_in(session, contact)]
        assert repeats(session, questions) == {asked_in(session, second)[0].id: start}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("DEC-2026-000123", {"DEC-2026-000123"}),
        ("dec 2025 123", {"DEC-2025-000123"}),
        ("Dec 123", {"DEC-2026-000123", "DEC-2025-000123", "DEC-2024-000123"}),
        ("1234567", set()),
        ("XYZ-1", set()),
        ("anna", set()),
    ],
)
def test_a_case_number_is_understood_as_people_say_it(typed: str, meant: set[str]) -> None:
    assert set(numbers_meant(typed, TODAY)) == meant


def test_one_box_finds_people_and_cases_without_minding_capitals_or_accents(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        number = cast.submitted(session).number
        anna, carla = cast.people["anna"], cast.viewer(session, "carla")
        for typed in ("ANNA wit", "  ánna "):
            names = [found.person.given_name for found in find(session, carla, typed, TODAY).people]
            assert names == ["Anna", "Hanna"], "who is called so comes first"
        (found,) = find(session, carla, str(1000 + anna), TODAY).people
        assert found.person_id == anna
        for typed in (str(number), "dec 1", "1"):
            assert [case.number for case in find(session, carla, typed, TODAY).cases] == [number]
        otto = cast.viewer(session, "otto")
        assert not find(session, otto, "anna", TODAY).people
        assert not find(session, otto, str(number), TODAY).cases
        assert find(session, carla, "a", TODAY) == find(session, carla, "", TODAY)
