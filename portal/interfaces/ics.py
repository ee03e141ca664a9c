"""A calendar in the form of RFC 5545 (iCalendar), for calendars that subscribe to it: written, never read.

Strict in what it writes: UTC moments and whole days only, so no time zones go along; texts escaped; lines folded at 75
octets, never within a character.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

OCTETS = 75
"""How long a line may be, without its end (RFC 5545 section 3.1)."""
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Event:
    """Something in a calendar. Whole days when `start` and `end` are dates; the end is just after it in both cases.

    `uid` names it for good, `changed_at` is when it last changed. `busy` is whether one is away then.
    """

    uid: str
    start: date
    end: date
    summary: str
    changed_at: datetime
    description: str = ""
    busy: bool = True


def calendar_file(name: str, events: Iterable[Event], *, product: str, refresh_hours: int = 6) -> bytes:
    """The calendar as a file. ValueError for an event that ends before it begins, or a naive moment."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{escaped(product)}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{escaped(name)}",
        f"X-WR-CALNAME:{escaped(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:PT{refresh_hours}H",
        f"X-PUBLISHED-TTL:PT{refresh_hours}H",
        *(line for event in events for line in _event(event)),
        "END:VCALENDAR",
    ]
    return "".join(f"{folded(line)}\r\n" for line in lines).encode()


def _event(event: Event) -> Iterator[str]:
    if event.end <= event.start:
        raise ValueError("an event ends after it begins")
    yield "BEGIN:VEVENT"
    yield f"UID:{escaped(event.uid)}"
    yield f"DTSTAMP:{_moment(event.changed_at)}"
    yield f"LAST-MODIFIED:{_moment(event.changed_at)}"
    for name, value in (("DTSTART", event.start), ("DTEND", event.end)):
        yield f"{name}:{_moment(value)}" if isinstance(value, datetime) else f"{name};VALUE=DATE:{value:%Y%m%d}"
    yield f"SUMMARY:{escaped(event.summary)}"
    if event.description:
        yield f"DESCRIPTION:{escaped(event.description)}"
    yield "CLASS:PRIVATE"
    yield f"TRANSP:{'OPAQUE' if event.busy else 'TRANSPARENT'}"
    if event.busy:
        yield "X-MICROSOFT-CDO-BUSYSTATUS:OOF"
    yield "END:VEVENT"


def escaped(text: str) -> str:
    """A text as a value (section 3.3.11): signs that mean something are escaped, those that cannot be are left out."""
    whole = text.replace("\r\n", "\n").replace("\r", "\n")
    whole = whole.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    return _UNWRITABLE.sub("", whole)


def folded(line: str) -> str:
    """A line cut into parts of at most 75 octets, each but the first beginning with a space."""
    parts, part, size = list[str](), "", 0
    for sign in line:
        octets = len(sign.encode())
        if size + octets > OCTETS:
            parts.append(part)
            part, size = " ", 1
        part += sign
        size += octets
    return "\r\n".join([*parts, part])


def _moment(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError("a naive moment has no place in a calendar")
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
