"""Changing the organisation: municipalities, and the units in them. What was so before stays in the log.

A unit is never removed, since old cases are of it: it closes, and nobody can work there afterwards.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portal.commands.changes import Author, because, write_down
from portal.models.people import Employment, Municipality, Unit
from workflows.iban import IBAN_SENTENCES, InvalidIban, clean_iban
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

NAME_MISSING = Refusal("name_missing", N_("Fill in the name."))
NAME_TOO_LONG = Refusal("name_too_long", N_("Use 100 characters at most."))
CODE_WRONG = Refusal("code_wrong", N_("Use small letters, digits and hyphens only, such as waterveen."))
CODE_TAKEN = Refusal("code_taken", N_("There is a municipality with this short name already."))
BIC_WRONG = Refusal("bic_wrong", N_("This is no BIC. It has 8 or 11 letters and digits, such as BNGHNL2G."))
ACCOUNT_NAME = Refusal("account_name_missing", N_("Fill in in whose name the account is."))

UNIT_NAME_TAKEN = Refusal("unit_name_taken", N_("This municipality has a unit with this name already."))
COST_CENTRE = Refusal("cost_centre_wrong", N_("Fill in a cost centre of 20 characters at most."))
PARENT_UNKNOWN = Refusal("parent_unknown", N_("Choose a unit of the same municipality."))
PARENT_CIRCLE = Refusal("parent_circle", N_("A unit cannot fall under itself or under a unit below it."))
PARENT_CLOSED = Refusal("parent_closed", N_("This unit is closed, so nothing can fall under it."))
HAS_PEOPLE = Refusal(
    "unit_has_people",
    N_("After this day %(count)s employments are still with this unit. Move or end them first."),
)
HAS_UNITS = Refusal("unit_has_units", N_("Units that are still open fall under this unit. Close or move them first."))

MOST = 100


def named(text: str) -> str:
    """A name as it is kept. Raises Refused."""
    name = " ".join(text.split())
    if not name:
        raise Refused(NAME_MISSING)
    if len(name) > MOST:
        raise Refused(NAME_TOO_LONG)
    return name


@dataclass(frozen=True)
class PaysFrom:
    """What a municipality is called and from which account the SSC pays in its name."""

    name: str
    account_name: str
    iban: str
    bic: str


def _judged(typed: PaysFrom) -> PaysFrom:
    bic = "".join(typed.bic.split()).upper()
    try:
        iban = clean_iban(typed.iban)
    except InvalidIban as error:
        raise Refused(Refusal(error.code, IBAN_SENTENCES[error.code])) from error
    if not re.fullmatch("[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?", bic):
        raise Refused(BIC_WRONG)
    account_name = " ".join(typed.account_name.split())
    if not account_name or len(account_name) > 70:
        raise Refused(ACCOUNT_NAME)
    return PaysFrom(named(typed.name), account_name, iban, bic)


def add_municipality(session: Session, author: Author, code: str, typed: PaysFrom, at: datetime) -> Municipality:
    """Let a municipality join. `code` is its short name in addresses, and never changes."""
    author.reaches(None)
    code = code.strip()
    if not re.fullmatch("[a-z][a-z0-9-]{1,39}", code):
        raise Refused(CODE_WRONG)
    if session.scalars(select(Municipality.id).where(Municipality.code == code)).first() is not None:
        raise Refused(CODE_TAKEN)
    new = Municipality(code=code, closing_days={}, **asdict(_judged(typed)))
    session.add(new)
    session.flush()
    about = {"code": code, **asdict(_judged(typed))}
    write_down(session, author, at, "municipality.added", new.name, municipality_id=new.id, new=about)
    return new


def change_municipality(session: Session, author: Author, municipality: Municipality, typed: PaysFrom, reason: str,
                        at: datetime) -> None:  # fmt: skip
    """Change a name or the account that is paid from; batches that were released keep the account they had."""
    author.reaches(municipality.id)
    new, why = _judged(typed), because(reason)
    old = PaysFrom(municipality.name, municipality.account_name, municipality.iban, municipality.bic)
    municipality.name, municipality.account_name = new.name, new.account_name
    municipality.iban, municipality.bic = new.iban, new.bic
    write_down(
        session, author, at, "municipality.changed", new.name, municipality_id=municipality.id, old=asdict(old),
        new=asdict(new), reason=why,
    )  # fmt: skip


def add_unit(session: Session, author: Author, municipality_id: int, name: str, parent_id: int | None,
             cost_centre: str, at: datetime) -> Unit:  # fmt: skip
    """Add a unit to the tree of a municipality."""
    author.reaches(municipality_id)
    unit = Unit(municipality_id=municipality_id, name=named(name), cost_centre=_cost_centre(cost_centre))
    _free_name(session, municipality_id, unit.name, None)
    parent = _parent(session, unit, parent_id)
    unit.parent_id = parent.id if parent else None
    session.add(unit)
    session.flush()
    write_down(
        session, author, at, "unit.added", unit.name, municipality_id=municipality_id,
        new={"cost_centre": unit.cost_centre, "parent": parent.name if parent else ""},
    )  # fmt: skip
    return unit


def change_unit(session: Session, author: Author, unit: Unit, name: str, parent_id: int | None, cost_centre: str,
                reason: str, at: datetime) -> None:  # fmt: skip
    """Rename a unit, move it under another, or give it another cost centre, from now on.

    Cases that were begun keep their cost centre.
    """
    author.reaches(unit.municipality_id)
    new_name, centre = named(name), _cost_centre(cost_centre)
    _free_name(session, unit.municipality_id, new_name, unit.id)
    parent, why = _parent(session, unit, parent_id), because(reason)
    was = session.get(Unit, unit.parent_id) if unit.parent_id else None
    old = {"name": unit.name, "cost_centre": unit.cost_centre, "parent": was.name if was else ""}
    unit.name, unit.cost_centre, unit.parent_id = new_name, centre, parent.id if parent else None
    write_down(
        session, author, at, "unit.changed", new_name, municipality_id=unit.municipality_id, old=old,
        new={"name": new_name, "cost_centre": centre, "parent": parent.name if parent else ""}, reason=why,
    )  # fmt: skip


def close_unit(session: Session, author: Author, unit: Unit, last: date | None, reason: str, at: datetime) -> None:
    """Close a unit after this last day; None opens it again. Refused while people work there or units fall under it."""
    author.reaches(unit.municipality_id)
    why = because(reason)
    if last is not None:
        later = or_(Employment.valid_to.is_(None), Employment.valid_to > last)
        people = session.scalar(
            select(func.count()).select_from(Employment).where(Employment.unit_id == unit.id, later)
        )  # fmt: skip
        if people:
            raise Refused(Refusal(HAS_PEOPLE.code, HAS_PEOPLE.sentence, {"count": people}))
        below = select(Unit.id).where(Unit.parent_id == unit.id, or_(Unit.valid_to.is_(None), Unit.valid_to > last))
        if session.scalars(below).first() is not None:
            raise Refused(HAS_UNITS)
    old, unit.valid_to = unit.valid_to, last
    write_down(
        session, author, at, "unit.closed" if last else "unit.changed", unit.name,
        municipality_id=unit.municipality_id, old={"valid_to": old}, new={"valid_to": last}, reason=why,
    )  # fmt: skip


def _cost_centre(text: str) -> str:
    found = text.strip()
    if not found or len(found) > 20 or not found.isprintable():
        raise Refused(COST_CENTRE)
    return found


def _free_name(session: Session, municipality_id: int, name: str, but: int | None) -> None:
    same = select(Unit.id).where(Unit.municipality_id == municipality_id, func.lower(Unit.name) == name.lower())
    if any(found != but for found in session.scalars(same)):
        raise Refused(UNIT_NAME_TAKEN)


def _parent(session: Session, unit: Unit, parent_id: int | None) -> Unit | None:
    if parent_id is None:
        return None
    rows = session.scalars(select(Unit).where(Unit.municipality_id == unit.municipality_id))
    units = {row.id: row for row in rows}
    parent = units.get(parent_id)
    if parent is None:
        raise Refused(PARENT_UNKNOWN)
    if parent.valid_to is not None and parent_id != unit.parent_id:
        raise Refused(PARENT_CLOSED)
    above: int | None = parent_id
    while above is not None:
        if above == unit.id:
            raise Refused(PARENT_CIRCLE)
        above = units[above].parent_id
    return parent
