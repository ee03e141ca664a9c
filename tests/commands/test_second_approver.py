"""Above the mandate of who approved first a second person signs, whose mandate suffices."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.commands import cases
from portal.jobs import remind
from portal.models.cases import Case
from portal.models.mail import MailLink
from portal.models.people import Mandate
from portal.queries.cases import to_approve
from portal.worlds import World
from tests.cast import SINCE, Cast
from tests.commands.helpers import events, here, letters, refused, whole
from tests.commands.test_approvers import away

ABOVE = 100_001
"""One cent above what Bram may decide on alone."""


def approved_once(cast: Cast, session: Session, who: str = "bram", **more: object) -> Case:
    case = cast.submitted(session, cents=ABOVE, **more)  # type: ignore[arg-type]
    cast.act(session, who, case, "approve")
    return case


def test_the_second_is_asked_and_signs_and_only_then_the_ssc_is_told(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = approved_once(cast, session)
        assert (case.state, case.waits_for, case.approver_id) == ("countersign", "APPROVER", cast.people["diane"])
        assert letters(session, case.id)[2:] == [("ask", "diane"), ("approved_first", "anna")]
        assert [c.id for c in to_approve(session, cast.viewer(session, "diane"))] == [case.id]
        assert to_approve(session, cast.viewer(session, "bram")) == []
        assert refused(lambda: cast.act(session, "bram", case, "countersign")) == {"not_yours"}
        cast.act(session, "diane", case, "countersign")
        assert case.state == "approved"
        assert case.bound is not None
        assert case.bound["claimed_cents"] == ABOVE
        assert letters(session, case.id)[4:] == [("approved", "anna"), ("to_check", "SSC")]
        case_id = case.id
    with world.db.session(writes=False) as session:
        assert [e.to_state for e in events(session, case_id)] == ["submitted", "countersign", "approved"]


def test_within_the_mandate_one_signature_is_enough(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session, cents=100_000)
        cast.act(session, "bram", case, "approve")
        assert case.state == "approved"


def test_the_second_sends_back_and_both_sign_anew_also_for_the_same_amount(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = approved_once(cast, session)
        cast.act(session, "diane", case, "return", "Wat is dit?")
        cast.act(session, "anna", case, "submit", content=case.content)
        assert (case.state, case.approver_id) == ("submitted", cast.people["bram"])
        cast.act(session, "bram", case, "approve")
        cast.act(session, "diane", case, "countersign")
        assert case.state == "approved"
        cast.act(session, "anna", case, "withdraw")


def test_an_approval_by_two_stands_for_the_same_amount(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = approved_once(cast, session)
        cast.act(session, "diane", case, "countersign")
        cases.take(session, cast.viewer(session, "carla"), case, world.clock.now())
        cast.act(session, "carla", case, "send_back", "De bon ontbreekt")
        cast.act(session, "anna", case, "submit", content=case.content)
        assert case.state == "approved"


def test_who_signed_as_a_substitute_is_not_the_second(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        away(cast, session, "bram", "diane")
        case = approved_once(cast, session, "diane")
        assert (case.state, case.approver_id) == ("countersign", None)
        assert letters(session, case.id)[-2] == ("no_approver", "SSC")


def test_the_second_is_never_replaced_by_the_first(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        away(cast, session, "diane", "bram")
        case = approved_once(cast, session)
        assert letters(session, case.id)[-2] == ("ask", "diane")
        assert refused(lambda: cast.act(session, "bram", case, "countersign")) >= {"second_person"}
        away(cast, session, "bram", "aart")
        assert refused(lambda: cast.act(session, "aart", case, "countersign")) == {"substitute_barred"}
        cast.act(session, "diane", case, "countersign")


def test_a_mandate_for_the_cost_centre_signs_as_the_second(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        session.add(
            Mandate(
                person_id=cast.people["aart"], municipality_id=cast.municipalities["waterveen"], kind="expense_claim",
                maximum_cents=5_000_000, cost_centres="11*", valid_from=SINCE,
            )
        )  # fmt: skip
        session.execute(delete(Mandate).where(Mandate.person_id == cast.people["diane"]))
        case = approved_once(cast, session)
        assert case.approver_id == cast.people["aart"]
        cast.act(session, "aart", case, "countersign")
        assert case.state == "approved"


def test_a_mandate_for_another_cost_centre_does_not_sign(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        diane = session.scalars(select(Mandate).where(Mandate.person_id == cast.people["diane"])).one()
        diane.cost_centres = "2000"
        case = approved_once(cast, session)
        assert (case.state, case.approver_id) == ("countersign", None)


def test_the_second_is_reminded_and_the_one_above_written_to(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case_id = approved_once(cast, session).id
    world.clock.set(here("2026-12-10 14:00"))  # type: ignore[attr-defined]
    remind.run(world, world.clock.now())
    with world.db.session(writes=False) as session:
        assert letters(session, case_id)[-2:] == [("remind", "diane"), ("escalate", "SSC")]


def test_of_a_request_that_nobody_may_decide_on_the_ssc_is_reminded(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case_id = cast.submitted(session, "diane").id
    world.clock.set(here("2026-12-10 14:00"))  # type: ignore[attr-defined]
    remind.run(world, world.clock.now())
    with world.db.session(writes=False) as session:
        assert letters(session, case_id)[-2:] == [("no_approver", "SSC"), ("escalate", "SSC")]


def test_the_links_of_the_first_are_dead_when_the_second_is_asked(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = whole(session, approved_once(cast, session).id)
        links = session.execute(select(MailLink.person_id, MailLink.ended).order_by(MailLink.id)).all()
        assert [tuple(link) for link in links] == [
            (cast.people["bram"], "superseded"), (cast.people["diane"], None),
        ]  # fmt: skip
        assert case.step_due is not None
        assert case.step_due > world.clock.now() + timedelta(days=6)
