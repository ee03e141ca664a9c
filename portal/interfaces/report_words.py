"""Figures in words, in the reader's language: the same in a mail, on a page and on paper."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_date

from portal import i18n
from workflows.indicators import DAYS, LEFT_OUT, NUMBER, PERCENT, SMALL
from workflows.parties import N_
from workflows.periods import Period, parsed

Figure = Mapping[str, Any]
MASKED = N_("fewer than %(count)s")
QUARTER = N_("quarter %(quarter)s of %(year)s")
SPAN = N_("%(first)s up to and including %(last)s")


def name_of(figure: Figure) -> str:
    """What the figure is called; of an older version, which."""
    return str(figure["label"]["en" if i18n.language() == "en" else "nl"])


def told_of(figure: Figure) -> str:
    """How it is counted."""
    return str(figure["explained"]["en" if i18n.language() == "en" else "nl"])


def exact(value: int | float | None) -> Decimal | None:
    """A number out of JSON as it was written."""
    return None if value is None else Decimal(str(value))


def amount(value: Decimal | None, unit: str) -> str:
    """A value with its unit: 94,1%, 2,3 dagen, 7,4."""
    if value is None:
        return "–"
    said = i18n.number(value)
    if unit == PERCENT:
        return f"{said}%"
    return i18n.gettext(N_("%(number)s working days"), number=said) if unit == DAYS else said


def value_of(figure: Figure, unit: str = "") -> str:
    """The value in words; of one that is masked that there were too few."""
    if figure.get("masked"):
        return i18n.gettext(MASKED, count=SMALL)
    return amount(exact(figure["value"]), unit or figure["unit"])


def target_of(figure: Figure) -> str:
    """What is aimed at: at least or at most so much; empty where nothing is."""
    target = exact(figure["target"])
    if target is None:
        return ""
    form = N_("at least %(target)s") if figure["better"] == "more" else N_("at most %(target)s")
    return i18n.gettext(form, target=amount(target, figure["unit"]))


def agreed_of(figure: Figure) -> str:
    """What is aimed at, where nothing beside it says that this is so."""
    target = target_of(figure)
    return i18n.gettext(N_("agreed: %(target)s"), target=target) if target else ""


def norm_of(figure: Figure) -> str:
    """Within how long it must be done."""
    norm = figure["norm"]
    if norm is None:
        return ""
    if norm.get("own"):
        return i18n.gettext(N_("the norm of each kind of case"))
    if norm["count"] == "working":
        return i18n.ngettext("%(num)s working day", "%(num)s working days", norm["days"])
    return i18n.ngettext("%(num)s day", "%(num)s days", norm["days"])


def made_of(figure: Figure) -> str:
    """Of how many: 95 of 101, or how many were counted."""
    if figure.get("masked") or not figure["denominator"]:
        return ""
    if figure["unit"] == PERCENT:
        return i18n.gettext(N_("%(part)s of %(whole)s"), part=figure["numerator"], whole=figure["denominator"])
    if figure["unit"] == NUMBER:
        return ""
    return i18n.ngettext("%(num)s counted", "%(num)s counted", figure["denominator"])


def step_of(figure: Figure) -> str:
    """What was agreed to do now that the target was missed; empty where nothing was, or it was not."""
    step = figure.get("step")
    if not step:
        return ""
    return i18n.gettext(N_("%(what)s (%(who)s, within %(days)s working days)"), what=step["what"], who=step["who"],
                        days=step["days"])  # fmt: skip


def missed_of(figure: Figure) -> str:
    """For how many months in a row it was missed; empty for the first."""
    months = figure.get("missed_months") or 0
    return i18n.ngettext("%(num)s month in a row", "%(num)s months in a row", months) if months > 1 else ""


def left_out_of(figure: Figure) -> list[tuple[str, int]]:
    """What was not counted, and why."""
    return [(i18n.gettext(LEFT_OUT[code]), count) for code, count in figure["left_out"].items()]


def verdict_of(figure: Figure) -> str:
    """Whether it is as agreed, in words; empty where that cannot be said."""
    match figure["met"]:
        case True:
            return i18n.gettext(N_("As agreed"))
        case False:
            return i18n.gettext(N_("Not as agreed"))
    return ""


def month_in_words(name: str, form: str = "MMMM y") -> str:
    """A month, as `2026-10`, in words: oktober 2026."""
    said: str = format_date(date.fromisoformat(f"{name}-01"), form, locale=i18n.language())
    return said.rstrip(".")


def period_in_words(period: Period | str) -> str:
    """A period in words: oktober 2026, kwartaal 3 van 2026, 2026."""
    known = parsed(period) if isinstance(period, str) else period
    if known is None:
        return str(period)
    match len(known.name), known.name:
        case 7, name if "Q" in name:
            return i18n.gettext(QUARTER, quarter=name[-1], year=name[:4])
        case 7, name:
            return month_in_words(name)
        case 4, name:
            return name
    return i18n.gettext(SPAN, first=i18n.day(known.first), last=i18n.day(known.last))


def expected_of(figure: Figure) -> str:
    """What is expected of the whole quarter; empty where nothing is."""
    expected = figure.get("expected")
    return amount(exact(expected["value"]), figure["unit"]) if expected else ""


FILTERS = {
    "figure_name": name_of, "figure_told": told_of, "figure_value": value_of, "figure_target": target_of,
    "figure_agreed": agreed_of,
    "figure_norm": norm_of, "figure_made": made_of, "figure_left_out": left_out_of, "figure_verdict": verdict_of,
    "figure_expected": expected_of, "figure_step": step_of, "figure_missed": missed_of,
    "month": month_in_words, "period": period_in_words,
}  # fmt: skip
