"""Amounts of money: whole cents of a euro in an int. Pure; binary floats never come near.

Belongs here: reading what people type, writing an amount for a form field, and the few sums that need
rounding, each of which rounds once, half away from zero.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

MOST_CENTS = 999_999_999_99
"""€ 999,999,999.99, the most that one SEPA credit transfer can carry (EPC implementation guidelines)."""

_LONGEST = 60
"""Characters; nobody types more, and what is pasted by mistake need not be parsed."""


class MoneyError(ValueError):
    """What was typed is no amount we can take. `code` says why:

    `money_empty` nothing was filled in, `money_format` this is not an amount, `money_decimals` more than two
    digits after the comma, `money_too_large` above MOST_CENTS, `money_negative` there is a minus in front.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _notation(group: str, decimal: str) -> re.Pattern[str]:
    """Digits, in groups of three or in one go; then perhaps decimals or the dash that stands for no cents."""
    return re.compile(
        rf"(?P<whole>[0-9]+|[1-9][0-9]{{0,2}}(?:(?P<group>[{group} '’])[0-9]{{3}})(?:(?P=group)[0-9]{{3}})*)?"
        rf"(?:{decimal}(?P<part>[0-9]+|--?|[–—]))?"
    )


_COMMA, _POINT = _notation(r"\.", ","), _notation(",", r"\.")

_SURROUNDINGS = re.compile(
    r"(?P<sign>(?:€|euro|eur) ?[-−–]|[-−–]? ?(?:€|euro|eur)?) ?(?P<number>.*?) ?(?:€|euro|eur)?",
    re.IGNORECASE,
)
"""The euro sign before or after the number, and in front a minus: a hyphen, a minus sign or a dash."""


def parse_euro(text: str, *, decimal_comma: bool = True) -> int:
    """The amount that somebody typed, in cents: 0 up to MOST_CENTS. Raises MoneyError.

    The reader's own notation goes first: with a decimal comma "1.234" is 1234 euros and "1,234" has too many
    decimals; with a decimal point it is the reverse. What makes no sense in it but does in the other notation
    is taken as that: "1234.5" and "12.50" with a decimal comma, "12,50" with a decimal point. Points, commas,
    apostrophes and spaces of any width may part groups of three digits. ",50" is half a euro, "12,-" is 12
    euros; "12," is refused, for something may be missing. Other digits than 0 to 9 are refused.
    """
    found = _SURROUNDINGS.fullmatch(" ".join(text.split())[: _LONGEST + 1])
    if found is None or len(found[0]) > _LONGEST:
        raise MoneyError("money_format")
    negative = any(minus in found["sign"] for minus in "-−–")
    if not found["number"] and not negative:
        raise MoneyError("money_empty")
    whole, part = _digits(found["number"], (_COMMA, _POINT) if decimal_comma else (_POINT, _COMMA))
    if negative:
        raise MoneyError("money_negative")
    return _cents(whole, part)


def _digits(number: str, notations: tuple[re.Pattern[str], ...]) -> tuple[str, str]:
    """The digits before and after the comma, by the first notation in which the number makes sense."""
    for notation in notations:
        if amount := notation.fullmatch(number):
            whole, part = (re.sub("[^0-9]", "", amount[name] or "") for name in ("whole", "part"))
            if whole or part:
                return whole or "0", part
    raise MoneyError("money_format")


def _cents(whole: str, part: str) -> int:
    if len(part) > 2:
        raise MoneyError("money_decimals")
    cents = int(whole + part.ljust(2, "0"))
    if cents > MOST_CENTS:
        raise MoneyError("money_too_large")
    return cents


def plain(cents: int, decimal_comma: bool = True) -> str:
    """The amount for a form field, as `parse_euro` reads it back: "1234,56", or "1234.56" with a point."""
    euros, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{euros}{',' if decimal_comma else '.'}{rest:02}"


def rounded(exact: Fraction) -> int:
    """The nearest whole number, halves away from zero: how offices and tax returns round."""
    whole = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return whole if exact >= 0 else -whole


def times(quantity: Decimal, rate_cents: Decimal) -> int:
    """A quantity at a rate in cents a unit, in cents; rounded once, at the end, half away from zero.

    ValueError or OverflowError when one of them is not a finite number.
    """
    # Fractions, since a product of Decimals is cut off at the precision of the context.
    return rounded(Fraction(quantity) * Fraction(rate_cents))


def converted(minor: int, digits: int, rate: Decimal) -> int:
    """An amount in another currency, in cents of a euro, rounded once, half up.

    `minor` counts its smallest unit, of which 10 ** `digits` make one whole; `rate` is how many whole ones a euro is.
    ValueError when the rate is not above zero.
    """
    if not rate > 0:
        raise ValueError("a rate is more than zero")
    return rounded(Fraction(minor * 100, 10**digits) / Fraction(rate))


def vat_from_gross(gross_cents: int, rate_percent: Decimal) -> int:
    """The VAT that is in a gross amount, in cents, rounded half away from zero: € 121 at 21 % holds € 21.

    `rate_percent` is a percentage of the net amount. ValueError when it is negative.
    """
    rate = Fraction(rate_percent)
    if rate < 0:
        raise ValueError("a VAT rate cannot be negative")
    return rounded(gross_cents * rate / (100 + rate))


def split_by_key(cents: int, keys: Sequence[int | Fraction]) -> list[int]:
    """Split an amount in proportion to the keys, without losing or making a cent (largest remainder method).

    Each part is less than one cent away from its exact share. Of equal remainders the earlier key gets the
    cent, so the same split comes out the same. A key of 0 gets nothing. A negative amount is split like the
    positive one. ValueError when there is no key above 0, or one below 0.
    """
    if any(key < 0 for key in keys):
        raise ValueError("a key cannot be negative")
    total = sum(keys, Fraction(0))
    if not total:
        raise ValueError("there is no key to split by")
    exact = [abs(cents) * Fraction(key) / total for key in keys]
    parts = [share.numerator // share.denominator for share in exact]
    by_remainder = sorted(range(len(keys)), key=lambda i: parts[i] - exact[i])
    for i in by_remainder[: abs(cents) - sum(parts)]:
        parts[i] += 1
    return parts if cents >= 0 else [-part for part in parts]


def share(cents: int, part: int, whole: int) -> int:
    """As much of an amount as `part` is of `whole`, rounded once, half away from zero; nothing of a whole that is 0."""
    return rounded(Fraction(cents * part, whole)) if whole else 0
