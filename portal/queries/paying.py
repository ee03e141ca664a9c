"""Where the money of a case goes: to its initiator, or to the supplier whom it names."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.models.cases import Case
from portal.models.suppliers import Supplier
from portal.queries.bank_accounts import Paid, paid_on
from portal.queries.people import policies_of
from portal.queries.suppliers import accounts_of, supplier_waits
from workflows import CASE_TYPES
from workflows.parties import CLERK


def paid_in(session: Session, case: Case, at: datetime) -> Paid:
    """The account on which this case is paid, and why that waits; none as long as nobody said who the supplier is."""
    case_type = CASE_TYPES[case.type]
    if case_type.of_time or case_type.elsewhere:
        return Paid(None)
    supplier_id = case_type.payee(case.content)
    supplier = session.get(Supplier, supplier_id) if supplier_id else None
    if supplier is not None:
        known = accounts_of(session, (supplier.id,), local_date(at))[supplier.id]
        waits = supplier_waits(supplier, known, case.municipality, policies_of(session, case.municipality_id), at)
        return Paid(known.account, waits)
    # What a clerk began is about somebody else than the employee who is asked about it.
    return Paid(None) if case_type.begun_by is CLERK else paid_on(session, case.initiator_id, case.municipality, at)
