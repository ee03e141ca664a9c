"""UBL 2.1 invoices and credit notes, of any profile of EN 16931."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portal.interfaces.einvoice.invoice import Attachment, Change, Invoice, Line, Party, Payment, Totals, Vat
from portal.interfaces.einvoice.reading import Part, iban_in, percent

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
NAMES = {"cac": f"{UBL}CommonAggregateComponents-2", "cbc": f"{UBL}CommonBasicComponents-2"}
INVOICE, CREDIT_NOTE = f"{{{UBL}Invoice-2}}Invoice", f"{{{UBL}CreditNote-2}}CreditNote"


def read(root: Any) -> Invoice:
    """Understand it. Raises InvoiceError without what makes an invoice readable: amounts that are amounts."""
    of, credit = Part(root, NAMES), root.tag == CREDIT_NOTE
    return Invoice(
        syntax="ubl",
        root="CreditNote" if credit else "Invoice",
        credit=credit or of.text("cbc:InvoiceTypeCode") == "381",
        customization=of.text("cbc:CustomizationID"),
        number=of.text("cbc:ID"),
        issued=of.day("cbc:IssueDate"),
        due=of.day("cbc:DueDate", "cac:PaymentMeans/cbc:PaymentDueDate"),
        currency=of.text("cbc:DocumentCurrencyCode"),
        type_code=of.text("cbc:InvoiceTypeCode", "cbc:CreditNoteTypeCode"),
        seller=_party(of, "cac:AccountingSupplierParty/cac:Party"),
        buyer=_party(of, "cac:AccountingCustomerParty/cac:Party"),
        totals=_totals(of),
        lines=tuple(_lines(of, "cac:CreditNoteLine" if credit else "cac:InvoiceLine", credit)),
        vat=tuple(_vat(of)),
        changes=tuple(_changes(of)),
        payments=tuple(_payments(of)),
        attachments=tuple(_attachments(of)),
        buyer_reference=of.text("cbc:BuyerReference"),
        order_reference=of.text("cac:OrderReference/cbc:ID"),
        preceding=tuple(
            number
            for one in of.all("cac:BillingReference/cac:InvoiceDocumentReference")
            if (number := one.text("cbc:ID"))
        ),
        note=of.text("cbc:Note"),
        terms=of.text("cac:PaymentTerms/cbc:Note"),
    )


def _party(of: Part, path: str) -> Party:
    party = next(of.all(path), None)
    if party is None:
        return Party()
    endpoint = next(party.all("cbc:EndpointID"), None)
    vat = next(
        (
            one.text("cbc:CompanyID")
            for one in party.all("cac:PartyTaxScheme")
            if one.text("cac:TaxScheme/cbc:ID").upper() in ("VAT", "")
        ),
        "",
    )
    return Party(
        name=party.text("cac:PartyLegalEntity/cbc:RegistrationName", "cac:PartyName/cbc:Name"),
        vat="".join(vat.split()).upper(),
        registration=party.text("cac:PartyLegalEntity/cbc:CompanyID"),
        endpoint=f"{endpoint.attribute('schemeID')}:{endpoint.own()}" if endpoint and endpoint.own() else "",
        country=party.text("cac:PostalAddress/cac:Country/cbc:IdentificationCode"),
        email=party.text("cac:Contact/cbc:ElectronicMail"),
    )


def _totals(of: Part) -> Totals:
    total = "cac:LegalMonetaryTotal/cbc:"
    return Totals(
        lines=of.cents(f"{total}LineExtensionAmount", 0),
        exclusive=of.cents(f"{total}TaxExclusiveAmount"),
        # In a second currency the tax may stand there a second time; that of the invoice comes with its breakdown.
        tax=next((one.cents("cbc:TaxAmount") for one in _tax_totals(of)), 0),
        inclusive=of.cents(f"{total}TaxInclusiveAmount"),
        payable=of.cents(f"{total}PayableAmount"),
        allowances=of.cents(f"{total}AllowanceTotalAmount", 0),
        charges=of.cents(f"{total}ChargeTotalAmount", 0),
        prepaid=of.cents(f"{total}PrepaidAmount", 0),
        rounding=of.cents(f"{total}PayableRoundingAmount", 0),
    )


def _tax_totals(of: Part) -> list[Part]:
    totals = list(of.all("cac:TaxTotal"))
    currency = of.text("cbc:DocumentCurrencyCode")
    mine = [one for one in totals if next(one.all("cbc:TaxAmount"), one).attribute("currencyID") in (currency, "")]
    return mine or totals


def _lines(of: Part, path: str, credit: bool) -> Iterator[Line]:
    counted = "cbc:CreditedQuantity" if credit else "cbc:InvoicedQuantity"
    for line in of.all(path):
        quantity = next(line.all(counted), None)
        item = "cac:Item/"
        yield Line(
            id=line.text("cbc:ID"),
            description=line.text(f"{item}cbc:Name", f"{item}cbc:Description", "cbc:Note"),
            net_cents=line.cents("cbc:LineExtensionAmount"),
            quantity=quantity.own() if quantity else "",
            unit=quantity.attribute("unitCode") if quantity else "",
            price=line.text("cac:Price/cbc:PriceAmount"),
            vat_category=line.text(f"{item}cac:ClassifiedTaxCategory/cbc:ID"),
            vat_percent=percent(line.text(f"{item}cac:ClassifiedTaxCategory/cbc:Percent")),
        )


def _vat(of: Part) -> Iterator[Vat]:
    for total in _tax_totals(of)[:1]:
        for rate in total.all("cac:TaxSubtotal"):
            yield Vat(
                category=rate.text("cac:TaxCategory/cbc:ID"),
                percent=percent(rate.text("cac:TaxCategory/cbc:Percent")),
                taxable_cents=rate.cents("cbc:TaxableAmount", 0),
                tax_cents=rate.cents("cbc:TaxAmount"),
            )


def _changes(of: Part) -> Iterator[Change]:
    for one in of.all("cac:AllowanceCharge"):
        cents = one.cents("cbc:Amount")
        yield Change(
            reason=one.text("cbc:AllowanceChargeReason", "cbc:AllowanceChargeReasonCode"),
            cents=cents if one.text("cbc:ChargeIndicator") == "true" else -cents,
            vat_category=one.text("cac:TaxCategory/cbc:ID"),
            vat_percent=percent(one.text("cac:TaxCategory/cbc:Percent")),
        )


def _payments(of: Part) -> Iterator[Payment]:
    """The accounts. With a G-account the terms of payment say how much goes to which, by the key of the means."""
    split = {
        key: terms.cents("cbc:Amount")
        for terms in of.all("cac:PaymentTerms")
        if (key := terms.text("cbc:PaymentMeansID")) and terms.text("cbc:Amount")
    }
    for means in of.all("cac:PaymentMeans"):
        yield Payment(
            iban=iban_in(means.text("cac:PayeeFinancialAccount/cbc:ID")),
            name=means.text("cac:PayeeFinancialAccount/cbc:Name"),
            reference=means.text("cbc:PaymentID"),
            means=means.text("cbc:PaymentMeansCode"),
            cents=split.get(means.text("cbc:ID")),
        )


def _attachments(of: Part) -> Iterator[Attachment]:
    for one in of.all("cac:AdditionalDocumentReference/cac:Attachment/cbc:EmbeddedDocumentBinaryObject"):
        yield Attachment(one.attribute("filename"), one.attribute("mimeCode"), one.content())
