"""Whatever is typed in a claim, reading it never fails, and what comes out of it can be trusted."""

from __future__ import annotations

import json
import re
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from tests.workflows.claims import CAR, HOME, MEAL, PARKING, POLICIES, RECEIPT, TODAY, TRAIN, filling, read, typed
from workflows.expense_claim import EXPENSE_CLAIM
from workflows.expense_claim.categories import CATEGORIES
from workflows.expense_claim.form import MOST_LINES, ClaimForm, LineForm
from workflows.expense_claim.rules import COMPLETE
from workflows.filling import FillingIn
from workflows.kernel import Actor, CaseView, Given, Situation
from workflows.money import MOST_CENTS
from workflows.parties import INITIATOR

LINE_FIELDS = tuple(LineForm().data)
MOST_BY_RATE = 31 * 240 + 2000 * 23
ABSURD = (
    "", " ", "0", "-0", "-1", "1e9", "1e-9", "NaN", "Infinity", "0x1F", "١٢", "１２", "²", "½", "9" * 60, "9" * 5000,
    "1.234.567,89", "12,-", "€", "€ -€", "--", "2026-11-20", "2026-02-30", "9999-12-31", "0001-01-01", "2026-W01-1",
    "20261120  ", "two\nlines", "\x00", "\u202e", "\ud7ff", "💶", "'; DROP TABLE person;--", "<script>", "{{ 7*7 }}",
    "%(amount)s", "%", "a" * 2001, "true", "None", "parking", "own_car", "meal", "21",
)  # fmt: skip

anything = st.sampled_from(ABSURD) | st.text(max_size=40)
sensible = st.sampled_from((PARKING, TRAIN, CAR, HOME, MEAL))
hostile_line = st.fixed_dictionaries({}, optional=dict.fromkeys(LINE_FIELDS, anything))
lines = st.lists(st.builds(lambda good, bad: good | bad, sensible, hostile_line) | hostile_line, max_size=5)
spells = st.lists(st.tuples(st.dates(), st.none() | st.dates()), max_size=3).map(tuple)
documents = st.dictionaries(st.sampled_from(("k0", "k1", "", "<b>")), st.just((RECEIPT,)))
around = st.builds(
    FillingIn, today=st.just(TODAY) | st.dates(), policies=st.just(POLICIES), employed=spells, documents=documents,
    language=st.sampled_from(("nl", "en", "xx")),
)  # fmt: skip


def names_of(count: int) -> set[str]:
    """Every field that a problem may stand beside."""
    beside = {f"lines-{i}-{name}" for i in range(max(count, 1)) for name in (*LINE_FIELDS, "receipt")}
    return {"purpose", "cost_centre", "lines"} | beside


def check(fields: dict[str, str], known: FillingIn, count: int) -> None:
    content, wrong = EXPENSE_CLAIM.read(ClaimForm(MultiDict(fields)), known)
    for problem in wrong:
        assert problem.field in names_of(count)
        assert re.fullmatch("[a-z_]+", problem.code)
        assert (problem.sentence % problem.values).endswith(".")
    assert json.loads(json.dumps(content)) == content
    assert len(content["lines"]) <= MOST_LINES
    for line in content["lines"]:
        cents = line.get("claimed_cents", 0)
        assert type(cents) is int
        assert 0 <= cents <= (MOST_BY_RATE if CATEGORIES[line["category"]].rate else MOST_CENTS)
        assert line["sanctioned_cents"] == cents
        assert 0 <= line.get("vat_cents", 0) <= cents
    facts = EXPENSE_CLAIM.facts(content)
    assert facts.claimed_cents == sum(line.get("claimed_cents", 0) for line in content["lines"])
    if not wrong:
        now = Situation(CaseView("draft", 1, {}), Actor(1, INITIATOR), Given(content=content), None, TODAY)  # type: ignore[arg-type]
        assert COMPLETE.broken(now) is False


@settings(deadline=None)
@given(lines, anything, anything, around)
def test_whatever_is_typed_it_is_read(lines: list[dict[str, str]], purpose: str, centre: str, known: FillingIn) -> None:
    check(typed(*lines, purpose=purpose, cost_centre=centre), known, len(lines))


@settings(deadline=None)
@given(st.integers(0, MOST_LINES + 10), st.data())
def test_however_many_lines_there_are(count: int, data: st.DataObject) -> None:
    check(typed(*[data.draw(sensible)] * count), filling(), count)


@settings(deadline=None)
@given(st.dates(date(2022, 1, 1), TODAY), st.decimals(min_value="0.1", max_value="2000", places=1))
def test_a_journey_costs_the_rate_of_its_own_day(day: date, km: object) -> None:
    content, _ = read(typed(CAR | {"date": day.isoformat(), "km": str(km)}))
    (line,) = content["lines"]
    if day < date(2023, 1, 1):
        assert "rate" not in line
        return
    rate = 21 if day < date(2024, 1, 1) else 23
    assert line["rate"] == str(rate)
    assert abs(line["claimed_cents"] - float(str(km)) * rate) <= 0.5
