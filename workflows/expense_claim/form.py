"""The form of an expense claim. It keeps every field as typed; `content.read()` judges and understands it."""

from __future__ import annotations

from wtforms import BooleanField, FieldList, Form, FormField, HiddenField, SelectField, StringField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # the stubs lag behind

from workflows.currencies import CURRENCIES
from workflows.expense_claim.categories import CATEGORIES, VAT_RATES
from workflows.parties import N_

MOST_LINES = 40


class LineForm(Form):
    """One expense. Which fields count follows from the category."""

    key = HiddenField()
    category = SelectField(
        N_("What did you spend it on?"),
        choices=[SelectChoice("", N_("Choose")), *(SelectChoice(c.key, c.label) for c in CATEGORIES.values())],
        validate_choice=False,
    )
    date = StringField(N_("Date of the expense"))
    description = StringField(N_("What was it for?"))
    origin = StringField(N_("From"))
    destination = StringField(N_("To"))
    km = StringField(N_("Kilometres, there and back"))
    days = StringField(N_("Number of days"))
    persons = StringField(N_("For how many people"))
    currency = SelectField(
        N_("Currency"),
        choices=[SelectChoice("", N_("Euro")), *(SelectChoice(c.code, c.label) for c in CURRENCIES.values())],
        validate_choice=False,
    )
    late_reason = StringField(N_("Why do you claim it only now?"))
    amount = StringField(N_("Amount including VAT"))
    own_rate = StringField(N_("Rate of your own bank"))
    missing_why = StringField(N_("Why is there no receipt?"))
    missing_where = StringField(N_("Where did you buy it?"))
    missing_sign = BooleanField(
        N_("I declare that I spent this for my work, that I have no receipt of it, and that I claim it only here.")
    )
    vat = SelectField(
        N_("VAT"),
        choices=[SelectChoice("", N_("As usual")), *(SelectChoice(rate, f"{rate}%") for rate in VAT_RATES)],
        validate_choice=False,
    )


class ClaimForm(Form):
    """The whole claim: what it is about, who bears the cost, and its lines."""

    purpose = StringField(N_("What is this claim about?"))
    cost_centre = StringField(N_("Cost centre"))
    # Room for one line too many: the form would drop it without a word, `read()` says that it is too many.
    lines = FieldList(FormField(LineForm), min_entries=1, max_entries=MOST_LINES + 1)
