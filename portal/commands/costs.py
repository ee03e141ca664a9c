"""The cost administration: entering costs, keys, weights, compensations and advances, and taking away what was wrong.

Only who works for all municipalities together enters what is shared by them. What is entered is not rewritten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Role, Viewer
from portal.commands.changes import OUTSIDE, Author, write_down
from portal.models.agreements import Agreement
from portal.models.costs import CompensationPost, CostItem, KeyAmount, KeyWeight, QuarterAdvance
from portal.models.people import Municipality
from portal.queries.agreements import all_in_force
from portal.queries.costs import advances_of
from workflows.agreements import DFA
from workflows.fields import MONEY_SENTENCES
from workflows.kernel import Refusal, Refused
from workflows.money import MoneyError, parse_euro
from workflows.parties import N_
from workflows.quarters import first_day, is_quarter
from workflows.settlement import BASIC_KEYS, COST_KINDS, DIRECT, DRIVERS

QUARTER_WRONG = Refusal("quarter_wrong", N_("Write a quarter as 2026Q3."))
LABEL = Refusal("cost_label_missing", N_("Say in a few words what it is for."))
KIND = Refusal("cost_kind_unknown", N_("Choose whether this is a direct or an indirect cost."))
DRIVER = Refusal("cost_driver_missing", N_("A direct cost goes by a driver: choose by what."))
NO_DRIVER = Refusal("cost_driver_needless", N_("An indirect cost has no driver: it goes by share."))
SOURCE = Refusal("cost_source_missing", N_("Write down where this comes from: the invoice, ledger or decision."))
PLACE = Refusal("cost_place_unknown", N_("Choose a municipality from the list."))
SAME_PLACE = Refusal("compensation_same_place", N_("Choose two different municipalities."))
KEY_UNKNOWN = Refusal("key_unknown", N_("Choose a distribution key from the list."))
AMOUNT = Refusal("key_amount_wrong", N_("Fill in a whole number, such as 24500."))
FROM = Refusal("key_from_missing", N_("Fill in from which day this holds."))
TWICE = Refusal("key_twice", N_("A value from this day on was entered already. Give another first day."))
WEIGHTS = Refusal("weights_wrong", N_("Fill in three whole percentages that make 100 together."))
GONE = Refusal("cost_gone", N_("Somebody took this away already."))

NOTHING_AGREED = Refusal("advance_nothing_agreed", N_("No agreement has an advance that was not entered yet."))

LONGEST = 200
MOST = 100_000_000
WORKERS = (Role.TREASURER, Role.DIRECTOR)
Added = TypeVar("Added", CostItem, CompensationPost, QuarterAdvance, KeyAmount, KeyWeight)
Entry = CostItem | CompensationPost | QuarterAdvance


@dataclass(frozen=True)
class NewCost:
    """A cost as it was typed."""

    quarter: str
    label: str
    kind: str
    driver: str
    amount: str
    source: str


def author(viewer: Viewer) -> Author:
    """Who works on the costs of all municipalities together. Raises Refused for who works for some of them."""
    if not any(viewer.has(role) for role in WORKERS) or viewer.reach(*WORKERS) is not None:
        raise Refused(OUTSIDE)
    return Author(viewer.person_id, None)


def line(text: str) -> str:
    """One line of text, cut to what is kept."""
    return " ".join(text.split())[:LONGEST]


def _cents(typed: str, wrong: list[Refusal], decimal_comma: bool) -> int:
    try:
        cents = parse_euro(typed, decimal_comma=decimal_comma)
    except MoneyError as error:
        wrong.append(Refusal(error.code, MONEY_SENTENCES[error.code]))
        return 0
    if not cents:
        wrong.append(Refusal("money_zero", MONEY_SENTENCES["money_zero"]))
    return cents


def _asked(*pairs: tuple[bool, Refusal]) -> list[Refusal]:
    return [refusal for bad, refusal in pairs if bad]


def enter_cost(
    session: Session, viewer: Viewer, typed: NewCost, at: datetime, *, decimal_comma: bool = True
) -> CostItem:
    """Enter a cost of a quarter. Raises Refused with all that is wrong."""
    by, label, source = author(viewer), line(typed.label), line(typed.source)
    driver = typed.driver if typed.kind == DIRECT else ""
    wrong = _asked(
        (not is_quarter(typed.quarter), QUARTER_WRONG), (not label, LABEL), (typed.kind not in COST_KINDS, KIND),
        (typed.kind == DIRECT and typed.driver not in DRIVERS, DRIVER),
        (typed.kind in COST_KINDS and typed.kind != DIRECT and bool(typed.driver), NO_DRIVER), (not source, SOURCE),
    )  # fmt: skip
    cents = _cents(typed.amount, wrong, decimal_comma)
    if wrong:
        raise Refused(*wrong)
    new = CostItem(quarter=typed.quarter, label=label, kind=typed.kind, driver=driver, cents=cents, source=source,
                   entered_at=at, entered_by_id=viewer.person_id)  # fmt: skip
    return _added(session, by, new, at, "cost.entered", f"{typed.quarter}: {label}", {"cents": cents, "source": source})


def enter_compensation(session: Session, viewer: Viewer, quarter: str, payer_id: int | None, receiver_id: int | None,
                       amount: str, reason: str, source: str, at: datetime, *,
                       decimal_comma: bool = True) -> CompensationPost:  # fmt: skip
    """Enter what one municipality pays another, so that no third pays for its extra cost."""
    by, reason, source = author(viewer), line(reason), line(source)
    known = all(_place(session, one) for one in (payer_id, receiver_id))
    wrong = _asked(
        (not is_quarter(quarter), QUARTER_WRONG), (not known, PLACE),
        (known and payer_id == receiver_id, SAME_PLACE), (not reason, LABEL), (not source, SOURCE),
    )  # fmt: skip
    cents = _cents(amount, wrong, decimal_comma)
    if wrong or payer_id is None or receiver_id is None:
        raise Refused(*wrong)
    new = CompensationPost(quarter=quarter, payer_id=payer_id, receiver_id=receiver_id, cents=cents, reason=reason,
                           source=source, entered_at=at, entered_by_id=viewer.person_id)  # fmt: skip
    about = f"{quarter}: {reason}"
    return _added(session, by, new, at, "compensation.entered", about, {"cents": cents, "source": source})


def enter_advance(session: Session, viewer: Viewer, quarter: str, place_id: int | None, amount: str, source: str,
                  at: datetime, *, decimal_comma: bool = True) -> QuarterAdvance:  # fmt: skip
    """Enter what a municipality paid in advance on a quarter."""
    by, source, place = author(viewer), line(source), _place(session, place_id)
    wrong = _asked((not is_quarter(quarter), QUARTER_WRONG), (place is None, PLACE), (not source, SOURCE))
    cents = _cents(amount, wrong, decimal_comma)
    if wrong or place is None:
        raise Refused(*wrong)
    new = QuarterAdvance(quarter=quarter, municipality_id=place.id, cents=cents, source=source, entered_at=at,
                         entered_by_id=viewer.person_id)  # fmt: skip
    about = f"{quarter}: {place.name}"
    return _added(session, by, new, at, "advance.entered", about, {"cents": cents, "source": source})


def enter_agreed(session: Session, viewer: Viewer, quarter: str, at: datetime) -> list[QuarterAdvance]:
    """Enter the advance of every municipality as its financial agreement has it, where none was entered yet."""
    by = author(viewer)
    if not is_quarter(quarter):
        raise Refused(QUARTER_WRONG)
    agreed = all_in_force(session, DFA, first_day(quarter))
    # Of two at the same moment the second sees what the first entered.
    session.execute(select(Agreement.id).where(Agreement.id.in_([one.id for one in agreed])).with_for_update())
    there = {one.municipality_id for one in advances_of(session, quarter)}
    made = []
    for dfa in agreed:
        if dfa.municipality_id in there or not dfa.content["advance_cents"]:
            continue
        new = QuarterAdvance(
            quarter=quarter, municipality_id=dfa.municipality_id, cents=dfa.content["advance_cents"], entered_at=at,
            source=f"DFA {dfa.valid_from.year}, versie {dfa.number}", entered_by_id=viewer.person_id,
        )  # fmt: skip
        said = {"cents": new.cents, "source": new.source}
        made.append(_added(session, by, new, at, "advance.entered", quarter, said))
    if not made:
        raise Refused(NOTHING_AGREED)
    return made


def enter_amount(session: Session, viewer: Viewer, place_id: int | None, key: str, amount: str, first: date | None,
                 source: str, at: datetime) -> KeyAmount:  # fmt: skip
    """Enter how much of a key a municipality has from a day on."""
    by, source, place = author(viewer), line(source), _place(session, place_id)
    number = _whole(amount)
    wrong = _asked(
        (place is None, PLACE), (key not in BASIC_KEYS, KEY_UNKNOWN), (number is None, AMOUNT), (first is None, FROM),
        (not source, SOURCE),
    )  # fmt: skip
    if wrong or place is None or first is None or number is None:
        raise Refused(*wrong)
    there = select(KeyAmount.id).where(
        KeyAmount.municipality_id == place.id, KeyAmount.key == key, KeyAmount.valid_from == first
    )
    if session.scalars(there).first():
        raise Refused(TWICE)
    new = KeyAmount(municipality_id=place.id, key=key, amount=number, valid_from=first, source=source, entered_at=at,
                    entered_by_id=viewer.person_id)  # fmt: skip
    said = {"amount": number, "valid_from": first, "source": source}
    return _added(session, by, new, at, "key.entered", f"{key}: {place.name}", said)


def enter_weights(session: Session, viewer: Viewer, percents: Mapping[str, str], first: date | None, source: str,
                  at: datetime) -> KeyWeight:  # fmt: skip
    """Enter how much each key counts in the mixed one from a day on."""
    by, source = author(viewer), line(source)
    numbers = {key: _whole(percents.get(key, "")) for key in BASIC_KEYS}
    whole = {key: number for key, number in numbers.items() if number is not None}
    wrong = _asked(
        (len(whole) < len(BASIC_KEYS) or sum(whole.values()) != 100, WEIGHTS), (first is None, FROM),
        (not source, SOURCE),
    )  # fmt: skip
    if wrong or first is None:
        raise Refused(*wrong)
    if session.scalars(select(KeyWeight.id).where(KeyWeight.valid_from == first)).first():
        raise Refused(TWICE)
    new = KeyWeight(**whole, valid_from=first, source=source, entered_at=at, entered_by_id=viewer.person_id)
    return _added(session, by, new, at, "weights.entered", "", {**whole, "valid_from": first, "source": source})


KINDS: Mapping[str, tuple[type[Any], str]] = {
    "cost": (CostItem, "cost.removed"), "compensation": (CompensationPost, "compensation.removed"),
    "advance": (QuarterAdvance, "advance.removed"),
}  # fmt: skip
"""What can be taken away, by the word for it."""


def remove(session: Session, viewer: Viewer, kind: str, entry_id: int, at: datetime) -> None:
    """Take away what was entered: it stays, marked with who did and when. KeyError for an unknown kind."""
    by, (table, what) = author(viewer), KINDS[kind]
    entry: Entry | None = session.get(table, entry_id)
    if entry is None or entry.removed_at is not None:
        raise Refused(GONE)
    entry.removed_at, entry.removed_by_id = at, viewer.person_id
    session.flush()
    write_down(session, by, at, what, entry.quarter, old={"cents": entry.cents, "source": entry.source},
               new={"cents": "", "source": ""})  # fmt: skip


def _added(session: Session, by: Author, new: Added, at: datetime, what: str, about: str,
           said: Mapping[str, Any]) -> Added:  # fmt: skip
    session.add(new)
    session.flush()
    write_down(session, by, at, what, about, new=said)
    return new


def _place(session: Session, place_id: int | None) -> Municipality | None:
    return session.get(Municipality, place_id) if place_id is not None else None


def _whole(text: str) -> int | None:
    plain = "".join(text.split()).replace(".", "").replace(",", "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 10 and int(plain) <= MOST else None
