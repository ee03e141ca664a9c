"""The partnership as it is set up: municipalities with their accounts, closing days and policies, and their units."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from portal.calendar import dutch_public_holidays
from portal.models.people import Municipality, Policy, Unit
from seed.sources import source

BIC = "MOCKNL2A"
TOP_TEAM = "Directieteam"


def invented_iban(number: int) -> str:
    """A valid account number at a bank that does not exist (ISO 13616 check digits)."""
    account = f"MOCK{number:010d}"
    digits = "".join(str(int(sign, 36)) for sign in f"{account}NL00")
    return f"NL{98 - int(digits) % 97:02d}{account}"


@dataclass
class Branch:
    """One municipality with its units: the council's top, the secretary's unit, directorates and teams.

    `teams` are (directorate, team) pairs; a directorate stands in `directorates` once.
    """

    municipality: Municipality
    top: Unit
    staff: Unit
    directorates: list[Unit] = field(default_factory=list)
    teams: list[tuple[Unit, Unit]] = field(default_factory=list)
    ssc: Unit | None = None


def build(session: Session, sizes: Sequence[int], years: range, codes: Sequence[str] = ()) -> list[Branch]:
    """Put the municipalities in the database, with as many teams as their number of people needs.

    Of `codes` the first hosts the SSC; without them all municipalities are there.
    """
    known: dict[str, Municipality] = {}
    branches = []
    plans = {plan["code"]: plan for plan in source("organisation")["municipality"]}
    for place, (code, size) in enumerate(zip(codes or plans, sizes, strict=True), start=1):
        plan = plans[code]
        municipality = _municipality(session, plan, years)
        known[municipality.code] = municipality
        branches.append(_branch(session, municipality, plan, place * 1000, size))
    _ssc(session, branches[0])
    _policies(session, known)
    return branches


def named(code: str) -> dict[str, Any]:
    """What is said of the municipality with this code."""
    return next(plan for plan in source("organisation")["municipality"] if plan["code"] == code)


def units_of(code: str, size: int, *, host: bool) -> list[str]:
    """The names of the units that a municipality of so many people has."""
    plan = named(code)
    teams = _chosen(plan["directorates"], size)
    ssc = [source("organisation")["ssc"]["unit"]] if host else []
    above = dict.fromkeys(directorate for directorate, _ in teams)
    return [f"Bestuur {plan['name']}", TOP_TEAM, *above, *(team for _, team in teams), *ssc]


def shares() -> list[int]:
    """How the employees are spread over the municipalities."""
    return [plan["share"] for plan in source("organisation")["municipality"]]


def _municipality(session: Session, plan: dict[str, Any], years: range) -> Municipality:
    municipality = Municipality(
        code=plan["code"],
        name=plan["name"],
        account_name=f"Gemeente {plan['name']}",
        iban=invented_iban(plan["account"]),
        bic=BIC,
        closing_days=dict(_closing_days(plan, years)),
    )
    session.add(municipality)
    session.flush()
    return municipality


def _closing_days(plan: dict[str, Any], years: range) -> Iterator[tuple[str, str]]:
    for year in years:
        for month_day, name in plan["closing_days"]:
            yield f"{year}-{month_day}", name
        if plan["bridge"]:
            ascension = next(day for day, name in dutch_public_holidays(year).items() if name == "Ascension Day")
            yield (ascension + timedelta(days=1)).isoformat(), "Vrijdag na Hemelvaart"


def _unit(session: Session, municipality: Municipality, parent: Unit | None, name: str, cost_centre: int) -> Unit:
    unit = Unit(
        municipality_id=municipality.id,
        parent_id=parent.id if parent else None,
        name=name,
        cost_centre=str(cost_centre),
    )
    session.add(unit)
    session.flush()
    return unit


def _branch(session: Session, municipality: Municipality, plan: dict[str, Any], base: int, size: int) -> Branch:
    top = _unit(session, municipality, None, f"Bestuur {municipality.name}", base)
    staff = _unit(session, municipality, top, TOP_TEAM, base + 10)
    branch = Branch(municipality, top, staff)
    directorates: dict[str, Unit] = {}
    for directorate, name in _chosen(plan["directorates"], size):
        if directorate not in directorates:
            cost_centre = base + 100 * (len(directorates) + 1)
            directorates[directorate] = _unit(session, municipality, staff, directorate, cost_centre)
        parent = directorates[directorate]
        place = 1 + sum(above is parent for above, _ in branch.teams)
        team = _unit(session, municipality, parent, name, int(parent.cost_centre) + 10 * place)
        branch.teams.append((parent, team))
    branch.directorates = list(directorates.values())
    return branch


def _chosen(directorates: Sequence[Sequence[Any]], size: int) -> list[tuple[str, str]]:
    """As many teams as there are eights of people, the first of every directorate first."""
    deepest = max(len(teams) for _, teams in directorates)
    in_turn = [(name, teams[row]) for row in range(deepest) for name, teams in directorates if row < len(teams)]
    return in_turn[: max(1, round(size / 8))]


def _ssc(session: Session, host: Branch) -> None:
    plan = source("organisation")["ssc"]
    host.ssc = _unit(session, host.municipality, host.staff, plan["unit"], int(plan["cost_centre"]))


def _policies(session: Session, municipalities: dict[str, Municipality]) -> None:
    for row in source("policies")["policy"]:
        if row.get("municipality", next(iter(municipalities))) not in municipalities:
            continue
        holder = municipalities[row["municipality"]].id if "municipality" in row else None
        session.add(
            Policy(municipality_id=holder, **{key: value for key, value in row.items() if key != "municipality"})
        )


def history_years(first: date, last: date) -> range:
    """For which years closing days are filled in: those of the history, one before and two after."""
    return range(first.year - 1, last.year + 3)
