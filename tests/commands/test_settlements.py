"""Settling a quarter through the commands: entering, four eyes, freezing, invoices, and restating."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from portal.commands import costs, settlements
from portal.models.changes import Change
from portal.models.costs import CostItem, Frozen, QuarterInvoice, QuarterSettlement
from portal.models.mail import OutboxMail
from portal.models.people import Policy, RoleGrant
from portal.queries.costs import basis_of
from portal.queries.settlements import last_final, revisions
from portal.queries.worked import evidence
from portal.worlds import World
from tests.cast import SINCE, Cast
from tests.catalogue import BEGIN, drafted, services, signed
from tests.commands.helpers import refused
from tests.settlement import QUARTER, agreed, cost, entered
from workflows.settled import Correction, account_of, line_of
from workflows.settlement import figures

NEW_YEAR = datetime(2027, 1, 12, 9, 0, tzinfo=UTC)


@pytest.fixture
def ready(world: World, cast: Cast) -> World:
    """A quarter that is over, with two changes of account number in it, and all that is needed to settle it."""
    with world.db.transaction() as session:
        agreed(session, cast)
        cast.changes_account(session)
        cast.changes_account(session, "olga", iban="NL20INGB0001234567")
        entered(session, cast, cast.viewer(session, "dirk"), world.clock.now())
    world.clock.set(NEW_YEAR)  # type: ignore[attr-defined]
    return world


def test_what_is_entered_is_judged_kept_and_taken_away_with_a_trace(world: World, cast: Cast) -> None:
    now = world.clock.now()
    with world.db.transaction() as session:
        dirk, first = cast.viewer(session, "dirk"), cast.municipalities["waterveen"]
        other = cast.municipalities["duinrade"]

        def codes(do: Callable[..., object], *given: Any) -> frozenset[str]:
            return refused(lambda: do(session, dirk, *given, now))

        bad = costs.NewCost("2026Q9", " ", "other", "", "tien", "")
        assert codes(costs.enter_cost, bad) == {
            "quarter_wrong", "cost_label_missing", "cost_kind_unknown", "cost_source_missing", "money_format",
        }  # fmt: skip
        assert codes(costs.enter_cost, cost(driver="weather")) == {"cost_driver_missing"}
        assert codes(costs.enter_cost, cost("indirect", "claims")) == {"cost_driver_needless"}
        assert codes(costs.enter_cost, cost(amount="0")) == {"money_zero"}
        assert codes(costs.enter_compensation, QUARTER, first, first, "1", "x", "y") == {"compensation_same_place"}
        assert codes(costs.enter_compensation, QUARTER, first, 999, "1", "x", "y") == {"cost_place_unknown"}
        assert codes(costs.enter_advance, QUARTER, None, "1", "y") == {"cost_place_unknown"}
        assert codes(costs.enter_amount, first, "hair", "1,5x", None, "y") == {
            "key_unknown", "key_amount_wrong", "key_from_missing",
        }  # fmt: skip
        assert codes(costs.enter_weights, {"employees": "50"}, date(2026, 1, 1), "x") == {"weights_wrong"}
        entered(session, cast, dirk, now)
        assert codes(costs.enter_amount, first, "users", "1", date(2026, 1, 1), "y") == {"key_twice"}
        whole = {"employees": "100", "inhabitants": "0", "users": "0"}
        assert codes(costs.enter_weights, whole, date(2026, 1, 1), "x") == {"key_twice"}
        for name in ("carla", "farid", "anna"):
            viewer = cast.viewer(session, name)
            assert refused(lambda v=viewer: costs.enter_cost(session, v, cost(), now)) == {"outside_your_work"}
        assert codes(costs.enter_agreed, QUARTER) == {"advance_nothing_agreed"}
        assert codes(costs.enter_agreed, "2026") == {"quarter_wrong"}
        gone = session.scalars(select(CostItem).order_by(CostItem.id)).first()
        assert gone is not None
        costs.remove(session, cast.viewer(session, "ilse"), "cost", gone.id, now)
        assert codes(costs.remove, "cost", gone.id) == {"cost_gone"}
        assert basis_of(session, QUARTER).costs_cents == 200_001
        assert basis_of(session, QUARTER).advances == {"waterveen": 150_000}
        said = set(session.scalars(select(Change.what)))
        assert {"cost.entered", "cost.removed", "key.entered", "weights.entered", "advance.entered"} <= said
        # Who works for one municipality alone does not enter what all share.
        session.add(RoleGrant(person_id=cast.people["otto"], role="treasurer", municipality_id=other, valid_from=SINCE))
        session.flush()
        viewer = cast.viewer(session, "otto")
        assert refused(lambda: costs.enter_cost(session, viewer, cost(), now)) == {"outside_your_work"}


def settled(session: Session, cast: Cast, at: datetime, variant: str = "price", key: str = "", reason: str = "") -> Any:
    """Made and prepared by Dirk, made final by Ilse."""
    made = settlements.make(session, cast.viewer(session, "dirk"), QUARTER, variant, key, reason, at)
    settlements.prepare(session, cast.viewer(session, "dirk"), QUARTER, made.id, at)
    return settlements.make_final(session, cast.viewer(session, "ilse"), QUARTER, made.id, at)


def test_one_makes_it_another_makes_it_final_and_then_it_stands(ready: World, cast: Cast) -> None:
    now = NEW_YEAR
    with ready.db.transaction() as session:
        dirk, ilse, farid = (cast.viewer(session, name) for name in ("dirk", "ilse", "farid"))
        refusals = {
            "quarter_wrong": lambda: settlements.make(session, dirk, "2026", "price", "", "", now),
            "settlement_nothing": lambda: settlements.prepare(session, dirk, QUARTER, 1, now),
            "settlement_way_unknown": lambda: settlements.make(session, dirk, QUARTER, "x", "", "", now),
            "outside_your_work": lambda: settlements.make(session, farid, QUARTER, "price", "", "", now),
        }  # fmt: skip
        assert {code: refused(do) for code, do in refusals.items()} == {code: {code} for code in refusals}
        made = settlements.make(session, ilse, QUARTER, "keys", "mixed", "", now)
        assert refused(lambda: settlements.make_final(session, ilse, QUARTER, made.id, now)) == {
            "settlement_not_prepared"
        }
        assert refused(lambda: settlements.prepare(session, ilse, QUARTER, made.id, now)) == {
            "settlement_not_treasurer"
        }
        assert refused(lambda: settlements.prepare(session, dirk, QUARTER, made.id + 1, now)) == {"settlement_changed"}
        early = ready.clock.now().replace(year=2026, month=12)
        assert refused(lambda: settlements.prepare(session, dirk, QUARTER, made.id, early)) == {
            "settlement_quarter_runs"
        }
        again = settlements.make(session, dirk, QUARTER, "price", "", "", now)
        assert (again.id, again.variant, again.revision) == (made.id, "price", 1)
        settlements.prepare(session, dirk, QUARTER, made.id, now)
        assert refused(lambda: settlements.prepare(session, dirk, QUARTER, made.id, now)) == {"settlement_not_draft"}
        assert refused(lambda: settlements.make_final(session, dirk, QUARTER, made.id, now)) == {
            "settlement_not_director"
        }
        session.add(RoleGrant(person_id=cast.people["dirk"], role="director", valid_from=SINCE))
        session.flush()
        both = cast.viewer(session, "dirk", now)
        assert refused(lambda: settlements.make_final(session, both, QUARTER, made.id, now)) == {"settlement_four_eyes"}
        final = settlements.make_final(session, ilse, QUARTER, made.id, now)
        assert final.digest == settlements.digest_of(final)
        invoices = session.scalars(select(QuarterInvoice).order_by(QuarterInvoice.number)).all()
        # Duinrade: one change at € 12.50 less € 10; Waterveen: one and € 10, less the advance of € 1,500.
        assert [(one.number, one.credit, one.cents) for one in invoices] == [
            ("VER-2027-000001", False, 250), ("VER-2027-000002", True, 147_750),
        ]  # fmt: skip
        assert refused(lambda: settlements.make(session, dirk, QUARTER, "price", "", " ", now)) == {
            "settlement_reason_missing"
        }
        digest = final.digest
    with ready.db.session(writes=False) as session:
        found = last_final(session, QUARTER)
        assert found is not None
        assert settlements.digest_of(found) == digest, "it reads back as it was hashed"
        (letter,) = session.scalars(select(OutboxMail).where(OutboxMail.letter == "settlement_final"))
        assert letter.address == "farid@example.org"
        assert "VER-2027-000001" in letter.text
    with ready.db.session() as session:
        found = last_final(session, QUARTER)
        assert found is not None
        found.reason = "Toch anders"
        with pytest.raises(Frozen):
            session.flush()
    for statement in (
        "UPDATE quarter_settlement SET reason = 'x'", "DELETE FROM quarter_settlement", "DELETE FROM quarter_invoice",
        "UPDATE quarter_invoice SET cents = 1",
    ):  # fmt: skip
        with ready.db.session() as session, pytest.raises((DBAPIError, IntegrityError)):
            session.execute(text(statement))


def test_a_restatement_asks_only_what_differs_and_a_correction_stays(ready: World, cast: Cast) -> None:
    now = NEW_YEAR
    with ready.db.transaction() as session:
        carla, key = cast.people["carla"], "price-account_changes"
        right = Correction("waterveen", key, 0, 0, "Dubbel geteld.", "VBZ-2027-000001")
        assert refused(lambda: settlements.correct(session, QUARTER, right, carla, now)) == {"settlement_nothing"}
        settled(session, cast, now)
        restated = settlements.correct(session, QUARTER, right, carla, now)
        assert (restated.revision, restated.state, restated.prepared_by_id) == (2, "prepared", carla)
        final = settlements.make_final(session, cast.viewer(session, "ilse"), QUARTER, restated.id, now)
        assert final.reason == "Dubbel geteld."
        (note,) = session.scalars(select(QuarterInvoice).where(QuarterInvoice.settlement_id == restated.id))
        assert (note.number, note.credit, note.cents) == ("VER-2027-000003", True, 1250)
        assert note.content["preceding"] == ["VER-2027-000002"]
        # A cost that came late: all is counted anew, and what was put right stays so.
        costs.enter_cost(session, cast.viewer(session, "dirk"), cost("indirect", "", "90"), now)
        late = settled(session, cast, now, reason="Nagekomen kosten")
        line = line_of(late.figures, "waterveen", key)
        assert line is not None
        assert (line["cents"], line["was_cents"], line["dispute"]) == (0, 1250, "VBZ-2027-000001")
        assert session.scalar(select(func.count()).select_from(QuarterInvoice)) == 3, "no amount differs"
        other = settled(session, cast, now, "keys", "employees", "Bestuur koos de verdeelsleutel")
        differs = {one.municipality_id: one for one in session.scalars(
            select(QuarterInvoice).where(QuarterInvoice.settlement_id == other.id))}  # fmt: skip
        for code, place in cast.municipalities.items():
            was, becomes = account_of(late.figures, code), account_of(other.figures, code)
            assert was is not None
            assert becomes is not None
            one = differs[place]
            assert (-one.cents if one.credit else one.cents) == becomes["owed_cents"] - was["owed_cents"]
        assert [one.revision for one in revisions(session, QUARTER, final=True)] == [1, 2, 3, 4]
        numbers = sorted(session.scalars(select(QuarterInvoice.number)))
        assert numbers == [f"VER-2027-{n:06d}" for n in range(1, len(numbers) + 1)]


def test_a_case_counts_once_where_it_first_ended_and_the_evidence_is_what_was_counted(ready: World, cast: Cast) -> None:
    with ready.db.transaction() as session:
        for code, place in cast.municipalities.items():
            counted = basis_of(session, QUARTER).counted(("account_change",), code)
            found = evidence(session, QUARTER, place, ("account_change",))
            assert (counted, found.count, len(found.pieces)) == (1, 1, 1)
            assert found.pieces[0].number.startswith("REK-2026-")
            assert evidence(session, "2027Q1", place, ("account_change",)).count == 0
            assert evidence(session, QUARTER, place, ("contact",)).pieces == []
        session.query(Policy).filter(Policy.key == "settlement_sender").delete()
        assert refused(lambda: settled(session, cast, NEW_YEAR)) == {"settlement_no_sender"}
        session.rollback()
        assert figures(basis_of(session, QUARTER), "keys", "employees")["over_cents"] == 0
        assert session.scalars(select(QuarterSettlement)).first() is None


def test_who_has_a_financial_agreement_pays_its_prices_and_its_advance(world: World, cast: Cast) -> None:
    now = world.clock.now()
    with world.db.transaction() as session:
        services(session, cast)
        prices = {"expense_claims": {"cents": 1000, "volume": 120}}
        for kind, more in (("dvo", {}), ("dfa", {"prices": prices})):
            signed(session, cast, drafted(session, cast, kind, BEGIN, **more))
        dirk = cast.viewer(session, "dirk")
        made = costs.enter_agreed(session, dirk, QUARTER, now)
        assert [(one.cents, one.source) for one in made] == [(30_000, "DFA 2026, versie 1")]
        assert refused(lambda: costs.enter_agreed(session, dirk, QUARTER, now)) == {"advance_nothing_agreed"}
        tariffs = {(one.place, one.service): one.cents for one in basis_of(session, QUARTER).tariffs}
        # Duinrade has none: the catalogue holds, with the price of its own.
        assert tariffs == {
            ("waterveen", "expense_claims"): 1000, ("duinrade", "expense_claims"): 900, ("duinrade", "contact"): 1200,
        }  # fmt: skip
