"""What does not fit in a division of tasks: gaps, overlaps, cuts and hands that do too much."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.tasks import (
    FOUR_EYES,
    LEDGERS,
    SAME_WORK,
    TASKS,
    Divided,
    Kind,
    doer_of,
    findings,
)

OFFERED = ("ledger", "payments", "personnel")
BY_SSC = Divided("ssc", ("payments",))
OURS = {key: Divided("municipality") for key, task in TASKS.items() if not task.stays}


def found(**changed: Divided | None) -> list[tuple[Kind, tuple[str, ...]]]:
    division = {key: value for key, value in (OURS | changed).items() if value is not None}
    return [(one.kind, one.tasks) for one in findings(division, OFFERED) if one.kind is not Kind.FOUR_EYES]


def test_a_municipality_that_does_all_itself_only_minds_four_eyes() -> None:
    assert found() == []
    assert [one.tasks for one in findings(OURS, OFFERED)] == list(FOUR_EYES)


def test_gaps_are_found() -> None:
    assert found(P5B=None) == [(Kind.NOBODY, ("P5B",))]
    assert found(P4B=Divided("ssc")) == [(Kind.NO_SERVICE, ("P4B",))]
    assert found(P4B=Divided("ssc", ("payments", "hiring"))) == [(Kind.SERVICE_OVER, ("P4B",))]


def test_overlaps_are_found() -> None:
    assert found(P5D=Divided("shared", ("personnel",))) == [(Kind.BOTH, ("P5D",))]
    assert found(P5D=Divided("shared", ("personnel",), "Elk de helft")) == []
    assert found(P3D=BY_SSC) == [(Kind.SAME_WORK, ("P3D", "F13"))]
    assert found(P8B=BY_SSC) == [(Kind.SAME_WORK, ("P8B", "F7"))]
    assert found(F9=BY_SSC) == [(Kind.CUT, LEDGERS)]
    assert found(**dict.fromkeys((*LEDGERS, "P8B"), BY_SSC)) == []


@settings(max_examples=40)
@given(
    st.dictionaries(
        st.sampled_from(sorted(OURS)),
        st.builds(Divided, st.sampled_from(("municipality", "ssc", "shared")), st.just(("payments",))),
        max_size=12,
    )
)
def test_every_finding_holds_and_none_is_left_out(changed: dict[str, Divided]) -> None:
    division = OURS | changed
    by_kind: dict[Kind, set[tuple[str, ...]]] = {kind: set() for kind in Kind}
    for one in findings(division, OFFERED):
        by_kind[one.kind].add(one.tasks)
    assert by_kind[Kind.NOBODY] == by_kind[Kind.NO_SERVICE] == by_kind[Kind.SERVICE_OVER] == set()
    assert by_kind[Kind.BOTH] == {(key,) for key, one in division.items() if one.doer == "shared"}
    apart = {pair for pair in SAME_WORK if doer_of(division, pair[0]) != doer_of(division, pair[1])}
    assert by_kind[Kind.SAME_WORK] == apart
    together = {pair for pair in FOUR_EYES if {doer_of(division, key) for key in pair} in ({"ssc"}, {"municipality"})}
    assert by_kind[Kind.FOUR_EYES] == together
