"""What was agreed about a kind of leave is read from a dated record, and its limit goes with the hours of a week."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from workflows.leave_kinds import COUNTED, KINDS, agreed, asking, label_of, offered, policy_of, shape
from workflows.lots import LOT_KINDS, Limit
from workflows.policies import PolicyBook, PolicyRow

DAY = date(2026, 12, 1)


def book(**kinds: str) -> PolicyBook:
    return PolicyBook(
        tuple(
            PolicyRow(policy_of(kind), value, date(2026, 1, 1), None, "Wazo", article="artikel 5:2")
            for kind, value in kinds.items()
        )
    )


def test_a_kind_about_which_nothing_was_agreed_is_not_offered() -> None:
    assert offered(PolicyBook(()), DAY) == ("leave",)
    policies = book(moving='{"minutes": 432}', birth='{"weeks": 1, "per": "occasion"}', adoption='{"document": true}')
    assert offered(policies, DAY) == ("leave", "birth", "adoption", "moving")
    assert offered(policies, date(2025, 12, 31)) == ("leave",)
    assert asking(policies, DAY) == {"occasion": ("birth",), "document": ("adoption",)}
    assert agreed(policies, "birth", date(2025, 1, 1)) is None


def test_a_limit_is_of_hours_or_of_weeks_and_rounded_up_once() -> None:
    policies = book(
        care_short='{"paid": 70, "weeks": 2, "per": "months", "months": 12}', moving='{"minutes": 432, "per": "year"}',
        parental='{"paid": 0, "weeks": 26, "per": "occasion", "along": ["parental_paid"]}', calamity="{}",
    )  # fmt: skip

    def limit(kind: str, weekly: Fraction) -> Limit | None:
        found = agreed(policies, kind, DAY)
        assert found is not None
        return found.limit(weekly)

    assert limit("care_short", Fraction(2161, 3)) == Limit(1441, ("care_short",), months=12)
    assert limit("moving", Fraction(0)) == Limit(432, ("moving",))
    assert limit("parental", Fraction(60)) == Limit(1560, ("parental", "parental_paid"), occasion=True)
    assert limit("calamity", Fraction(2160)) is None
    found = agreed(policies, "care_short", DAY)
    assert found is not None
    assert (found.paid, found.source) == (70, "artikel 5:2, Wazo")


@pytest.mark.parametrize(
    "good",
    [{}, {"paid": 0}, {"weeks": 26, "per": "occasion", "within_months": 96}, {"minutes": 960, "per": "year"},
     {"months": 12, "per": "months", "document": True}, {"along": ["parental"]}],
)  # fmt: skip
def test_a_record_of_this_shape_can_be_agreed(good: dict[str, Any]) -> None:
    assert list(shape(good)) == []


@pytest.mark.parametrize(
    "bad",
    [[], "x", {"paid": 101}, {"paid": -1}, {"paid": True}, {"weeks": 1.5}, {"weken": 2}, {"document": "ja"},
     {"per": "week"}, {"per": "months"}, {"months": 12}, {"along": "parental"}, {"along": ["leave"]},
     {"along": [1]}, {"per": ["year"]}],
)  # fmt: skip
def test_another_record_is_refused_with_a_sentence(bad: Any) -> None:
    found = list(shape(bad))
    assert found
    assert all(sentence.endswith(".") for sentence in found)


def test_every_kind_has_a_name() -> None:
    assert all(label_of(kind) == label for kind, label in {**KINDS, **LOT_KINDS}.items())
    assert set(COUNTED) == set(KINDS) - {"leave"}
