"""The people: the named ones, who are the same in every seeded world, and all others, who are drawn by lot."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from portal.models.people import Employment, ManagerRelation, Mandate, Person, PersonAccount, RoleGrant, Unit
from seed.organisation import Branch, invented_iban
from seed.sources import source

TEAM_LEAD, DIRECTOR, SECRETARY = 100_000, 1_000_000, 10_000_000
"""Up to which amount in cents a manager may decide, by rank."""
PROJECT = "1980"
"""The cost centre of a project that spans the directorates of the first municipality."""
ENGLISH = 0.05
"""The part of people who read English."""
FEWEST = 5
"""The fewest people that a municipality can do with, apart from the SSC."""


@dataclass
class Post:
    """One employment: where, and from when to when (last day included)."""

    employment_id: int
    municipality_id: int
    unit_id: int
    first: date
    last: date | None

    def holds(self, day: date) -> bool:
        """Whether somebody was employed here on this day."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass
class Member:
    """Somebody who works here. `claims` says whether they ever claim, `keen` how often compared with others."""

    person: Person
    posts: list[Post]
    rank: str = "employee"
    claims: bool = True
    keen: float = 1.0

    @property
    def id(self) -> int:
        return self.person.id

    def post(self, day: date) -> Post | None:
        """The employment on this day; the last one begun when there are two."""
        held = [post for post in self.posts if post.holds(day)]
        return held[-1] if held else None


@dataclass
class Staff:
    """Everybody, and who does what."""

    members: dict[int, Member] = field(default_factory=dict)
    named: dict[str, int] = field(default_factory=dict)
    clerks: list[int] = field(default_factory=list)
    treasurers: list[int] = field(default_factory=list)
    leaders: dict[int, int] = field(default_factory=dict)
    """Who leads a unit, by its id."""

    def of_team(self, leader: int) -> list[Member]:
        """Who works in the unit that this person leads, without the leader."""
        units = {unit for unit, person in self.leaders.items() if person == leader}
        return [m for m in self.members.values() if m.id != leader and m.posts[-1].unit_id in units]


class Settling:
    """Puts people in the database, one after the other."""

    def __init__(self, session: Session, rng: Random, since: date) -> None:
        self._session, self._rng, self._since = session, rng, since
        self.staff = Staff()
        self._names = _names(rng)
        self._addresses: set[str] = set()

    def person(self, branch: Branch, unit: Unit, title: str, name: tuple[str, str] | None = None) -> Member:
        """Employ somebody in a unit, under this name or one drawn by lot."""
        given, family = name or next(self._names)
        person = Person(
            given_name=given,
            family_name=family,
            email=self._address(given, family, branch.municipality.code),
            language="en" if name is None and self._rng.random() < ENGLISH else "nl",
            phone=f"toestel {self._rng.randrange(2000, 9000)}",
        )
        self._session.add(person)
        self._session.flush()
        first = self._since - timedelta(days=self._rng.randrange(60, 9000))
        post = self.employ(person, branch, unit, title, first)
        self._pay_to(person, first)
        keen = self._rng.lognormvariate(0, 0.7)
        member = self.staff.members[person.id] = Member(person, [post], keen=keen)
        return member

    def employ(
        self, person: Person, branch: Branch, unit: Unit, title: str, first: date, last: date | None = None
    ) -> Post:
        """Give somebody an employment."""
        number = f"{branch.municipality.id}{person.id:05d}"
        employment = Employment(
            person_id=person.id,
            unit_id=unit.id,
            personnel_number=number,
            job_title=title,
            valid_from=first,
            valid_to=last,
        )
        self._session.add(employment)
        self._session.flush()
        return Post(employment.id, branch.municipality.id, unit.id, first, last)

    def end(self, post: Post, last: date) -> None:
        """Let an employment end."""
        post.last = self._session.get_one(Employment, post.employment_id).valid_to = last

    def begin(self, post: Post, first: date) -> None:
        """Let an employment begin on another day."""
        post.first = self._session.get_one(Employment, post.employment_id).valid_from = first

    def leads(self, member: Member, branch: Branch, unit: Unit, cents: int, rank: str) -> None:
        """Make somebody the leader of a unit, with a mandate."""
        member.rank = rank
        self.staff.leaders[unit.id] = member.id
        self._session.add(ManagerRelation(unit_id=unit.id, manager_id=member.id, valid_from=self._since))
        self.mandate(member.id, branch, cents)

    def mandate(
        self, person_id: int, branch: Branch, cents: int, *, cost_centres: str = "", designated: bool = False
    ) -> None:
        """Let somebody decide up to an amount."""
        self._session.add_all(
            Mandate(
                person_id=person_id, municipality_id=branch.municipality.id, kind=kind, maximum_cents=cents,
                cost_centres=cost_centres, designated=designated, valid_from=self._since,
            )
            for kind in ("expense_claim", "advance", "leave", "purchase_invoice")
        )  # fmt: skip

    def grant(self, member: Member, role: str, municipality_id: int | None = None) -> None:
        """Give somebody a role, for one municipality or for all."""
        row = RoleGrant(person_id=member.id, role=role, municipality_id=municipality_id, valid_from=self._since)
        self._session.add(row)
        if role == "clerk":
            self.staff.clerks.append(member.id)
        elif role == "treasurer":
            self.staff.treasurers.append(member.id)

    def _pay_to(self, person: Person, first: date) -> None:
        iban = invented_iban(10**9 + person.id * 7_919 + self._rng.randrange(7_919))
        since = datetime.combine(first, time(9), UTC)
        self._session.add(PersonAccount(person_id=person.id, iban=iban, changed_at=since))

    def _address(self, given: str, family: str, code: str) -> str:
        name = plain(f"{given}.{family}")
        free = next(n for n in (name, *(f"{name}{i}" for i in range(2, 99))) if f"{n}@{code}" not in self._addresses)
        self._addresses.add(f"{free}@{code}")
        return f"{free}@{code}.example"


def plain(name: str) -> str:
    """A name as it stands in an address: small letters, no accents, full stops between words."""
    letters = unicodedata.normalize("NFKD", name.replace("ø", "o")).encode("ascii", "ignore").decode().lower()
    return ".".join("".join(c for c in word if c.isalnum() or c in ".-") for word in letters.split())


def _names(rng: Random) -> Iterator[tuple[str, str]]:
    """Every first name with every last name, in an order drawn by lot."""
    names = source("people")["names"]
    pairs = [(given, family) for given in names["given"] for family in names["family"]]
    rng.shuffle(pairs)
    yield from pairs


def named(settling: Settling, host: Branch) -> None:
    """The named people, first of all: whoever looks for somebody to be finds them on top."""
    team = host.teams[0][1]
    units = {"team": team, "ssc": host.ssc or host.staff, "secretary": host.staff}
    for row in source("people")["named"]:
        member = settling.person(host, units[row["unit"]], row["title"], (row["given"], row["family"]))
        settling.staff.named[row["given"].lower()] = member.id
        _as_described(settling, member, host, row, team)


def ssc(settling: Settling, host: Branch) -> None:
    """The rest of the SSC."""
    if host.ssc is not None:
        for row in source("people")["ssc"]:
            member = settling.person(host, host.ssc, row["title"])
            _as_described(settling, member, host, row, host.ssc)


def _as_described(settling: Settling, member: Member, host: Branch, row: dict[str, Any], unit: Unit) -> None:
    if row.get("leads"):
        settling.leads(member, host, unit, TEAM_LEAD, "lead")
    if "role" in row:
        settling.grant(member, row["role"], host.municipality.id if row.get("own_municipality") else None)


def municipality(settling: Settling, branch: Branch, size: int, rng: Random) -> None:
    """Everybody of a municipality who is not there yet: `size` people, managers included."""
    titles = source("organisation")["titles"]
    there = len(settling.staff.leaders)
    mayor = settling.person(branch, branch.top, titles["top"])
    mayor.claims = False  # nobody stands above; who decides for them is designated when all are there
    settling.leads(mayor, branch, branch.top, SECRETARY, "mayor")
    secretary = settling.person(branch, branch.staff, titles["secretary"])
    settling.leads(secretary, branch, branch.staff, SECRETARY, "secretary")
    for unit in (one for one in branch.directorates if one.id not in settling.staff.leaders):
        settling.leads(settling.person(branch, unit, titles["director"]), branch, unit, DIRECTOR, "director")
    for _, unit in branch.teams:
        if unit.id not in settling.staff.leaders:
            settling.leads(settling.person(branch, unit, titles["lead"]), branch, unit, TEAM_LEAD, "lead")
    left = size - (len(settling.staff.leaders) - there)
    for count in range(left):
        unit = branch.teams[count % len(branch.teams)][1]
        settling.person(branch, unit, rng.choice(titles["employee"]))


def for_the_top(settling: Settling, branches: Sequence[Branch]) -> None:
    """Mayors decide for each other: for those above whom nobody stands, the next municipality's is designated. One
    colleague may decide for a project that has a cost centre of its own, whatever directorate it is charged to."""
    leaders = settling.staff.leaders
    for place, branch in enumerate(branches):
        colleague = branches[(place + 1) % len(branches)]
        settling.mandate(leaders[colleague.top.id], branch, SECRETARY, designated=True)
    host = branches[0]
    settling.mandate(leaders[host.directorates[-1].id], host, DIRECTOR, cost_centres=PROJECT)


def contract_manager(settling: Settling, branch: Branch) -> None:
    """Somebody on the municipality's side who watches over what was agreed with the SSC."""
    member = settling.person(branch, branch.staff, "Contractmanager")
    settling.grant(member, "contract_manager", branch.municipality.id)


def sizes(employees: int, shares: Sequence[int], apart: int) -> list[int]:
    """How many people each municipality has, when `apart` of the first one's work at the SSC."""
    total = max(employees - apart, FEWEST * len(shares))
    parts = [max(FEWEST, total * share // sum(shares)) for share in shares]
    parts[0] += max(0, total - sum(parts))
    return parts
