"""Hours: whole minutes inside, hours in words. Belongs here: reading what was typed, and writing it back.

An hour is typed as 7,2 or as 7:12.
"""

from __future__ import annotations

import re
from decimal import Decimal

from workflows.kernel import Refusal, Refused
from workflows.parties import N_

HOURS_WRONG = Refusal("hours_wrong", N_("Fill in hours such as 7.5 or 7:30, in whole minutes."))

_DECIMAL = re.compile(r"[0-9]{1,4}([.,][0-9]{1,2})?")
_CLOCK = re.compile(r"([0-9]{1,4}):([0-5][0-9])")


def read_hours(text: str) -> int:
    """The minutes of typed hours, with a comma or a point; nothing typed is 0. Raises Refused.

    Two decimals are read as whole minutes only where they are: 7.20 is 7 hours and 12 minutes, 7.01 is refused.
    """
    typed = text.strip()
    if not typed:
        return 0
    if found := _CLOCK.fullmatch(typed):
        return int(found[1]) * 60 + int(found[2])
    if not _DECIMAL.fullmatch(typed):
        raise Refused(HOURS_WRONG)
    minutes = Decimal(typed.replace(",", ".")) * 60
    if minutes != int(minutes):
        raise Refused(HOURS_WRONG)
    return int(minutes)


def hours_text(minutes: int, *, decimal_comma: bool = True) -> str:
    """Minutes as hours, which `read_hours` reads back: 7,2 where that is exact in two decimals, else 7:13."""
    if minutes % 3:
        sign, rest = ("-", -minutes) if minutes < 0 else ("", minutes)
        return f"{sign}{rest // 60}:{rest % 60:02d}"
    text = f"{(Decimal(minutes) / 60).normalize():f}"
    return text.replace(".", ",") if decimal_comma else text
