"""The people of a bulk-loaded world: eight municipalities, 240 employees with their managers, and the SSC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from portal.access import Role
from portal.commands.sign_in import hash_password
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

PASSWORD = "snel-maar-eerlijk"
MUNICIPALITIES, TEAMS, IN_TEAM = 8, 3, 10
CLERKS, TREASURERS = 20, MUNICIPALITIES
SINCE = date(2020, 1, 1)
OUR_IBAN, THEIR_IBAN = "NL41MOCK0000000001", "NL30MOCK0000000005"
POLICIES = (
    ("rate_km_cents", "21", date(2023, 1, 1), date(2023, 12, 31)),
    ("rate_km_cents", "23", date(2024, 1, 1), None),
    ("rate_home_cents", "240", date(2025, 1, 1), None),
    ("account_hold_days", "5", SINCE, None),
    ("link_limit_cents", "50000", SINCE, None),
)


@dataclass(frozen=True)
class Employee:
    """What a case needs of its claimant."""

    person_id: int
    employment_id: int
    municipality_id: int
    manager_id: int
    name: str
    email: str
    cost_centre: str


@dataclass
class People:
    """Who is in the world. User names are `e0`…, `clerk0`… and `treasurer0`…, all with the same password."""

    employees: list[Employee] = field(default_factory=list)
    clerks: list[tuple[int, str]] = field(default_factory=list)
    treasurers: list[int] = field(default_factory=list)
    emails: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Name and address by person."""


class _Filler:
    def __init__(self, session: Session, at: datetime) -> None:
        self.session, self.at, self.hash = session, at, hash_password(PASSWORD)
        self.people = People()

    def unit(self, municipality: Municipality, name: str, parent: Unit | None = None) -> Unit:
        made = Unit(
            municipality_id=municipality.id, parent_id=parent.id if parent else None, name=name, cost_centre="1100"
        )
        self.session.add(made)
        self.session.flush()
        return made

    def person(self, given: str, family: str, unit: Unit, username: str) -> tuple[Person, Employment]:
        person = Person(
            given_name=given, family_name=family, email=f"{username}@example.org", language="nl", phone=""
        )  # fmt: skip
        self.session.add(person)
        self.session.flush()
        job = Employment(
            person_id=person.id, unit_id=unit.id, personnel_number=f"{1000 + person.id}", job_title="Medewerker",
            valid_from=SINCE,
        )  # fmt: skip
        self.session.add_all(
            (
                job,
                Account(person_id=person.id, username=username, password_hash=self.hash),
                PersonAccount(person_id=person.id, iban=THEIR_IBAN, changed_at=self.at - timedelta(days=900)),
            )
        )
        self.session.flush()
        self.people.emails[person.id] = (person.name, person.email)
        return person, job

    def leads(self, person: Person, unit: Unit, cents: int) -> None:
        self.session.add(ManagerRelation(unit_id=unit.id, manager_id=person.id, valid_from=SINCE))
        self.session.add(
            Mandate(
                person_id=person.id, municipality_id=unit.municipality_id, kind="expense_claim", maximum_cents=cents,
                valid_from=SINCE,
            )
        )  # fmt: skip

    def municipality(self, number: int) -> Unit:
        """A directorate with teams of a manager and their people. Returns the directorate."""
        made = Municipality(
            code=f"gemeente{number}", name=f"Gemeente {number}", account_name=f"Gemeente {number}", iban=OUR_IBAN,
            bic="MOCKNL2A", closing_days={},
        )  # fmt: skip
        self.session.add(made)
        self.session.flush()
        top = self.unit(made, "Directie")
        director, _ = self.person("Dirk", f"Directeur {number}", top, f"director{number}")
        self.leads(director, top, 1_000_000)
        for team in range(TEAMS):
            unit = self.unit(made, f"Team {team}", top)
            manager, _ = self.person("Marja", f"Manager {number}{team}", unit, f"manager{number}-{team}")
            self.leads(manager, unit, 100_000)
            for _ in range(IN_TEAM):
                self.employee(unit, manager)
        return top

    def employee(self, unit: Unit, manager: Person) -> None:
        number = len(self.people.employees)
        person, job = self.person("Eva", f"van der Berg {number}", unit, f"e{number}")
        self.people.employees.append(
            Employee(
                person.id, job.id, unit.municipality_id, manager.id, person.name, person.email, unit.cost_centre
            )
        )  # fmt: skip

    def office(self, unit: Unit) -> None:
        """The people of the SSC, with their roles for all municipalities."""
        for number in range(CLERKS):
            clerk, _ = self.person("Carla", f"de Wit {number}", unit, f"clerk{number}")
            self.session.add(RoleGrant(person_id=clerk.id, role=Role.CLERK.value, valid_from=SINCE))
            self.people.clerks.append((clerk.id, clerk.name))
        for number in range(TREASURERS):
            treasurer, _ = self.person("Tom", f"Jansen {number}", unit, f"treasurer{number}")
            self.session.add(RoleGrant(person_id=treasurer.id, role=Role.TREASURER.value, valid_from=SINCE))
            self.people.treasurers.append(treasurer.id)


def fill(session: Session, at: datetime) -> People:
    """Put the people in an empty database. Employee `e<n>` works for municipality n // 30 + 1."""
    filler = _Filler(session, at)
    tops = [filler.municipality(number) for number in range(MUNICIPALITIES)]
    filler.office(tops[0])
    for key, value, first, last in POLICIES:
        session.add(Policy(key=key, value=value, valid_from=first, valid_to=last, source="bench"))
    session.flush()
    return filler.people
