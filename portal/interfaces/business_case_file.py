"""A business case as a TOML file comes in, and its outcome goes out as JSON. Amounts are euros, exact to the cent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, DecimalException
from typing import Any

from portal.interfaces import toml_text
from workflows.business_case import BusinessCase, Outcome, Year
from workflows.money import MOST_CENTS

LAST_YEAR = 9999
MOST_YEARS = 100


class NotABusinessCase(ValueError):
    """The file is no business case. `problems` says of every place what is wrong with it."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def read(content: bytes) -> BusinessCase:
    """The business case in a TOML file: `current_cost`, and `[[years]]` of `running_cost` and `investment`.

    A year may say its number, as `year`; else it follows the one before, and the first is 1. Raises NotABusinessCase.
    """
    try:
        told = toml_text.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError:
        raise NotABusinessCase("the file is not text in UTF-8") from None
    # A number without end is a DecimalException, thousands of brackets a RecursionError.
    except (ValueError, DecimalException, RecursionError) as error:
        raise NotABusinessCase(f"the file is not TOML: {error}") from None
    problems: list[str] = []
    current = _amount(told, "current_cost", "", problems)
    years = tuple(_years(told.get("years"), problems))
    if problems:
        raise NotABusinessCase(*problems)
    return BusinessCase(current, years)


def _years(rows: object, problems: list[str]) -> Iterator[Year]:
    if rows is None or rows == []:
        problems.append("there are no years: write [[years]] with running_cost and investment, once for every year")
    elif not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        problems.append("years must be a list of tables: write [[years]] above every year")
    elif len(rows) > MOST_YEARS:
        problems.append(f"there are {len(rows)} years; {MOST_YEARS} is the most")
    else:
        number = None
        for at, row in enumerate(rows, 1):
            where = f"years, number {at}: "
            number = _number(row, number, where, problems)
            yield Year(
                number,
                _amount(row, "running_cost", where, problems),
                _amount(row, "investment", where, problems),
            )


def _number(row: Mapping[str, Any], before: int | None, where: str, problems: list[str]) -> int:
    """Which year it is; without a number of its own the one after the year before."""
    follows = 1 if before is None else before + 1
    number = row.get("year", follows)
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= LAST_YEAR:
        problems.append(f"{where}year must be a whole number from 0 to {LAST_YEAR}, without quotes")
        return follows
    if before is not None and number != follows:
        problems.append(f"{where}year {number} does not follow year {before}: name every year once, in order")
    return number


def _amount(row: Mapping[str, Any], key: str, where: str, problems: list[str]) -> int:
    """An amount in euros, as whole cents."""
    if key not in row:
        problems.append(f"{where}{key} is missing")
        return 0
    wrong, cents = _cents(row[key])
    if wrong:
        problems.append(f"{where}{key} {wrong}")
    return cents


def _cents(value: object) -> tuple[str, int]:
    """What is wrong with a value, and else its cents."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return "must be a number of euros, without quotes", 0
    exact = Decimal(value)
    if not exact.is_finite():
        return "must be a number of euros", 0
    if exact < 0:
        return "cannot be negative", 0
    if exact > MOST_CENTS // 100:
        return f"is more than {MOST_CENTS // 100} euros", 0
    # By its digits: a product of Decimals is rounded to 28 of them.
    _, digits, exponent = exact.as_tuple()
    shift = int(exponent) + 2
    whole, rest = (digits[:shift], digits[shift:]) if shift < 0 else (digits, ())
    if any(rest):
        return "has more than two digits after the point", 0
    return "", int("".join(map(str, whole)) or "0") * 10 ** max(shift, 0) if any(whole) else 0


def written(case: BusinessCase) -> str:
    """The outcome as JSON. Written by hand: every value is a number, and a float would not be exact."""
    years = ",\n".join(f"    {_year(one)}" for one in case.outcomes)
    end = case.break_even_year
    return (
        f'{{\n  "current_cost": {euros(case.current_cents)},\n  "years": [\n{years}\n  ],\n'
        f'  "break_even_year": {"null" if end is None else end}\n}}'
    )


def _year(one: Outcome) -> str:
    values = {
        "year": str(one.year),
        "running_cost": euros(one.running_cents),
        "investment": euros(one.investment_cents),
        "saving": euros(one.saving_cents),
        "added_value": euros(one.added_cents),
        "cumulative": euros(one.cumulative_cents),
    }
    return "{" + ", ".join(f'"{name}": {value}' for name, value in values.items()) + "}"


def euros(cents: int) -> str:
    """Cents as a number of euros in JSON: whole euros as an integer, else with two digits."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}{f'.{rest:02}' if rest else ''}"
