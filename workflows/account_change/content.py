"""From what was typed to the account that is asked for, and what a clerk must be sure of before it is used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.fields import Reader
from workflows.filling import Facts, FillingIn, Problem
from workflows.iban import IBAN_SENTENCES, InvalidIban, clean_iban, masked
from workflows.parties import N_

CHECKS = (
    ("name", N_("The account is in the name of the employee")),
    ("called", N_("I called the employee on a number that we already had")),
    ("confirmed", N_("The employee asked for this change and read the number to me")),
)
"""By telephone and not by mail: whoever changes somebody's account number may well read their mail."""


def _iban(reader: Reader, typed: str | None, in_use: str) -> str:
    if not (typed or "").strip():
        reader.wrong("iban", "iban_empty", IBAN_SENTENCES["iban_empty"])
        return ""
    try:
        iban = clean_iban(typed or "")
    except InvalidIban as error:
        reader.wrong("iban", error.code, IBAN_SENTENCES[error.code])
        return ""
    if iban == in_use:
        reader.wrong("iban", "same_account", N_("This is already the account number."))
    return iban


def read(form: Any, filling: FillingIn) -> tuple[Mapping[str, Any], tuple[Problem, ...]]:
    """Understand a filled-in change. Returns its content (as far as it can be read) and everything wrong with it."""
    reader = Reader(filling.language)
    iban = _iban(reader, form.iban.data, filling.account)
    holder = reader.text("holder", form.holder.data, required=N_("Fill in the name as it stands on your bank card."))
    return {"iban": iban, "holder": holder, "instead_of": masked(filling.account)}, tuple(reader.problems)


def facts_of(content: Mapping[str, Any]) -> Facts:
    """In lists a change is known by its account, masked."""
    return Facts(title=f"IBAN {masked(content.get('iban', ''))}")


def checks_of(content: Mapping[str, Any]) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """What a clerk ticks before the account is used."""
    return {"account": CHECKS}
