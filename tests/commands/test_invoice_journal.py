"""What invoices put in the journal: owed to the supplier, paid by the bank, or set off against a credit note."""

from __future__ import annotations

from sqlalchemy import select, update

from portal.commands import journal
from portal.interfaces.ledger_files import as_xaf
from portal.models.ledger import JournalEntry, JournalLine
from portal.models.payments import Payable
from portal.queries.ledger_export import journal_of
from portal.worlds import World
from tests import invoices
from tests.cast import Cast
from tests.commands.money import booked, credit, debit, lines_in, release, take_in, waterveen
from tests.interfaces.test_ledger_files import check, texts
from tests.ledger import balances, begun


def post(world: World, place: int) -> None:
    with world.db.transaction() as session:
        assert journal.post_all(session, place, world.clock.now()).missing is None


def test_an_invoice_is_booked_by_supplier_and_paid(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        place = begun(session, cast).id
        case_id = invoices.payable(session, cast, 12_100, key="one").id
        session.execute(update(Payable).values(pay_from=None))
        (line,) = lines_in(session, release(session, cast, case_id))
    post(world, place)
    with world.db.session(writes=False) as session:
        assert balances(session, place) == {"cost.purchase": 10_000, "vat": 2100, "suppliers": -12_100}
        (entry,) = session.scalars(select(JournalEntry)).all()
        lines = session.scalars(select(JournalLine).order_by(JournalLine.place)).all()
        assert (entry.case_type, entry.action) == ("purchase_invoice", "check")
        assert [(one.key, one.task, one.relation) for one in lines] == [
            ("cost.purchase", "8.3", ""), ("vat", "", ""), ("suppliers", "", "L000001"),
        ]  # fmt: skip
    for answer, expected in (
        (debit, {"cost.purchase": 10_000, "vat": 2100, "bank": -12_100}),
        (credit, {"cost.purchase": 10_000, "vat": 2100, "suppliers": -12_100}),
    ):
        take_in(world, booked(answer(line)))
        post(world, place)
        with world.db.session(writes=False) as session:
            assert balances(session, place) == expected


def test_a_credit_note_is_set_off_against_the_next_invoice(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        place = begun(session, cast).id
        invoices.payable(session, cast, 6050, key="note", credit=True, preceding="F-0")
    post(world, place)
    with world.db.session(writes=False) as session:
        assert balances(session, place) == {"cost.purchase": -5000, "vat": -1050, "credits": 6050}
    with world.db.transaction() as session:
        invoices.payable(session, cast, 12_100, key="next")
    post(world, place)
    with world.db.session(writes=False) as session:
        assert balances(session, place) == {"cost.purchase": 5000, "vat": 1050, "suppliers": -6050}
        month = world.clock.now().date().replace(day=1)
        exported = journal_of(session, waterveen(session, cast), month, month)
        root = check(as_xaf(exported))
        assert texts(root, "company", "customersSuppliers", "customerSupplier", "custSupName") == [
            "Groenbeheer Waterveen B.V."
        ]
        assert set(texts(root, "company", "transactions", "journal", "jrnID")) == {"INK"}
