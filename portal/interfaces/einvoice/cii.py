"""UN/CEFACT Cross Industry Invoices: alone, or inside a Factur-X or ZUGFeRD PDF."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portal.interfaces.einvoice.invoice import Attachment, Change, Invoice, Line, Party, Payment, Totals, Vat
from portal.interfaces.einvoice.reading import Part, iban_in, percent

CII = "urn:un:unece:uncefact:data:standard:"
NAMES = {
    "rsm": f"{CII}CrossIndustryInvoice:100",
    "ram": f"{CII}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{CII}UnqualifiedDataType:100",
}
ROOT = f"{{{NAMES['rsm']}}}CrossIndustryInvoice"
CREDIT_CODES = ("381", "396")
TRADE = "rsm:SupplyChainTradeTransaction/"
AGREED = f"{TRADE}ram:ApplicableHeaderTradeAgreement/"
SETTLED = f"{TRADE}ram:ApplicableHeaderTradeSettlement/"


def read(root: Any) -> Invoice:
    """Understand it. Raises InvoiceError without what makes an invoice readable: amounts that are amounts."""
    of, document = Part(root, NAMES), "rsm:ExchangedDocument/"
    code = of.text(f"{document}ram:TypeCode")
    return Invoice(
        syntax="cii",
        root="CrossIndustryInvoice",
        credit=code in CREDIT_CODES,
        customization=of.text("rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"),
        number=of.text(f"{document}ram:ID"),
        issued=of.day(f"{document}ram:IssueDateTime/udt:DateTimeString"),
        due=of.day(f"{SETTLED}ram:SpecifiedTradePaymentTerms/ram:DueDateDateTime/udt:DateTimeString"),
        currency=of.text(f"{SETTLED}ram:InvoiceCurrencyCode"),
        type_code=code,
        seller=_party(of, f"{AGREED}ram:SellerTradeParty"),
        buyer=_party(of, f"{AGREED}ram:BuyerTradeParty"),
        totals=_totals(of),
        lines=tuple(_lines(of)),
        vat=tuple(_vat(of)),
        changes=tuple(_changes(of)),
        payments=tuple(_payments(of)),
        attachments=tuple(_attachments(of)),
        buyer_reference=of.text(f"{AGREED}ram:BuyerReference"),
        order_reference=of.text(f"{AGREED}ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID"),
        preceding=tuple(
            number
            for one in of.all(f"{SETTLED}ram:InvoiceReferencedDocument")
            if (number := one.text("ram:IssuerAssignedID"))
        ),
        note=of.text(f"{document}ram:IncludedNote/ram:Content"),
        terms=of.text(f"{SETTLED}ram:SpecifiedTradePaymentTerms/ram:Description"),
    )


def _party(of: Part, path: str) -> Party:
    party = next(of.all(path), None)
    if party is None:
        return Party()
    vat = next(
        (one.own() for one in party.all("ram:SpecifiedTaxRegistration/ram:ID") if one.attribute("schemeID") == "VA"),
        "",
    )
    endpoint = next(party.all("ram:URIUniversalCommunication/ram:URIID"), None)
    return Party(
        name=party.text("ram:Name", "ram:SpecifiedLegalOrganization/ram:TradingBusinessName"),
        vat="".join(vat.split()).upper(),
        registration=party.text("ram:SpecifiedLegalOrganization/ram:ID"),
        endpoint=f"{endpoint.attribute('schemeID')}:{endpoint.own()}" if endpoint and endpoint.own() else "",
        country=party.text("ram:PostalTradeAddress/ram:CountryID"),
        email=party.text("ram:DefinedTradeContact/ram:EmailURIUniversalCommunication/ram:URIID"),
    )


def _totals(of: Part) -> Totals:
    total = f"{SETTLED}ram:SpecifiedTradeSettlementHeaderMonetarySummation/ram:"
    return Totals(
        lines=of.cents(f"{total}LineTotalAmount", 0),
        exclusive=of.cents(f"{total}TaxBasisTotalAmount"),
        tax=of.cents(f"{total}TaxTotalAmount", 0),
        inclusive=of.cents(f"{total}GrandTotalAmount"),
        payable=of.cents(f"{total}DuePayableAmount"),
        allowances=of.cents(f"{total}AllowanceTotalAmount", 0),
        charges=of.cents(f"{total}ChargeTotalAmount", 0),
        prepaid=of.cents(f"{total}TotalPrepaidAmount", 0),
        rounding=of.cents(f"{total}RoundingAmount", 0),
    )


def _lines(of: Part) -> Iterator[Line]:
    for line in of.all(f"{TRADE}ram:IncludedSupplyChainTradeLineItem"):
        if line.text("ram:AssociatedDocumentLineDocument/ram:LineStatusReasonCode") in ("GROUP", "INFORMATION"):
            continue  # of EXTENDED: a sum over the lines below it, or a remark; neither counts in the total
        quantity = next(line.all("ram:SpecifiedLineTradeDelivery/ram:BilledQuantity"), None)
        settled = "ram:SpecifiedLineTradeSettlement/"
        yield Line(
            id=line.text("ram:AssociatedDocumentLineDocument/ram:LineID"),
            description=line.text("ram:SpecifiedTradeProduct/ram:Name", "ram:SpecifiedTradeProduct/ram:Description"),
            net_cents=line.cents(f"{settled}ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"),
            quantity=quantity.own() if quantity else "",
            unit=quantity.attribute("unitCode") if quantity else "",
            price=line.text("ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount"),
            vat_category=line.text(f"{settled}ram:ApplicableTradeTax/ram:CategoryCode"),
            vat_percent=percent(line.text(f"{settled}ram:ApplicableTradeTax/ram:RateApplicablePercent")),
        )


def _vat(of: Part) -> Iterator[Vat]:
    for rate in of.all(f"{SETTLED}ram:ApplicableTradeTax"):
        yield Vat(
            category=rate.text("ram:CategoryCode"),
            percent=percent(rate.text("ram:RateApplicablePercent")),
            taxable_cents=rate.cents("ram:BasisAmount", 0),
            tax_cents=rate.cents("ram:CalculatedAmount"),
        )


def _changes(of: Part) -> Iterator[Change]:
    for one in of.all(f"{SETTLED}ram:SpecifiedTradeAllowanceCharge"):
        cents = one.cents("ram:ActualAmount")
        yield Change(
            reason=one.text("ram:Reason", "ram:ReasonCode"),
            cents=cents if one.text("ram:ChargeIndicator/udt:Indicator") == "true" else -cents,
            vat_category=one.text("ram:CategoryTradeTax/ram:CategoryCode"),
            vat_percent=percent(one.text("ram:CategoryTradeTax/ram:RateApplicablePercent")),
        )

    for one in of.all(f"{SETTLED}ram:SpecifiedLogisticsServiceCharge"):  # of EXTENDED
        yield Change(
            reason=one.text("ram:Description"),
            cents=one.cents("ram:AppliedAmount"),
            vat_category=one.text("ram:AppliedTradeTax/ram:CategoryCode"),
            vat_percent=percent(one.text("ram:AppliedTradeTax/ram:RateApplicablePercent")),
        )


def _payments(of: Part) -> Iterator[Payment]:
    for means in of.all(f"{SETTLED}ram:SpecifiedTradeSettlementPaymentMeans"):
        yield Payment(
            iban=iban_in(means.text("ram:PayeePartyCreditorFinancialAccount/ram:IBANID")),
            name=means.text("ram:PayeePartyCreditorFinancialAccount/ram:AccountName"),
            reference=of.text(f"{SETTLED}ram:PaymentReference"),
            means=means.text("ram:TypeCode"),
        )


def _attachments(of: Part) -> Iterator[Attachment]:
    for one in of.all(f"{AGREED}ram:AdditionalReferencedDocument/ram:AttachmentBinaryObject"):
        yield Attachment(one.attribute("filename"), one.attribute("mimeCode"), one.content())
