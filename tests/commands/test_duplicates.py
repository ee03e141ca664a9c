"""Duplicates: found by file and by facts in cases of everybody, settled with a reason, and in the way until then."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal import i18n
from portal.commands import cases, destruction, flags
from portal.commands.documents import add_document
from portal.interfaces.files import take_in
from portal.models.cases import Case, CaseFlag
from portal.models.destruction import DestructionList
from portal.models.events import CaseEvent
from portal.models.lines import CaseLine
from portal.queries.cases import WHOLE
from portal.queries.chain import verify
from portal.queries.people import employments_of
from portal.queries.queue import QueueFilter, queue
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import pass_days, refused, whole
from tests.commands.test_line_decisions import decided, on_the_bench
from tests.sample_files import jpeg
from workflows.flags import DOUBLE, FLAG_KINDS, NOT_DOUBLE


def claim(
    session: Session, cast: Cast, name: str, key: str, *, file: int, text: str = "Parkeren", submit: bool = True,
    **line: Any,
) -> Case:  # fmt: skip
    """A claim of one line with a receipt of its own; `file` tells receipts apart."""
    now, employment = cast.world.clock.now(), employments_of(session, cast.people[name])[0]
    case = cases.start(session, "expense_claim", employment, key, now)
    session.flush()
    intake = take_in(jpeg(width=40 + file), "bon.jpg")
    add_document(session, cast.world.files, case, intake, line_key="a", by=case.initiator_id, at=now)
    case = session.get_one(Case, case.id, options=WHOLE, populate_existing=True)
    content = cast.content(case)
    content["lines"][0] |= {"description": text, **line}
    if submit:
        cast.act(session, name, case, "submit", content=content)
    return case


def raised(session: Session, case: Case) -> list[tuple[str, str]]:
    session.flush()
    found = session.execute(select(CaseFlag.code, CaseFlag.about).where(CaseFlag.case_id == case.id))
    return sorted((row.code, row.about) for row in found)


def flag_of(session: Session, case: Case) -> CaseFlag:
    return session.scalars(select(CaseFlag).where(CaseFlag.case_id == case.id)).one()


def other_amount(cents: int) -> dict[str, int]:
    return {"claimed_cents": cents, "sanctioned_cents": cents}


def test_the_same_file_is_found_whoever_had_it_and_wherever(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        first = claim(session, cast, "anna", "1", file=1)
        theirs = claim(session, cast, "olga", "2", file=1, text="Lunch", **other_amount(900))
        assert first.municipality_id != theirs.municipality_id
        assert raised(session, first) == []
        assert raised(session, theirs) == [("duplicate_file", first.number)]
        assert flag_of(session, theirs).asks


def test_the_same_person_kind_day_and_amount_is_found_and_nothing_that_differs(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        first = claim(session, cast, "anna", "1", file=1)
        assert raised(session, claim(session, cast, "anna", "2", file=2, text="Iets anders")) == [
            ("duplicate_facts", first.number)
        ]
        for number, changed in enumerate(({"date": "2026-11-19"}, other_amount(1249), {"category": "other"})):
            assert raised(session, claim(session, cast, "anna", f"x{number}", file=10 + number, **changed)) == []
        assert raised(session, claim(session, cast, "aart", "y", file=20, text="Weer anders")) == []


def test_a_colleague_with_the_same_words_is_shown_and_asks_nothing(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        first = claim(session, cast, "anna", "1", file=1, text="Lunch met Réné")
        second = claim(session, cast, "olga", "2", file=2, text="lunch met rene")
        assert raised(session, second) == [("duplicate_alike", first.number)]
        assert not flag_of(session, second).asks


def test_of_one_other_case_only_the_weightiest_is_said(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        first = claim(session, cast, "anna", "1", file=1)
        assert raised(session, claim(session, cast, "anna", "2", file=1)) == [("duplicate_file", first.number)]


def test_what_was_withdrawn_rejected_or_never_handed_in_is_no_candidate(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        gone = claim(session, cast, "anna", "1", file=1)
        cast.act(session, "anna", gone, "withdraw")
        refused_claim = claim(session, cast, "anna", "2", file=1)
        cast.act(session, "bram", refused_claim, "reject", "Geen werk")
        claim(session, cast, "anna", "draft", file=1, submit=False)
        assert raised(session, claim(session, cast, "anna", "3", file=1)) == []


def test_what_was_paid_is_a_candidate(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        paid = cast.payable(session)
        assert raised(session, cast.submitted(session, key="again")) == [("duplicate_file", paid.number)]


def test_a_line_that_fell_is_no_candidate_and_what_was_sent_back_is_handed_in_anew(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = on_the_bench(session, cast)
        cast.act(session, "carla", case, "check", content=decided(case, "send_back"))
        assert session.scalars(select(CaseLine.stands).order_by(CaseLine.line_key)).all() == [True, False]
        draft = session.scalars(select(Case).where(Case.parent_id == case.id).options(*WHOLE)).one()
        content = cast.content(case, 800)
        content["lines"][0] |= {"key": "b", "date": "2026-11-19"}
        cast.act(session, "anna", whole(session, draft.id), "submit", content=content)
        found = session.execute(select(CaseFlag.code).where(CaseFlag.case_id == draft.id)).all()
        assert found == [("duplicate_file",)], "line a of the claim it left has the same file and still stands"


def test_a_case_never_flags_itself_and_keeps_what_was_settled_while_it_holds(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        claim(session, cast, "anna", "1", file=1)
        case = claim(session, cast, "anna", "2", file=1)
        to_clerk(session, cast, case)
        settle(session, cast, case, NOT_DOUBLE, "Twee keer geparkeerd")
        cast.act(session, "carla", case, "send_back", "Ander doel")
        same = {**case.content, "purpose": "Hoorzitting"}
        cast.act(session, "anna", case, "submit", content=same)
        assert flag_of(session, case).settled_as == NOT_DOUBLE
        assert session.scalar(select(func.count()).where(CaseLine.case_id == case.id)) == 1


def test_what_no_longer_holds_is_gone_after_handing_in_again(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        claim(session, cast, "anna", "1", file=1)
        case = claim(session, cast, "anna", "2", file=2)
        assert raised(session, case) == [("duplicate_facts", "DEC-2026-000001")]
        cast.act(session, "bram", case, "return", "Welk bedrag?")
        content = {**case.content, "lines": [{**case.content["lines"][0], **other_amount(700)}]}
        cast.act(session, "anna", case, "submit", content=content)
        assert raised(session, case) == []
        assert session.scalars(select(CaseLine.cents).where(CaseLine.case_id == case.id)).all() == [700]


def to_clerk(session: Session, cast: Cast, case: Case) -> None:
    cast.act(session, "bram", case, "approve")
    carla = cast.viewer(session, "carla")
    cases.take(session, carla, case, cast.world.clock.now())
    for check in ("legible", "amount", "date", "for_work"):
        cases.tick(case, carla, "a", check, True, cast.world.clock.now())


def settle(
    session: Session, cast: Cast, case: Case, answer: str, reason: str, by: str = "carla", place: int = 0,
) -> None:  # fmt: skip
    session.flush()
    flags.settle(session, cast.viewer(session, by), case, place, answer, reason, cast.world.clock.now())


@pytest.fixture
def double(world: World, cast: Cast) -> int:
    """A claim of Anna's on Carla's bench, ticked, with a receipt that was paid before."""
    with world.db.transaction() as session:
        cast.payable(session)
        case = cast.submitted(session, key="again")
        to_clerk(session, cast, case)
        return case.id


def test_the_check_waits_until_every_signal_is_settled(world: World, cast: Cast, double: int) -> None:
    with world.db.transaction() as session:
        case = whole(session, double)
        assert refused(lambda: cast.act(session, "carla", case, "check", content=case.content)) == {"flags_open"}
        settle(session, cast, case, NOT_DOUBLE, "Twee keer geparkeerd")
        cast.act(session, "carla", case, "check", content=case.content)
        assert case.state == "payable"


def test_settling_takes_an_answer_a_reason_and_the_clerk_who_has_the_case(
    world: World, cast: Cast, double: int
) -> None:
    with world.db.transaction() as session:
        case = whole(session, double)
        assert refused(lambda: settle(session, cast, case, "perhaps", "Weet niet")) == {"flag_answer"}
        assert refused(lambda: settle(session, cast, case, NOT_DOUBLE, " ")) == {"reason_missing"}
        assert refused(lambda: settle(session, cast, case, NOT_DOUBLE, "Kijk", by="els")) == {"not_held"}
        assert refused(lambda: settle(session, cast, case, NOT_DOUBLE, "Kijk", by="bram")) == {"not_yours"}
        assert refused(lambda: cast.act(session, "carla", case, "settle_flag", "Kijk")) == {"flag_unknown"}
        assert refused(lambda: settle(session, cast, case, NOT_DOUBLE, "Kijk", place=1)) == {"flag_settled"}
        assert flag_of(session, case).settled_at is None
        settle(session, cast, case, NOT_DOUBLE, "Kijk")
        assert refused(lambda: settle(session, cast, case, DOUBLE, "Toch")) == {"flag_settled"}
        (known,) = case.flags
        assert (known["name"], known["about"]) == ("Carla de Wit", "DEC-2026-000001")
        session.expire_all()
        row = flag_of(session, case)
        assert (row.settled_as, row.reason, row.settled_by_id) == (NOT_DOUBLE, "Kijk", cast.people["carla"])


def test_who_settled_what_stands_in_the_chain(world: World, cast: Cast, double: int) -> None:
    with world.db.transaction() as session:
        settle(session, cast, whole(session, double), DOUBLE, "Al betaald in maart")
    with world.db.session(writes=False) as session:
        event = session.scalars(select(CaseEvent).where(CaseEvent.action == "settle_flag")).one()
        assert (event.actor_id, event.reason) == (cast.people["carla"], "Al betaald in maart")
        what = {"code": "duplicate_file", "line": "a", "about": "DEC-2026-000001", "answer": DOUBLE}
        assert event.data["flag"] == what
        assert verify(session).why == ""


def test_what_is_a_duplicate_is_not_granted(world: World, cast: Cast, double: int) -> None:
    with world.db.transaction() as session:
        case = whole(session, double)
        settle(session, cast, case, DOUBLE, "Al betaald")
        assert refused(lambda: cast.act(session, "carla", case, "check", content=case.content)) == {"duplicate_granted"}
        line = {**case.content["lines"][0], "sanctioned_cents": 0, "outcome": "refuse", "reduction_reason": "Dubbel"}
        with_other = {**case.content, "lines": [line]}
        assert refused(lambda: cast.act(session, "carla", case, "check", content=with_other)) == {"nothing_to_pay"}
        cast.act(session, "carla", case, "refuse", "Al betaald")
        assert case.state == "rejected"


def test_who_settled_a_signal_neither_approves_nor_pays(world: World, cast: Cast, double: int) -> None:
    with world.db.transaction() as session:
        case = whole(session, double)
        settle(session, cast, case, NOT_DOUBLE, "Kijk")
        assert cast.people["carla"] in {step[1] for step in case.trail if step[0] == "settle_flag"}
        cast.act(session, "carla", case, "send_back", "Nog eens")
        content = {**case.content, "lines": [{**case.content["lines"][0], **other_amount(9900)}]}
        cast.act(session, "anna", case, "submit", content=content)
        case.approver_id = cast.people["carla"]
        session.flush()
        assert "checker_approves" in refused(lambda: cast.act(session, "carla", case, "approve"))


def test_the_queue_is_filtered_by_it(world: World, cast: Cast, double: int) -> None:
    with world.db.transaction() as session:
        carla, now = cast.viewer(session, "carla"), world.clock.now()
        wanted = QueueFilter(flag="duplicate_file")
        assert [case.id for case in queue(session, carla, wanted, now).cases] == [double]
        settle(session, cast, whole(session, double), NOT_DOUBLE, "Kijk")
        assert list(queue(session, carla, wanted, now).cases) == []


def test_lines_and_flags_are_destroyed_with_their_case(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        claim(session, cast, "anna", "1", file=1)
        case = claim(session, cast, "anna", "2", file=1)
        cast.act(session, "anna", case, "withdraw")
    pass_days(world, 366)
    with world.db.transaction() as session:
        assert destruction.propose(session, world.clock.now()) == 1
        on, hanna = session.scalars(select(DestructionList)).one(), cast.viewer(session, "hanna")
        destruction.approve(session, hanna, on, world.clock.now())
        session.flush()
        destruction.execute(session, on, world.clock.now())
        assert session.scalar(select(func.count()).select_from(CaseFlag)) == 0
        assert session.scalar(select(func.count()).select_from(CaseLine)) == 1


def test_candidates_are_found_by_an_index(world: World, cast: Cast) -> None:
    if not world.db.is_sqlite:
        return
    with world.db.transaction() as session:
        claim(session, cast, "anna", "1", file=1)
        plan = session.execute(
            text(
                'EXPLAIN QUERY PLAN SELECT l.id FROM case_line l JOIN "case" c ON c.id = l.case_id WHERE l.case_id '
                "!= 1 AND ((l.person_id = 2 AND l.day IN ('2026-11-20')) OR l.alike IN ('parking'))"
            )
        ).all()
        assert not [row[3] for row in plan if row[3].startswith("SCAN")], plan


def test_every_flag_says_something_in_both_languages() -> None:
    for kind in FLAG_KINDS.values():
        for sentence in filter(None, (kind.label, kind.said, kind.apart, *kind.answers.values())):
            with i18n.reading_in("nl"):
                assert i18n.gettext(sentence) != sentence, sentence


def test_what_was_settled_of_a_line_does_not_hold_for_another_in_its_place(world: World, cast: Cast) -> None:
    """The employee could have one line judged, and then let it say what another line of that claim says."""
    with world.db.transaction() as session:
        first = claim(session, cast, "anna", "1", file=1, submit=False)
        content = cast.content(first)
        hotel = content["lines"][0] | {"key": "b", "date": "2026-11-18", **other_amount(30_000)}
        cast.act(session, "anna", first, "submit", content={**content, "lines": [content["lines"][0], hotel]})
        again = claim(session, cast, "anna", "2", file=2)
        cast.act(session, "bram", again, "approve")
        cases.take(session, cast.viewer(session, "carla"), again, world.clock.now())
        cast.settled(session, again)
        cast.act(session, "carla", again, "send_back", "Kostenplaats?")
        content = cast.content(again)
        cast.act(session, "anna", again, "submit", content=content)
        assert [flag["settled_as"] for flag in again.flags] == [NOT_DOUBLE]
        cast.act(session, "bram", again, "return", "Nog eens")
        content["lines"][0] |= {"date": "2026-11-18", **other_amount(30_000)}
        cast.act(session, "anna", again, "submit", content=content)
        assert [(flag["code"], flag["about"], flag["settled_as"]) for flag in again.flags] == [
            ("duplicate_facts", first.number, "")
        ]


def test_the_same_receipt_twice_in_one_claim_asks_and_what_differs_does_not(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = claim(session, cast, "anna", "1", file=1, submit=False)
        content = cast.content(case)
        (line,) = content["lines"]
        other_file = {"documents": [{"id": 2, "sha256": "1" * 64, "name": "bon.jpg"}]}
        lines = [line, line | {"key": "b"}, line | {"key": "c", **other_file}, line | {"key": "d", **other_amount(900)}]
        cast.act(session, "anna", case, "submit", content={**content, "lines": lines})
        assert [(flag["line"], flag["code"], flag["asks"]) for flag in case.flags] == [("b", "twice_in_claim", True)]
        assert case.flags[0]["values"]["earlier"] == 1
