"""The form of an advance. It keeps what is typed; `content.read()` judges it."""

from __future__ import annotations

from wtforms import Form, StringField

from workflows.parties import N_


class AdvanceForm(Form):
    """What the money is for, how much, when it is spent, and who bears the cost."""

    purpose = StringField(N_("What do you need the money for?"))
    amount = StringField(N_("How much do you need?"))
    period_from = StringField(N_("From which day?"))
    period_to = StringField(N_("Until which day?"))
    cost_centre = StringField(N_("Cost centre"))
