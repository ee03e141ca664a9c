"""A small partnership to test with: two municipalities, their line of command, and the SSC's people."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Role, Viewer
from portal.clock import local_date
from portal.commands import cases, flags
from portal.commands.documents import add_document
from portal.interfaces.files import take_in
from portal.models.cases import Case
from portal.models.people import (
    Account,
    Employment,
    ManagerRelation,
    Mandate,
    Municipality,
    Person,
    PersonAccount,
    Policy,
    RoleGrant,
    Unit,
)
from portal.queries.cases import WHOLE
from portal.queries.people import employments_of, viewer_of
from portal.worlds import World
from tests.sample_files import jpeg
from workflows.flags import NOT_DOUBLE
from workflows.kernel import Given

PASSWORD = "welkom-bij-vierstroom"
SINCE = date(2020, 1, 1)
OUR_IBAN, OTHER_IBAN = "NL41MOCK0000000001", "NL73MOCK0000000007"
NEW_IBAN = "NL91ABNA0417164300"


@cache
def _hash() -> str:
    """A hash that takes no time: people sign in thousands of times here, and what it must cost is not tried by that."""
    return PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)).hash(PASSWORD)


@cache
def sample_receipt() -> Any:
    """A receipt, taken in once for all tests."""
    return take_in(jpeg(), "bon.jpg")


@dataclass
class Cast:
    """Who is who, by first name in lower case."""

    world: World
    password: str = PASSWORD
    people: dict[str, int] = field(default_factory=dict)
    municipalities: dict[str, int] = field(default_factory=dict)

    def viewer(self, session: Session, name: str, at: datetime | None = None) -> Viewer:
        """This person with their standing of today."""
        person = session.get_one(Person, self.people[name])
        return viewer_of(session, person, local_date(at or self.world.clock.now()))

    def draft(self, session: Session, name: str, key: str = "k1") -> Case:
        """A draft of this person's, with one parking line of € 12.50 and its receipt."""
        employment = employments_of(session, self.people[name])[0]
        case = cases.start(session, "expense_claim", employment, key, self.world.clock.now())
        session.flush()
        add_document(
            session,
            self.world.files,
            case,
            sample_receipt(),
            line_key="a",
            by=case.initiator_id,
            at=self.world.clock.now(),
        )
        return session.get_one(Case, case.id, options=WHOLE, populate_existing=True)

    def submitted(self, session: Session, name: str = "anna", *, cents: int = 1250, key: str = "k1") -> Case:
        """A claim of this person's, submitted."""
        case = self.draft(session, name, key)
        self.act(session, name, case, "submit", content=self.content(case, cents))
        return case

    def content(self, case: Case, cents: int = 1250) -> dict[str, Any]:
        """What a claim of one parking line holds."""
        line = {
            "key": "a", "category": "parking", "date": "2026-11-20", "description": "Parkeren bij de rechtbank",
            "claimed_cents": cents, "sanctioned_cents": cents, "vat_percent": "21", "vat_cents": 0,
            "documents": [{"id": 1, "sha256": "0" * 64, "name": "bon.jpg"}],
        }  # fmt: skip
        return {"purpose": "Zitting", "cost_centre": case.cost_centre, "lines": [line]}

    def advance_content(self, cents: int = 10_000) -> dict[str, Any]:
        """What an advance for a course holds."""
        return {"purpose": "Cursus in Maastricht", "cents": cents, "from": "2026-12-01", "to": "2026-12-03",
                "cost_centre": "1100"}  # fmt: skip

    def asks_advance(self, session: Session, name: str = "anna", *, cents: int = 10_000, key: str = "a1") -> Case:
        """An advance of this person's, submitted. Who decides on claims decides on advances from then on."""
        held = session.scalars(select(Mandate).where(Mandate.kind == "expense_claim")).all()
        if not session.scalars(select(Mandate).where(Mandate.kind == "advance").limit(1)).first():
            session.add_all(
                Mandate(
                    person_id=one.person_id, municipality_id=one.municipality_id, kind="advance",
                    maximum_cents=one.maximum_cents, valid_from=SINCE,
                )
                for one in held
            )  # fmt: skip
            session.flush()
        employment = employments_of(session, self.people[name])[0]
        case = cases.start(session, "advance", employment, key, self.world.clock.now())
        session.flush()
        case = session.get_one(Case, case.id, options=WHOLE, populate_existing=True)
        self.act(session, name, case, "submit", content=self.advance_content(cents))
        return case

    def payable_advance(self, session: Session, name: str = "anna", *, cents: int = 10_000, key: str = "a1") -> Case:
        """An advance that has come as far as the next payment run."""
        case = self.asks_advance(session, name, cents=cents, key=key)
        self.act(session, "bram", case, "approve")
        viewer = self.viewer(session, "carla")
        cases.take(session, viewer, case, self.world.clock.now())
        for check in ("for_work", "amount", "earlier"):
            cases.tick(case, viewer, "advance", check, True, self.world.clock.now())
        self.act(session, "carla", case, "check")
        return case

    def act(self, session: Session, name: str, case: Case, key: str, reason: str = "", content: Any = None) -> None:
        """Take one step as this person, now."""
        given = Given(reason=reason, content=content or {})
        cases.act_as(session, self.viewer(session, name), case, key, given, self.world.clock.now())

    def checked(self, session: Session, case: Case, clerk: str = "carla") -> None:
        """Take, tick and pass the check of a case."""
        viewer = self.viewer(session, clerk)
        cases.take(session, viewer, case, self.world.clock.now())
        for check in ("legible", "amount", "date", "for_work"):
            cases.tick(case, viewer, "a", check, True, self.world.clock.now())
        self.settled(session, case, clerk)
        self.act(session, clerk, case, "check", content=case.content)

    def settled(self, session: Session, case: Case, clerk: str = "carla") -> None:
        """Settle whatever asks: all claims here have the same line, and none is a duplicate of another."""
        for place, flag in enumerate(case.flags):
            if flag["asks"] and not flag["settled_as"]:
                viewer, now = self.viewer(session, clerk), self.world.clock.now()
                flags.settle(session, viewer, case, place, NOT_DOUBLE, "Twee keer geparkeerd", now)

    def payable(self, session: Session, name: str = "anna", *, cents: int = 1250, key: str = "k1") -> Case:
        """A claim that has come as far as the next payment run."""
        case = self.submitted(session, name, cents=cents, key=key)
        self.act(session, "bram", case, "approve")
        self.checked(session, case)
        return case

    def asks_account(self, session: Session, name: str = "anna", iban: str = NEW_IBAN, by: str = "") -> Case:
        """A change of account number of this person's, submitted; `by` somebody else when they only called."""
        employment, preparer = employments_of(session, self.people[name])[0], self.people.get(by)
        key = f"account {iban}"
        case = cases.start(session, "account_change", employment, key, self.world.clock.now(), preparer)
        session.flush()
        case = session.get_one(Case, case.id, options=WHOLE, populate_existing=True)
        self.act(session, by or name, case, "submit", content={"iban": iban, "holder": name, "instead_of": ""})
        return case

    def changes_account(self, session: Session, name: str = "anna", clerk: str = "els", iban: str = NEW_IBAN) -> Case:
        """A change of account number that this clerk has checked: the account is in use, and held at first."""
        case = self.asks_account(session, name, iban)
        viewer = self.viewer(session, clerk)
        cases.take(session, viewer, case, self.world.clock.now())
        for check in ("name", "called", "confirmed"):
            cases.tick(case, viewer, "account", check, True, self.world.clock.now())
        self.act(session, clerk, case, "check")
        session.flush()
        return case


ROLES = {
    "carla": Role.CLERK,
    "els": Role.CLERK,
    "dirk": Role.TREASURER,
    "farid": Role.CONTRACT_MANAGER,
    "greet": Role.TRAINER,
    "hanna": Role.FUNCTIONAL_MANAGER,
}


def _municipality(session: Session, cast: Cast, code: str, iban: str) -> tuple[Unit, Unit]:
    """A municipality with a directorate and a team in it."""
    name = code.capitalize()
    municipality = Municipality(
        code=code, name=name, account_name=f"Gemeente {name}", iban=iban, bic="MOCKNL2A", closing_days={}
    )
    session.add(municipality)
    session.flush()
    cast.municipalities[code] = municipality.id
    top = Unit(municipality_id=municipality.id, name=f"Directie {name}", cost_centre="1000")
    session.add(top)
    session.flush()
    team = Unit(municipality_id=municipality.id, parent_id=top.id, name="Team Vergunningen", cost_centre="1100")
    session.add(team)
    session.flush()
    return top, team


def _person(session: Session, cast: Cast, name: str, unit: Unit, *, family: str = "de Wit") -> Person:
    person = Person(
        given_name=name.capitalize(), family_name=family, email=f"{name}@example.org", language="nl", phone=""
    )
    session.add(person)
    session.flush()
    number = f"{1000 + person.id}"
    session.add_all(
        (
            Employment(person_id=person.id, unit_id=unit.id, personnel_number=number, job_title="", valid_from=SINCE),
            Account(person_id=person.id, username=name, password_hash=_hash()),
            PersonAccount(
                person_id=person.id,
                iban="NL30MOCK0000000005",
                changed_at=cast.world.clock.now() - timedelta(days=900),
            ),
        )
    )
    cast.people[name] = person.id
    return person


def _leads(session: Session, person: Person, unit: Unit, cents: int) -> None:
    session.add(ManagerRelation(unit_id=unit.id, manager_id=person.id, valid_from=SINCE))
    session.add(
        Mandate(
            person_id=person.id, municipality_id=unit.municipality_id, kind="expense_claim", maximum_cents=cents,
            valid_from=SINCE,
        )
    )  # fmt: skip


def build(world: World) -> Cast:
    """Put the people in the database of this world."""
    cast = Cast(world)
    with world.db.transaction() as session:
        top, team = _municipality(session, cast, "waterveen", OUR_IBAN)
        other_top, other_team = _municipality(session, cast, "duinrade", OTHER_IBAN)
        for name in ("anna", "aart", *ROLES):
            person = _person(session, cast, name, team if name.startswith("a") else top)
            if name in ROLES:
                session.add(RoleGrant(person_id=person.id, role=ROLES[name].value, valid_from=SINCE))
        _leads(session, _person(session, cast, "bram", team), team, 100_000)
        _leads(session, _person(session, cast, "diane", top), top, 1_000_000)
        _person(session, cast, "olga", other_team)
        _leads(session, _person(session, cast, "otto", other_top), other_top, 1_000_000)
        director = _person(session, cast, "ilse", top)
        session.add(RoleGrant(person_id=director.id, role=Role.DIRECTOR.value, valid_from=SINCE))
        _policies(session, cast)
    return cast


def _policies(session: Session, cast: Cast) -> None:
    for key, value, first, last in (
        ("rate_km_cents", "21", date(2023, 1, 1), date(2023, 12, 31)),
        ("rate_km_cents", "23", date(2024, 1, 1), None),
        ("rate_home_cents", "240", date(2025, 1, 1), None),
        ("account_hold_days", "5", SINCE, None),
        ("link_limit_cents", "0", SINCE, None),
        ("advance_limit_cents", "250000", SINCE, None),
        ("advance_term_days", "90", SINCE, None),
    ):
        session.add(Policy(key=key, value=value, valid_from=first, valid_to=last, source="test"))
    waterveen = cast.municipalities["waterveen"]
    session.add(
        Policy(key="link_limit_cents", value="50000", municipality_id=waterveen, valid_from=SINCE, source="test")
    )
