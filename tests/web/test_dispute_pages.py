"""A municipality disputes a line: from the line itself to a restatement that shows both figures."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from portal.commands import cases, disputes, settlements
from portal.models.cases import Case
from portal.models.costs import QuarterInvoice
from portal.models.people import Employment, Municipality, RoleGrant
from portal.queries.settlements import revisions
from portal.worlds import World
from tests.cast import SINCE, Cast
from tests.commands.helpers import letters, refused, whole
from tests.settlement import final, seen
from workflows.settled import Correction

QUARTER = "2026Q3"
HERE = f"/verrekening/{QUARTER}/waterveen"


def test_a_line_is_disputed_judged_by_another_and_restated(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        settled = final(session, cast, world.clock.now())
        # Whoever prepared it works as a clerk too, and may not judge what is said of it.
        session.add(RoleGrant(person_id=cast.people["dirk"], role="clerk", valid_from=SINCE))
        settled_id = settled.id
    farid, carla, dirk, ilse = (browse(name) for name in ("farid", "carla", "dirk", "ilse"))
    line = f"{HERE}/regel/cost-2"
    assert "Deze regel betwisten" in farid.get(line).text
    assert "Deze regel betwisten" not in dirk.get(line).text
    assert dirk.post(f"{line}/betwisten", {}).status_code == 404
    draft = farid.post(f"{line}/betwisten", {})
    assert farid.post(f"{line}/betwisten", {}).location == draft.location, "one's own draft is gone on with"
    empty = farid.get(f"{draft.location}?controle=1")
    assert "Schrijf op wat er niet klopt" in empty.text
    farid.post(draft.location, {"objection": "Huisvesting telt dubbel", "should_be": "1.000,00", "do": "review"})
    assert "Huisvesting telt dubbel" in farid.get(f"{draft.location}/controleren").text
    done = farid.post(f"{draft.location}/indienen", {})
    number = done.location.rpartition("/")[2]
    assert number == "VBZ-2026-000001"
    assert number in farid.get(HERE).text
    assert farid.post(f"{line}/betwisten", {}).status_code == 422
    # Nobody else sees the case; whoever looks after the settlement sees its number.
    assert [browse(name).get(f"/zaken/{number}").status_code for name in ("anna", "otto", "ilse")] == [404] * 3
    assert number in ilse.get(line).text
    _judged(world, cast, number, carla)
    with world.db.session() as session:
        assert [row[0] for row in letters(session, _case(session, number).id)] == ["received", "to_check", "corrected"]
        first, second = revisions(session, QUARTER)
        assert (first.id, second.state, second.prepared_by_id) == (settled_id, "prepared", cast.people["carla"])
        restated = second.id
    assert "Eenmaal is genoeg" not in farid.get(HERE).text, "not final yet"
    sent = {"settlement": str(restated), "seen": seen(ilse.get(f"/verrekening/{QUARTER}").text)}
    assert ilse.post(f"/verrekening/{QUARTER}/definitief", sent).status_code == 302
    page = farid.get(HERE).text
    assert all(said in page for said in ("1.333,34", "1.000,00", "Eenmaal is genoeg", number))
    assert "Eenmaal is genoeg" not in farid.get(f"{HERE}?versie=1").text
    with world.db.session(writes=False) as session:
        note = session.scalars(select(QuarterInvoice).where(QuarterInvoice.settlement_id == restated)).one()
        assert (note.credit, note.cents) == (True, 33_334)


def _case(session: Any, number: str) -> Case:
    return session.scalars(select(Case).where(Case.number == number)).one()  # type: ignore[no-any-return]


def _judged(world: World, cast: Cast, number: str, carla: Any) -> None:
    """Who prepared the settlement is refused; another clerk takes the case and puts the line right."""
    with world.db.session() as session:
        case = whole(session, _case(session, number).id)
        right = {**case.content, "corrected_cents": 1, "corrected_quantity": None}
        codes = refused(lambda: cast.act(session, "dirk", case, "correct", "Omdat", right))
        assert codes == {"took_part_before", "not_held"}
        codes = refused(lambda: cast.act(session, "dirk", case, "reject", "Omdat"))
        assert codes == {"took_part_before", "not_held"}
    assert carla.post(f"/zaken/{number}/nemen", {}).status_code == 302
    page = carla.get(f"/zaken/{number}")
    assert "Wat het bedrag moet zijn" in page.text
    assert carla.get(f"{HERE}/regel/cost-2").status_code == 200, "the evidence can be looked at"
    assert carla.get(f"/verrekening/{QUARTER}").status_code == 404
    step = f"/zaken/{number}/correct"
    with world.db.session(writes=False) as session:
        version = str(_case(session, number).version)
    wrong = carla.post(step, {"correct-amount": "1.333,34", "reason": "x", "version": version})
    assert "Dit staat al in de regel" in wrong.text
    sent = {"correct-amount": "1.000,00", "reason": "Eenmaal is genoeg", "version": version}
    assert carla.post(step, {**sent, "reason": ""}).status_code == 422
    assert carla.post(step, sent).status_code == 302


def test_what_cannot_be_disputed_is_refused(world: World, cast: Cast) -> None:
    now = datetime(2027, 1, 12, 9, 0, tzinfo=UTC)
    world.clock.set(now)  # type: ignore[attr-defined]
    with world.db.transaction() as session:
        settled = final(session, cast, now, "2026Q4")
        place = session.get_one(Municipality, cast.municipalities["waterveen"])
        dirk, farid = cast.viewer(session, "dirk"), cast.viewer(session, "farid")

        def codes(viewer: Any, key: str) -> frozenset[str]:
            return refused(lambda: disputes.dispute(session, viewer, settled, place, key, now))

        assert codes(dirk, "cost-1") == {"dispute_not_yours"}
        assert codes(farid, "compensation-0") == {"dispute_agreed"}
        assert codes(farid, "cost-77") == {"dispute_not_final"}
        case = disputes.dispute(session, farid, settled, place, "cost-1", now)
        assert disputes.dispute(session, farid, settled, place, "cost-1", now).id == case.id
        cast.act(session, "farid", whole(session, case.id), "submit", content={**case.content, "objection": "Nee"})
        assert codes(farid, "cost-1") == {"dispute_runs"}
        session.query(Employment).filter(Employment.person_id == cast.people["otto"]).delete()
        session.add(RoleGrant(person_id=cast.people["otto"], role="contract_manager", valid_from=SINCE))
        session.flush()
        assert codes(cast.viewer(session, "otto"), "cost-2") == {"dispute_no_employment"}
        settlements.make(session, dirk, "2026Q4", "keys", "users", "Andere sleutel", now)
        assert refused(lambda: settlements.prepare(session, dirk, "2026Q4", settled.id, now)) == {"settlement_changed"}


def test_a_line_that_says_something_else_by_now_is_not_put_right(world: World, cast: Cast) -> None:
    now = datetime(2027, 1, 12, 9, 0, tzinfo=UTC)
    world.clock.set(now)  # type: ignore[attr-defined]
    with world.db.transaction() as session:
        settled = final(session, cast, now, "2026Q4")
        place = session.get_one(Municipality, cast.municipalities["waterveen"])
        dirk, farid = cast.viewer(session, "dirk"), cast.viewer(session, "farid")
        case = disputes.dispute(session, farid, settled, place, "cost-1", now)
        cast.act(session, "farid", whole(session, case.id), "submit", content={**case.content, "objection": "Nee"})
        settlements.make(session, dirk, "2026Q4", "keys", "users", "Andere sleutel", now)
        case = whole(session, case.id)
        cases.take(session, cast.viewer(session, "carla"), case, now)
        right = {**case.content, "corrected_cents": 1, "corrected_quantity": None}
        assert refused(lambda: cast.act(session, "carla", case, "correct", "Omdat", right)) == {"dispute_line_moved"}


def test_what_a_dispute_adds_to_a_restatement_is_prepared_anew(world: World, cast: Cast) -> None:
    """Else who prepared the rest of it could make that final as well."""
    now, quarter = datetime(2027, 1, 12, 9, 0, tzinfo=UTC), "2026Q4"
    with world.db.transaction() as session:
        final(session, cast, now, quarter)
        dirk = cast.viewer(session, "dirk")
        session.add(RoleGrant(person_id=cast.people["dirk"], role="director", valid_from=SINCE))
        restated = settlements.make(session, dirk, quarter, "keys", "users", "Andere sleutel", now)
        settlements.prepare(session, dirk, quarter, restated.id, now)
        right = Correction("waterveen", "cost-1", 1, None, "Dubbel", "VBZ-1")
        again = settlements.correct(session, quarter, right, cast.people["carla"], now)
        assert (again.id, again.state, again.prepared_by_id) == (restated.id, "draft", None)
        both = cast.viewer(session, "dirk", now)
        assert refused(lambda: settlements.make_final(session, both, quarter, again.id, now)) == {
            "settlement_not_prepared"
        }
        settlements.prepare(session, both, quarter, again.id, now)
        assert refused(lambda: settlements.make_final(session, both, quarter, again.id, now)) == {
            "settlement_four_eyes"
        }


def test_a_role_for_one_municipality_does_not_become_one_for_all_by_another_role(world: World, cast: Cast) -> None:
    now, quarter = datetime(2027, 1, 12, 9, 0, tzinfo=UTC), "2026Q4"
    with world.db.transaction() as session:
        final(session, cast, now, quarter)
        here = cast.municipalities["waterveen"]
        for name, role in (("dirk", "director"), ("ilse", "treasurer")):
            session.add(RoleGrant(person_id=cast.people[name], role=role, municipality_id=here, valid_from=SINCE))
        session.flush()
        dirk, ilse = (cast.viewer(session, name, now) for name in ("dirk", "ilse"))
        restated = settlements.make(session, ilse, quarter, "keys", "users", "Andere sleutel", now)
        assert refused(lambda: settlements.prepare(session, ilse, quarter, restated.id, now)) == {
            "settlement_not_treasurer"
        }
        assert refused(lambda: settlements.make_final(session, dirk, quarter, restated.id, now)) == {
            "settlement_not_director"
        }
