"""Agreements: drafted by the SSC, signed by both sides, and never changed after that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.access import Role
from portal.commands import agreements as commands
from portal.commands import catalogue
from portal.commands.changes import COMMAND_LINE
from portal.models.agreements import Agreement
from portal.models.changes import Change
from portal.models.mail import OutboxMail
from portal.models.people import Municipality, RoleGrant
from portal.queries.agreed import agreed_on
from portal.queries.agreements import agreement_seen, in_force
from portal.queries.catalogue import price_on, service_by_key
from portal.worlds import World
from tests.cast import SINCE, Cast
from tests.catalogue import BEGIN, EVE, drafted, filled, services, signed
from tests.commands.helpers import refused

NEXT, TODAY = date(2027, 1, 1), date(2026, 11, 24)


@dataclass
class Table:
    """Ilse and Farid at the table about Waterveen."""

    session: Session
    cast: Cast

    @property
    def place(self) -> Municipality:
        return self.session.get_one(Municipality, self.cast.municipalities["waterveen"])

    def draft(self, kind: str, first: date | None, who: str = "ilse", today: date = TODAY) -> Agreement:
        now = self.cast.world.clock.now()
        return commands.draft(
            self.session, self.cast.viewer(self.session, who), self.place, kind, first, now, today
        )  # fmt: skip

    def change(self, row: Agreement, content: dict[str, Any], first: date, last: date | None = None) -> bool:
        viewer, now = self.cast.viewer(self.session, "ilse"), self.cast.world.clock.now()
        return commands.change(self.session, viewer, row, content, first, last, now, TODAY)

    def sign(self, row: Agreement, who: str, side: str, seen: str = "", today: date = TODAY) -> None:
        viewer, now = self.cast.viewer(self.session, who), self.cast.world.clock.now()
        commands.sign(self.session, viewer, row, side, seen or row.digest, now, today)

    def agreed(self, kind: str, first: date = BEGIN, today: date = EVE) -> Agreement:
        return signed(self.session, self.cast, drafted(self.session, self.cast, kind, first, on=today), today)


@pytest.fixture
def table(world: World, cast: Cast) -> Iterator[Table]:
    with world.db.session() as session:
        services(session, cast)
        yield Table(session, cast)


def test_what_both_signed_holds_until_the_day_before_the_next(table: Table) -> None:
    place = table.place.id
    assert "claims_paid" not in agreed_on(table.session, place, TODAY).targets
    assert list(agreed_on(table.session, place, TODAY).steps) == []
    first = table.agreed("dvo")
    assert "claims_paid" not in agreed_on(table.session, place, EVE).targets
    assert agreed_on(table.session, place, BEGIN).targets["claims_paid"] == Decimal(95)
    assert "satisfaction" not in agreed_on(table.session, place, BEGIN).targets
    assert [step["who"] for step in agreed_on(table.session, place, TODAY).steps] == ["Teamleider", "Directeur"]
    row = table.draft("dvo", NEXT)
    assert (row.number, row.follows_id, row.content) == (2, first.id, first.content)
    table.change(row, filled("dvo", targets={"claims_paid": "96.5"}), NEXT)
    table.sign(row, "farid", "municipality")
    assert agreed_on(table.session, place, NEXT).targets["claims_paid"] == Decimal(95)
    assert first.valid_to is None
    table.sign(row, "ilse", "ssc")
    assert first.valid_to == date(2026, 12, 31)
    assert agreed_on(table.session, place, date(2026, 12, 31)).targets["claims_paid"] == Decimal(95)
    assert agreed_on(table.session, place, NEXT).targets == {"claims_paid": Decimal("96.5")}
    mine, together = (agreed_on(table.session, one, NEXT) for one in (place, None))
    assert mine.targets == together.targets == {"claims_paid": Decimal("96.5")}
    assert (len(mine.steps) > 0, len(together.steps)) == (True, 0)
    assert agreed_on(table.session, table.cast.municipalities["duinrade"], NEXT).targets == {}
    signed(
        table.session, table.cast, drafted(table.session, table.cast, "dvo", NEXT, place="duinrade", on=TODAY), TODAY
    )
    assert agreed_on(table.session, None, NEXT).targets == {}
    log = table.session.scalars(select(Change.new).where(Change.what == "agreement.signed").order_by(Change.id))
    assert [new["side"] for new in log][:4] == ["ssc", "municipality", "municipality", "ssc"]


def test_a_change_voids_the_signature_that_is_there(table: Table) -> None:
    signs_first(table, "ilse", "farid", "waterveen")
    signs_first(table, "farid", "ilse", "duinrade")


def signs_first(table: Table, first: str, second: str, place: str) -> None:
    sides = {"ilse": "ssc", "farid": "municipality"}
    row = drafted(table.session, table.cast, "dap", NEXT, place=place, on=TODAY)
    table.sign(row, first, sides[first])
    seen, content = row.digest, filled("dap", procedures=[{"title": "Storing", "text": "Bel ons."}])
    assert table.change(row, filled("dap"), NEXT) is False
    assert (row.ssc_signed_by_id or row.municipality_signed_by_id) == table.cast.people[first]
    assert table.change(row, content, NEXT) is True
    assert row.ssc_signed_at is row.municipality_signed_at is None
    assert refused(lambda: table.sign(row, second, sides[second], seen)) == {"agreement_changed"}
    told = [(mail.letter, mail.person_id) for mail in table.session.scalars(select(OutboxMail).order_by(OutboxMail.id))]
    people = table.cast.people
    assert told[-2:] == [("agreement_to_sign", people[second]), ("agreement_voided", people[first])]
    table.sign(row, second, sides[second])
    assert table.change(row, content, NEXT, date(2027, 6, 30)) is True
    for name in (first, second):
        table.sign(row, name, sides[name])
    assert row.signed
    last = table.session.scalars(select(OutboxMail).order_by(OutboxMail.id.desc()).limit(1)).one()
    assert (last.letter, last.person_id) == ("agreement_signed", people[first])
    assert f"[[home:/afspraken/{row.id}]]" in last.text
    assert refused(lambda: table.change(row, filled("dap"), NEXT)) == {"agreement_signed"}
    assert refused(lambda: table.sign(row, first, sides[first])) == {"agreement_signed"}


def test_each_side_signs_once_and_by_another_person(table: Table) -> None:
    row = drafted(table.session, table.cast, "dap", NEXT, on=TODAY)
    for who, side in (("farid", "ssc"), ("ilse", "municipality"), ("hanna", "ssc"), ("ilse", "onzin")):
        assert refused(lambda who=who, side=side: table.sign(row, who, side)) == {"agreement_not_your_side"}
    table.session.add(
        RoleGrant(person_id=table.cast.people["ilse"], role=Role.CONTRACT_MANAGER.value, valid_from=SINCE)
    )
    table.session.flush()
    table.sign(row, "ilse", "ssc")
    assert refused(lambda: table.sign(row, "ilse", "municipality")) == {"agreement_same_person"}
    assert refused(lambda: table.sign(row, "ilse", "ssc")) == {"agreement_side_signed"}
    assert refused(lambda: table.sign(row, "farid", "municipality", today=NEXT)) == {"agreement_day_to_come"}
    anna = table.cast.viewer(table.session, "anna")
    assert agreement_seen(table.session, anna, row.id) is None
    now = table.cast.world.clock.now()
    farid, ilse = table.cast.viewer(table.session, "farid"), table.cast.viewer(table.session, "ilse")
    assert refused(lambda: commands.discard(table.session, farid, row, "Weg", now)) == {"agreement_not_yours"}
    assert refused(lambda: commands.discard(table.session, ilse, row, " ", now)) == {"change_reason_missing"}
    commands.discard(table.session, ilse, row, "Toch niet", now)
    assert table.session.scalars(select(Agreement)).all() == []


def test_what_does_not_fit_is_refused(table: Table) -> None:
    assert refused(lambda: table.draft("dvo", NEXT, who="farid")) == {"agreement_not_yours"}
    assert refused(lambda: table.draft("xyz", NEXT)) == {"agreement_kind_unknown"}
    assert refused(lambda: table.draft("dvo", TODAY)) == {"agreement_day_to_come"}
    assert refused(lambda: table.draft("dvo", None)) == {"agreement_day_to_come"}
    assert refused(lambda: table.draft("dfa", NEXT)) == {"agreement_no_dvo"}
    row = table.draft("dvo", NEXT)
    assert refused(lambda: table.draft("dvo", NEXT)) == {"agreement_draft_there"}
    assert refused(lambda: table.sign(row, "ilse", "ssc")) == {
        "agreement_no_services", "agreement_no_targets", "agreement_no_steps", "agreement_text_missing",
    }  # fmt: skip
    assert refused(lambda: table.change(row, filled("dvo"), NEXT, TODAY)) == {"agreement_ends_early"}
    dap = table.draft("dap", NEXT)
    assert refused(lambda: table.sign(dap, "ilse", "ssc")) == {"agreement_no_procedures", "agreement_text_missing"}
    table.change(row, filled("dvo"), NEXT)
    dfa = drafted(table.session, table.cast, "dfa", NEXT, on=TODAY)
    assert dfa.dvo_id == row.id
    assert refused(lambda: table.sign(dfa, "ilse", "ssc")) == {"agreement_dvo_unsigned"}
    ilse, now = table.cast.viewer(table.session, "ilse"), table.cast.world.clock.now()
    assert refused(lambda: commands.discard(table.session, ilse, row, "Weg", now)) == {"agreement_has_dfa"}
    table.change(row, filled("dvo"), date(2027, 2, 1))
    assert refused(lambda: table.sign(dfa, "ilse", "ssc")) == {"agreement_dvo_unsigned", "agreement_no_dvo"}
    table.change(row, filled("dvo"), NEXT)
    signed(table.session, table.cast, row, TODAY)
    assert refused(lambda: table.draft("dvo", NEXT)) == {"agreement_not_after"}


def test_a_financial_agreement_is_closed_for_a_year_and_sets_its_prices(table: Table) -> None:
    place, claims = table.place.id, service_by_key(table.session, "expense_claims")
    assert claims is not None
    table.agreed("dvo")
    row = table.draft("dfa", date(2026, 2, 1), today=EVE)
    assert row.content["prices"] == {"expense_claims": {"cents": 1140, "volume": 120}}
    content = filled("dfa", prices={"expense_claims": {"cents": 1050, "volume": 120}})
    ilse, now = table.cast.viewer(table.session, "ilse"), table.cast.world.clock.now()
    catalogue.set_price(table.session, COMMAND_LINE, claims, place, 1100, date(2026, 2, 1), "Eigen", now, EVE)
    commands.change(table.session, ilse, row, content, date(2026, 2, 1), None, now, EVE)
    signed(table.session, table.cast, row, EVE)
    assert row.valid_to == date(2027, 1, 31)
    costs = [price_on(table.session, claims, place, day) for day in (date(2026, 1, 31), date(2026, 2, 1))]
    assert [one.cents for one in costs if one] == [1140, 1050]
    assert costs[1] is not None
    assert costs[1].source == "DFA Waterveen 1"
    assert refused(lambda: table.draft("dfa", date(2027, 1, 31))) == {"agreement_closed"}
    following = table.draft("dfa", date(2027, 2, 1))
    assert (following.valid_to, following.content["until"]) == (date(2028, 1, 31), "2028-01-31")
    assert in_force(table.session, place, "dfa", date(2027, 2, 1)) is None


UNDONE = (
    "UPDATE agreement SET valid_from = '2026-01-02' WHERE id = {signed}",
    "UPDATE agreement SET municipality_signed_at = NULL, municipality_signed_by_id = NULL WHERE id = {signed}",
    "DELETE FROM agreement WHERE id = {signed}",
    "UPDATE agreement SET digest = 'x' WHERE id = {half}",
    "UPDATE agreement SET municipality_signed_at = ssc_signed_at, municipality_signed_by_id = ssc_signed_by_id"
    " WHERE id = {half}",
)


def test_the_database_keeps_it_too(table: Table) -> None:
    done = table.agreed("dvo")
    half = drafted(table.session, table.cast, "dap", NEXT, on=TODAY)
    table.sign(half, "ilse", "ssc")
    table.session.flush()
    for statement in UNDONE:
        with pytest.raises(DBAPIError), table.session.begin_nested():
            table.session.execute(text(statement.format(signed=done.id, half=half.id)))
