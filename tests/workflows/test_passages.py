"""Joining and leaving: what stands in the way follows from what was last said, and nothing else."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.passages import CRITERIA, DONE, JOINING, LEAVING, MET, NOT_MET, POINTS, Reconciled, gaps

GOOD = {kind: {p.key: MET if p.criterion else DONE for p in points} for kind, points in POINTS.items()}
FILES = [Reconciled("Mensen", 0), Reconciled("Verlofsaldi", 0)]


def codes(kind: str, said: dict[str, str], files: list[Reconciled] | None = None) -> list[str]:
    return [one.code for one in gaps(kind, said, FILES if files is None else files)]


def test_who_meets_all_goes_live_and_each_gap_is_named() -> None:
    assert codes(JOINING, GOOD[JOINING]) == []
    assert codes(LEAVING, GOOD[LEAVING], []) == []
    assert codes(JOINING, GOOD[JOINING], []) == ["passage_not_reconciled"]
    differs = [Reconciled("Mensen", 0), Reconciled("Verlofsaldi", 2), Reconciled("Posten", None)]
    assert codes(JOINING, GOOD[JOINING], differs) == ["passage_differs", "passage_differs"]
    assert codes(JOINING, GOOD[JOINING] | {"size": NOT_MET}) == ["passage_not_met"]
    said = {key: value for key, value in GOOD[JOINING].items() if key != "size"}
    (gap,) = gaps(JOINING, said, FILES)
    assert (gap.code, gap.values) == ("passage_not_judged", {"what": "Size"})
    assert codes(LEAVING, {})[0] == "passage_not_arranged"
    assert len(CRITERIA) == 5


@settings(max_examples=60)
@given(st.sampled_from([JOINING, LEAVING]), st.data())
def test_there_is_a_gap_for_every_point_that_is_not_good(kind: str, data: st.DataObject) -> None:
    said = {
        point.key: data.draw(st.sampled_from(["", *point.verdicts])) for point in POINTS[kind]
    }  # fmt: skip
    bad = [point.key for point in POINTS[kind] if said[point.key] != GOOD[kind][point.key]]
    assert len(gaps(kind, said, FILES)) == len(bad)
