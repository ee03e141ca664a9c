"""What the agreements make of the lines: what may be claimed, within which term, and how much of it is paid.

Whatever judged a line is frozen on it: code, value, since when, article and source.
"""

from __future__ import annotations

import json
from calendar import monthrange
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from workflows.caps import CUT, Amount, Met, Spent, held_against
from workflows.currencies import PROOF
from workflows.expense_claim.categories import CATEGORIES
from workflows.fields import Reader
from workflows.filling import FillingIn, Raised
from workflows.parties import N_
from workflows.policies import PolicyBook, PolicyRow

OFFERED, TERM = "claim_categories", "claim_term_months"


def offered(policies: PolicyBook, day: date) -> frozenset[str]:
    """The kinds of expense that can be claimed on this day; all of them where nothing was agreed."""
    row = policies.at(OFFERED, day)
    return frozenset(json.loads(row.value)) if row else frozenset(CATEGORIES)


def judged(
    reader: Reader, lines: Sequence[dict[str, Any]], late_reasons: Sequence[str | None], filling: FillingIn
) -> list[dict[str, Any]]:
    """The lines with what the agreements make of them. An empty line is one that could not be read."""
    for index, line in enumerate(lines):
        if day := _day(line):
            _offered(reader, f"lines-{index}", line, day, filling.policies)
            _priced(line, day, filling.policies)
            _in_time(reader, f"lines-{index}", line, day, late_reasons[index], filling)
    _days_apart(reader, lines, filling)
    _capped(lines, filling)
    read = [line for line in lines if line.get("claimed_cents")]
    if read and not any(line["sanctioned_cents"] for line in read):
        reader.wrong("lines", "nothing_left", N_("Nothing of this claim can be paid: the most was reached already."))
    return list(lines)


def _day(line: Mapping[str, Any]) -> date | None:
    return date.fromisoformat(line["date"]) if line.get("date") else None


def rule(row: PolicyRow, **more: Any) -> dict[str, Any]:
    """An agreement as it is frozen on a line that it judged."""
    frozen = {"code": row.key, "value": row.value, "from": row.valid_from.isoformat()}
    return frozen | {"article": row.article, "source": row.source} | more


def _freeze(line: dict[str, Any], row: PolicyRow, **more: Any) -> None:
    line["rules"] = [*line.get("rules", ()), rule(row, **more)]


def _offered(reader: Reader, at: str, line: Mapping[str, Any], day: date, policies: PolicyBook) -> None:
    if line["category"] not in offered(policies, day):
        reader.wrong(
            f"{at}-category",
            "category_not_offered",
            N_("Your municipality does not pay this kind of expense with a claim. Ask the SSC how it is arranged."),
        )


def _priced(line: dict[str, Any], day: date, policies: PolicyBook) -> None:
    row = policies.at(CATEGORIES[line["category"]].rate or "", day)
    if row is not None and line.get("claimed_cents"):
        _freeze(line, row)


def _in_time(reader: Reader, at: str, line: dict[str, Any], day: date, reason: str | None, filling: FillingIn) -> None:
    """Who is late says why. A claim that came back is as old as when it was first handed in."""
    row = filling.policies.at(TERM, day)
    if row is None or (filling.received or filling.today) <= last_day(day, int(row.number)):
        return
    line["late_reason"] = reader.text(f"{at}-late_reason", reason)
    if not line["late_reason"]:
        reader.wrong(
            f"{at}-late_reason",
            "late_unexplained",
            N_("This was more than %(months)s months ago. Say why you claim it only now."),
            months=int(row.number),
        )
    _freeze(line, row)


def last_day(day: date, months: int) -> date:
    """The last day of a term in months: the same day of a later month, or the last one it has."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _days_apart(reader: Reader, lines: Sequence[Mapping[str, Any]], filling: FillingIn) -> None:
    """Who works at home does not travel to work that day, and no month has more days than it has."""
    days: Counter[tuple[str, str]] = Counter()
    for one in filling.spent:
        if CATEGORIES[one.category].apart:
            days[one.category, one.day.isoformat()[:7]] += one.days
    seen: dict[str, str] = {}
    for index, line in enumerate(lines):
        category = CATEGORIES.get(line.get("category", ""))
        if category is None or not category.apart or not line["date"] or not line.get("claimed_cents"):
            continue
        days[category.key, line["date"][:7]] += int(line.get("days", 1))
        in_month = days[category.key, line["date"][:7]] + days[category.apart, line["date"][:7]]
        if int(line.get("days", 1)) == 1 and seen.setdefault(line["date"], category.key) == category.apart:
            reader.wrong(
                f"lines-{index}-date",
                "home_and_commuting",
                N_("On one day you can claim either working at home or travelling to work."),
            )
        elif in_month > monthrange(int(line["date"][:4]), int(line["date"][5:7]))[1]:
            reader.wrong(
                f"lines-{index}-{'days' if 'days' in category.fields else 'date'}",
                "month_too_full",
                N_("With this you claim more days in one month than that month has."),
            )


def _capped(lines: Sequence[dict[str, Any]], filling: FillingIn) -> None:
    """Cut what is above a cap, and freeze which cap it was."""
    able = [line for line in lines if line.get("claimed_cents") and line.get("date")]
    amounts = [
        Amount(line["category"], date.fromisoformat(line["date"]), line["claimed_cents"], int(line.get("days", 1)))
        for line in able
    ]
    for line, (left, above) in zip(able, held_against(filling.policies, amounts, filling.spent), strict=True):
        for met in above:
            _freeze(line, met.cap.row, **_said(met))
        if left < line["claimed_cents"]:
            line["allowed_cents"] = line["sanctioned_cents"] = left


def _said(met: Met) -> dict[str, Any]:
    return {
        "per": met.cap.per, "then": met.cap.then, "cap_cents": met.cap.cents, "before_cents": met.before,
        "after_cents": met.after, **({"elsewhere_cents": met.elsewhere} if met.elsewhere else {}),
    }  # fmt: skip


def held_anew(content: Mapping[str, Any], policies: PolicyBook, spent: Collection[Spent]) -> Mapping[str, Any]:
    """A claim that was rejected and goes on: what other claims took of a cap meanwhile is cut off it."""
    lines = [dict(line) for line in content.get("lines", ())]
    able = [line for line in lines if not line.get("outcome")]
    amounts = [
        Amount(line["category"], date.fromisoformat(line["date"]), ceiling(line), int(line.get("days", 1)))
        for line in able
    ]
    for line, (left, above) in zip(able, held_against(policies, amounts, spent), strict=True):
        for met in above:
            if met.cap.then == CUT:
                _freeze(line, met.cap.row, **_said(met))
        if left < ceiling(line):
            line["allowed_cents"], line["sanctioned_cents"] = left, min(left, line["sanctioned_cents"])
    return {**content, "lines": lines}


def ceiling(line: Mapping[str, Any]) -> int:
    """The most that can be granted of a line: what was claimed, less what a cap cut off."""
    return int(line.get("allowed_cents", line["claimed_cents"]))


def raised_by(content: Mapping[str, Any]) -> Iterable[Raised]:
    """What whoever judges a claim must see of its lines: one twice, and what the agreements made of them."""
    yield from _twice(content.get("lines", ()))
    for line in content.get("lines", ()):
        yield from _own_word(line)
        for one in line.get("rules", ()):
            if one["code"] == TERM:
                values = {"months": int(one["value"]), "reason": line.get("late_reason", "")}
                yield Raised(line["key"], "late", values=values)
            elif "then" in one:
                over = one["before_cents"] - (one["after_cents"] if one["then"] == CUT else one["cap_cents"])
                values = {"over_cents": over, "cap_cents": one["cap_cents"], "per": one["per"]}
                values |= {name: one[name] for name in ("elsewhere_cents",) if name in one}
                yield Raised(line["key"], "cap_cut" if one["then"] == CUT else "cap_warned", one["per"], values)


def _own_word(line: Mapping[str, Any]) -> Iterable[Raised]:
    """What rests on the word of the employee: a statement in place of a receipt, and a rate of their own bank."""
    if "statement_why" in line:
        yield Raised(line["key"], "no_receipt", values={"count": line["statement_count"], "year": line["date"][:4]})
    if line.get("exchange_source") == PROOF:
        yield Raised(line["key"], "own_rate", values={"currency": line["currency"]})


def _twice(lines: Iterable[Mapping[str, Any]]) -> Iterable[Raised]:
    """Lines that say what an earlier one of the same claim says, on the same file: a ticket there and one back differ
    in their file, and one receipt that is split over lines in what they say."""
    seen: dict[tuple[Any, ...], int] = {}
    for number, line in enumerate(lines, start=1):
        for file in {document["sha256"] for document in line.get("documents", ())}:
            known = (file, line["category"], line.get("date"), line.get("claimed_cents"))
            if seen.setdefault(known, number) != number:
                values = {"earlier": seen[known], "file": file, "cents": line.get("claimed_cents")}
                yield Raised(line["key"], "twice_in_claim", values=values)
                break
