"""What the SSC costs, settled with the municipalities: by price and quantity, or by distribution keys. Pure.

Belongs here: the sums, from costs, quantities, prices and keys that are handed in, to lines for each municipality; and
what a correction makes of them. Does not belong here: counting the quantities, or who may see the outcome.

Every split is by largest remainder: its parts add up to the cent, and none is a cent or more away from its exact share.
Of equal remainders the municipality whose code comes first gets the cent, so the order of what is handed in is nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any

from workflows.kernel import Refusal, Refused
from workflows.money import split_by_key
from workflows.parties import N_
from workflows.quarters import first_day, last_day
from workflows.services import CASE, CONTACT, EMPLOYEE, MONTH
from workflows.settled import summed

PRICE, BY_KEY = "price", "keys"
VARIANTS: Mapping[str, str] = {PRICE: N_("Price times quantity"), BY_KEY: N_("By distribution key")}
EMPLOYEES, INHABITANTS, USERS, MIXED = "employees", "inhabitants", "users", "mixed"
BASIC_KEYS: Mapping[str, str] = {
    EMPLOYEES: N_("Employees"), INHABITANTS: N_("Inhabitants"), USERS: N_("Users of the portal"),
}  # fmt: skip
KEYS: Mapping[str, str] = {**BASIC_KEYS, MIXED: N_("Mixed, by weight")}
DIRECT, INDIRECT = "direct", "indirect"
COST_KINDS: Mapping[str, str] = {DIRECT: N_("Direct, by driver"), INDIRECT: N_("Indirect, by share")}
COMPENSATION, ADVANCE = "compensation", "advance"


@dataclass(frozen=True, slots=True)
class Driver:
    """By what a direct cost goes: the kinds of case, or the contacts, that are counted together."""

    label: str
    counted: tuple[str, ...]


DRIVERS: Mapping[str, Driver] = {
    "claims": Driver(N_("Expense claims and advances"), ("expense_claim", "advance", "recovery")),
    "invoices": Driver(N_("Purchase invoices"), ("purchase_invoice",)),
    "leave": Driver(N_("Leave requests"), ("leave", "leave_withdrawal")),
    "payroll_changes": Driver(N_("Changes for payroll"), ("account_change", "sickness")),
    "contacts": Driver(N_("Contacts"), (CONTACT,)),
}


@dataclass(frozen=True, slots=True)
class Cost:
    """A cost of the SSC in a quarter, and where that is written."""

    id: int
    label: str
    cents: int
    kind: str
    driver: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Tariff:
    """The price of a service: for each case or contact, for each employee in a year, or for a month.

    `counted` is as in a Driver. `place` is whose price it is, where a municipality has one of its own.
    """

    service: str
    label: str
    cents: int
    unit: str = CASE
    counted: tuple[str, ...] = ()
    source: str = ""
    place: str = ""
    label_en: str = ""


@dataclass(frozen=True, slots=True)
class KeyValue:
    """How much of a key a municipality has, from when, and where that is written."""

    value: int
    since: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Compensation:
    """What one municipality pays another, so that no third pays for its extra cost: together they are nothing."""

    payer: str
    receiver: str
    cents: int
    reason: str
    source: str = ""


@dataclass(frozen=True)
class Basis:
    """All that a quarter is settled on. Municipalities go by their code."""

    quarter: str
    places: Mapping[str, str]
    costs: Sequence[Cost] = ()
    tariffs: Sequence[Tariff] = ()
    quantities: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    keys: Mapping[str, Mapping[str, KeyValue]] = field(default_factory=dict)
    weights: Mapping[str, int] = field(default_factory=dict)
    weights_source: str = ""
    compensations: Sequence[Compensation] = ()
    advances: Mapping[str, int] = field(default_factory=dict)

    def counted(self, what: Collection[str], code: str) -> int:
        """How many of these a municipality had."""
        return sum(self.quantities.get(one, {}).get(code, 0) for one in what)

    @property
    def costs_cents(self) -> int:
        """All costs of the quarter."""
        return sum(cost.cents for cost in self.costs)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what a municipality owes, with what it is made of.

    `quantity` is how many of `counted`, or how much of the key, out of `of` of all; `share` that part as an exact
    fraction. A line that was corrected says what it was, why, and in which case.
    """

    key: str
    label: str
    kind: str
    cents: int
    quantity: int | None = None
    of: int | None = None
    share: str = ""
    unit_cents: int | None = None
    unit: str = ""
    total_cents: int | None = None
    counted: tuple[str, ...] = ()
    source: str = ""
    label_en: str = ""


NO_COSTS = Refusal("settlement_no_costs", N_("No costs were entered for this quarter."))
NO_PRICES = Refusal("settlement_no_prices", N_("No price holds for any service in this quarter."))
NO_KEY = "settlement_key_missing"
NO_KEY_SENTENCE = N_("The key is not known of: %(places)s. Enter its value first, with its source.")
NO_WEIGHTS = Refusal("settlement_no_weights", N_("No weights were agreed for the mixed key."))
WAY_UNKNOWN = Refusal("settlement_way_unknown", N_("Choose a way of settling from the list."))


def distributed(cents: int, parts: Mapping[str, int | Fraction]) -> dict[str, int]:
    """Split an amount over municipalities in proportion to their parts. ValueError where all parts are nothing."""
    codes = sorted(parts)
    return dict(zip(codes, split_by_key(cents, [parts[code] for code in codes]), strict=True))


def shares(basis: Basis, key: str) -> dict[str, Fraction]:
    """Which part of all each municipality has by a key: together they are one. Raises Refused where it is unknown."""
    if key not in KEYS:
        raise Refused(WAY_UNKNOWN)
    if key != MIXED:
        values = basis.keys.get(key, {})
        unknown = [name for code, name in sorted(basis.places.items()) if code not in values]
        whole = sum(values[code].value for code in basis.places if code in values)
        if unknown or not whole:
            raise Refused(Refusal(NO_KEY, NO_KEY_SENTENCE, {"places": ", ".join(unknown or basis.places.values())}))
        return {code: Fraction(values[code].value, whole) for code in basis.places}
    weighed = {one: weight for one, weight in basis.weights.items() if weight}
    if not weighed:
        raise Refused(NO_WEIGHTS)
    of_each, whole = {one: shares(basis, one) for one in weighed}, sum(weighed.values())
    return {
        code: sum((of_each[one][code] * Fraction(weight, whole) for one, weight in weighed.items()), Fraction(0))
        for code in basis.places
    }


def lines(basis: Basis, variant: str, key: str = "") -> dict[str, list[Line]]:
    """What each municipality owes by this way of settling, line by line. Raises Refused."""
    if variant == PRICE:
        found = _by_price(basis)
    elif variant == BY_KEY:
        found = _by_key(basis, key)
    else:
        raise Refused(WAY_UNKNOWN)
    for place, one in enumerate(basis.compensations):
        for code, cents in ((one.payer, one.cents), (one.receiver, -one.cents)):
            key = f"compensation-{place}"
            found[code].append(Line(key, one.reason, COMPENSATION, cents, source=one.source))
    return found


def _by_price(basis: Basis) -> dict[str, list[Line]]:
    if not basis.tariffs:
        raise Refused(NO_PRICES)
    services: dict[str, list[Tariff]] = {}
    for tariff in basis.tariffs:
        services.setdefault(tariff.service, []).append(tariff)
    found: dict[str, list[Line]] = {code: [] for code in basis.places}
    for code in sorted(basis.places):
        for _, prices in sorted(services.items()):
            held = sorted((one for one in prices if one.place in ("", code)), key=lambda one: one.place)
            if held:
                found[code].append(_priced(basis, held[-1], code))
    return found


def _priced(basis: Basis, tariff: Tariff, code: str) -> Line:
    """What a municipality owes for a service. What costs so much in a year is spread over its quarters to the cent."""
    if tariff.unit == MONTH:
        count, of, cents = MONTHS, None, MONTHS * tariff.cents
    elif tariff.unit == EMPLOYEE:
        shares(basis, EMPLOYEES)
        employees = basis.keys[EMPLOYEES]
        count, of = employees[code].value, sum(employees[one].value for one in basis.places)
        cents = split_by_key(count * tariff.cents, [1] * 4)[int(basis.quarter[-1]) - 1]
    else:
        count = basis.counted(tariff.counted, code)
        of, cents = sum(basis.counted(tariff.counted, one) for one in basis.places), count * tariff.cents
    return Line(
        f"price-{tariff.service}", tariff.label, PRICE, cents, count, of, unit_cents=tariff.cents, unit=tariff.unit,
        counted=tariff.counted if tariff.unit == CASE else (), source=tariff.source,
        label_en=tariff.label_en,
    )  # fmt: skip


MONTHS = 3
"""In a quarter."""


def _by_key(basis: Basis, key: str) -> dict[str, list[Line]]:
    if not basis.costs:
        raise Refused(NO_COSTS)
    by_share = shares(basis, key)
    found: dict[str, list[Line]] = {code: [] for code in basis.places}
    for cost in basis.costs:
        counted = DRIVERS[cost.driver].counted if cost.kind == DIRECT and cost.driver in DRIVERS else ()
        counts = {code: basis.counted(counted, code) for code in basis.places}
        # Where nothing was done that drives a cost, it is shared as the indirect ones are.
        driven = bool(counted) and any(counts.values())
        whole = sum(counts.values())
        parts: Mapping[str, int | Fraction] = counts if driven else by_share
        for code, cents in distributed(cost.cents, parts).items():
            share = Fraction(counts[code], whole) if driven else by_share[code]
            value, of = (counts[code], whole) if driven else _of_key(basis, key, code)
            found[code].append(
                Line(
                    f"cost-{cost.id}", cost.label, cost.kind, cents, value, of,
                    share=f"{share.numerator}/{share.denominator}",
                    total_cents=cost.cents, counted=counted if driven else (), source=cost.source,
                )
            )  # fmt: skip
    return found


def _of_key(basis: Basis, key: str, code: str) -> tuple[int | None, int | None]:
    if key == MIXED:
        return None, None
    values = basis.keys[key]
    return values[code].value, sum(values[one].value for one in basis.places)


def ways() -> list[tuple[str, str]]:
    """Every way of settling: by price, and by each of the keys."""
    return [(PRICE, ""), *((BY_KEY, key) for key in KEYS)]


def side_by_side(basis: Basis) -> list[dict[str, Any]]:
    """What each municipality would owe by every way on the same costs; where one cannot be worked out, why."""
    found = []
    for variant, key in ways():
        one: dict[str, Any] = {"variant": variant, "key": key}
        try:
            sums = {code: sum(line.cents for line in held) for code, held in lines(basis, variant, key).items()}
        except Refused as refused:
            refusal = refused.refusals[0]
            one["missing"] = {"code": refusal.code, "sentence": refusal.sentence, "values": dict(refusal.values)}
        else:
            one |= {"owed": sums, "total": sum(sums.values()), "over": sum(sums.values()) - basis.costs_cents}
        found.append(one)
    return found


def figures(basis: Basis, variant: str, key: str = "") -> dict[str, Any]:
    """The settlement of a quarter by one way, with all that it is made of, as plain data to be kept. Raises Refused."""
    found = lines(basis, variant, key)
    return summed(
        {
            "quarter": basis.quarter, "variant": variant, "key": key if variant == BY_KEY else "",
            "first_day": first_day(basis.quarter).isoformat(), "last_day": last_day(basis.quarter).isoformat(),
            "costs": [asdict(cost) for cost in basis.costs],
            "costs_cents": basis.costs_cents,
            "keys": {one: {code: asdict(held[code]) for code in sorted(held)} for one, held in basis.keys.items()},
            "weights": dict(basis.weights), "weights_source": basis.weights_source,
            "tariffs": [{**asdict(one), "counted": list(one.counted)} for one in basis.tariffs],
            "quantities": {one: dict(counts) for one, counts in basis.quantities.items()},
            "compensations": [asdict(one) for one in basis.compensations],
            "accounts": [
                {"code": code, "name": basis.places[code], "advance_cents": basis.advances.get(code, 0),
                 "lines": [{**asdict(line), "counted": list(line.counted)} for line in found[code]]}
                for code in sorted(basis.places)
            ],
            "side_by_side": side_by_side(basis),
        }
    )  # fmt: skip


def basis_in(said: Mapping[str, Any]) -> Basis:
    """What figures were worked out on, to work them out by another way on just the same."""
    return Basis(
        said["quarter"], {account["code"]: account["name"] for account in said["accounts"]},
        costs=[Cost(**cost) for cost in said["costs"]],
        tariffs=[Tariff(**{**one, "counted": tuple(one["counted"])}) for one in said["tariffs"]],
        quantities=said["quantities"],
        keys={key: {code: KeyValue(**one) for code, one in held.items()} for key, held in said["keys"].items()},
        weights=said["weights"], weights_source=said["weights_source"],
        compensations=[Compensation(**one) for one in said["compensations"]],
        advances={account["code"]: account["advance_cents"] for account in said["accounts"]},
    )  # fmt: skip


def by_way(said: Mapping[str, Any], variant: str, key: str = "") -> Mapping[str, Any]:
    """The same quarter by another way on the same costs and counts; what was put right is of the chosen way alone."""
    if (said["variant"], said["key"]) == (variant, key if variant == BY_KEY else ""):
        return said
    return figures(basis_in(said), variant, key)
