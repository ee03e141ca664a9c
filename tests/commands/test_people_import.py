"""Taking in people from a file: what would change, and then exactly that, or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.commands import people_import as commands
from portal.commands.changes import Author
from portal.interfaces.csv_files import written
from portal.models.changes import Change
from portal.models.imports import PeopleImport
from portal.models.people import Employment, Municipality, Person, PersonAccount, Unit
from portal.queries.people import employments_of
from portal.worlds import World
from tests.cast import NEW_IBAN, Cast
from tests.commands.helpers import refused

AS_OF = date(2026, 12, 1)
HEADER = ("Personeelsnummer", "Voornaam", "Achternaam", "E-mailadres", "Afdeling", "Van", "Tot en met", "Functie")


@pytest.fixture
def session(world: World, cast: Cast) -> Iterator[Session]:
    with world.db.session() as session:
        yield session


class Office:
    """Hanna at work on files of Waterveen."""

    def __init__(self, world: World, cast: Cast, session: Session) -> None:
        self.session, self.now, self.cast = session, world.clock.now(), cast
        self.author = Author(cast.people["hanna"], None)
        self.place = session.get_one(Municipality, cast.municipalities["waterveen"])

    def file(self, *rows: Sequence[object], header: Sequence[str] = HEADER) -> PeopleImport:
        content = written(header, rows)
        return commands.hand_in(self.session, self.author, self.place, "p.csv", content, AS_OF, self.now)

    def plan(self, one: PeopleImport) -> commands.Plan:
        return commands.plan_of(self.session, self.author, one)

    def take_in(self, one: PeopleImport) -> commands.Plan:
        done = commands.take_in(self.session, self.author, one, self.plan(one).digest, self.now)
        self.session.flush()
        return done

    def row(self, name: str, **changed: object) -> list[object]:
        """Somebody as they are, with this changed."""
        person = self.session.get_one(Person, self.cast.people[name])
        employment = employments_of(self.session, person.id)[0]
        known: dict[str, object] = {
            "number": employment.personnel_number, "given": person.given_name, "family": person.family_name,
            "email": person.email, "unit": employment.unit.name, "first": employment.valid_from,
            "last": employment.valid_to, "title": employment.job_title,
        }  # fmt: skip
        return list((known | changed).values())


@pytest.fixture
def office(world: World, cast: Cast, session: Session) -> Office:
    return Office(world, cast, session)


def test_somebody_new_comes_with_employment_and_account(office: Office, session: Session) -> None:
    unit = session.scalars(select(Unit).where(Unit.municipality_id == office.place.id)).first()
    assert unit is not None
    one = office.file(
        ["9001", "Zoë", "Ünal", "zoe@example.org", unit.name.upper(), "1-12-2026", "", "Jurist", NEW_IBAN],
        header=(*HEADER, "IBAN"),
    )
    plan = office.plan(one)
    assert [line.kinds for line in plan.lines] == [("added",)]
    assert plan.problems == ()
    office.take_in(one)
    person = session.scalars(select(Person).where(Person.email == "zoe@example.org")).one()
    employment = employments_of(session, person.id)[0]
    assert (employment.personnel_number, employment.unit_id, employment.valid_from) == ("9001", unit.id, AS_OF)
    account = session.scalars(select(PersonAccount).where(PersonAccount.person_id == person.id)).one()
    assert (account.iban, account.case_id) == (NEW_IBAN, None)
    assert (one.added, one.changed, one.ended, one.content) == (1, 0, 0, None)
    assert refused(lambda: office.take_in(one)) == {"import_done_already"}
    assert session.scalars(select(Change.what).order_by(Change.id.desc()).limit(1)).one() == "import.done"


def test_whoever_is_known_changes_moves_and_leaves(office: Office, session: Session) -> None:
    one = office.file(
        [*office.row("anna", family="de Wit-Bos", title="Senior"), ""],
        [*office.row("bram", unit="Team Nieuw"), "4400"],
        [*office.row("carla", last="31-12-2026"), ""], header=(*HEADER, "Kostenplaats"),
    )  # fmt: skip
    plan = office.plan(one)
    assert [line.kinds for line in plan.lines] == [("changed",), ("moved",), ("ended",)]
    assert dict(plan.new_units) == {"Team Nieuw": "4400"}
    office.take_in(one)
    anna, bram, carla = (employments_of(session, office.cast.people[name]) for name in ("anna", "bram", "carla"))
    assert session.get_one(Person, office.cast.people["anna"]).family_name == "de Wit-Bos"
    assert anna[0].job_title == "Senior"
    assert {(e.unit.name, e.valid_from, e.valid_to) for e in bram if e.valid_from == AS_OF} == {
        ("Team Nieuw", AS_OF, None)
    }
    assert date(2026, 11, 30) in {e.valid_to for e in bram}
    assert [e.valid_to for e in carla] == [date(2026, 12, 31)]


def test_the_same_file_again_changes_nothing(office: Office, session: Session) -> None:
    rows = [office.row("anna"), office.row("bram")]
    assert office.plan(office.file(*rows)).count("same") == 2
    before = session.scalars(select(Change.id)).all()
    office.take_in(office.file(*rows))
    (new,) = session.scalars(select(Change).where(Change.id.not_in(before))).all()
    assert (new.what, new.new) == ("import.done", {"added": "0", "changed": "0", "ended": "0"})
    absent = office.plan(office.file(*rows)).absent
    assert absent
    assert not any(name.startswith(("Anna", "Bram")) for name in absent)


@pytest.mark.parametrize(
    ("changed", "column", "code"),
    [
        ({"given": ""}, "given_name", "given_name_missing"), ({"email": "geen adres"}, "email", "email_wrong"),
        ({"unit": "Bestaat niet"}, "unit", "unit_unknown"), ({"first": "morgen"}, "first", "import_day_unreadable"),
        ({"last": "31-02-2026"}, "last", "import_day_unreadable"), ({"number": ""}, "number", "number_wrong"),
        ({"last": "1-1-1899"}, "last", "import_day_unreadable"), ({"family": ""}, "family_name", "name_missing"),
        ({"number": "9009", "given": "Heel", "family": "Anders"}, "email", "email_taken"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_column_and_nothing_is_taken_in(
    office: Office, session: Session, changed: dict[str, object], column: str, code: str
) -> None:
    one = office.file(office.row("bram", title="Anders"), office.row("anna", **changed))
    (line,) = office.plan(one).problems
    assert (column, code) in {(place, problem.code) for place, problem in line.problems}
    assert refused(lambda: office.take_in(one)) == {"import_has_problems"}
    assert employments_of(session, office.cast.people["bram"])[0].job_title != "Anders"


def test_two_rows_of_the_same_are_refused(office: Office) -> None:
    (line,) = office.plan(office.file(office.row("anna"), office.row("anna"))).problems
    assert [problem.code for _, problem in line.problems] == ["import_twice"]


def test_an_employment_that_ended_here_does_not_come_back_by_itself(office: Office, session: Session) -> None:
    employment = employments_of(session, office.cast.people["anna"])[0]
    employment.valid_to = date(2026, 10, 31)
    session.flush()
    (line,) = office.plan(office.file(office.row("anna", last=""))).problems
    assert [problem.code for _, problem in line.problems] == ["import_ended_here"]
    again = office.file(office.row("anna", first="1-12-2026", last=""))
    assert [line.kinds for line in office.plan(again).lines] == [("employed",)]
    office.take_in(again)
    assert {e.valid_from for e in employments_of(session, office.cast.people["anna"])} >= {AS_OF}


def test_nobody_changes_their_own_employment_by_a_file(office: Office) -> None:
    (line,) = office.plan(office.file(office.row("hanna", last="31-12-2026"))).problems
    assert [problem.code for _, problem in line.problems] == ["own_rights"]


def test_what_was_looked_at_is_what_happens(office: Office, session: Session) -> None:
    one = office.file(office.row("anna", title="Senior"))
    digest = office.plan(one).digest
    session.get_one(Person, office.cast.people["anna"]).phone = "06 12"
    employments_of(session, office.cast.people["anna"])[0].job_title = "Medior"
    session.flush()
    assert refused(lambda: commands.take_in(session, office.author, one, digest, office.now)) == {
        "import_changed_since"
    }


def test_a_file_that_cannot_be_read_is_not_kept(office: Office, session: Session) -> None:
    def hand_in(content: bytes, as_of: date | None = AS_OF) -> set[str]:
        return refused(
            lambda: commands.hand_in(session, office.author, office.place, "p.csv", content, as_of, office.now)
        )

    assert hand_in(b"") == {"csv_empty"}
    assert hand_in(b"naam;adres\r\nx;y") == {"import_columns_missing"}
    assert hand_in(written(HEADER, [])) == {"import_no_rows"}
    assert hand_in(b"\0\1\2") == {"csv_not_text"}
    assert hand_in(written(HEADER, [["x"] * 8]), None) == {"import_as_of_missing"}
    only = Author(office.author.person_id, frozenset({office.cast.municipalities["duinrade"]}))
    assert refused(
        lambda: commands.hand_in(session, only, office.place, "p.csv", written(HEADER, [["x"] * 8]), AS_OF, office.now)
    ) == {"outside_your_work"}
    assert session.scalars(select(PeopleImport)).all() == []


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=8) | st.sampled_from(
    ["9001", "anna@example.org", "Team Vergunningen", "1-12-2026", "31-12-2026", "Zoë", NEW_IBAN]
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELL, min_size=8, max_size=10).filter(any), min_size=1, max_size=4))
def test_whatever_stands_in_a_file_it_is_taken_in_whole_or_not_at_all(
    world: World, cast: Cast, rows: list[list[str]]
) -> None:
    with world.db.session() as session:
        office = Office(world, cast, session)
        one = office.file(*rows, header=(*HEADER, "Kostenplaats", "IBAN"))
        plan = office.plan(one)
        before = session.scalar(select(func.count()).select_from(Employment)) or 0
        if plan.problems:
            assert refused(lambda: office.take_in(one)) == {"import_has_problems"}
        else:
            office.take_in(one)
        after = session.scalar(select(func.count()).select_from(Employment)) or 0
        assert after - before == (0 if plan.problems else plan.count("added", "employed", "moved"))
        session.rollback()
