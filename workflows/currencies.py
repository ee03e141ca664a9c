"""Currencies in which people spend money: their names, how many decimals they have, and which rates a form asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from workflows.parties import N_


@dataclass(frozen=True, slots=True)
class Currency:
    """One currency by its ISO 4217 code; an amount is kept in its smallest unit, `digits` places after the comma."""

    code: str
    label: str
    digits: int = 2


CURRENCIES: Mapping[str, Currency] = {
    currency.code: currency
    for currency in (
        Currency("USD", N_("US dollar")),
        Currency("GBP", N_("British pound")),
        Currency("CHF", N_("Swiss franc")),
        Currency("DKK", N_("Danish krone")),
        Currency("NOK", N_("Norwegian krone")),
        Currency("SEK", N_("Swedish krona")),
        Currency("CZK", N_("Czech koruna")),
        Currency("HUF", N_("Hungarian forint")),
        Currency("PLN", N_("Polish zloty")),
        Currency("RON", N_("Romanian leu")),
        Currency("ISK", N_("Icelandic krona"), 0),
        Currency("TRY", N_("Turkish lira")),
        Currency("AUD", N_("Australian dollar")),
        Currency("BGN", N_("Bulgarian lev")),
        Currency("BRL", N_("Brazilian real")),
        Currency("CAD", N_("Canadian dollar")),
        Currency("CNY", N_("Chinese yuan")),
        Currency("HKD", N_("Hong Kong dollar")),
        Currency("HRK", N_("Croatian kuna")),
        Currency("IDR", N_("Indonesian rupiah")),
        Currency("ILS", N_("Israeli shekel")),
        Currency("INR", N_("Indian rupee")),
        Currency("JPY", N_("Japanese yen"), 0),
        Currency("KRW", N_("South Korean won"), 0),
        Currency("MXN", N_("Mexican peso")),
        Currency("MYR", N_("Malaysian ringgit")),
        Currency("NZD", N_("New Zealand dollar")),
        Currency("PHP", N_("Philippine peso")),
        Currency("RUB", N_("Russian rouble")),
        Currency("SGD", N_("Singapore dollar")),
        Currency("THB", N_("Thai baht")),
        Currency("ZAR", N_("South African rand")),
    )
}
"""Those for which the European Central Bank published a rate in the years that can still be claimed; those of the
neighbours first."""

PROOF = "bank"
"""The source of a rate that the employee's own bank gave, and the kind of the document that proves it."""
MOST_ASKED = 50


def asked_of(typed: Mapping[str, str]) -> frozenset[tuple[str, date]]:
    """For which currencies on which days a form needs a rate: each field `…-currency` with the `…-date` beside it."""
    found: set[tuple[str, date]] = set()
    for name, code in typed.items():
        if name.endswith("-currency") and code in CURRENCIES and len(found) < MOST_ASKED:
            try:
                found.add((code, date.fromisoformat(typed.get(name.removesuffix("currency") + "date", "").strip())))
            except ValueError:
                continue
    return frozenset(found)
