"""Reading one file as an invoice and judging it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from portal.interfaces.einvoice import cii, ubl
from portal.interfaces.einvoice.errors import InvoiceError
from portal.interfaces.einvoice.invoice import Invoice
from portal.interfaces.einvoice.rules import judged
from portal.interfaces.einvoice.sums import FATAL, SUMMARY, Finding, minimum, profile
from portal.interfaces.xml_files import UnsafeXml, opened

MOST_BYTES = 20 * 1024 * 1024
MOST_TAGS = 1_000_000
OWN_RULES = "own"
"""By what an invoice was judged when the official rules were not run: what it must have, and its sums."""

KNOWN_OTHERWISE = {
    "{urn:ferd:CrossIndustryDocument:invoice:1p0}CrossIndustryDocument": "einvoice_zugferd1",
    "{urn:un:unece:uncefact:data:SCRDMCCBDACIOMessageStructure:100}SCRDMCCBDACIOMessageStructure": "einvoice_order",
    "{urn:oasis:names:specification:ubl:schema:xsd:Order-2}Order": "einvoice_order",
}
"""What is no invoice that we read, though we know what it is: by its document element."""


class Verdict(Enum):
    """What a file is worth. INVALID breaks what every invoice must have; FINDINGS are of its profile alone."""

    VALID = "valid"
    FINDINGS = "findings"
    INVALID = "invalid"
    NOT_AN_INVOICE = "not an invoice"


@dataclass(frozen=True)
class Checked:
    """A judged file. `error` is the code of why it could not be read; `judged_by` names the rules that were run."""

    verdict: Verdict
    invoice: Invoice | None = None
    findings: tuple[Finding, ...] = ()
    judged_by: str = ""
    error: str = ""
    xml: bytes = b""
    """The XML itself, taken out of its PDF when it came in one."""

    def rules(self, severity: str) -> list[str]:
        """The identifiers of what was found of this severity, each once, in the order found."""
        return list(dict.fromkeys(found.rule for found in self.findings if found.severity == severity))


def check(content: bytes) -> Checked:
    """Read and judge a file. Never raises for what is in the file."""
    try:
        xml = _in_pdf(content) if content.startswith(b"%PDF") else content
        invoice = read(xml)
    except InvoiceError as error:
        incomplete = error.code == "einvoice_incomplete"
        return Checked(Verdict.INVALID if incomplete else Verdict.NOT_AN_INVOICE, error=error.code)
    if invoice.summary:
        return Checked(Verdict.INVALID, invoice, (Finding(SUMMARY, FATAL),), OWN_RULES, xml=xml)
    name, official = judged(invoice, xml)
    # The official rules say all that we say of what every invoice must have, and more precisely.
    findings = [*(official if name else minimum(invoice)), *profile(invoice)]
    worst = Verdict.INVALID if any(found.severity == FATAL for found in findings) else Verdict.FINDINGS
    return Checked(worst if findings else Verdict.VALID, invoice, tuple(findings), name or OWN_RULES, xml=xml)


def _in_pdf(content: bytes) -> bytes:
    from portal.interfaces.einvoice.pdf import embedded_xml  # noqa: PLC0415 - half of the start, and few come in a PDF

    return embedded_xml(content)


def read(xml: bytes) -> Invoice:
    """Understand the XML of an invoice. Raises InvoiceError."""
    try:
        root = opened(xml, MOST_BYTES, MOST_TAGS)
    except UnsafeXml as unsafe:
        raise InvoiceError(f"einvoice_{unsafe.code}", unsafe.detail) from None
    if root.tag in (ubl.INVOICE, ubl.CREDIT_NOTE):
        return ubl.read(root)
    if root.tag == cii.ROOT:
        return cii.read(root)
    raise InvoiceError(KNOWN_OTHERWISE.get(root.tag, "einvoice_unknown"), str(root.tag)[:100])
