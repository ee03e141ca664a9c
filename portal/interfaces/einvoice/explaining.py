"""What the rules for electronic invoices mean, in words for people: by the official identifier of the rule.

The identifiers are those of EN 16931 (BR-…), Peppol BIS Billing 3.0 (PEPPOL-…, NL-R-…) and NLCIUS (BR-NL-…). A rule
that is not here is told in its own words, which are English. SSC-… is of the portal itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from portal import i18n
from portal.interfaces.einvoice.sums import SUMMARY, Finding
from workflows.parties import N_

RULES: Mapping[str, str] = {
    SUMMARY: N_(
        "The file only sums up an invoice that people read (Factur-X MINIMUM or BASIC WL). An electronic invoice has "
        "lines: it needs the profile BASIC, EN 16931 or EXTENDED."
    ),
    "XSD": N_("The file is not built as the standard says."),
    "BR-01": N_("The invoice does not say by which rules it was made."),
    "BR-02": N_("The number of the invoice is missing."),
    "BR-03": N_("The date of the invoice is missing."),
    "BR-04": N_("The kind of invoice is missing."),
    "BR-05": N_("The currency is missing."),
    "BR-06": N_("The name of the supplier is missing."),
    "BR-07": N_("The name of the buyer is missing."),
    "BR-08": N_("The postal address of the supplier is missing."),
    "BR-09": N_("The country of the supplier is missing."),
    "BR-10": N_("The postal address of the buyer is missing."),
    "BR-11": N_("The country of the buyer is missing."),
    "BR-12": N_("The sum of the lines is missing."),
    "BR-13": N_("The total without VAT is missing."),
    "BR-14": N_("The total with VAT is missing."),
    "BR-15": N_("The amount to be paid is missing."),
    "BR-16": N_("The invoice has no lines."),
    "BR-21": N_("A line has no number of its own."),
    "BR-22": N_("A line does not say how many."),
    "BR-24": N_("A line has no amount."),
    "BR-25": N_("A line does not say what it is for."),
    "BR-26": N_("A line has no price."),
    "BR-27": N_("A price is below zero."),
    "BR-45": N_("A VAT rate does not say over which amount."),
    "BR-46": N_("A VAT rate does not say how much VAT."),
    "BR-47": N_("A VAT rate does not say of which kind it is."),
    "BR-48": N_("A VAT rate has no percentage."),
    "BR-49": N_("The way of payment is missing."),
    "BR-50": N_("The account number to pay to is missing."),
    "BR-52": N_("An attachment has no name."),
    "BR-55": N_("The number of the invoice that is corrected is missing."),
    "BR-61": N_("The account number to pay to is missing."),
    "BR-CO-04": N_("A line does not say which VAT rate it has."),
    "BR-CO-09": N_("A VAT number must begin with the letters of its country."),
    "BR-CO-10": N_("The sum of the lines is not right."),
    "BR-CO-11": N_("The sum of the discounts is not right."),
    "BR-CO-12": N_("The sum of the surcharges is not right."),
    "BR-CO-13": N_("The total without VAT is not right."),
    "BR-CO-14": N_("The total of the VAT is not the sum of its rates."),
    "BR-CO-15": N_("The total with VAT is not the total without VAT and the VAT together."),
    "BR-CO-16": N_("The amount to be paid is not right."),
    "BR-CO-17": N_("The VAT of a rate is not its percentage of the amount."),
    "BR-CO-18": N_("The invoice has no breakdown of the VAT."),
    "BR-CO-25": N_("The invoice must say when it is to be paid."),
    "BR-CO-26": N_("The invoice must say who the supplier is: a VAT number or a number of the trade register."),
    "BR-DEC-18": N_("The amount to be paid has more than two decimals."),
    "BR-CL-01": N_("The kind of invoice is not on the list."),
    "BR-CL-03": N_("A currency is not on the list."),
    "BR-CL-04": N_("The currency is not on the list."),
    "BR-CL-14": N_("A country is not on the list."),
    "PEPPOL-EN16931-R003": N_("An order number or a reference of the buyer is missing."),
    "PEPPOL-EN16931-R010": N_("The electronic address of the buyer is missing."),
    "PEPPOL-EN16931-R020": N_("The electronic address of the supplier is missing."),
    "NL-R-003": N_("The KvK number or OIN of the supplier is missing."),
    "BR-NL-1": N_("The KvK number or OIN of the supplier is missing."),
}
"""By identifier."""

FAMILIES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"BR-(S|Z|E|AE|G|IC|IG|IP|O)-\d+"), N_("The VAT is not filled in as its kind asks.")),
    (re.compile(r"BR-DEC-\d+"), N_("An amount has more than two decimals.")),
    (re.compile(r"BR-CL-\d+"), N_("A code is not on its list.")),
    (re.compile(r"(UBL|CII)-(CR|SR|DT)-\d+"), N_("The file holds something that this standard does not have.")),
)
"""Rules that are many and say the same: by the shape of their identifier."""


def meaning(rule: str, text: str = "") -> str:
    """What a broken rule means, in the language that is being read; else the rule's own words."""
    if rule in RULES:
        return i18n.gettext(RULES[rule])
    for shape, sentence in FAMILIES:
        if shape.fullmatch(rule):
            return i18n.gettext(sentence)
    # The official words begin with the identifier in brackets.
    return re.sub(rf"^\[{re.escape(rule)}\][\s-]*", "", text) or rule


def explained(findings: tuple[Finding, ...] | list[Finding]) -> list[tuple[str, str, str]]:
    """Identifier, severity and meaning of each broken rule, each once, in the order found."""
    seen = {(found.rule, found.severity): found for found in reversed(findings)}
    return [(rule, severity, meaning(rule, found.text)) for (rule, severity), found in reversed(seen.items())]
