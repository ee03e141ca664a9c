"""Writing electronic invoices and credit notes in UBL 2.1: those of the SSC, and those of invented suppliers.

What is written is right unless asked otherwise: the sums follow from the lines.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from lxml import etree

EN16931 = "urn:cen.eu:en16931:2017"
UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
CAC, CBC = f"{UBL}CommonAggregateComponents-2", f"{UBL}CommonBasicComponents-2"
PEPPOL = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
NLCIUS = "urn:cen.eu:en16931:2017#compliant#urn:fdc:nen.nl:nlcius:v1.0"
PROCESS = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
KVK, OIN = "0106", "0190"
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML can hold (XML 1.0, Char), though somebody may have pasted it in a field: a space stands for it."""


@dataclass(frozen=True)
class Firm:
    """A seller or a buyer, with what an invoice says of it. What is empty is left out."""

    name: str
    registration: str
    scheme: str = KVK
    vat: str = ""
    street: str = "Dorpsstraat 1"
    city: str = "Waterveen"
    postcode: str = "1234 AB"
    country: str = "NL"
    email: str = ""


@dataclass(frozen=True)
class Item:
    """A line: how many at which price in cents, and under which VAT. What is taken off has a quantity below zero."""

    name: str
    price_cents: int
    quantity: int = 1
    percent: int | Decimal = 21
    category: str = "S"

    @property
    def net_cents(self) -> int:
        """Before VAT."""
        return self.price_cents * self.quantity


@dataclass(frozen=True)
class Bill:
    """An invoice or credit note to be written. `changes` are allowances (negative) and charges: reason and cents.

    `exempt` is why there is no VAT: a code of the VATEX list, and words. `period` is what the invoice is about.
    """

    number: str
    issued: date
    seller: Firm
    buyer: Firm
    items: tuple[Item, ...]
    iban: str = ""
    due: date | None = None
    credit: bool = False
    customization: str = PEPPOL
    reference: str = "ORD-1"
    changes: tuple[tuple[str, int], ...] = ()
    preceding: str | Sequence[str] = ""
    """The number of the invoice that this one corrects, or of several."""
    attachment: bytes = b""
    g_account: tuple[str, int] | None = None
    note: str = ""
    days: int = 30
    exempt: tuple[str, str] = ("", "")
    period: tuple[date, date] | None = None

    @property
    def net_cents(self) -> int:
        """Of all lines, before changes and VAT."""
        return sum(item.net_cents for item in self.items)

    def rates(self) -> list[tuple[str, int | Decimal, int, int]]:
        """Category, percentage, taxable and tax by rate. Changes count under the rate of the first line."""
        first = self.items[0]
        taxable: dict[tuple[str, int | Decimal], int] = {}
        for item in self.items:
            key = (item.category, item.percent)
            taxable[key] = taxable.get(key, 0) + item.net_cents
        taxable[first.category, first.percent] += sum(cents for _, cents in self.changes)
        return [(category, percent, cents, _tax(cents, percent)) for (category, percent), cents in taxable.items()]

    @property
    def payable_cents(self) -> int:
        """What is to be paid."""
        return sum(taxable + tax for _, _, taxable, tax in self.rates())


def _tax(cents: int, percent: int | Decimal) -> int:
    return int((Decimal(cents) * percent / 100).quantize(Decimal(1), ROUND_HALF_UP))


def written(bill: Bill, **wrong: str) -> bytes:
    """The invoice as XML. `wrong` puts another text in elements of that name, to make mistakes on purpose."""
    kind = "CreditNote" if bill.credit else "Invoice"
    root = etree.Element(f"{{{UBL}{kind}-2}}{kind}", nsmap={None: f"{UBL}{kind}-2", "cac": CAC, "cbc": CBC})
    _head(root, bill)
    _party(root, "AccountingSupplierParty", bill.seller)
    _party(root, "AccountingCustomerParty", bill.buyer)
    _payment(root, bill)
    for reason, cents in bill.changes:
        _change(root, bill.items[0], reason, cents)
    _sums(root, bill)
    for number, item in enumerate(bill.items, start=1):
        _line(root, bill, number, item)
    for name, text in wrong.items():
        for found in root.iter(f"{{{CBC}}}{name}"):
            found.text = text
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _add(parent: Any, name: str, text: object = None, **attributes: str) -> Any:
    """An element in its place: with a text it is a basic component, without an aggregate."""
    made = etree.SubElement(parent, f"{{{CAC if text is None else CBC}}}{name}", attributes)
    if text is not None:
        made.text = _UNWRITABLE.sub(" ", str(text))
    return made


def _euro(parent: Any, name: str, cents: int) -> None:
    sign = "-" if cents < 0 else ""
    _add(parent, name, f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}", currencyID="EUR")


def _head(root: Any, bill: Bill) -> None:
    _add(root, "CustomizationID", bill.customization)
    _add(root, "ProfileID", PROCESS)
    _add(root, "ID", bill.number)
    _add(root, "IssueDate", bill.issued.isoformat())
    if bill.due and not bill.credit:
        _add(root, "DueDate", bill.due.isoformat())
    _add(root, "CreditNoteTypeCode" if bill.credit else "InvoiceTypeCode", "381" if bill.credit else "380")
    if bill.note:
        _add(root, "Note", bill.note)
    _add(root, "DocumentCurrencyCode", "EUR")
    if bill.reference:
        _add(root, "BuyerReference", bill.reference)
    if bill.period:
        period = _add(root, "InvoicePeriod")
        _add(period, "StartDate", bill.period[0].isoformat())
        _add(period, "EndDate", bill.period[1].isoformat())
    for number in (bill.preceding,) if isinstance(bill.preceding, str) else bill.preceding:
        if number:
            _add(_add(_add(root, "BillingReference"), "InvoiceDocumentReference"), "ID", number)
    if bill.attachment:
        reference = _add(root, "AdditionalDocumentReference")
        _add(reference, "ID", bill.number)
        _add(
            _add(reference, "Attachment"), "EmbeddedDocumentBinaryObject", base64.b64encode(bill.attachment).decode(),
            mimeCode="application/pdf", filename=f"{bill.number}.pdf",
        )  # fmt: skip


def _party(root: Any, role: str, firm: Firm) -> None:
    party = _add(_add(root, role), "Party")
    if firm.registration:
        _add(party, "EndpointID", firm.registration, schemeID=firm.scheme)
    _add(_add(party, "PartyName"), "Name", firm.name)
    address = _add(party, "PostalAddress")
    for name, text in (("StreetName", firm.street), ("CityName", firm.city), ("PostalZone", firm.postcode)):
        if text:
            _add(address, name, text)
    _add(_add(address, "Country"), "IdentificationCode", firm.country)
    if firm.vat:
        scheme = _add(party, "PartyTaxScheme")
        _add(scheme, "CompanyID", firm.vat)
        _add(_add(scheme, "TaxScheme"), "ID", "VAT")
    entity = _add(party, "PartyLegalEntity")
    _add(entity, "RegistrationName", firm.name)
    if firm.registration:
        _add(entity, "CompanyID", firm.registration, schemeID=firm.scheme)
    if firm.email:
        _add(_add(party, "Contact"), "ElectronicMail", firm.email)


def _payment(root: Any, bill: Bill) -> None:
    accounts: list[tuple[str, str, int | None]] = [("", bill.iban, None)] if bill.iban else []
    if bill.g_account:
        iban, cents = bill.g_account
        accounts = [("1", bill.iban, bill.payable_cents - cents), ("2", iban, cents)]
    for key, iban, _ in accounts:
        means = _add(root, "PaymentMeans")
        if key:
            _add(means, "ID", key)
        _add(means, "PaymentMeansCode", "30")
        _add(means, "PaymentID", bill.number)
        _add(_add(means, "PayeeFinancialAccount"), "ID", iban)
    for key, _, part in accounts:
        if part is not None:
            terms = _add(root, "PaymentTerms")
            _add(terms, "PaymentMeansID", key)
            _euro(terms, "Amount", part)
    if not bill.g_account:
        _add(_add(root, "PaymentTerms"), "Note", f"Betaling binnen {bill.days} dagen")


def _category(
    parent: Any, name: str, category: str, percent: int | Decimal, exempt: tuple[str, str] = ("", "")
) -> None:  # fmt: skip
    made = _add(parent, name)
    _add(made, "ID", category)
    _add(made, "Percent", percent)
    if name == "TaxCategory" and etree.QName(parent).localname == "TaxSubtotal":
        code, reason = ("VATEX-EU-AE", "") if category == "AE" else exempt if category == "E" else ("", "")
        for element, text in (("TaxExemptionReasonCode", code), ("TaxExemptionReason", reason)):
            if text:
                _add(made, element, text)
    _add(_add(made, "TaxScheme"), "ID", "VAT")


def _change(root: Any, under: Item, reason: str, cents: int) -> None:
    made = _add(root, "AllowanceCharge")
    _add(made, "ChargeIndicator", "true" if cents > 0 else "false")
    _add(made, "AllowanceChargeReason", reason)
    _euro(made, "Amount", abs(cents))
    _category(made, "TaxCategory", under.category, under.percent)


def _sums(root: Any, bill: Bill) -> None:
    rates = bill.rates()
    tax = sum(cents for *_, cents in rates)
    total = _add(root, "TaxTotal")
    _euro(total, "TaxAmount", tax)
    for category, percent, taxable, cents in rates:
        part = _add(total, "TaxSubtotal")
        _euro(part, "TaxableAmount", taxable)
        _euro(part, "TaxAmount", cents)
        _category(part, "TaxCategory", category, percent, bill.exempt)
    down = -sum(cents for _, cents in bill.changes if cents < 0)
    up = sum(cents for _, cents in bill.changes if cents > 0)
    exclusive = bill.net_cents - down + up
    sums = _add(root, "LegalMonetaryTotal")
    amounts: Iterable[tuple[str, int | None]] = (
        ("LineExtensionAmount", bill.net_cents), ("TaxExclusiveAmount", exclusive),
        ("TaxInclusiveAmount", exclusive + tax), ("AllowanceTotalAmount", down or None),
        ("ChargeTotalAmount", up or None), ("PayableAmount", exclusive + tax),
    )  # fmt: skip
    for name, cents_ in amounts:
        if cents_ is not None:
            _euro(sums, name, cents_)


def _line(root: Any, bill: Bill, number: int, item: Item) -> None:
    line = _add(root, "CreditNoteLine" if bill.credit else "InvoiceLine")
    _add(line, "ID", number)
    _add(line, "CreditedQuantity" if bill.credit else "InvoicedQuantity", item.quantity, unitCode="C62")
    _euro(line, "LineExtensionAmount", item.net_cents)
    made = _add(line, "Item")
    _add(made, "Name", item.name)
    _category(made, "ClassifiedTaxCategory", item.category, item.percent)
    _euro(_add(line, "Price"), "PriceAmount", item.price_cents)


def reversed_charge(bill: Bill) -> Bill:
    """The same with the VAT owed by the buyer."""
    return replace(bill, items=tuple(replace(item, category="AE", percent=0) for item in bill.items))
