"""From what was typed to the advance that is asked for, and what a clerk must be sure of before it is paid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from workflows.fields import Reader
from workflows.filling import Facts, FillingIn, Problem
from workflows.parties import N_

LIMIT, TERM = "advance_limit_cents", "advance_term_days"
LONGEST = 366
"""Days; what is spent over a longer time is no advance."""

CHECKS = (
    ("for_work", N_("The costs are for work and lie ahead")),
    ("amount", N_("The amount fits what it is for")),
    ("earlier", N_("The employee has no earlier advance that is overdue")),
)


def _period(reader: Reader, form: Any, today: date) -> tuple[str, str]:
    first = reader.day("period_from", form.period_from.data, today=today, ahead=True)
    last = reader.day("period_to", form.period_to.data, today=today, ahead=True)
    if first is not None and last is not None:
        if last < first:
            reader.wrong("period_to", "period_backwards", N_("The last day lies before the first."))
        elif (last - first).days >= LONGEST:
            reader.wrong("period_to", "period_too_long", N_("Ask for a year at most."))
        elif last < today:
            reader.wrong(
                "period_to", "period_past", N_("These days are over. Claim what you spent with an expense claim.")
            )
    return first.isoformat() if first else "", last.isoformat() if last else ""


def _within_limit(reader: Reader, cents: int | None, filling: FillingIn) -> None:
    limit = filling.policies.at(LIMIT, filling.today)
    if limit is None:
        reader.wrong("amount", "no_advances", N_("Your municipality gives no advances. Ask the SSC what is possible."))
    elif cents is not None and cents > limit.number:
        reader.wrong(
            "amount", "advance_above_limit", N_("An advance is %(limit)s at most."), limit_cents=int(limit.number)
        )


def read(form: Any, filling: FillingIn) -> tuple[Mapping[str, Any], tuple[Problem, ...]]:
    """Understand a filled-in advance. Returns its content (as far as it can be read) and everything wrong with it."""
    reader = Reader(filling.language)
    purpose = reader.text("purpose", form.purpose.data, required=N_("Say in a few words what you need the money for."))
    cents = reader.cents("amount", form.amount.data)
    _within_limit(reader, cents, filling)
    first, last = _period(reader, form, filling.today)
    cost_centre = reader.text("cost_centre", form.cost_centre.data, limit=20)
    content = {"purpose": purpose, "cents": cents or 0, "from": first, "to": last, "cost_centre": cost_centre}
    return content, tuple(reader.problems)


def facts_of(content: Mapping[str, Any]) -> Facts:
    """What the queue, the payments and the ledger read of an advance."""
    first, last = content.get("from"), content.get("to")
    return Facts(
        title=content.get("purpose", ""),
        claimed_cents=content.get("cents", 0),
        sanctioned_cents=content.get("cents", 0),
        cost_centre=content.get("cost_centre", ""),
        period_from=date.fromisoformat(first) if first else None,
        period_to=date.fromisoformat(last) if last else None,
    )


def checks_of(content: Mapping[str, Any]) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """What a clerk ticks before the advance is paid."""
    return {"advance": CHECKS}
