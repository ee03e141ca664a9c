"""The one error that a file can give that should be an invoice."""


class InvoiceError(Exception):
    """A file that is not read as an invoice.

    `code` is a stable key: einvoice_too_big, einvoice_encoding, einvoice_doctype, einvoice_not_xml, einvoice_unknown
    (XML or PDF, but no invoice), einvoice_zugferd1 (an invoice from before EN 16931), einvoice_order,
    einvoice_incomplete (something without which it cannot be read). `detail` says where.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail
