"""Whatever an organisation looks like: who signs is never the claimant, nobody below them, and never the same twice."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from portal.access import Power
from portal.queries.line import Line, Request

TOP, DIRECTORATE, TEAM, OTHER = 1, 2, 3, 4
MAYOR, DIRECTOR, LEAD, CLERK, ELSEWHERE = 11, 12, 13, 14, 15
TREE = {TOP: None, DIRECTORATE: TOP, TEAM: DIRECTORATE, OTHER: TOP}
LED = {TOP: MAYOR, DIRECTORATE: DIRECTOR, TEAM: LEAD}

people = st.integers(1, 8)
units = st.integers(1, 6)
powers = st.lists(
    st.builds(Power, st.sampled_from((0, 100, 1000)), st.sampled_from(((), ("11",), ("1*",), ("2*", "11")))),
    min_size=1, max_size=2,
).map(tuple)  # fmt: skip


@st.composite
def organisations(draw: st.DrawFn) -> Line:
    """Any tree (or knot) of units with leaders and mandates, those who are designated among them."""
    mandates = draw(st.dictionaries(people, powers, max_size=6))
    return Line(
        parents=draw(st.dictionaries(units, st.none() | units, min_size=1)),
        leaders=draw(st.dictionaries(units, people)),
        mandates=mandates,
        designated={who: held for who, held in mandates.items() if draw(st.booleans())},
        posts=draw(st.dictionaries(people, st.frozensets(units, min_size=1, max_size=2))),
    )


requests = st.builds(
    Request,
    unit_id=units,
    claimant_id=people,
    cents=st.sampled_from((50, 100, 500, 5000)),
    cost_centre=st.sampled_from(("", "11", "12", "20")),
    apart=st.frozensets(people, max_size=2),
)


@given(organisations(), requests)
def test_who_signs_is_fit_to(line: Line, request: Request) -> None:
    barred = line.below(request.claimant_id) | {request.claimant_id} | request.apart
    first = line.first(request)
    if first is not None:
        assert first.person_id not in barred
        assert first.person_id in line.mandates
    signed = request.apart | ({first.person_id} if first else set())
    second = line.second(replace(request, apart=signed))
    if second is not None:
        assert second.person_id not in barred | signed
        assert line.suffices(second.person_id, request.cents, request.cost_centre)


@given(organisations(), people)
def test_nobody_stands_below_themselves_nor_below_who_leads_nothing(line: Line, person: int) -> None:
    below = line.below(person)
    assert person not in below
    if person not in line.leaders.values():
        assert below == frozenset()


@given(organisations(), requests)
def test_a_larger_mandate_of_who_is_asked_changes_nothing_about_who_is_asked(line: Line, request: Request) -> None:
    first = line.first(request)
    if first is not None and first.why == "line":
        more = {**line.mandates, first.person_id: (Power(10**9),)}
        assert replace(line, mandates=more).first(request) == first


def line(**more: object) -> Line:
    mandates = {MAYOR: (Power(9000),), DIRECTOR: (Power(1000),), LEAD: (Power(100),)}
    return Line(**{"parents": TREE, "leaders": LED, "mandates": mandates, **more})  # type: ignore[arg-type]


def signers(about: Request, organisation: Line) -> tuple[object, object]:
    first = organisation.first(about)
    apart = about.apart | ({first.person_id} if first else set())
    second = organisation.second(replace(about, apart=apart))
    return first and first.person_id, second and second.person_id


def test_the_first_is_the_nearest_and_the_second_the_nearest_who_may() -> None:
    assert signers(Request(TEAM, CLERK, 5000), line()) == (LEAD, MAYOR)
    assert signers(Request(TEAM, CLERK, 500), line()) == (LEAD, DIRECTOR)
    assert signers(Request(TEAM, LEAD, 500), line()) == (DIRECTOR, MAYOR)
    assert signers(Request(TOP, MAYOR, 50), line()) == (None, None)


def test_a_leader_who_works_under_their_own_people_is_still_not_judged_by_them() -> None:
    assert signers(Request(TEAM, DIRECTOR, 50), line()) == (MAYOR, None)


def test_who_leads_above_and_below_stands_above() -> None:
    both = line(leaders={TOP: MAYOR, DIRECTORATE: DIRECTOR, TEAM: MAYOR})
    assert both.below(DIRECTOR) == frozenset()
    assert signers(Request(DIRECTORATE, DIRECTOR, 50), both) == (MAYOR, None)


def test_above_the_line_the_holder_of_the_cost_centre_signs_the_smallest_mandate_first() -> None:
    bound = {LEAD: (Power(100),), ELSEWHERE: (Power(900, ("42*",)),), CLERK: (Power(700, ("4200",)), Power(100))}
    assert signers(Request(TEAM, 99, 600, "4200"), line(mandates=bound)) == (LEAD, CLERK)
    assert signers(Request(TEAM, 99, 800, "4200"), line(mandates=bound)) == (LEAD, ELSEWHERE)
    assert signers(Request(TEAM, 99, 600, "4300"), line(mandates=bound)) == (LEAD, None)


def test_a_mandate_for_other_cost_centres_makes_one_the_first_but_never_enough() -> None:
    bound = line(mandates={LEAD: (Power(900, ("11",)),), DIRECTOR: (Power(1000),)})
    assert not bound.suffices(LEAD, 50, "12")
    assert bound.suffices(LEAD, 900, "11")
    assert signers(Request(TEAM, CLERK, 50, "12"), bound) == (LEAD, DIRECTOR)


def test_a_star_stands_for_all_that_begin_so() -> None:
    power = Power(1, ("12*", "40"))
    assert [c for c in ("12", "1200", "40", "400", "13", "") if power.holds_for(c)] == ["12", "1200", "40"]
    assert Power(1).holds_for("")
