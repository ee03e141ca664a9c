"""What the cases are: pure declarations, readable without knowing the portal. The register lists every case type."""

from collections.abc import Mapping

from workflows.account_change import ACCOUNT_CHANGE
from workflows.advance import ADVANCE
from workflows.bookings import SHARED
from workflows.expense_claim import EXPENSE_CLAIM
from workflows.kernel import CaseType
from workflows.leave import LEAVE
from workflows.leave_withdrawal import LEAVE_WITHDRAWAL
from workflows.purchase_invoice import PURCHASE_INVOICE
from workflows.recovery import RECOVERY
from workflows.sample import SAMPLE
from workflows.settlement_dispute import SETTLEMENT_DISPUTE
from workflows.sickness import SICKNESS

CASE_TYPES: dict[str, CaseType] = {
    EXPENSE_CLAIM.key: EXPENSE_CLAIM,
    ADVANCE.key: ADVANCE,
    ACCOUNT_CHANGE.key: ACCOUNT_CHANGE,
    SAMPLE.key: SAMPLE,
    RECOVERY.key: RECOVERY,
    LEAVE.key: LEAVE,
    PURCHASE_INVOICE.key: PURCHASE_INVOICE,
    LEAVE_WITHDRAWAL.key: LEAVE_WITHDRAWAL,
    SICKNESS.key: SICKNESS,
    SETTLEMENT_DISPUTE.key: SETTLEMENT_DISPUTE,
}


def posting_keys() -> Mapping[str, str]:
    """All that can be booked, with labels: each needs a posting rule in the chart of a municipality that books it."""
    own = {key: label for case_type in CASE_TYPES.values() for key, label in case_type.booked.items()}
    return {**SHARED, **own}
