"""The form in which a business case is typed: what it cost before, and a row for every year."""

from __future__ import annotations

from portal import i18n
from portal.queries.business_case import Held
from portal.web.admin.forms import Form
from workflows.business_case import BusinessCase, Year
from workflows.fields import MONEY_SENTENCES
from workflows.kernel import Refused
from workflows.money import MoneyError, parse_euro, plain
from workflows.parties import N_

MOST = 10
"""How many years can be typed."""
FEWEST = 5
FIRST_YEAR = N_("Write the first year as 2027.")
EMPTY_YEAR = N_("Fill in the costs of this year, or empty the years after it too.")


def filled(held: Held | None, year: int) -> Form:
    """The form with the version that holds in it; without one with empty years from this one on."""
    comma = i18n.language() == "nl"
    case = held.case if held else BusinessCase(0, ())
    present: dict[str, object] = {"first": case.years[0].year if case.years else year}
    if held:
        present["current"] = plain(case.current_cents, comma)
    for at, one in enumerate(case.years):
        present[f"running-{at}"] = plain(one.running_cents, comma)
        present[f"investment-{at}"] = plain(one.investment_cents, comma)
    return Form("enter", **present)


def rows_of(form: Form) -> range:
    """Which rows are shown: those with something in them and one more, five at least."""
    used = [at for at in range(MOST) if form.text(f"running-{at}").strip() or form.text(f"investment-{at}").strip()]
    return range(min(MOST, max([FEWEST, *(at + 2 for at in used)])))


def read(form: Form) -> BusinessCase:
    """The business case that was typed. Raises Refused, with what is wrong beside each field."""
    first = form.text("first").strip()
    if not (first.isascii() and first.isdigit() and len(first) == 4 and first[0] != "0"):
        form["first"].errors.append(i18n.gettext(FIRST_YEAR))
        first = "1"
    current = _cents(form, "current")
    typed = [at for at in range(MOST) if form.text(f"running-{at}").strip() or form.text(f"investment-{at}").strip()]
    years = []
    for at in range(max(typed, default=-1) + 1):
        if at not in typed:
            form[f"running-{at}"].errors.append(i18n.gettext(EMPTY_YEAR))
            continue
        once = _cents(form, f"investment-{at}") if form.text(f"investment-{at}").strip() else 0
        years.append(Year(int(first) + at, _cents(form, f"running-{at}"), once))
    if form.wrong:
        raise Refused
    return BusinessCase(current, tuple(years))


def _cents(form: Form, name: str) -> int:
    try:
        return parse_euro(form.text(name), decimal_comma=i18n.language() == "nl")
    except MoneyError as error:
        form[name].errors.append(i18n.gettext(MONEY_SENTENCES[error.code]))
        return 0
