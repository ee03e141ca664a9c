"""Coding the lines of an invoice: suggested by the supplier's history, held to the chart, and used by the journal."""

from __future__ import annotations

import html
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from portal.commands import cases, journal
from portal.commands import coding as commands
from portal.models.events import CaseEvent
from portal.models.ledger import JournalLine
from portal.models.lines import CodedLine
from portal.queries.coding import alike, suggested
from portal.worlds import World
from tests import invoices
from tests.cast import Cast
from tests.commands.helpers import refused, whole
from tests.ledger import account, begun, cost_centre, given_chart
from workflows.filling import ToCode


def said(answer: Any) -> str:
    return html.unescape(answer.text).replace("\xa0", " ")


def waiting(world: World, cast: Cast, key: str = "i1", description: str = "Snoeien van bomen") -> tuple[int, str]:
    """An invoice that Carla has in hand for registration."""
    with world.db.transaction() as session:
        given_chart(session, cast, account("4440", "Groen", "resultaat"), cost_centre("1200", "Groen"))
        made = invoices.prepare(session, cast)
        line = {**invoices.content(made)["lines"][0], "description": description}
        case = invoices.handed_in(session, cast, key=key, lines=[line])
        cases.take(session, cast.viewer(session, "carla"), case, world.clock.now())
        return case.id, case.number or ""


def form(world: World, case_id: int, **typed: str) -> dict[str, str]:
    with world.db.session(writes=False) as session:
        version = whole(session, case_id).version
    return {"version": str(version), **{f"coding-a-{name}": text for name, text in typed.items()}}


def test_a_line_is_coded_and_booked_on_that(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        place = begun(session, cast).id
    case_id, number = waiting(world, cast)
    carla = browse("carla")
    assert f"/zaken/{number}/coderen" in carla.get(f"/werkvoorraad/{number}").text
    page = said(carla.get(f"/zaken/{number}/coderen"))
    assert "Snoeien van bomen" in page
    assert "Voorgesteld" not in page
    done = carla.post(f"/zaken/{number}/coderen", form(world, case_id, account="4440", cost_centre="1200", task="0.4"))
    assert done.status_code == 302
    assert "4440 · 1200 · 0.4" in said(carla.get(done.location))
    with world.db.transaction() as session:
        case = whole(session, case_id)
        assert case.content["coding"] == {"a": {"account": "4440", "cost_centre": "1200", "task": "0.4"}}
        steps = session.scalars(select(CaseEvent.action).where(CaseEvent.case_id == case_id).order_by(CaseEvent.id))
        assert list(steps)[-1] == "code"
        invoices.ticked(session, cast, case, "carla", "registration", ("file", "receipt", "supplier"))
        cast.act(session, "carla", case, "register")
        cast.act(session, "anna", case, "deliver")
        cast.act(session, "bram", case, "approve")
        invoices.ticked(session, cast, case, "els", "check", ("delivered", "mandate", "amount", "coding"))
        cast.act(session, "els", case, "check")
    with world.db.transaction() as session:
        journal.post_all(session, place, world.clock.now())
        lines = session.scalars(select(JournalLine).order_by(JournalLine.place)).all()
        assert [(one.account, one.cost_centre, one.task) for one in lines] == [
            ("4440", "1200", "0.4"), ("1330", "", ""), ("1600", "", ""),
        ]  # fmt: skip


def test_the_next_invoice_of_the_supplier_is_suggested_the_same(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        given_chart(session, cast)
    case_id, number = waiting(world, cast)
    carla = browse("carla")
    carla.post(f"/zaken/{number}/coderen", form(world, case_id, account="4440 Groen", cost_centre="1200", task=""))
    _, same = waiting(world, cast, "i2", "Snoeien van bomen 12-2026")
    page = said(carla.get(f"/zaken/{same}/coderen"))
    assert "Voorgesteld: 1 keer hiervoor gebruikt bij deze leverancier" in page
    assert 'value="4440"' in page
    _, other = waiting(world, cast, "i3", "Strooizout")
    assert "Voorgesteld: 1 keer gebruikt bij deze leverancier" in said(carla.get(f"/zaken/{other}/coderen"))


def test_what_is_not_in_the_chart_is_refused_beside_the_field(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        given_chart(session, cast)
    case_id, number = waiting(world, cast)
    carla, page = browse("carla"), f"/zaken/{number}/coderen"
    for typed, dutch, english in (
        ({"account": "9999"}, "geen grootboekrekening voor kosten", "no ledger account for costs"),
        ({"account": "1100"}, "geen grootboekrekening voor kosten", "no ledger account for costs"),
        ({"account": "4440", "cost_centre": "77"}, "geen kostenplaats", "no cost centre"),
        ({"account": "4440", "task": "9.9"}, "geen taakveld", "no taakveld"),
        ({"cost_centre": "1200"}, "Vul ook de grootboekrekening in", "Fill in the ledger account too"),
    ):
        for language, sentence in (("nl", dutch), ("en", english)):
            carla.post(f"/taal/{language}")
            answer = carla.post(page, form(world, case_id, **typed))
            assert answer.status_code == 422
            assert sentence in said(answer)
            assert all(f'value="{text}"' in answer.text for text in typed.values())
    with world.db.session(writes=False) as session:
        case, typed = whole(session, case_id), {"a": {"account": "", "cost_centre": "1200", "task": "9.9"}}
        _, problems = commands.judged(session, case, typed, world.clock.now())
        assert {one.code for one in problems} == {"coding_account_missing", "coding_task_unknown"}
        typed = {"a": {"account": "1", "cost_centre": "2", "task": ""}}
        _, problems = commands.judged(session, case, typed, world.clock.now())
        assert {one.code for one in problems} == {"coding_account_unknown", "coding_cost_centre_unknown"}
        assert "coding" not in case.content
        assert session.scalar(select(func.count()).select_from(CodedLine)) == 0


def test_only_who_has_the_case_codes_and_nothing_else_changes(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        given_chart(session, cast)
    case_id, number = waiting(world, cast)
    data = form(world, case_id, account="4440")
    for name in ("anna", "els", "bram", "dirk"):
        assert browse(name).get(f"/zaken/{number}/coderen").status_code == (302 if name == "els" else 404)
        assert browse(name).post(f"/zaken/{number}/coderen", data).status_code == 404
    carla = browse("carla")
    assert carla.post(f"/zaken/{number}/code", data).status_code == 404
    assert carla.post(f"/werkvoorraad/{number}", {**data, "do": "code"}).status_code == 404
    assert carla.post(f"/zaken/{number}/coderen", {**data, "version": "1"}).status_code == 409
    with world.db.transaction() as session:
        case = whole(session, case_id)
        more = {**case.content, "coding": {}, "payable_cents": 1}
        for content in (more, {"payable_cents": 1}, case.content):
            found = refused(lambda content=content: cast.act(session, "carla", case, "code", content=content))  # type: ignore[misc]
            assert found == {"coding_alone"}


def test_coding_anew_takes_the_place_of_what_was(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        given_chart(session, cast)
    case_id, number = waiting(world, cast)
    carla = browse("carla")
    for code in ("4440", "4000"):
        carla.post(f"/zaken/{number}/coderen", form(world, case_id, account=code))
    with world.db.session(writes=False) as session:
        assert [(one.account, one.alike) for one in session.scalars(select(CodedLine))] == [
            ("4000", "snoeien van bomen")
        ]  # fmt: skip


texts = st.sampled_from(("Snoeien 1", "snoeien 2", "Zout", "Élan"))
codings = st.tuples(st.sampled_from(("4000", "4440")), st.sampled_from(("", "1100")), st.just(""))


@given(st.lists(st.tuples(texts.map(alike), codings), max_size=12), texts)
def test_what_is_suggested_is_what_was_used_most(history: list[Any], text: str) -> None:
    found = suggested([ToCode("a", text, 1)], history)
    if not history:
        assert found == {}
        return
    same = [coding for of, coding in history if of == alike(text)]
    pool = same or [coding for _, coding in history]
    one = found["a"]
    assert one.same == bool(same)
    assert one.times == pool.count((one.account, one.cost_centre, one.task)) == max(pool.count(each) for each in pool)


def test_whoever_checks_says_that_a_line_without_a_code_may_stay_so(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        given_chart(session, cast)
        case = invoices.approved(session, cast)
        invoices.ticked(session, cast, case, "els", "check", ("delivered", "mandate", "amount"))
        assert refused(lambda: cast.act(session, "els", case, "check")) == {"checks_open"}
        number = case.number or ""
    page = said(browse("els").get(f"/werkvoorraad/{number}"))
    assert "1 regel is niet gecodeerd" in page
    assert "mag op de rekening voor wat niet gecodeerd is" in page
