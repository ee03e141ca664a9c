"""What may be shown of what people said: never a few, also not by taking one figure from another."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.satisfaction import FEWEST, Said, can_show, sum_shows


@settings(max_examples=80)
@given(st.lists(st.integers(0, 9), max_size=6))
def test_a_sum_beside_its_parts_gives_no_few_away(counts: list[int]) -> None:
    shown = sum(count for count in counts if can_show(count))
    if sum_shows(counts):
        # What is left when all that is shown is taken off is nobody, or enough people.
        assert can_show(sum(counts) - shown)
    else:
        assert 0 < sum(counts) - shown < FEWEST


def test_a_mean_has_one_decimal_and_shows_from_five_on() -> None:
    assert Said(5, 37, 3).mean == Decimal("7.4")
    assert Said(8, 58, 4).mean == Decimal("7.3")  # 7.25 is rounded up
    assert (Said(6, 40, 5) + Said(1, 9, 1)).percent == 85
    assert (Said(4, 40, 4).mean, Said(4, 40, 4).percent, Said().mean) == (None, None, None)
