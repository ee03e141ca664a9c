"""A quarter to settle: costs, keys, prices, an advance and who sends the invoices, for the two of the cast."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.commands import costs, settlements
from portal.models.catalogue import Service, ServicePrice
from portal.models.costs import CostItem, QuarterSettlement
from portal.models.people import Policy
from tests.cast import SINCE, Cast
from workflows.addressees import ADDRESSEE, SENDER

QUARTER = "2026Q4"
SENT_BY = (
    '{"name": "SSC Vierstroom", "registration": "12345678", "vat": "NL123456782B01", "iban": "NL41MOCK0000000001", '
    '"street": "Stationsplein 1", "postcode": "1234 AB", "city": "Waterveen", "email": "ssc@example.org"}'
)
SENT_TO = (
    '{"name": "Gemeente Waterveen", "registration": "00000001001234567000", "street": "Raadhuisplein 2", '
    '"postcode": "1234 AB", "city": "Waterveen", "email": "facturen@example.org", "reference": "VERREKENING"}'
)


def agreed(session: Session, cast: Cast) -> None:
    """Who sends invoices, and the price of handling a claim."""
    session.add(Policy(key=SENDER, value=SENT_BY, valid_from=SINCE, source="Besluit"))
    place = cast.municipalities["waterveen"]
    session.add(Policy(key=ADDRESSEE, value=SENT_TO, municipality_id=place, valid_from=SINCE, source="Besluit"))
    service = Service(
        key="account_changes", name="Rekeningnummer wijzigen", name_en="Change of account number", unit="case",
        delivered_by="case:account_change", valid_from=SINCE, source="Catalogus",
    )  # fmt: skip
    session.add(service)
    session.flush()
    session.add(ServicePrice(service_id=service.id, cents=1250, valid_from=SINCE, source="Catalogus 2026"))


def cost(kind: str = "direct", driver: str = "payroll_changes", amount: str = "100,01") -> costs.NewCost:
    """A cost of the quarter as it is typed."""
    return costs.NewCost(QUARTER, "Salarispakket", kind, driver, amount, "Factuur 17")


def entered(session: Session, cast: Cast, viewer: Viewer, at: datetime) -> None:
    """Costs, keys, weights, a compensation and an advance."""
    first, other = cast.municipalities["waterveen"], cast.municipalities["duinrade"]
    costs.enter_cost(session, viewer, cost(), at)
    costs.enter_cost(session, viewer, cost("indirect", "", "2.000,01"), at)
    for key, values in {"employees": (60, 30), "inhabitants": (20_000, 10_001), "users": (5, 4)}.items():
        for place, value in zip((first, other), values, strict=True):
            costs.enter_amount(session, viewer, place, key, f"{value}", date(2026, 1, 1), "Opgave", at)
    percents = {"employees": "50", "inhabitants": "30", "users": "20"}
    costs.enter_weights(session, viewer, percents, date(2026, 1, 1), "Besluit", at)
    costs.enter_compensation(session, viewer, QUARTER, first, other, "10,00", "Extra vestiging", "Besluit", at)
    costs.enter_advance(session, viewer, QUARTER, first, "1500", "DFA 2026", at)


def final(session: Session, cast: Cast, at: datetime, quarter: str = "2026Q3") -> QuarterSettlement:
    """A quarter that was settled by employees: entered and prepared by Dirk, made final by Ilse."""
    dirk = cast.viewer(session, "dirk")
    agreed(session, cast)
    entered(session, cast, dirk, at)
    for row in session.scalars(select(CostItem)):
        row.quarter = quarter
    made = settlements.make(session, dirk, quarter, "keys", "employees", "", at)
    settlements.prepare(session, dirk, quarter, made.id, at)
    return settlements.make_final(session, cast.viewer(session, "ilse"), quarter, made.id, at)


def seen(page: str) -> str:
    """What of a settlement stands on its page, as the buttons of that page send it along."""
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', page)
    assert found is not None
    return found[1]


DISPUTE: dict[str, Any] = {
    "settlement": 1, "revision": 1, "quarter": "2026Q3", "code": "waterveen", "place": "Waterveen", "line": "cost-1",
    "label": "Salarispakket", "cents": 6667, "quantity": 1, "unit_cents": None, "unit": "", "apart": [],
    "objection": "Dubbel geteld", "should_be_cents": None,
}  # fmt: skip
"""What a dispute holds."""
