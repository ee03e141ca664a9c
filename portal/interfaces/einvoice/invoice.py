"""An invoice as we understand it, whatever it was written in. Amounts are whole cents of its currency.

The terms are those of EN 16931; the numbers in comments (BT-1 …) are its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Party:
    """A seller, buyer or payee."""

    name: str = ""
    """BT-27, BT-44: the name in the register, else the trade name."""
    vat: str = ""
    """BT-31: the VAT number with its country."""
    registration: str = ""
    """BT-30: in the Netherlands the KvK number or OIN, without its scheme."""
    endpoint: str = ""
    """BT-34: the electronic address, as scheme:identifier."""
    country: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """One way to pay: an account, a reference, and how much when the invoice splits it (a G-account)."""

    iban: str = ""
    name: str = ""
    reference: str = ""
    means: str = ""
    """BT-81, of UNTDID 4461: 30 and 58 are credit transfers, 59 and 49 direct debits."""
    cents: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `price` and `quantity` are as written: they may have any number of decimals."""

    id: str
    description: str
    net_cents: int
    quantity: str = ""
    unit: str = ""
    price: str = ""
    vat_category: str = ""
    vat_percent: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """An allowance (negative) or a charge on the whole invoice."""

    reason: str
    cents: int
    vat_category: str = ""
    vat_percent: str = ""


@dataclass(frozen=True, slots=True)
class Vat:
    """One rate of the VAT breakdown. `category` of UNCL 5305: S standard, AE reverse charge, E exempt, Z zero …"""

    category: str
    percent: str
    taxable_cents: int
    tax_cents: int


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document inside the invoice."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Totals:
    """BG-22, in cents."""

    lines: int
    exclusive: int
    tax: int
    inclusive: int
    payable: int
    allowances: int = 0
    charges: int = 0
    prepaid: int = 0
    rounding: int = 0


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice or credit note, with amounts as written: a credit note of € 10 says 10."""

    syntax: str
    """ubl or cii."""
    root: str
    """The name of the document element: Invoice, CreditNote or CrossIndustryInvoice."""
    credit: bool
    customization: str
    """BT-24: the rules it says it follows."""
    number: str
    issued: date | None
    due: date | None
    currency: str
    type_code: str
    seller: Party
    buyer: Party
    totals: Totals
    lines: tuple[Line, ...] = ()
    vat: tuple[Vat, ...] = ()
    changes: tuple[Change, ...] = ()
    payments: tuple[Payment, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    buyer_reference: str = ""
    order_reference: str = ""
    preceding: tuple[str, ...] = ()
    """BG-3: the numbers of the invoices that this one corrects."""
    note: str = ""
    terms: str = ""

    @property
    def iban(self) -> str:
        """The first account to pay to."""
        return next((payment.iban for payment in self.payments if payment.iban), "")

    @property
    def reverse_charge(self) -> bool:
        """Whether the buyer owes the VAT instead of the seller."""
        return any(rate.category == "AE" for rate in self.vat)

    @property
    def profile(self) -> str:
        """peppol, nlcius, en16931 or other, by BT-24."""
        return next((name for mark, name in PROFILES if mark in self.customization), "other")

    @property
    def profile_named(self) -> str:
        """The level within Factur-X, ZUGFeRD 2 or the French extension that BT-24 names; empty when it names none."""
        found = LEVELS.search(self.customization.strip().lower())
        return found[1] if found else ""

    @property
    def summary(self) -> bool:
        """Whether it only sums up an invoice that people read: MINIMUM and BASIC WL have no lines by their nature."""
        return self.syntax == "cii" and self.profile_named in ("minimum", "basicwl")


LEVELS = re.compile(r"urn[:.](?:factur-x\.eu:1p0|zugferd\.de:2p0|cpro\.gouv\.fr:1p0):([a-z0-9-]+)$")
PROFILES = (
    ("urn:fdc:nen.nl:nlcius", "nlcius"),
    ("urn:fdc:peppol.eu:2017:poacc:billing", "peppol"),
    ("urn:fdc:peppol.eu:poacc:billing", "peppol"),
    ("urn:cen.eu:en16931", "en16931"),
)
"""The first mark that stands in BT-24 says which; NLCIUS names EN 16931 too."""
