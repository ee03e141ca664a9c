"""The bank: payment files out, status reports and statements in.

Pure functions from values to bytes and back; nothing here stores, sends or knows the time.
"""

from portal.interfaces.bank.answers import Answer, read, read_all
from portal.interfaces.bank.charset import sepa_text
from portal.interfaces.bank.errors import BankFileError
from portal.interfaces.bank.reasons import OTHER_REASON, REASONS, return_reason_key
from portal.interfaces.bank.statement import Entry, Statement
from portal.interfaces.bank.status_report import LineStatus, PaymentStatus, StatusReport
from portal.interfaces.bank.transfer import Debtor, Transfer, credit_transfer, is_writable_name

__all__ = [
    "OTHER_REASON",
    "REASONS",
    "Answer",
    "BankFileError",
    "Debtor",
    "Entry",
    "LineStatus",
    "PaymentStatus",
    "Statement",
    "StatusReport",
    "Transfer",
    "credit_transfer",
    "is_writable_name",
    "read",
    "read_all",
    "return_reason_key",
    "sepa_text",
]
