"""In every state of every case type each step is for whom the declaration says, and over HTTP for nobody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.access import Role, Viewer
from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.models.mail import OutboxMail
from portal.models.payments import Payable, PaymentBatch
from portal.models.people import RoleGrant
from portal.queries.cases import situation_of, standing
from portal.queries.people import employments_of
from portal.worlds import World
from tests.cast import NEW_IBAN, SINCE, Cast
from tests.commands.helpers import refused, whole
from tests.invoices import content as invoice_content
from tests.leave import CONTENT as LEAVE
from tests.leave import SICKNESS, WITHDRAWAL
from tests.settlement import DISPUTE
from tests.toy.parking_permit import PERMIT, registered
from workflows import CASE_TYPES
from workflows.deciding import decide
from workflows.kernel import Action, Given, Refused, Situation
from workflows.parties import APPROVER, CLERK, INITIATOR, NOBODY, TREASURER, Party

PART: Mapping[str, Party] = {
    "anna": INITIATOR, "bram": APPROVER, "carla": CLERK, "els": CLERK, "dirk": TREASURER,
}  # fmt: skip
"""What each of the cast is in a claim of Anna's. Everybody else is nobody."""
OUTSIDERS = ("aart", "otto")
HAS_PAYABLE = ("payable", "paying", "unpaid", "paid", "outstanding", "settled")


@pytest.fixture(autouse=True)
def every_type() -> Iterator[None]:
    with registered():
        yield


@pytest.fixture
def stocked(world: World, cast: Cast) -> World:
    """A case of Anna's in every state of every type."""
    with world.db.transaction() as session:
        for type_key, case_type in CASE_TYPES.items():
            for state in case_type.states:
                a_case(session, cast, type_key, state.key)
    return world


def a_case(session: Session, cast: Cast, type_key: str, state: str) -> None:
    case_type, now = CASE_TYPES[type_key], cast.world.clock.now()
    at, employment = case_type.state(state), employments_of(session, cast.people["anna"])[0]
    case = Case(
        type=type_key, state=state, waits_for=at.waits_for.name or "" if at.waits_for else "",
        number=None if at is case_type.initial else f"{case_type.prefix}-2026-{state}", client_key=f"{type_key}{state}",
        municipality_id=employment.unit.municipality_id, employment_id=employment.id, initiator_id=employment.person_id,
        approver_id=cast.people["bram"], claimed_cents=1250, sanctioned_cents=1250, cost_centre="1100", title="Zitting",
        created_at=now, received_at=now, state_since=now, step_due=now, target_due=now, legal_due=now,
        closed_at=now if at.result else None, result=at.result.value if at.result else None,
    )  # fmt: skip
    session.add(case)
    session.flush()
    contents = {"expense_claim": cast.content(case), "account_change": {"iban": NEW_IBAN}, PERMIT.key: {"plate": "XX"},
                "advance": cast.advance_content(), "leave": LEAVE, "leave_withdrawal": WITHDRAWAL, "sickness": SICKNESS,
                "purchase_invoice": invoice_content(None), "settlement_dispute": DISPUTE,
                "sample": {**cast.content(case), "claim": "DEC-2026-paid", "apart": []}}  # fmt: skip
    line = {**cast.content(case)["lines"][0], "not_due_cents": 900, "not_due_reason": "Privérit"}
    contents["recovery"] = {**contents["sample"], "lines": [line]}
    case.content = contents[type_key]
    if type_key in ("expense_claim", "advance") and state in HAS_PAYABLE:
        closed = None if state == "payable" else now
        session.add(
            Payable(
                case_id=case.id, municipality_id=case.municipality_id, payee_id=case.initiator_id, cents=1250,
                created_at=now, closed_at=closed,
            )
        )  # fmt: skip


def steps_in(case: Case) -> Iterator[Action]:
    yield from (action for action in CASE_TYPES[case.type].actions if case.state in action.at)


def cases_in(session: Session) -> list[Case]:
    return [whole(session, case_id) for case_id in session.scalars(select(Case.id).order_by(Case.id))]


def outcome(session: Session, cast: Cast, case: Case, name: str, action: Action) -> frozenset[str]:
    """The codes with which a step is refused; none when it is allowed."""
    return judged(case, action, situation(session, case, cast.viewer(session, name), cast))


def situation(session: Session, case: Case, viewer: Viewer, cast: Cast) -> Situation:
    actor = viewer.actor(standing(case))
    return situation_of(session, case, actor, cast.world.clock.now(), Given("Omdat", case.content))


def judged(case: Case, action: Action, now: Situation) -> frozenset[str]:
    try:
        decide(CASE_TYPES[case.type], action.key, now)
    except Refused as refusal:
        return refusal.codes
    return frozenset()


def test_each_step_is_for_whom_the_declaration_says(stocked: World, cast: Cast) -> None:
    with stocked.db.session(writes=False) as session:
        viewers = {name: cast.viewer(session, name) for name in cast.people}
        for case in cases_in(session):
            for name, viewer in viewers.items():
                now = situation(session, case, viewer, cast)
                for action in CASE_TYPES[case.type].actions:
                    expected = {"not_now"} if case.state not in action.at else set()
                    stranger = {"not_yours"} if not action.who & PART.get(name, NOBODY) else set()
                    found = judged(case, action, now) & {"not_now", "not_yours"}
                    assert found == expected | stranger, (case.type, case.state, action.key, name)


def test_no_person_takes_the_steps_of_the_bank_or_the_portal(stocked: World, cast: Cast) -> None:
    with stocked.db.session(writes=False) as session:
        for case in cases_in(session):
            for action in steps_in(case):
                if not action.who & (INITIATOR | APPROVER | CLERK | TREASURER):
                    for name in cast.people:
                        assert "not_yours" in outcome(session, cast, case, name, action)


def everything(world: World) -> Any:
    """All that a step could change."""
    with world.db.session(writes=False) as session:
        columns = (Case.id, Case.version, Case.state, Case.assignee_id, Case.drafted_at)
        cases = session.execute(select(*columns).order_by(Case.id)).all()
        tables = (Case, CaseEvent, OutboxMail, PaymentBatch)
        return cases, [session.scalar(select(func.count()).select_from(table)) for table in tables]


def ways_in(case: Case, key: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Every address that could take a step in this case."""
    number, version = case.number or "None", str(case.version)
    yield f"/zaken/{number}/{key}", {"reason": "Omdat", "version": version}
    yield f"/werkvoorraad/{number}", {"do": key, "reason": "Omdat", "version": version}
    yield "/akkoord", {"case": f"{number}:{version}"}


def other_ways_in(case: Case) -> Iterator[tuple[str, dict[str, str]]]:
    """Addresses that change something in this case without being a step of it."""
    number = case.number or "None"
    yield f"/concept/{case.id}", {"purpose": "Van mij", "do": "save"}
    yield f"/concept/{case.id}/bewaren", {"purpose": "Van mij"}
    yield f"/concept/{case.id}/indienen", {}
    yield f"/concept/{case.id}/weggooien", {}
    yield f"/zaken/{number}/nemen", {}
    yield f"/zaken/{number}/teruggeven", {}
    yield f"/werkvoorraad/{number}/vinkjes", {"checklist": "1", "tick-a-legible": "1"}


def unlike(tries: list[tuple[str, dict[str, str]]]) -> list[tuple[str, dict[str, str]]]:
    """Each once: several steps have the same address, and nothing has changed in between."""
    return [(url, dict(data)) for url, data in dict.fromkeys((url, tuple(data.items())) for url, data in tries)]


def test_over_http_nobody_takes_a_step_that_is_not_theirs(stocked: World, cast: Cast, browse: Any) -> None:
    before = everything(stocked)
    with stocked.db.session(writes=False) as session:
        cases = cases_in(session)
    for name in (*PART, *OUTSIDERS):
        browser, part = browse(name), PART.get(name, NOBODY)
        for case in cases:
            tries = [way for action in steps_in(case) if not action.who & part for way in ways_in(case, action.key)]
            if part is APPROVER:
                tries = [way for way in tries if way[0] != "/akkoord"]
            if name in OUTSIDERS:
                tries += other_ways_in(case)
            for url, data in unlike(tries):
                answer = browser.post(url, data)
                assert answer.status_code in (302, 404, 405, 409, 422), (name, url, data, answer.status_code)
                if answer.status_code == 302:
                    assert url == "/akkoord", (name, url, data)
        assert everything(stocked) == before, name


def test_somebody_with_two_roles_releases_on_the_page_for_it_only(stocked: World, cast: Cast, browse: Any) -> None:
    with stocked.db.transaction() as session:
        session.add(RoleGrant(person_id=cast.people["dirk"], role=Role.CLERK.value, valid_from=SINCE))
    before, dirk = everything(stocked), browse("dirk")
    for url, data in (
        ("/werkvoorraad/DEC-2026-payable", {"do": "release"}), ("/zaken/DEC-2026-payable/release", {}),
        ("/werkvoorraad/DEC-2026-paying", {"do": "settle"}), ("/zaken/DEC-2026-paying/settle", {}),
    ):  # fmt: skip
        with stocked.db.session(writes=False) as session:
            version = session.scalar(select(Case.version).where(Case.number == url.split("/")[2]))
        assert dirk.post(url, {**data, "version": str(version)}).status_code in (404, 422), url
        assert everything(stocked) == before, url


def test_without_a_sign_in_nothing_is_possible(stocked: World, browse: Any) -> None:
    before, nobody = everything(stocked), browse()
    with stocked.db.session(writes=False) as session:
        cases = cases_in(session)
    for case in cases:
        for url, data in (*ways_in(case, "withdraw"), *other_ways_in(case)):
            assert nobody.post(url, data).status_code == 401, url
    assert everything(stocked) == before


def test_one_may_be_asked_only_within_ones_own_municipality(stocked: World, cast: Cast) -> None:
    with stocked.db.transaction() as session:
        case = session.scalars(select(Case).where(Case.number == "DEC-2026-submitted")).one()
        otto = cast.viewer(session, "otto")
        assert otto.asked(standing(case)) is None
        assert refused(lambda: cast.act(session, "otto", whole(session, case.id), "approve")) == {"not_yours"}
        assert PERMIT.key in CASE_TYPES
