"""A report as a file: JSON with everything, a workbook and CSV for a controller, and a PDF that a council can read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from portal import i18n
from portal.interfaces.charts import Point, trend
from portal.interfaces.csv_files import written as csv_written
from portal.interfaces.paper import Paper, Section
from portal.interfaces.paper import written as paper_written
from portal.interfaces.report_words import (
    agreed_of,
    amount,
    exact,
    left_out_of,
    made_of,
    missed_of,
    month_in_words,
    name_of,
    norm_of,
    period_in_words,
    step_of,
    target_of,
    told_of,
    value_of,
    verdict_of,
)
from portal.interfaces.xlsx import Cell, Sheet, workbook
from workflows.indicators import DAYS, PERCENT
from workflows.parties import N_

_ = i18n.gettext
MADE_OF = ("value", "numerator", "denominator")
HUNDRED = Decimal(100)
Figure = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Edition:
    """What was published: as which edition, when and why, with its hash."""

    number: int
    published_at: datetime
    reason: str
    sha256: str
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """The figures of a period: as published, with the edition that was corrected; or counted now."""

    data: Mapping[str, Any]
    published: Edition | None = None
    before: Edition | None = None


HEAD = (
    N_("Figure"), N_("Key"), N_("Version"), N_("Value"), N_("Unit"), N_("Norm"), N_("Target"), N_("As agreed"),
    N_("Numerator"), N_("Denominator"), N_("Not counted"), N_("Definition"), N_("Source"),
)  # fmt: skip
UNITS = {PERCENT: N_("percent"), DAYS: N_("working days"), "score": N_("mark"), "number": N_("number")}


def title_of(data: Mapping[str, Any]) -> str:
    """What the report is called."""
    where = data["municipality"]["name"] if data["municipality"] else _(N_("all municipalities"))
    return _(N_("Report on %(period)s: %(where)s"), period=period_in_words(data["period"]["name"]), where=where)


def as_json(found: Found, _partnership: str, _at: datetime) -> bytes:
    """Everything, with the edition it is of."""
    one = found.published
    published = None
    if one is not None:
        published = {"edition": one.number, "published_at": one.published_at.isoformat(), "sha256": one.sha256,
                     "reason": one.reason}  # fmt: skip
    said = {**found.data, "published": published}
    if found.before is not None:
        said["restates"] = {"edition": found.before.number, "figures": found.before.figures["figures"]}
    return (json.dumps(said, ensure_ascii=False, indent=2) + "\n").encode()


def rows_of(data: Mapping[str, Any]) -> Iterator[list[Cell]]:
    """A row for each figure; the columns are those of HEAD."""
    for one in data["figures"]:
        yield [
            name_of(one), one["key"], one["version"], value_of(one) if one["masked"] else exact(one["value"]),
            _(UNITS[one["unit"]]), norm_of(one), exact(one["target"]), verdict_of(one), one["numerator"],
            one["denominator"], "; ".join(f"{why}: {count}" for why, count in left_out_of(one)), told_of(one),
            one["source"],
        ]  # fmt: skip


def as_csv(found: Found, _partnership: str, _at: datetime) -> bytes:
    """A row for each figure."""
    comma = i18n.language() == "nl"

    def said(cell: Cell) -> object:
        return str(cell).replace(".", ",") if comma and isinstance(cell, Decimal) else cell

    return csv_written([_(word) for word in HEAD], ([said(cell) for cell in row] for row in rows_of(found.data)))


def as_xlsx(found: Found, partnership: str, at: datetime) -> bytes:
    """A sheet with the figures, one with their months, and of all together one by municipality."""
    data = found.data
    sheets = [Sheet(_(N_("Figures")), [_(word) for word in HEAD], list(rows_of(data)))]
    trend_head = [
        _(N_("Figure")),
        _(N_("Version")),
        _(N_("Month")),
        _(N_("Value")),
        _(N_("Numerator")),
        _(N_("Denominator")),
    ]
    months: list[list[Cell]] = [
        [name_of(one), one["version"], month["month"], exact(month["value"]), month["numerator"], month["denominator"]]
        for one in data["figures"] for month in one["trend"]
    ]  # fmt: skip
    sheets.append(Sheet(_(N_("Months")), trend_head, months))
    if compared := [(one, row) for one in data["figures"] for row in one.get("by_municipality", ())]:
        head = [
            _(N_("Figure")),
            _(N_("Version")),
            _(N_("Municipality")),
            _(N_("Value")),
            _(N_("Numerator")),
            _(N_("Denominator")),
        ]
        places: list[list[Cell]] = [
            [name_of(one), one["version"], row["name"], exact(row["value"]), row["numerator"], row["denominator"]]
            for one, row in compared
        ]  # fmt: skip
        sheets.append(Sheet(_(N_("Municipalities")), head, places))
    return workbook(title_of(data), partnership, at, sheets)


def chart_of(figure: Figure) -> str:
    """The thirteen months as a drawing; empty when nothing was measured."""
    points = [
        Point(month_in_words(month["month"], "MMM"), value := exact(month["value"]), amount(value, figure["unit"]))
        for month in figure["trend"]
    ]  # fmt: skip
    percent = figure["unit"] == PERCENT
    return trend(points, target=exact(figure["target"]), target_said=agreed_of(figure),
                 unit="%" if percent else "", most=HUNDRED if percent else None)  # fmt: skip


def chart_said(figure: Figure) -> str:
    """What the drawing shows, for who does not see it."""
    known = [month for month in figure["trend"] if month["value"] is not None]
    if not known:
        return ""
    first, last = known[0], known[-1]
    return _(
        N_("%(name)s: from %(first)s in %(then)s to %(last)s in %(now)s. The table says every month."),
        name=name_of(figure), first=amount(exact(first["value"]), figure["unit"]), then=month_in_words(first["month"]),
        last=amount(exact(last["value"]), figure["unit"]), now=month_in_words(last["month"]),
    )  # fmt: skip


def paper_of(found: Found, partnership: str, at: datetime) -> Paper:
    """The report on paper: first what is and is not as agreed, then each figure with its course and definition."""
    data = found.data
    sections = [_summary(data)]
    if found.published is not None and found.before is not None:
        sections.append(_corrected(found.published, found.before, data))
    sections += [_figure(one) for one in data["figures"]]
    return Paper(
        title=title_of(data), author=partnership, running=f"{partnership} · {title_of(data)}", made=_made(found, at),
        made_at=at, lang=i18n.language(), sections=sections,
    )  # fmt: skip


def _made(found: Found, at: datetime) -> str:
    one = found.published
    if one is None:
        return _(N_("Counted on %(at)s. These figures were not published."), at=i18n.moment(at))
    if one.number > 1:
        return _(N_("Published on %(day)s as correction %(number)s. Why: %(reason)s"), day=i18n.day(one.published_at),
                 number=one.number - 1, reason=one.reason)  # fmt: skip
    return _(N_("Published on %(day)s."), day=i18n.day(one.published_at))


VERSION = N_("version %(version)s. Source: %(source)s")
SUMMARY = N_(
    "Something is counted in the month in which it is certain whether it was in time: when it was done, or when its "
    "term ended. So what is still open past its term counts as late."
)


def _summary(data: Mapping[str, Any]) -> Section:
    rows = [[name_of(one), value_of(one), target_of(one), verdict_of(one), made_of(one)] for one in data["figures"]]
    head = [_(N_("Figure")), _(N_("Value")), _(N_("Agreed")), _(N_("Verdict")), _(N_("Counted"))]
    section = Section(_(N_("At a glance"))).text(_(SUMMARY))
    return section.rows(head, rows, [4.2, 1.7, 2.6, 1.6, 1.7], [1])


def _corrected(now: Edition, before: Edition, data: Mapping[str, Any]) -> Section:
    old = {(one["key"], one["version"]): one for one in before.figures["figures"]}
    rows = []
    for one in data["figures"]:
        was = old.get((one["key"], one["version"]))
        if was is None or any(was[part] != one[part] for part in MADE_OF):
            then = (value_of(was), made_of(was)) if was else ("–", "")
            rows.append([name_of(one), *then, value_of(one), made_of(one)])
    head = [_(N_("Figure")), _(N_("It was")), _(N_("Counted")), _(N_("It is")), _(N_("Counted"))]
    return Section(_(N_("What was corrected"))).text(now.reason).rows(head, rows, [4, 1.5, 1.7, 1.5, 1.7], [1, 3])


def _figure(figure: Figure) -> Section:
    section = Section(name_of(figure))
    section.facts([
        (_(N_("Value")), " · ".join(filter(None, (value_of(figure), made_of(figure), verdict_of(figure))))),
        (_(N_("Agreed")), target_of(figure)),
        (_(N_("Norm")), norm_of(figure)),
        (_(N_("Missed")), missed_of(figure)),
        (_(N_("What was agreed to do then")), step_of(figure)),
        (_(N_("Not counted")), ", ".join(f"{why}: {count}" for why, count in left_out_of(figure))),
        (_(N_("How it is counted")), told_of(figure)),
        (_(N_("Definition")), _(VERSION, version=figure["version"], source=figure["source"])),
    ])  # fmt: skip
    if drawn := chart_of(figure):
        section.chart(drawn, chart_said(figure))
        section.rows(*_months(figure))
    if places := figure.get("by_municipality"):
        head = [_(N_("Municipality")), _(N_("Value")), _(N_("Counted"))]
        rows = [
            [row["name"], value_of(row, figure["unit"]), made_of({**row, "unit": figure["unit"]})] for row in places
        ]
        section.rows(head, rows, [3, 1.5, 1.5], [1])
    return section


def _months(figure: Figure) -> tuple[Sequence[str], Sequence[Sequence[str]], Sequence[float], Sequence[int]]:
    rows = [
        [month_in_words(month["month"]), value_of(month, figure["unit"]), made_of({**month, "unit": figure["unit"]})]
        for month in figure["trend"] if month["value"] is not None or month["masked"]
    ]  # fmt: skip
    return [_(N_("Month")), _(N_("Value")), _(N_("Counted"))], rows, [3, 1.5, 1.5], [1]


def as_pdf(found: Found, partnership: str, at: datetime) -> bytes:
    """The report to print and to keep (PDF/A-2a and PDF/UA-1)."""
    with paper_written(paper_of(found, partnership, at), Path()) as file:
        return file.read()


@dataclass(frozen=True, slots=True)
class Form:
    """A form of the report: its media type, and how it is made."""

    media_type: str
    make: Callable[[Found, str, datetime], bytes]


FORMATS: Mapping[str, Form] = {
    "pdf": Form("application/pdf", as_pdf),
    "xlsx": Form("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx),
    "csv": Form("text/csv; charset=utf-8", as_csv),
    "json": Form("application/json", as_json),
}
