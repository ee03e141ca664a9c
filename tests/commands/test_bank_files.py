"""Files from the bank that must change nothing, and entries that match nothing: refused or listed, never lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from portal.models.events import CaseEvent
from portal.models.payments import BankEntry, BankFile, BatchLine, PaymentBatch
from portal.web.bank import FILE_SENTENCES
from portal.worlds import World
from tests import bank_messages as xml
from tests.cast import OTHER_IBAN, OUR_IBAN, Cast
from tests.commands.money import booked, credit, debit, open_list, paying, rejected, status, take_in

NAMESPACE = b"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
GOOD = xml.statement(xml.report(xml.entry("1.00"), iban=OUR_IBAN))
HOSTILE = {
    "bank_file_not_xml": b"<Document",
    "bank_file_too_big": b" " * (20 * 1024 * 1024 + 1),
    "bank_file_doctype": GOOD.replace(b"<Document", b'<!DOCTYPE d [<!ENTITY x "y">]><Document', 1),
    "bank_file_unknown_kind": GOOD.replace(NAMESPACE, b"urn:iso:std:iso:20022:tech:xsd:camt.052.001.08"),
    "bank_file_encoding": b"\xff\xfe<\x00",
    "bank_file_incomplete": GOOD.replace(b"<CdtDbtInd>DBIT</CdtDbtInd>", b""),
    "bank_file_wrong_currency": GOOD.replace(b'Ccy="EUR"', b'Ccy="USD"'),
    "bank_file_unknown_account": GOOD.replace(OUR_IBAN.encode(), b"NL91ABNA0417164300"),
}


def rows(world: World) -> dict[str, int]:
    with world.db.session(writes=False) as session:
        return {
            table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0
            for table in (BankFile, BankEntry, CaseEvent)
        }


@pytest.mark.parametrize("code", HOSTILE)
def test_a_bad_file_changes_nothing_but_leaves_a_row_that_says_so(world: World, cast: Cast, code: str) -> None:
    first, again = take_in(world, HOSTILE[code], HOSTILE[code])
    assert (first.refused, again.refused) == (code, code)
    assert (first.kind, first.message_id, first.settled, first.unmatched) == ("", "", 0, 0)
    assert rows(world) == {"bank_file": 2, "bank_entry": 0, "case_event": 0}


def test_every_code_of_a_file_has_its_own_sentence() -> None:
    assert set(HOSTILE) | {"bank_file_replayed"} == set(FILE_SENTENCES)
    assert len(set(FILE_SENTENCES.values())) == len(FILE_SENTENCES)


def test_a_file_that_was_taken_in_before_changes_nothing(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        _, (line,) = paying(session, cast)
    file = booked(debit(line))
    assert take_in(world, file)[0].settled == 1
    before = rows(world)
    same_message = file.replace(b"12.50", b"99.50").replace(line.end_to_end_id.encode(), b"OTHER-1")
    for replay in (file, same_message, file + b"\n"):
        (row,) = take_in(world, replay)
        assert (row.refused, row.settled, row.unmatched) == ("bank_file_replayed", 0, 0)
    assert rows(world) == before | {"bank_file": 4}


def test_a_refused_file_may_come_again_when_it_was_mended(world: World, cast: Cast) -> None:
    file = booked(xml.entry("1.00", side="CRDT"))
    assert [row.refused for row in take_in(world, file[:-9], file)] == ["bank_file_not_xml", ""]


def test_a_long_name_and_a_long_detail_are_cut(world: World, cast: Cast) -> None:
    file = GOOD.replace(OUR_IBAN.encode(), b"NL91ABNA0417164300").replace(b"STMT-1", b"S" * 500)
    (row,) = take_in(world, file)
    assert (row.refused, len(row.detail)) == ("bank_file_unknown_account", 200)


Case = Callable[[PaymentBatch, BatchLine], tuple[bytes, ...]]
LISTED: dict[str, Case] = {
    "unknown_reference": lambda b, n: (booked(debit(n).replace(n.end_to_end_id, "X-1")),),
    "amount_differs": lambda b, n: (booked(debit(n, 1249)),),
    "already_settled": lambda b, n: (booked(debit(n)), booked(debit(n))),
    "already_returned": lambda b, n: (status(b, rejected(n)), booked(debit(n))),
    "second_copy": lambda b, n: (status(b, rejected(n, "AM05")),),
    "other_account": lambda b, n: (booked(debit(n), iban=OTHER_IBAN),),
    "not_ours": lambda b, n: (booked(credit(n, reason="")),),
}


@pytest.mark.parametrize("why", LISTED)
def test_what_cannot_be_booked_waits_for_a_person(world: World, cast: Cast, why: str) -> None:
    with world.db.transaction() as session:
        batch, (line,) = paying(session, cast)
    answers = take_in(world, *LISTED[why](batch, line))
    assert [row.unmatched for row in answers][-1] == 1
    with world.db.session(writes=False) as session:
        assert [listed for _, listed in open_list(session)] == [why]


def test_what_is_strange_in_a_status_report_is_listed_too(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        batch, (line,) = paying(session, cast)
    wrong_amount = xml.line(line.end_to_end_id, "ACSC", amount="1.00")
    take_in(world, status(batch, xml.line("X-1", "RJCT", "AC04")), status(batch, wrong_amount))
    stranger = status(batch, group="ACCP").replace(batch.message_id.encode(), b"NOT-OURS")
    take_in(world, stranger)
    with world.db.session(writes=False) as session:
        assert open_list(session) == [
            ("X-1", "unknown_reference"), (line.end_to_end_id, "amount_differs"), ("NOT-OURS", "unknown_reference"),
        ]  # fmt: skip
        assert session.get_one(BatchLine, line.id).settled_at is None


def test_a_late_word_that_contradicts_what_happened_is_listed(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        batch, (paid, back) = paying(session, cast, 1250, 4300)
    take_in(world, booked(debit(paid)), status(batch, rejected(back)))
    take_in(world, status(batch, rejected(paid), xml.line(back.end_to_end_id, "ACSC")))
    with world.db.session(writes=False) as session:
        assert open_list(session) == [
            (paid.end_to_end_id, "already_settled"), (back.end_to_end_id, "already_returned"),
        ]  # fmt: skip


def test_a_late_word_that_tells_nothing_new_is_not_listed(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        batch, (paid, back) = paying(session, cast, 1250, 4300)
    take_in(world, booked(debit(paid)), status(batch, rejected(back)))
    take_in(world, status(batch, xml.line(paid.end_to_end_id, "ACSC"), rejected(back)))
    take_in(world, status(batch, group="RJCT", reason="DUPL"), booked(debit(paid), kind="camt.054"))
    with world.db.session(writes=False) as session:
        assert open_list(session) == []


def test_two_statements_in_one_file_are_taken_in_whole_or_not_at_all(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        _, (line,) = paying(session, cast)
    ours = xml.report(debit(line), iban=OUR_IBAN)
    foreign = xml.report(xml.entry("1.00"), iban="NL91ABNA0417164300", identification="STMT-2")
    (row,) = take_in(world, xml.statement(ours, foreign))
    assert row.refused == "bank_file_unknown_account"
    with world.db.session(writes=False) as session:
        assert session.get_one(BatchLine, line.id).settled_at is None
    (row,) = take_in(world, xml.statement(ours, xml.report(iban=OTHER_IBAN, identification="STMT-2")))
    assert (row.refused, row.settled) == ("", 1)
