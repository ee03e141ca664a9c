"""The form of a withdrawal: which days of the leave. It keeps what is ticked; `content.read()` judges it."""

from __future__ import annotations

import re
from typing import Any

from wtforms import BooleanField, Field, Form, StringField

from workflows.parties import N_

TICKED = re.compile(r"day-([0-9]{4}-[0-9]{2}-[0-9]{2})")


class TickedDays(Field):
    """Days that are ticked, each a box of its own (`day-2026-12-14`): as the draft keeps one value by name."""

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        found = (TICKED.fullmatch(name) for name in formdata or () if formdata.get(name))
        self.data = tuple(sorted({match[1] for match in found if match}))


class DaysForm(Form):
    """Which days are not taken, and a word for the manager."""

    days = TickedDays(N_("Which days do you not take?"))
    all = BooleanField(N_("All days that are still to come"))
    note = StringField(N_("Note for your manager"))
