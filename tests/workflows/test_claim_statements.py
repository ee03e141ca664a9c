"""A statement in place of a receipt: what it must say, who signs it when, and how many there may be in a year."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.claims import PARKING, POLICIES, filling, problems, read, typed
from workflows.expense_claim import EXPENSE_CLAIM
from workflows.expense_claim.checking import typed_as
from workflows.expense_claim.rules import APPROVAL_STANDS, COMPLETE, approved
from workflows.filling import FillingIn
from workflows.kernel import Actor, CaseView, Given, Situation
from workflows.parties import INITIATOR
from workflows.policies import PolicyBook, PolicyRow

SIGNED = {
    **PARKING, "missing_why": "De automaat had geen papier.", "missing_where": "Parkeerautomaat Havenkade",
    "missing_sign": "y",
}  # fmt: skip
NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
WHY, SIGN = "lines-0-missing_why", "lines-0-missing_sign"


def agreed(most: int | None, beyond: str = "", since: date = date(2020, 1, 1)) -> PolicyBook:
    rows = [] if most is None else [PolicyRow("statements_most", str(most), since, None, "Regeling, art. 6")]
    rows += [PolicyRow("statements_beyond", beyond, since, None, "Regeling")] if beyond else []
    return PolicyBook(tuple(rows))


def around(before: int = 0, policies: PolicyBook = POLICIES, year: int = 2026) -> FillingIn:
    return filling(receipts=False, statements={year: before}, policies=policies)


def lines(*typed_lines: dict[str, str], known: FillingIn | None = None) -> list[dict[str, Any]]:
    content, wrong = read(typed(*typed_lines), known or around())
    assert wrong == ()
    return list(content["lines"])


def test_a_statement_stands_in_for_the_receipt() -> None:
    (line,) = lines(SIGNED)
    assert line["statement_why"] == "De automaat had geen papier."
    assert line["statement_where"] == "Parkeerautomaat Havenkade"
    assert (line["statement_count"], line["documents"]) == (1, [])


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"missing_why": ""}, {(WHY, "text_empty")}),
        ({"missing_where": "  "}, {("lines-0-missing_where", "text_empty")}),
        ({"missing_sign": ""}, {(SIGN, "statement_unsigned")}),
        ({"missing_why": "x" * 501}, {(WHY, "text_too_long")}),
        ({"missing_why": "a\x07b"}, {(WHY, "text_control")}),
        ({"missing_why": "", "missing_sign": ""}, {("lines-0-receipt", "receipt_missing")}),
    ],
)
def test_what_is_wrong_stands_beside_its_field(changed: dict[str, str], expected: set[tuple[str, str]]) -> None:
    assert problems({**SIGNED, **changed}, around=around()) == expected


def test_with_a_receipt_no_statement_is_needed_nor_kept() -> None:
    (line,) = lines(SIGNED, known=filling())
    assert not [name for name in line if name.startswith("statement")]


def test_it_is_signed_by_name_at_the_moment_of_handing_in() -> None:
    content, _ = read(typed(SIGNED, PARKING), filling(documents={"k1": ({"id": 1, "sha256": "", "name": "b"},)}))
    first, second = EXPENSE_CLAIM.signed(content, "Anna de Wit", NOON)["lines"]
    assert (first["statement_by"], first["statement_at"]) == ("Anna de Wit", NOON.isoformat())
    assert "statement_by" not in second
    assert EXPENSE_CLAIM.stated(content) == (("k0", date(2026, 11, 20)),)


def test_the_clerk_judges_the_statement_and_no_receipt() -> None:
    asked = [key for key, _ in EXPENSE_CLAIM.checks({"lines": lines(SIGNED)})["k0"]]
    assert asked == ["statement", "for_work"]


def test_beyond_what_was_agreed_it_is_shown() -> None:
    (third,) = lines(SIGNED, known=around(2, agreed(3, "flag")))
    assert "statement_most" not in third
    (fourth,) = lines(SIGNED, known=around(3, agreed(3, "flag")))
    assert (fourth["statement_count"], fourth["statement_most"]) == (4, 3)
    assert fourth["statement_source"] == "Regeling, art. 6"


def test_beyond_what_was_agreed_it_is_refused_where_that_is_the_rule() -> None:
    assert problems(SIGNED, around=around(2, agreed(3, "refuse"))) == set()
    assert problems(SIGNED, around=around(3, agreed(3, "refuse"))) == {(SIGN, "statement_too_many")}
    assert problems(SIGNED, around=around(0, agreed(0, "refuse"))) == {(SIGN, "statement_too_many")}


def test_the_agreement_of_the_day_of_the_expense_holds() -> None:
    assert problems(SIGNED, around=around(9, agreed(0, "refuse", since=date(2026, 11, 21)))) == set()
    assert problems(SIGNED, around=around(9, agreed(None))) == set()


@given(st.integers(0, 5), st.integers(1, 6), st.integers(0, 8))
def test_within_a_claim_the_counting_goes_on(before: int, number: int, most: int) -> None:
    known = around(before, agreed(most, "refuse"))
    found = problems(*[SIGNED] * number, around=known)
    assert found == {
        (f"lines-{place}-missing_sign", "statement_too_many") for place in range(number) if before + place + 1 > most
    }
    content, _ = read(typed(*[SIGNED] * number), around(before))
    assert [line["statement_count"] for line in content["lines"]] == [before + place + 1 for place in range(number)]


def test_each_year_is_counted_by_itself() -> None:
    found = lines({**SIGNED, "date": "2025-12-31"}, SIGNED, {**SIGNED, "date": "2025-12-30"}, known=around(4))
    assert [line["statement_count"] for line in found] == [1, 5, 2]


def situation(content: Any, bound: Any = None) -> Situation:
    case = CaseView("draft", 1, {}, cost_centre="1100", bound=bound)
    return Situation(case, Actor(1, INITIATOR), Given(content=content), NOON, NOON.date())


def test_the_claim_is_whole_with_it_and_not_without() -> None:
    (line,) = lines(SIGNED)
    assert COMPLETE.broken(situation({"lines": [line]})) is False
    bare = {name: value for name, value in line.items() if name != "statement_why"}
    assert COMPLETE.broken(situation({"lines": [bare]})) is True


def test_an_approval_of_a_receipt_is_none_of_a_statement() -> None:
    with_receipt, _ = read(typed(PARKING), filling())
    stated, _ = read(typed(SIGNED), around())
    bound = {"cost_centre": "1100", **approved(with_receipt)}
    assert APPROVAL_STANDS.broken(situation(stated, bound)) is True
    again = EXPENSE_CLAIM.signed(stated, "Anna", NOON)
    assert APPROVAL_STANDS.broken(situation(again, {"cost_centre": "1100", **approved(stated)})) is False


def test_a_line_sent_back_keeps_what_was_said_but_is_signed_anew() -> None:
    (line,) = lines(SIGNED)
    again = {**PARKING, **typed_as(line)}
    assert again["missing_why"] == SIGNED["missing_why"]
    assert problems(again, around=around()) == {(SIGN, "statement_unsigned")}
