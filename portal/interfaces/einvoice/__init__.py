"""Electronic invoices as they come in: UBL 2.1 (Peppol BIS Billing 3.0, NLCIUS), CII and Factur-X PDFs.

`check()` reads one file and judges it; nothing here knows a database.
"""

from portal.interfaces.einvoice.checking import Checked, Verdict, check
from portal.interfaces.einvoice.errors import InvoiceError
from portal.interfaces.einvoice.invoice import Invoice

__all__ = ["Checked", "Invoice", "InvoiceError", "Verdict", "check"]
