"""The form of a dispute. It keeps what is typed; `content.read()` judges it. Which line it is about is no field."""

from __future__ import annotations

from wtforms import Form, StringField, TextAreaField

from workflows.parties import N_


class DisputeForm(Form):
    """Why the line is wrong, and what it should be."""

    objection = TextAreaField(N_("What is not right about this line?"))
    should_be = StringField(N_("What should the amount be?"))
