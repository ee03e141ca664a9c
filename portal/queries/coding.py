"""What to suggest for coding the lines of a case: what the lines of the same supplier were coded on before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models.cases import Case
from portal.models.lines import CodedLine
from portal.searching import folded
from workflows import CASE_TYPES
from workflows.chart import ACCOUNT, COST_CENTRE, RESULT, TASK, Chart, ChartRow
from workflows.filling import ToCode

LOOKED_AT = 500
"""How many of the last coded lines of a supplier are looked at."""
KINDS = {"account": ACCOUNT, "cost_centre": COST_CENTRE, "task": TASK}

Coding = tuple[str, str, str]


@dataclass(frozen=True)
class Suggested:
    """How a line is best coded: by what, how often that was done before, and whether for the same description."""

    account: str
    cost_centre: str
    task: str
    times: int
    same: bool


def alike(text: str) -> str:
    """A description as it is compared: without capitals, diacritics and numbers, which differ each month."""
    words = "".join(sign if sign.isalpha() else " " for sign in folded(text)).split()
    return " ".join(words)[:200]


def choices(chart: Chart, day: date) -> Mapping[str, Sequence[ChartRow]]:
    """On what a line can be coded on a day, by field: costs stand on accounts of profit and loss."""
    return {
        name: [row for row in chart.on(kind, day) if kind != ACCOUNT or row.side == RESULT]
        for name, kind in KINDS.items()
    }


def suggestions(session: Session, case: Case, chart: Chart, day: date) -> Mapping[str, Suggested]:
    """By line, what was used most for the same description of this supplier here, else most for the supplier."""
    case_type = CASE_TYPES[case.type]
    supplier = case_type.payee(case.content)
    if supplier is None:
        return {}
    rows = session.scalars(
        select(CodedLine)
        .where(CodedLine.supplier_id == supplier, CodedLine.municipality_id == case.municipality_id,
               CodedLine.case_id != case.id)
        .order_by(CodedLine.id.desc()).limit(LOOKED_AT)
    ).all()  # fmt: skip
    allowed = {name: {row.code for row in rows_of} for name, rows_of in choices(chart, day).items()}
    usable = [
        (row.alike, (row.account, row.cost_centre, row.task))
        for row in rows
        if row.account in allowed["account"]
        and all(not code or code in allowed[name] for name, code in (("cost_centre", row.cost_centre),
                                                                      ("task", row.task)))
    ]  # fmt: skip
    return suggested(case_type.to_code(case.content), usable)


def suggested(lines: Iterable[ToCode], history: Sequence[tuple[str, Coding]]) -> dict[str, Suggested]:
    """The same, of plain values; `history` has the newest first, and of what was used as often the newest wins."""
    found = {}
    for line in lines:
        own = Counter(coding for text, coding in history if text == alike(line.text))
        every = own or Counter(coding for _, coding in history)
        if every:
            coding, times = every.most_common(1)[0]
            found[line.key] = Suggested(*coding, times, bool(own))
    return found
