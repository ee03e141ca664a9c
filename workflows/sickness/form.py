"""The form of reporting ill: one day. There is no field for a cause, on purpose."""

from __future__ import annotations

from wtforms import Form, StringField

from workflows.parties import N_


class SicknessForm(Form):
    """From which day somebody is ill."""

    first = StringField(N_("First day ill"))
