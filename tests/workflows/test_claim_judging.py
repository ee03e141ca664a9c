"""What agreements make of a claim: what may be claimed, within which term, how much, and that it stays on the line."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from portal.i18n import reading_in, say
from tests.workflows.claims import CAR, HOME, MEAL, PARKING, POLICIES, TODAY, filling, problems, read, typed
from workflows.caps import Spent
from workflows.expense_claim import EXPENSE_CLAIM
from workflows.expense_claim.checking import assess
from workflows.expense_claim.judging import last_day, raised_by
from workflows.filling import FillingIn
from workflows.flags import FLAG_KINDS
from workflows.policies import PolicyBook, PolicyRow

LATE = PARKING | {"date": "2026-07-01"}
COMMUTE = CAR | {"category": "commuting", "date": "2026-11-20"}
AT_HOME = HOME | {"days": "1"}


def agreed(around: dict[str, Any] | None = None, **rows: Any) -> FillingIn:
    """What is known around the form, with these agreements besides the rates."""
    book = [POLICIES.at(key, TODAY) for key in ("rate_km_cents", "rate_home_cents")]
    own = [
        PolicyRow(key, value if isinstance(value, str) else json.dumps(value), date(2020, 1, 1), None, "Reisregeling",
                  article="artikel 4")
        for key, value in rows.items()
    ]  # fmt: skip
    return filling(policies=PolicyBook((*(row for row in book if row is not None), *own)), **(around or {}))


def cap(per: str, cents: int, then: str = "cut") -> dict[str, Any]:
    return {per: {"cents": cents, "then": then}}


def sentences(*lines: dict[str, str], around: FillingIn) -> list[tuple[str, str]]:
    """What is wrong, in both languages."""
    found = []
    for problem in read(typed(*lines), around)[1]:
        said = []
        for language in ("nl", "en"):
            with reading_in(language):
                said.append(say(problem.sentence, problem.values))
        found.append((said[0], said[1]))
    return found


def test_a_cut_lowers_what_is_paid_and_not_what_is_claimed() -> None:
    content, wrong = read(typed(MEAL, PARKING), agreed(cap_meal=cap("day", 3000)))
    assert wrong == ()
    meal, parking = content["lines"]
    assert (meal["claimed_cents"], meal["sanctioned_cents"], meal["allowed_cents"]) == (4860, 3000, 3000)
    assert (parking["sanctioned_cents"], "allowed_cents" in parking) == (1250, False)
    facts = EXPENSE_CLAIM.facts(content)
    assert (facts.claimed_cents, facts.sanctioned_cents) == (6110, 4250)


def test_what_judged_a_line_is_frozen_on_it() -> None:
    content, _ = read(typed(MEAL, CAR), agreed(cap_meal=cap("day", 3000)))
    (cut,), (rate,) = (line["rules"] for line in content["lines"])
    assert cut == {
        "code": "cap_meal", "value": json.dumps(cap("day", 3000)), "from": "2020-01-01", "article": "artikel 4",
        "source": "Reisregeling", "per": "day", "then": "cut", "cap_cents": 3000, "before_cents": 4860,
        "after_cents": 3000,
    }  # fmt: skip
    assert rate == {"code": "rate_km_cents", "value": "23", "from": "2024-01-01", "article": "", "source": "Cao 2024"}
    assert "rules" not in read(typed(PARKING))[0]["lines"][0]


def test_cuts_and_warnings_are_flagged_for_who_judges_it() -> None:
    around = agreed(cap_meal=cap("day", 3000), cap_parking=cap("line", 1000, "warn"))
    content, _ = read(typed(MEAL, PARKING), around)
    assert [(one.line, one.code, one.values["over_cents"]) for one in raised_by(content)] == [
        ("k0", "cap_cut", 1860), ("k1", "cap_warned", 250),
    ]  # fmt: skip
    assert content["lines"][1]["sanctioned_cents"] == 1250


def test_a_cap_sees_what_the_person_got_on_other_claims() -> None:
    spent = (Spent("meal", date(2026, 11, 2), 2000),)
    content, _ = read(typed(MEAL), agreed({"spent": spent}, cap_meal=cap("month", 5000)))
    assert content["lines"][0]["sanctioned_cents"] == 3000


def test_a_claim_of_which_nothing_is_left_is_refused_before_it_is_submitted() -> None:
    spent = (Spent("meal", date(2026, 11, 2), 5000),)
    around = agreed({"spent": spent}, cap_meal=cap("month", 5000))
    assert problems(MEAL, around=around) == {("lines", "nothing_left")}
    assert problems(MEAL, PARKING, around=around) == set()
    assert sentences(MEAL, around=around) == [
        (
            "Niets van deze declaratie kan worden betaald: het maximum is al bereikt.",
            "Nothing of this claim can be paid: the most was reached already.",
        )
    ]


def test_who_is_late_says_why_and_that_is_flagged() -> None:
    around = agreed(claim_term_months="3")
    assert problems(LATE, around=around) == {("lines-0-late_reason", "late_unexplained")}
    assert sentences(LATE, around=around) == [
        (
            "Dit is langer dan 3 maanden geleden. Schrijf op waarom u het nu pas declareert.",
            "This was more than 3 months ago. Say why you claim it only now.",
        )
    ]
    content, wrong = read(typed(LATE | {"late_reason": "Ik was ziek"}), around)
    assert wrong == ()
    assert content["lines"][0]["late_reason"] == "Ik was ziek"
    (flag,) = raised_by(content)
    assert (flag.code, flag.values) == ("late", {"months": 3, "reason": "Ik was ziek"})


def test_the_term_ends_on_the_same_day_of_the_month_or_its_last_and_counts_from_the_first_time() -> None:
    assert last_day(date(2026, 8, 24), 3) == date(2026, 11, 24)
    assert last_day(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert last_day(date(2026, 12, 31), 12) == date(2027, 12, 31)
    around = agreed(claim_term_months="3")
    assert problems(PARKING | {"date": "2026-08-24"}, around=around) == set()
    assert problems(PARKING | {"date": "2026-08-23"}, around=around) == {("lines-0-late_reason", "late_unexplained")}
    handed_in = agreed({"received": date(2026, 11, 23)}, claim_term_months="3")
    assert problems(PARKING | {"date": "2026-08-23"}, around=handed_in) == set()


def test_a_reason_that_nobody_asked_for_is_not_kept() -> None:
    content, wrong = read(typed(PARKING | {"late_reason": "x" * 300}), agreed(claim_term_months="3"))
    assert (wrong, "late_reason" in content["lines"][0]) == ((), False)


def test_what_a_municipality_does_not_offer_is_refused() -> None:
    around = agreed(claim_categories=["meal"])
    assert problems(MEAL, around=around) == set()
    assert problems(PARKING, around=around) == {("lines-0-category", "category_not_offered")}
    ((dutch, english),) = sentences(PARKING, around=around)
    assert dutch.startswith("Uw gemeente betaalt dit soort kosten niet via een declaratie.")
    assert english.startswith("Your municipality does not pay this kind of expense with a claim.")


def test_at_home_and_at_work_on_one_day_is_refused() -> None:
    assert problems(AT_HOME, COMMUTE) == {("lines-1-date", "home_and_commuting")}
    assert problems(COMMUTE, AT_HOME) == {("lines-1-date", "home_and_commuting")}
    assert problems(AT_HOME, COMMUTE | {"date": "2026-11-19"}) == set()
    assert problems(COMMUTE, COMMUTE) == set(), "there and back on two lines"
    assert sentences(AT_HOME, COMMUTE, around=agreed()) == [
        (
            "Op één dag kunt u thuiswerken of woon-werkreizen declareren, niet allebei.",
            "On one day you can claim either working at home or travelling to work.",
        )
    ]


def test_no_month_has_more_days_than_it_has() -> None:
    days = HOME | {"days": "29"}
    assert problems(days, COMMUTE) == set()
    spent = (Spent("commuting", date(2026, 11, 3), 500, 1),)
    around = filling(spent=spent)
    assert problems(days, COMMUTE, around=around) == {("lines-1-date", "month_too_full")}
    assert problems(HOME | {"days": "31"}) == {("lines-0-days", "month_too_full")}
    ((dutch, english),) = sentences(HOME | {"days": "31"}, around=filling())
    assert dutch == "Hiermee declareert u meer dagen in één maand dan die maand heeft."
    assert english == "With this you claim more days in one month than that month has."


def test_commuting_is_paid_by_the_kilometre() -> None:
    (line,) = read(typed(COMMUTE | {"km": "20"}))[0]["lines"]
    assert (line["claimed_cents"], line["rate"]) == (460, "23")
    assert problems(COMMUTE | {"km": "401"}) == {("lines-0-km", "number_range")}


def test_nobody_grants_above_a_cap_and_a_cut_needs_no_reason_of_a_clerk() -> None:
    content, _ = read(typed(MEAL), agreed(cap_meal=cap("day", 3000)))
    same, wrong = assess(content, {"granted-k0": "30,00", "reason-k0": ""}, "nl")
    assert (wrong, same["lines"][0]["sanctioned_cents"], same["lines"][0]["reduction_reason"]) == ((), 3000, "")
    (too_much,) = assess(content, {"granted-k0": "30,01", "reason-k0": ""}, "nl")[1]
    assert (too_much.field, too_much.code) == ("granted-k0", "above_cap")
    with reading_in("nl"):
        assert say(too_much.sentence, too_much.values).startswith("Boven het afgesproken maximum")
    (unsaid,) = assess(content, {"granted-k0": "29,99", "reason-k0": ""}, "nl")[1]
    assert unsaid.code == "reduction_unexplained"


@given(
    st.lists(
        st.tuples(st.sampled_from(("meal", "parking", "other")), st.dates(date(2026, 9, 1), TODAY),
                  st.integers(1, 30_000)),
        min_size=1, max_size=8,
    ),
    st.integers(0, 20_000), st.integers(0, 40_000),
)  # fmt: skip
def test_whatever_is_claimed_no_more_is_granted_than_claimed_and_than_the_caps_allow(
    spent: list[tuple[str, date, int]], day: int, month: int
) -> None:
    lines = [
        {"category": kind, "date": on.isoformat(), "description": "Iets", "amount": f"{cents // 100},{cents % 100:02}",
         "persons": "1"}
        for kind, on, cents in spent
    ]  # fmt: skip
    content, _ = read(typed(*lines), agreed(cap_meal={**cap("day", day), **cap("month", month)}))
    assert all(0 <= line["sanctioned_cents"] <= line["claimed_cents"] for line in content["lines"])
    meals = [line for line in content["lines"] if line["category"] == "meal"]
    for length, most in ((10, day), (7, month)):
        for period in {line["date"][:length] for line in meals}:
            assert sum(line["sanctioned_cents"] for line in meals if line["date"][:length] == period) <= most
    assert json.loads(json.dumps(content)) == content


def test_what_rests_on_the_word_of_the_employee_is_flagged() -> None:
    stated = {"key": "a", "date": "2026-11-20", "statement_why": "Kwijt", "statement_count": 3}
    own = {"key": "b", "date": "2026-11-20", "exchange_source": "bank", "currency": "GBP"}
    found = [(one.line, one.code, dict(one.values)) for one in raised_by({"lines": [stated, own, {"key": "c"}]})]
    assert found == [("a", "no_receipt", {"count": 3, "year": "2026"}), ("b", "own_rate", {"currency": "GBP"})]
    assert not FLAG_KINDS["no_receipt"].asks
    assert not FLAG_KINDS["own_rate"].asks


def test_a_cap_says_how_much_of_it_other_claims_took() -> None:
    spent = (Spent("meal", date(2026, 11, 2), 2000),)
    content, _ = read(typed(MEAL), agreed({"spent": spent}, cap_meal=cap("month", 5000)))
    (cut,) = content["lines"][0]["rules"]
    assert (cut["before_cents"], cut["after_cents"], cut["elsewhere_cents"]) == (4860, 3000, 2000)
    (flag,) = raised_by(content)
    assert flag.values["elsewhere_cents"] == 2000
