"""A line that the SSC sends back leaves its claim, and waits for the employee in a claim of its own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commands import cases
from portal.commands.documents import add_document
from portal.models.cases import Case
from portal.models.payments import Payable
from portal.queries.cases import documents_of
from portal.queries.related import kin_of
from portal.worlds import World
from tests.cast import Cast, sample_receipt
from tests.commands.helpers import letters, refused, whole
from workflows.expense_claim.checking import assess

TICKS = ("legible", "amount", "date", "for_work")


def on_the_bench(session: Session, cast: Cast) -> Case:
    """A claim of two lines, a and b, taken by Carla with everything ticked."""
    case, now = cast.draft(session, "anna"), cast.world.clock.now()
    by = case.initiator_id
    add_document(session, cast.world.files, case, sample_receipt(), line_key="b", by=by, at=now)
    content = cast.content(case)
    second = content["lines"][0] | {"key": "b", "claimed_cents": 800, "sanctioned_cents": 800, "date": "2026-11-19"}
    content["lines"].append(second)
    cast.act(session, "anna", case, "submit", content=content)
    cast.act(session, "bram", case, "approve")
    carla = cast.viewer(session, "carla")
    cases.take(session, carla, case, now)
    for check in TICKS:
        cases.tick(case, carla, "a", check, True, now)
    return case


def decided(case: Case, decision: str, key: str = "b") -> dict[str, object]:
    content, problems = assess(case.content, {f"line-{key}": decision, f"reason-{key}": "Bon is onleesbaar"}, "nl")
    assert problems == ()
    return dict(content)


def test_a_line_goes_back_while_the_rest_is_paid(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = on_the_bench(session, cast)
        cast.act(session, "carla", case, "check", content=decided(case, "send_back"))
        assert (case.state, case.claimed_cents, case.sanctioned_cents) == ("payable", 2050, 1250)
        assert session.scalars(select(Payable.cents)).all() == [1250]
        (draft,) = session.scalars(select(Case).where(Case.parent_id == case.id)).all()
        assert (draft.state, draft.number, draft.initiator_id) == ("draft", None, case.initiator_id)
        assert draft.draft is not None
        assert (draft.draft["lines-0-key"], draft.draft["lines-0-amount"]) == ("b", "8,00")
        (document,) = documents_of(session, draft.id)
        assert (document.line_key, document.frozen_at, document.name) == ("b", None, "bon.jpg")
        assert ("lines_returned", "anna") in letters(session, case.id)


def test_both_dossiers_name_each_other_to_whoever_may_see_them(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = on_the_bench(session, cast)
        cast.act(session, "carla", case, "check", content=decided(case, "send_back"))
        anna, carla = cast.viewer(session, "anna"), cast.viewer(session, "carla")
        (draft,) = kin_of(session, anna, case)
        assert kin_of(session, carla, case) == [], "a draft is its maker's alone"
        cast.act(session, "anna", whole(session, draft.id), "submit", content=cast.content(case, 800))
        assert [other.number for other in kin_of(session, carla, case)] == ["DEC-2026-000002"]
        assert [other.id for other in kin_of(session, carla, whole(session, draft.id))] == [case.id]


def test_a_refused_line_stays_and_nothing_new_begins(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = on_the_bench(session, cast)
        cast.act(session, "carla", case, "check", content=decided(case, "refuse"))
        assert (case.sanctioned_cents, case.content["lines"][1]["outcome"]) == (1250, "refuse")
        assert session.scalars(select(Case).where(Case.parent_id == case.id)).all() == []


def test_a_claim_of_which_every_line_falls_is_rejected_as_a_whole_instead(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = on_the_bench(session, cast)
        content = decided(case, "send_back")
        content = dict(assess(content, {"line-a": "refuse", "reason-a": "Nee"}, "nl")[0])
        assert refused(lambda: cast.act(session, "carla", case, "check", content=content)) == {"nothing_to_pay"}


def test_saving_the_check_sends_nothing_back_yet(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = on_the_bench(session, cast)
        cast.act(session, "carla", case, "adjust", content=decided(case, "send_back"))
        assert session.scalars(select(Case).where(Case.parent_id == case.id)).all() == []
        cast.act(session, "carla", case, "check", content=case.content)
        assert len(session.scalars(select(Case).where(Case.parent_id == case.id)).all()) == 1


def test_a_granted_line_must_be_ticked_and_a_fallen_one_need_not(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = on_the_bench(session, cast)
        assert refused(lambda: cast.act(session, "carla", case, "check", content=case.content)) == {"checks_open"}
        line = {**case.content["lines"][1], "outcome": "refuse", "reduction_reason": "Nee"}
        content = {**case.content, "lines": [case.content["lines"][0], line]}
        assert refused(lambda: cast.act(session, "carla", case, "check", content=content)) == {"sanctioned_range"}


def test_the_pages_say_what_was_sent_back_and_lead_to_each_other(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        case = on_the_bench(session, cast)
        number, since = case.number, case.assigned_at
    assert since is not None
    typed = {"do": "check", "since": since.isoformat(), "granted-a": "12,50", "line-b": "send_back"}
    carla, anna = browse("carla"), browse("anna")
    answer = carla.post(f"/werkvoorraad/{number}", typed)
    assert (answer.status_code, "Zeg waarom" in answer.text) == (422, True)
    assert '<option value="send_back" selected>' in answer.text, "what was chosen is kept"
    assert carla.post(f"/werkvoorraad/{number}", typed | {"reason-b": "Onleesbare bon"}).status_code == 302
    with world.db.session(writes=False) as session:
        draft = session.scalars(select(Case.id).where(Case.parent_id.is_not(None))).one()
    page = anna.get(f"/concept/{draft}").text
    assert "Onleesbare bon" in page
    assert f'href="/zaken/{number}"' in page
    assert f'href="/concept/{draft}"' in anna.get(f"/zaken/{number}").text
    assert f"/concept/{draft}" not in carla.get(f"/zaken/{number}").text
