"""An invented supplier's invoice as people read it: a PDF, sent along with the electronic one."""

from __future__ import annotations

from portal.interfaces.einvoice.writing import Bill
from seed.receipts import sheet


def paper(bill: Bill) -> bytes:
    """The invoice as people read it: a PDF, to be sent along with it."""
    rows = [
        (18, bill.seller.name),
        (10, f"{bill.seller.street}, {bill.seller.city}   KvK {bill.seller.registration}"),
        (14, f"{'Creditnota' if bill.credit else 'Factuur'} {bill.number} van {bill.issued:%d-%m-%Y}"),
        (10, f"Aan {bill.buyer.name}, t.a.v. {bill.reference}"),
        *((10, f"{item.quantity} x {item.name}: {_spoken(item.net_cents)}") for item in bill.items),
        *((10, f"Btw {percent}% over {_spoken(net)}: {_spoken(tax)}") for _, percent, net, tax in bill.rates()),
        (14, f"Te {'verrekenen' if bill.credit else 'betalen'}: {_spoken(bill.payable_cents)}"),
        (10, f"Rekening {bill.iban}" + (f", uiterlijk {bill.due:%d-%m-%Y}" if bill.due else "")),
    ]
    return sheet(rows, apart=26)


def _spoken(cents: int) -> str:
    whole = f"{cents // 100:,}".replace(",", ".")
    return f"\N{EURO SIGN} {whole},{cents % 100:02d}"
