"""The form of an invoice on paper or as a PDF. It keeps every field as typed; `reading.read()` understands it."""

from __future__ import annotations

from wtforms import BooleanField, FieldList, Form, FormField, HiddenField, SelectField, StringField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # the stubs lag behind

from workflows.parties import N_
from workflows.purchase_invoice.content import MAIL, POST

MOST_LINES = 60

VAT_CHOICES = (
    ("S 21", "21%"), ("S 9", "9%"), ("Z 0", "0%"), ("E 0", N_("Exempt")), ("AE 0", N_("Reverse charge")),
)  # fmt: skip
"""What a clerk chooses from: category of UNCL 5305 and percentage."""


class LineForm(Form):
    """One line of the invoice."""

    key = HiddenField()
    description = StringField(N_("Description"))
    quantity = StringField(N_("Quantity"))
    net = StringField(N_("Amount without VAT"))
    vat = SelectField(
        N_("VAT"), choices=[SelectChoice(key, label) for key, label in VAT_CHOICES], validate_choice=False
    )


class InvoiceForm(Form):
    """What stands on the invoice, when it came in, and who ordered it."""

    supplier = StringField(N_("Supplier"))
    number = StringField(N_("Invoice number"))
    issued = StringField(N_("Invoice date"))
    due = StringField(N_("To be paid by"))
    credit = BooleanField(N_("This is a credit note"))
    preceding = StringField(N_("Number of the invoice that it corrects"))
    received_on = StringField(N_("Came in on"))
    proof = SelectField(
        N_("What proves that?"),
        choices=[
            SelectChoice("", N_("Choose")),
            SelectChoice(MAIL, N_("The mail with the PDF")),
            SelectChoice(POST, N_("The stamp on the paper")),
        ],
        validate_choice=False,
    )
    reference = StringField(N_("Payment reference"))
    iban = StringField(N_("Account number on the invoice"))
    ordered_by = StringField(N_("Who ordered it?"))
    cost_centre = StringField(N_("Cost centre"))
    total = StringField(N_("Total to be paid"))
    # Room for one line too many: the form would drop it without a word, `read()` says that it is too many.
    lines = FieldList(FormField(LineForm), min_entries=1, max_entries=MOST_LINES + 1)
