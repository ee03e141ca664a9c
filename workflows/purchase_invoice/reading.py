"""From what a clerk typed to the content of an invoice. What an electronic invoice says itself cannot be typed over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from workflows.coding import coding_of
from workflows.fields import Reader
from workflows.filling import FillingIn, Problem
from workflows.iban import InvalidIban, clean_iban
from workflows.money import MoneyError, parse_euro
from workflows.parties import N_
from workflows.purchase_invoice.content import EINVOICE, MAIL, POST, by_rate
from workflows.purchase_invoice.form import MOST_LINES, VAT_CHOICES

HERE = ZoneInfo("Europe/Amsterdam")
RATES = tuple(key for key, _ in VAT_CHOICES)
MONEY_HERE = N_("Write the amount as 12.50, with a minus sign before it for what goes off.")


def read(form: Any, filling: FillingIn) -> tuple[Mapping[str, Any], tuple[Problem, ...]]:
    """Understand the form. Returns its content (as far as it can be read) and everything wrong with it."""
    reader = Reader(filling.language)
    about = _about(reader, form, filling)
    if filling.content.get("proof") == EINVOICE:
        return {**filling.content, **about}, tuple(reader.problems)
    content = about | _head(reader, form, filling)
    content |= _amounts(reader, form)
    if coding := coding_kept(filling.content, content["lines"]):
        content["coding"] = coding
    if not any(filling.documents.values()):
        reader.wrong("file", "invoice_file_missing", N_("Add the invoice itself: the PDF or the scan."))
    return content, tuple(reader.problems)


def coding_kept(before: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """How lines were coded that are the same as before; a line that was changed is coded anew."""
    same = [line["key"] for line in lines if line in before.get("lines", ())]
    return {key: codes for key, codes in coding_of(before).items() if key in same}


def _about(reader: Reader, form: Any, filling: FillingIn) -> dict[str, Any]:
    """Who sent it and who ordered it: what a clerk says also of an electronic invoice."""
    typed = reader.text("supplier", form.supplier.data, required=N_("Fill in who sent the invoice."))
    found = filling.suppliers
    if len(found) > 1:
        reader.wrong("supplier", "supplier_ambiguous", N_("Several suppliers are called this. Type their KvK number."))
    colleague = reader.text("ordered_by", form.ordered_by.data)
    if colleague and colleague not in filling.colleagues:
        reader.wrong("ordered_by", "colleague_not_here", N_("Nobody who works for this municipality is known by this."))
    known = found[0] if len(found) == 1 else None
    name = filling.content.get("supplier_said") or filling.content.get("supplier") or typed
    return {
        "supplier": known.name if known else typed,
        "supplier_said": name if filling.content.get("proof") == EINVOICE else typed,
        "supplier_id": known.id if known else None,
        "supplier_email": known.email if known else filling.content.get("supplier_email", ""),
        "terms_days": known.terms_days if known else None,
        "ordered_by": colleague,
        "cost_centre": reader.text("cost_centre", form.cost_centre.data, limit=20),
    }


def _head(reader: Reader, form: Any, filling: FillingIn) -> dict[str, Any]:
    number = reader.text("number", form.number.data, required=N_("Fill in the number of the invoice."), limit=60)
    issued = reader.day("issued", form.issued.data, today=filling.today)
    due = reader.day("due", form.due.data, today=filling.today, ahead=True) if _typed(form.due.data) else None
    if due and issued and due < issued:
        reader.wrong("due", "due_before_issued", N_("This day lies before the date of the invoice."))
    credit = bool(form.credit.data)
    preceding = reader.text("preceding", form.preceding.data, limit=60)
    if credit and not preceding:
        reader.wrong("preceding", "preceding_missing", N_("Fill in which invoice this credit note corrects."))
    proof = form.proof.data if form.proof.data in (MAIL, POST) else ""
    if not proof:
        reader.wrong("proof", "proof_missing", N_("Choose what proves the day on which it came in."))
    return {
        "number": number,
        "issued": issued.isoformat() if issued else "",
        "due": due.isoformat() if due else "",
        "credit": credit,
        "preceding": preceding,
        "received_at": _received(reader, form, filling),
        "proof": proof,
        "reference": reader.text("reference", form.reference.data, limit=140),
        "iban": _iban(reader, form),
    }


def _typed(raw: str | None) -> bool:
    return bool((raw or "").strip())


def _received(reader: Reader, form: Any, filling: FillingIn) -> str:
    """The moment from which the terms count: the beginning of the day that the proof names."""
    day = reader.day("received_on", form.received_on.data, today=filling.today)
    return datetime(day.year, day.month, day.day, tzinfo=HERE).isoformat() if day else ""


def _iban(reader: Reader, form: Any) -> str:
    if not _typed(form.iban.data):
        return ""
    try:
        return clean_iban(form.iban.data)
    except InvalidIban:
        reader.wrong("iban", "iban_invalid", N_("This account number is not right: check it sign by sign."))
        return ""


def _signed(reader: Reader, field: str, raw: str | None) -> int | None:
    """An amount that may be below zero."""
    text = (raw or "").strip().replace("−", "-")
    below = text.startswith("-")
    try:
        cents = parse_euro(text.removeprefix("-").strip(), decimal_comma=reader.decimal_comma)
    except MoneyError as error:
        reader.wrong(field, f"invoice_{error.code}", MONEY_HERE)
        return None
    return -cents if below else cents


def _amounts(reader: Reader, form: Any) -> dict[str, Any]:
    """The lines, and the totals that follow from them; what was typed as the total must be the same."""
    entries: Sequence[Any] = list(form.lines)
    if len(entries) > MOST_LINES:
        reader.wrong("lines", "too_many_lines", N_("Use %(most)s lines at most."), most=MOST_LINES)
    lines = [line for entry in entries[:MOST_LINES] if (line := _line(reader, entry)) is not None]
    vat = by_rate(lines)
    net, tax = sum(line["net_cents"] for line in lines), sum(rate["tax_cents"] for rate in vat)
    total = _signed(reader, "total", form.total.data)
    if total is not None and len(lines) == len(entries):
        # Who rounds the VAT of each line comes out some cents beside it.
        difference = total - net - tax
        if difference and abs(difference) <= len(lines) and any(rate["tax_cents"] for rate in vat):
            largest = max(vat, key=lambda rate: abs(rate["tax_cents"]))
            largest["tax_cents"] += difference
            tax += difference
        elif difference:
            reader.wrong(
                "total", "total_differs", N_("The lines with VAT make %(sum)s, and this says %(total)s."),
                sum_cents=net + tax, total_cents=total,
            )  # fmt: skip
    return {
        "lines": lines, "changes": [], "vat": vat, "net_cents": net, "vat_cents": tax, "total_cents": net + tax,
        "prepaid_cents": 0, "rounding_cents": 0, "payable_cents": net + tax, "g_iban": "", "g_cents": 0,
    }  # fmt: skip


def _line(reader: Reader, entry: Any) -> dict[str, Any] | None:
    line, at = entry.form, entry.form.net.name.removesuffix("net")
    description = reader.text(f"{at}description", line.description.data, required=N_("Say what this line is for."))
    net = _signed(reader, f"{at}net", line.net.data)
    rate = line.vat.data if line.vat.data in RATES else RATES[0]
    category, percent = rate.split()
    if net is None:
        return None
    return {
        "key": line.key.data or "",
        "description": description,
        "quantity": reader.text(f"{at}quantity", line.quantity.data, limit=20),
        "net_cents": net,
        "vat_category": category,
        "vat_percent": percent,
    }
