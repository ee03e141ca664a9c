"""A chart of accounts in a CSV file: which columns it may have, its rows as rows of a chart, and the way back.

Each row is read by itself; whether the rows fit together is for `commands/chart.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from portal.interfaces.csv_files import by_column, written
from portal.interfaces.people_file import day_in
from workflows.chart import (
    ACCOUNT,
    AS_COST,
    BALANCE,
    COST_CENTRE,
    POSTING,
    RECLAIMED,
    RESULT,
    TASK,
    ChartRow,
)
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "kind": ("soort", "kind"),
    "code": ("code",),
    "label": ("naam", "name"),
    "side": ("balans of resultaat", "balance or result"),
    "category": ("categorie", "category"),
    "account": ("rekening", "account"),
    "task": ("taakveld", "task field"),
    "vat": ("btw", "vat"),
    "first": ("van", "from"),
    "last": ("tot en met", "up to and including"),
    "source": ("bron", "source"),
}
"""What a column may be called, in small letters. The first is what our own file calls it."""
NEEDED = ("kind", "code", "first", "source")
WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "kind": {ACCOUNT: ("rekening", "account"), COST_CENTRE: ("kostenplaats", "cost centre"),
             TASK: ("taakveld", "task field"), POSTING: ("boeking", "posting")},
    "side": {BALANCE: ("balans", "balance"), RESULT: ("resultaat", "result")},
    "vat": {AS_COST: ("kosten", "cost"), RECLAIMED: ("bcf",)},
}  # fmt: skip
"""What stands in a cell that holds one of a few words."""

MOST_BYTES = 512 * 1024
TOO_LARGE = Refusal("chart_too_large", N_("The file is too large: 512 kB at most."))
NO_ROWS = Refusal("chart_no_rows", N_("The file names columns, but nothing stands under them."))
NO_KIND = Refusal("chart_kind", N_("The kind is rekening, kostenplaats, taakveld or boeking."))
NO_SIDE = Refusal("chart_side", N_("Say of a ledger account whether it is balans or resultaat."))
NO_VAT = Refusal("chart_vat", N_("What becomes of the VAT is kosten or bcf."))
BAD_CODE = Refusal("chart_code", N_("A code has letters, digits, points, dashes and underscores, 40 at most."))
NO_LABEL = Refusal("chart_label", N_("Give it a name of 120 characters at most."))
NO_FIRST = Refusal("chart_first", N_("Fill in from which day it holds."))
BACKWARDS = Refusal("chart_backwards", N_("The last day lies before the first."))
NO_SOURCE = Refusal("chart_source", N_("Write down where this is laid down, in 300 characters at most."))
NO_ACCOUNT = Refusal("chart_no_account", N_("Say on which ledger account it is booked."))

_CODE = re.compile(r"[A-Za-z0-9._-]{1,40}")

Problems = list[tuple[str, Refusal]]


@dataclass(frozen=True)
class FileRow:
    """A row of a file: on which line it stands, what it says, and what is wrong with it, by column."""

    number: int
    row: ChartRow
    problems: tuple[tuple[str, Refusal], ...]


def rows_of(content: bytes) -> tuple[tuple[FileRow, ...], tuple[str, ...]]:
    """Every row of a file, and the columns that are not used. Raises Refused when there are none to read."""
    if len(content) > MOST_BYTES:
        raise Refused(TOO_LARGE)
    rows, unused = by_column(content, COLUMNS, NEEDED, NO_ROWS)
    return tuple(_row(number, cells) for number, cells in rows), unused


def _row(number: int, cells: Mapping[str, str]) -> FileRow:
    wrong: Problems = []
    kind = _word("kind", cells, NO_KIND, wrong)
    days: dict[str, date | None] = {}
    for column in ("first", "last"):
        try:
            days[column] = day_in(cells.get(column, ""))
        except Refused as refused:
            days[column] = None
            wrong += [(column, refusal) for refusal in refused.refusals]
    first, last = days["first"], days["last"]
    text = {column: " ".join(cells.get(column, "").split()) for column in ("label", "source", "category", "account",
                                                                           "task")}  # fmt: skip
    code = cells.get("code", "")
    posting = kind == POSTING
    wrong += [
        (column, refusal)
        for bad, column, refusal in (
            (not _CODE.fullmatch(code), "code", BAD_CODE),
            (not posting and not 0 < len(text["label"]) <= 120, "label", NO_LABEL),
            (first is None and not any(column == "first" for column, _ in wrong), "first", NO_FIRST),
            (first is not None and last is not None and last < first, "last", BACKWARDS),
            (not 0 < len(text["source"]) <= 300, "source", NO_SOURCE),
            (posting and not text["account"], "account", NO_ACCOUNT),
            *((bool(text[column]) and not _CODE.fullmatch(text[column]), column, BAD_CODE)
              for column in ("account", "task", "category")),
        )
        if bad
    ]  # fmt: skip
    row = ChartRow(
        kind, code, "" if posting else text["label"], first or date.max, last, text["source"],
        side=_word("side", cells, NO_SIDE, wrong) if kind == ACCOUNT else "",
        category=text["category"] if kind == ACCOUNT else "",
        account=text["account"] if posting else "",
        task=text["task"] if kind in (POSTING, COST_CENTRE) else "",
        vat=_word("vat", cells, NO_VAT, wrong, AS_COST) if posting else "",
    )  # fmt: skip
    return FileRow(number, row, tuple(wrong))


def _word(column: str, cells: Mapping[str, str], refusal: Refusal, wrong: Problems, empty: str = "") -> str:
    """Which of a few words a cell holds."""
    typed = " ".join(cells.get(column, "").casefold().split())
    found = next((word for word, names in WORDS[column].items() if typed in names), "" if typed else empty)
    if not found:
        wrong.append((column, refusal))
    return found


def file_of(rows: Iterable[ChartRow]) -> bytes:
    """A chart as a file that `rows_of` reads back to the same."""

    def word(column: str, value: str) -> str:
        return WORDS[column][value][0] if value else ""

    return written(
        [names[0] for names in COLUMNS.values()],
        (
            (
                word("kind", row.kind), row.code, row.label, word("side", row.side), row.category, row.account,
                row.task, word("vat", row.vat), row.valid_from.isoformat(),
                row.valid_to.isoformat() if row.valid_to else "", row.source,
            )
            for row in rows
        ),
    )  # fmt: skip
