"""The form of a request for leave. It keeps what is typed; `content.read()` judges it."""

from __future__ import annotations

from wtforms import Form, SelectField, StringField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # the stubs lag behind

from workflows.leave_kinds import BALANCE, KINDS
from workflows.parties import N_
from workflows.work_patterns import Part

WHOLE = SelectChoice(Part.WHOLE.value, N_("The whole day"))
MORNING = SelectChoice(Part.MORNING.value, N_("The morning only"))
AFTERNOON = SelectChoice(Part.AFTERNOON.value, N_("The afternoon only"))


class LeaveForm(Form):
    """Which leave, from when to when, and whether the first or the last day is half."""

    kind = SelectField(
        N_("Which leave?"),
        choices=[SelectChoice(key, label) for key, label in KINDS.items()],
        default=BALANCE,
        validate_choice=False,
    )
    first = StringField(N_("First day"))
    first_part = SelectField(
        N_("Of the first day"), choices=[WHOLE, MORNING, AFTERNOON], default=WHOLE.value, validate_choice=False
    )
    last = StringField(N_("Last day"))
    last_part = SelectField(
        N_("Of the last day"), choices=[WHOLE, MORNING, AFTERNOON], default=WHOLE.value, validate_choice=False
    )
    occasion = StringField(N_("Day of the event"))
    note = StringField(N_("Note for your manager"))
