"""The days of the week, as forms and tables of hours name them."""

from workflows.parties import N_

WEEKDAYS = (
    *(("ma", N_("Monday")), ("di", N_("Tuesday")), ("wo", N_("Wednesday")), ("do", N_("Thursday"))),
    *(("vr", N_("Friday")), ("za", N_("Saturday")), ("zo", N_("Sunday"))),
)
"""The fields of a week with what they are called; those of a second week have a 2 behind them."""
