"""What agreements say, read from their form and compared, as pure functions."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.agreement_form import read, typed
from workflows.agreements import DAP, DFA, DVO, KINDS, TEXTS, differences, digest, points, year_from
from workflows.services import INDICATORS, MARKS

KEYS = ("claims", "leave", "invoices")
LINE = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=8)
VOLUME = st.integers(0, 9_999_999)
CENTS = st.integers(0, 10_000_000)
STEP = st.fixed_dictionaries({"when": LINE, "who": LINE, "what": LINE, "days": st.integers(1, 99)})
TARGETS = st.dictionaries(st.sampled_from(sorted(INDICATORS.keys() - MARKS)), st.integers(0, 100).map(str))


def contents(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    texts = st.fixed_dictionaries(dict.fromkeys(TEXTS[kind], LINE))
    chosen = st.sampled_from(KEYS)
    parts: dict[str, dict[str, st.SearchStrategy[Any]]] = {
        DVO: {"services": st.dictionaries(chosen, VOLUME), "targets": TARGETS, "steps": st.lists(STEP, max_size=6)},
        DFA: {
            "variant": st.sampled_from(("price", "keys")), "advance_cents": CENTS, "startup_cents": CENTS,
            "prices": st.fixed_dictionaries(
                dict.fromkeys(KEYS, st.fixed_dictionaries({"cents": CENTS, "volume": VOLUME}))
            ),
        },
        DAP: {"procedures": st.lists(st.fixed_dictionaries({"title": LINE, "text": LINE}), max_size=5,
                                     unique_by=lambda row: row["title"])},
    }  # fmt: skip
    return st.fixed_dictionaries({**parts[kind], "texts": texts})


@settings(max_examples=25)
@given(st.sampled_from(sorted(KINDS)).flatmap(lambda kind: st.tuples(st.just(kind), contents(kind))), st.booleans())
def test_what_stands_in_the_form_is_read_back_to_the_same(drawn: tuple[str, dict[str, Any]], comma: bool) -> None:
    kind, content = drawn
    form = typed(kind, content, decimal_comma=comma)
    assert read(kind, lambda name: form.get(name, ""), KEYS, decimal_comma=comma) == (content, [])


@settings(max_examples=25)
@given(contents(DVO), contents(DVO))
def test_differences_are_all_that_differs(before: dict[str, Any], after: dict[str, Any]) -> None:
    old, new = before | {"until": ""}, after | {"until": "2027-12-31"}
    found = dict(points(old))
    for one in differences(old, new):
        assert found.pop(one.point, None) == one.before
        if one.after is not None:
            found[one.point] = one.after
    assert found == points(new)
    first = date(2027, 1, 1)
    assert (digest(DVO, "a", first, old) == digest(DVO, "a", first, new)) is (old == new)


@pytest.mark.parametrize(
    ("kind", "changed", "field", "code"),
    [
        (DVO, {"volume-claims": "veel"}, "volume-claims", "agreement_volume_wrong"),
        (DVO, {"target-check": "101"}, "target-check", "target_wrong"),
        (DVO, {"step-1-who": "Directeur", "step-1-when": "Later", "step-1-days": "3"}, "step-1-what",
         "agreement_step_incomplete"),
        (DVO, {"step-0-when": "a", "step-0-who": "b", "step-0-what": "c"}, "step-0-days", "agreement_days_wrong"),
        (DVO, {"text-duties": "x" * 4001}, "text-duties", "agreement_text_too_long"),
        (DFA, {"price-claims": "duur"}, "price-claims", "agreement_amount_wrong"),
        (DAP, {"title-2": "Storing"}, "procedure-2", "agreement_procedure_incomplete"),
        (DAP, {"title-0": "A", "procedure-0": "b", "title-1": "A", "procedure-1": "c"}, "title-1",
         "agreement_procedure_twice"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_its_field(kind: str, changed: dict[str, str], field: str, code: str) -> None:
    zero = {f"volume-{key}": "0" for key in KEYS} | changed
    _, problems = read(kind, lambda name: zero.get(name, ""), KEYS)
    assert [(name, refusal.code) for name, refusal in problems] == [(field, code)]


def test_a_year_ends_the_day_before_it_began_a_year_later() -> None:
    ends = {
        date(2026, 1, 1): date(2026, 12, 31),
        date(2027, 3, 1): date(2028, 2, 29),
        date(2028, 2, 29): date(2029, 2, 28),
    }
    assert {first: year_from(first) for first in ends} == ends
