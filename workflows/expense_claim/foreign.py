"""An expense in another currency: the original amount, the rate of its day, and what that is in euros.

The rate is the one published for the day of the expense, or for the last day before it; or the one of the employee's
own bank, when a document of that bank is with the line. It says how many of the currency one euro was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from workflows.currencies import CURRENCIES, PROOF, Currency
from workflows.fields import Reader
from workflows.filling import FillingIn
from workflows.money import converted, plain
from workflows.parties import N_
from workflows.rates import ExchangeRate

FAR = 4
"""A rate of one's own may differ from the published one by a fourth part of it; more is a slip of the hand."""
NO_RATE = N_(
    "We have no rate of %(currency)s for %(day)s. Fill in the rate of your own bank, with its proof, or ask the SSC."
)
_RATE = re.compile(r"[0-9]{1,9}([.,][0-9]{1,8})?")


def proofs(documents: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Of the documents of a line those that prove a bank's rate; the others are its receipts."""
    return [document for document in documents if document.get("kind") == PROOF]


def spent(reader: Reader, at: str, entry: Any, day: date | None, filling: FillingIn) -> dict[str, Any]:
    """An amount in another currency, understood, with what it is in cents of a euro."""
    currency = CURRENCIES.get(entry["currency"].data)
    if currency is None:
        reader.wrong(f"{at}-currency", "currency_unknown", N_("Choose a currency from the list."))
        return {}
    if entry["vat"].data not in ("", "0", None):
        reader.wrong(
            f"{at}-vat", "vat_foreign", N_("No Dutch VAT is in an amount of another currency: choose “As usual”.")
        )
    minor = _minor(reader, at, entry, currency)
    rate = _rate(reader, at, entry, currency, day, filling)
    if minor is None or rate is None:
        return {}
    cents = converted(minor, currency.digits, rate.number)
    if not cents:
        reader.wrong(f"{at}-amount", "foreign_too_small", N_("In euros this is less than one cent."))
        return {}
    return {
        "claimed_cents": cents,
        "vat_percent": "0",
        "vat_cents": 0,
        "currency": currency.code,
        "original_minor": minor,
        "exchange_rate": rate.rate,
        "exchange_day": rate.day.isoformat(),
        "exchange_source": rate.source,
    }


def _minor(reader: Reader, at: str, entry: Any, currency: Currency) -> int | None:
    """The amount in the smallest unit of its currency."""
    hundredths = reader.cents(f"{at}-amount", entry["amount"].data)
    if hundredths is None or currency.digits == 2:
        return hundredths
    if hundredths % 100:
        sentence = N_("There are no cents in this currency: write a whole number.")
        reader.wrong(f"{at}-amount", "foreign_whole", sentence)
        return None
    return hundredths // 100


def _rate(
    reader: Reader, at: str, entry: Any, currency: Currency, day: date | None, filling: FillingIn
) -> ExchangeRate | None:
    if day is None:
        return None
    published = filling.rates.at(currency.code, day)
    if (entry["own_rate"].data or "").strip():
        return _own(reader, at, entry, ExchangeRate(currency.code, day, "", PROOF), published, filling)
    if published is None:
        reader.wrong(f"{at}-own_rate", "no_exchange_rate", NO_RATE, currency=currency.code, day=day)
    return published


def _own(
    reader: Reader, at: str, entry: Any, rate: ExchangeRate, published: ExchangeRate | None, filling: FillingIn
) -> ExchangeRate | None:
    typed = entry["own_rate"].data.strip()
    number = Decimal(typed.replace(",", ".")) if _RATE.fullmatch(typed) else Decimal(0)
    if not number:
        reader.wrong(f"{at}-own_rate", "own_rate_format", N_("Write the rate as a number, such as 1.0961."))
        return None
    if published is not None and abs(number - published.number) * FAR > published.number:
        reader.wrong(
            f"{at}-own_rate", "own_rate_far",
            N_("This differs much from the published rate (%(rate)s). Write how many %(currency)s one euro was."),
            rate=published.rate, currency=rate.currency,
        )  # fmt: skip
        return None
    if not proofs(filling.documents.get(entry["key"].data or "", ())):
        reader.wrong(
            f"{at}-{PROOF}", "own_rate_unproven", N_("Add the proof of this rate: the statement of your bank.")
        )
        return None
    return ExchangeRate(rate.currency, rate.day, f"{number:f}", PROOF)


def typed_as(line: Mapping[str, Any]) -> dict[str, str]:
    """A line in another currency as one would type it."""
    whole = not CURRENCIES[line["currency"]].digits
    minor = line["original_minor"]
    return {
        "currency": line["currency"],
        "amount": str(minor) if whole else plain(minor),
        "own_rate": line["exchange_rate"] if line["exchange_source"] == PROOF else "",
        "vat": "",
    }
