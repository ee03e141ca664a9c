"""The thin line: a claim from draft to paid, through commands alone, on both databases."""

from __future__ import annotations

from datetime import timedelta

from portal.commands import bank, payments
from portal.interfaces.bank import read_all
from portal.models.cases import Case
from portal.models.people import Municipality
from portal.queries import chain
from portal.queries.payments import lines_of, proposal
from portal.worlds import World
from tests.bank_simulator import running_bank
from tests.cast import OUR_IBAN, Cast


def test_a_claim_travels_from_draft_to_paid(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case_id = cast.payable(session).id
    with world.db.transaction() as session:
        municipality = session.get_one(Municipality, cast.municipalities["waterveen"])
        dirk = cast.viewer(session, "dirk")
        lines = proposal(session, dirk, municipality, world.clock.now())
        assert [line.refusals for line in lines] == [()]
        batch = payments.release(session, dirk, municipality, [lines[0].payable.id], world.clock.now())
        file = batch.file
    with running_bank() as mock:
        mock.open_account(OUR_IBAN, "Gemeente Waterveen")
        status = mock.submit(file)
        mock.advance(2)
        statements = [s for s in mock.statements(OUR_IBAN) if b"<Ntry>" in s]
    assert read_all(status)
    world.clock.advance(timedelta(days=1))
    with world.db.transaction() as session:
        row = bank.take_in(session, status, "status.xml", world.clock.now())
        assert (row.accepted, row.refused) == (1, "")
    with world.db.transaction() as session:
        for statement in statements:
            row = bank.take_in(session, statement, "statement.xml", world.clock.now())
            assert row.refused == ""
    with world.db.session(writes=False) as session:
        case = session.get_one(Case, case_id)
        assert (case.state, case.result, case.number) == ("paid", "granted", "DEC-2026-000001")
        assert lines_of(session, batch.id)[0].settled_at is not None
        found = chain.verify(session)
        assert (found.broken, found.count) == (None, 5)
