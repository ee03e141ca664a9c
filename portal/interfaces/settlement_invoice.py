"""An invoice of the SSC to a municipality, or a credit note: as an e-invoice of EN 16931, and on paper. Always Dutch.

Both are written from the same plain data, fixed when the invoice was sent; so they come out the same each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from portal.i18n import day, euro, gettext, number, reading_in
from portal.interfaces.einvoice.writing import KVK, NLCIUS, OIN, Bill, Firm, Item, written
from portal.interfaces.paper import Paper, Section
from workflows.parties import N_

Content = Mapping[str, Any]


def _firm(said: Mapping[str, str], scheme: str) -> Firm:
    return Firm(
        said["name"], said.get("registration", ""), scheme, vat=said.get("vat", ""), street=said.get("street", ""),
        city=said.get("city", ""), postcode=said.get("postcode", ""), email=said.get("email", ""),
    )  # fmt: skip


def bill_of(content: Content) -> Bill:
    """The invoice as the writer of e-invoices takes it."""
    percent = Decimal(content["percent"])
    return Bill(
        number=content["number"], issued=date.fromisoformat(content["issued"]), due=date.fromisoformat(content["due"]),
        seller=_firm(content["seller"], KVK), buyer=_firm(content["buyer"], OIN), iban=content["seller"]["iban"],
        items=tuple(
            Item(line["name"], line["unit_cents"], line["quantity"], percent, content["category"])
            for line in content["lines"]
        ),
        credit=content["credit"], customization=NLCIUS, reference=content["buyer"].get("reference", content["quarter"]),
        preceding=tuple(content["preceding"]), note=content["note"], days=content["days"],
        exempt=(content["exemption_code"], content["exemption"]),
        period=(date.fromisoformat(content["first_day"]), date.fromisoformat(content["last_day"])),
    )  # fmt: skip


def xml_of(content: Content) -> bytes:
    """The e-invoice."""
    return written(bill_of(content))


def paper_of(content: Content, made_at: datetime) -> Paper:
    """The invoice on paper."""
    with reading_in("nl"):
        return _paper(content, made_at)


def _paper(content: Content, made_at: datetime) -> Paper:
    seller, buyer = content["seller"], content["buyer"]
    kind = gettext(N_("Credit note") if content["credit"] else N_("Invoice"))
    title = f"{kind} {content['number']}"
    facts = Section(gettext(N_("About this invoice")))
    facts.facts(
        [
            (gettext(N_("To")), _lines(buyer)),
            (gettext(N_("From")), _lines(seller)),
            (gettext(N_("Number")), content["number"]),
            (gettext(N_("Date")), day(content["issued"], "d MMMM y")),
            (gettext(N_("Your reference")), buyer.get("reference", "")),
            (
                gettext(N_("Period")),
                f"{day(content['first_day'], 'd MMMM y')} – {day(content['last_day'], 'd MMMM y')}",
            ),
            (gettext(N_("Corrects")), ", ".join(content["preceding"])),
            (gettext(N_("Reason")), content["note"]),
            (gettext(N_("KvK number")), seller["registration"]),
            (gettext(N_("VAT number")), seller["vat"]),
        ]
    )
    head = [gettext(word) for word in (N_("What for"), N_("Quantity"), N_("Price"), N_("Amount"))]
    rows = [
        [line["name"], number(line["quantity"]), euro(line["unit_cents"]), euro(line["quantity"] * line["unit_cents"])]
        for line in content["lines"]
    ]
    lines = Section(gettext(N_("Lines"))).rows(head, rows, [5, 1.2, 1.6, 1.8], numbers=[1, 2, 3])
    return Paper(
        title=title, author=seller["name"], running=f"{seller['name']} · {title}",
        made=gettext(N_("Made on %(day)s"), day=day(content["issued"], "d MMMM y")), made_at=made_at, lang="nl",
        sections=[facts, lines, _totals(content)],
    )  # fmt: skip


def _lines(said: Mapping[str, str]) -> str:
    town = " ".join(part for part in (said.get("postcode", ""), said.get("city", "")) if part)
    return "\n".join(part for part in (said["name"], said.get("street", ""), town, said.get("email", "")) if part)


def _totals(content: Content) -> Section:
    payable = euro(content["payable_cents"])
    vat = gettext(N_("VAT %(percent)s%%"), percent=number(Decimal(content["percent"])))
    found = Section(gettext(N_("Total"))).facts(
        [
            (gettext(N_("Without VAT")), euro(content["net_cents"])),
            (vat, euro(content["tax_cents"])),
            (gettext(N_("You get back") if content["credit"] else N_("To pay")), payable),
        ]
    )
    if content["exemption"]:
        found.text(content["exemption"])
    seller = content["seller"]
    if content["credit"]:
        said = gettext(N_("We pay this back within %(days)s days."), days=content["days"])
    else:
        said = gettext(
            N_("Pay %(amount)s by %(day)s to %(iban)s of %(name)s, mentioning %(number)s."), amount=payable,
            day=day(content["due"], "d MMMM y"), iban=seller["iban"], name=seller["name"], number=content["number"],
        )  # fmt: skip
    return found.text(said)
