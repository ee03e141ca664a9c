"""A signed statement in place of a receipt that is missing: why, where it was bought, and which one of the year it is.

A municipality may agree on the most of them that one person signs in a year, and what happens beyond it: the line is
refused, or whoever decides and checks sees it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from workflows.fields import Reader
from workflows.filling import FillingIn
from workflows.parties import N_
from workflows.policy_keys import REFUSED_BEYOND

MOST, BEYOND = "statements_most", "statements_beyond"


def is_typed(entry: Any) -> bool:
    """Whether somebody began on a statement for this line."""
    return bool((entry["missing_why"].data or "").strip() or entry["missing_sign"].data)


class Statements:
    """Reads the statements of one claim, counting on from those that the same person signed before."""

    def __init__(self, reader: Reader, filling: FillingIn) -> None:
        self._reader, self._filling = reader, filling
        self._here: Counter[int] = Counter()

    def read(self, at: str, entry: Any, day: date | None) -> dict[str, Any]:
        """The statement of one line, with which of the year it is."""
        reader = self._reader
        why = reader.text(
            f"{at}-missing_why", entry["missing_why"].data, required=N_("Say why there is no receipt."), limit=500
        )
        where = reader.text(f"{at}-missing_where", entry["missing_where"].data, required=N_("Say where you bought it."))
        if not entry["missing_sign"].data:
            reader.wrong(f"{at}-missing_sign", "statement_unsigned", N_("Tick the box to sign the statement."))
        if day is None:
            return {}
        self._here[day.year] += 1
        count = self._filling.statements.get(day.year, 0) + self._here[day.year]
        found: dict[str, Any] = {"statement_why": why, "statement_where": where, "statement_count": count}
        most = self._filling.policies.at(MOST, day)
        if most is None or count <= most.number:
            return found
        rule = self._filling.policies.at(BEYOND, day)
        if rule is not None and rule.value == REFUSED_BEYOND:
            reader.wrong(
                f"{at}-missing_sign", "statement_too_many",
                N_("You may claim %(most)s expenses of %(year)s without a receipt at most. Look for the receipt."),
                year=day.year, most=most.value,
            )  # fmt: skip
        return found | {"statement_most": int(most.number), "statement_source": most.source}


def signed(content: Mapping[str, Any], name: str, at: datetime) -> Mapping[str, Any]:
    """The same with each statement under the name of who signs it, and when."""
    return {
        **content,
        "lines": [
            {**line, "statement_by": name, "statement_at": at.isoformat()} if "statement_why" in line else line
            for line in content.get("lines", ())
        ],
    }


def stated(content: Mapping[str, Any]) -> tuple[tuple[str, date], ...]:
    """The lines with a statement, by key, and of which day each is."""
    return tuple(
        (line["key"], date.fromisoformat(line["date"])) for line in content.get("lines", ()) if "statement_why" in line
    )


def typed_as(line: Mapping[str, Any]) -> dict[str, str]:
    """The statement of a line as one would type it; signing is done anew."""
    if "statement_why" not in line:
        return {}
    return {"missing_why": line["statement_why"], "missing_where": line["statement_where"]}
