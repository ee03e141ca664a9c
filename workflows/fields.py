"""How typed text is understood: dates, amounts and counts, each with a sentence for what is wrong with it.

Everything here is pure: text in, value or Problem out. Forms keep what was typed; nothing is lost on an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from workflows.filling import Problem
from workflows.money import MoneyError, parse_euro
from workflows.parties import N_

TEXT_LIMIT = 200
PLAIN_NUMBER = re.compile(r"-?[0-9]{1,7}(\.[0-9]{1,4})?")
OLDEST = 5
"""Years after which a claim has prescribed (Civil Code 3:307)."""

MONEY_SENTENCES: Mapping[str, str] = {
    "money_empty": N_("Fill in the amount."),
    "money_format": N_("Write the amount as 12.50."),
    "money_decimals": N_("Use two decimals at most."),
    "money_too_large": N_("This amount is too large."),
    "money_negative": N_("The amount cannot be negative."),
    "money_zero": N_("The amount must be more than zero."),
}


class Reader:
    """Collects problems while reading the fields of one form, so that all can be shown at once."""

    def __init__(self, language: str = "nl") -> None:
        self.problems: list[Problem] = []
        self.decimal_comma = language == "nl"

    def wrong(self, field: str, code: str, sentence: str, **values: object) -> None:
        """Note a problem."""
        self.problems.append(Problem(field, code, sentence, values))

    def text(self, field: str, raw: str | None, *, required: str | None = None, limit: int = TEXT_LIMIT) -> str:
        """One line of text. `required` is the sentence shown when it is empty."""
        text = " ".join((raw or "").split())
        if not text and required:
            self.wrong(field, "text_empty", required)
        if len(text) > limit:
            self.wrong(field, "text_too_long", N_("Use %(limit)s characters at most."), limit=limit)
        if any(not c.isprintable() for c in text):
            self.wrong(field, "text_control", N_("This text holds signs that cannot be read. Type it again."))
        return text

    def cents(self, field: str, raw: str | None, *, zero: bool = False) -> int | None:
        """An amount of euros above zero (or from zero), in cents."""
        try:
            cents = parse_euro(raw or "", decimal_comma=self.decimal_comma)
        except MoneyError as error:
            self.wrong(field, error.code, MONEY_SENTENCES[error.code])
            return None
        if cents == 0 and not zero:
            self.wrong(field, "money_zero", MONEY_SENTENCES["money_zero"])
            return None
        return cents

    def day(self, field: str, raw: str | None, *, today: date, ahead: bool = False) -> date | None:
        """A calendar day that is not prescribed, nor in the future; with `ahead` up to some years from now."""
        text = (raw or "").strip()
        day = _day(text)
        if not text:
            self.wrong(field, "date_empty", N_("Fill in the date."))
        elif day is None:
            self.wrong(field, "date_format", N_("This is not a date. Write it as 2026-03-31."))
        elif day > today and not ahead:
            self.wrong(field, "date_future", N_("This date is in the future."))
        elif day.year > today.year + OLDEST:
            self.wrong(field, "date_too_far", N_("This date is too far ahead."))
        elif (day.year + OLDEST, day.month, day.day) < (today.year, today.month, today.day):
            self.wrong(field, "date_too_old", N_("This date is more than five years ago."))
        else:
            return day
        return None

    def quantity(self, field: str, raw: str | None, *, most: int, whole: bool, empty: str) -> Decimal | None:
        """A count above zero, at most `most`; with one decimal where `whole` is false."""
        text = (raw or "").strip().replace(",", ".")
        number = _decimal(text)
        if not text:
            self.wrong(field, "number_empty", empty)
        elif number is None or number % (Decimal(1) if whole else Decimal("0.1")):
            sentence = N_("Write a whole number.") if whole else N_("Write a number with one decimal at most.")
            self.wrong(field, "number_format", sentence)
        elif not 0 < number <= most:
            self.wrong(field, "number_range", N_("Write a number from 1 to %(most)s."), most=most)
        else:
            return number
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _decimal(text: str) -> Decimal | None:
    """A plain decimal number of sane length: no exponents, no infinities, ASCII digits."""
    return Decimal(text) if PLAIN_NUMBER.fullmatch(text) else None
