"""Calendars in the form of RFC 5545: its own examples, and read back by a small reader that follows the same rules."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.interfaces.ics import Event, calendar_file, escaped, folded

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PRODUCT = "-//Voorbeeld//Verlof//NL"


def read(file: bytes) -> tuple[dict[str, str], list[dict[str, str]]]:
    """The properties of the calendar and of each event, names with their parameters; unfolded and not unescaped."""
    text = file.decode()
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    for line in file.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()
    own: dict[str, str] = {}
    events: list[dict[str, str]] = []
    now = own
    for line in re.sub(r"\r\n[ \t]", "", text).split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        if (name, value) == ("BEGIN", "VEVENT"):
            events.append({})
            now = events[-1]
        elif (name, value) == ("END", "VEVENT"):
            now = own
        else:
            assert name not in now, "each property stands once"
            now[name] = value
    assert own.pop("BEGIN") == own.pop("END") == "VCALENDAR"
    return own, events


def text_of(value: str) -> str:
    """A TEXT value as it was meant (RFC 5545 section 3.3.11)."""
    assert not re.search(r"(?<!\\)(\\\\)*[;,]", value), "a comma or semicolon stands without its backslash"
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)


def test_the_example_of_the_rfc_for_text_is_written_so() -> None:
    meant = "Project XYZ Final Review\nConference Room - 3B\nCome Prepared."
    assert escaped(meant) == "Project XYZ Final Review\\nConference Room - 3B\\nCome Prepared."
    assert text_of(escaped(meant)) == meant
    assert escaped("a;b,c\\d\r\ne\rf\x00\x1b") == "a\\;b\\,c\\\\d\\ne\\nf"


def test_a_long_line_is_folded_as_the_rfc_has_it_and_never_within_a_character() -> None:
    assert folded("DESCRIPTION:This is a short line.") == "DESCRIPTION:This is a short line."
    exactly = "X" * 75
    assert folded(exactly) == exactly
    assert folded(exactly + "Y") == f"{exactly}\r\n Y"
    parts = folded("é" * 80).split("\r\n")
    assert [len(part.encode()) for part in parts] == [74, 75, 13]
    assert "".join(part.removeprefix(" ") for part in parts) == "é" * 80


def test_a_whole_day_and_a_moment_are_written_as_the_rfc_has_them() -> None:
    """As in section 3.6.1: DTSTART;VALUE=DATE:19971102, and moments in UTC with a Z."""
    eight = datetime(2026, 1, 5, 8, tzinfo=timezone(timedelta(hours=1)))
    events = [
        Event("a@example.org", date(1997, 11, 2), date(1997, 11, 3), "Verlof", AT),
        Event("b@example.org", eight, eight + timedelta(hours=4), "Ochtend", AT, "Halve dag", busy=False),
    ]
    own, (day, half) = read(calendar_file("Verlof, Anna", events, product=PRODUCT))
    assert (own["VERSION"], own["PRODID"], own["METHOD"]) == ("2.0", PRODUCT, "PUBLISH")
    assert text_of(own["NAME"]) == text_of(own["X-WR-CALNAME"]) == "Verlof, Anna"
    assert own["REFRESH-INTERVAL;VALUE=DURATION"] == "PT6H"
    assert (day["UID"], day["DTSTART;VALUE=DATE"], day["DTEND;VALUE=DATE"]) == ("a@example.org", "19971102", "19971103")
    assert day["DTSTAMP"] == day["LAST-MODIFIED"] == "20261124T090000Z"
    assert (day["TRANSP"], day["X-MICROSOFT-CDO-BUSYSTATUS"], day["CLASS"]) == ("OPAQUE", "OOF", "PRIVATE")
    assert "DESCRIPTION" not in day
    assert (half["DTSTART"], half["DTEND"]) == ("20260105T070000Z", "20260105T110000Z")
    assert (half["TRANSP"], half["DESCRIPTION"]) == ("TRANSPARENT", "Halve dag")
    assert read(calendar_file("Leeg", [], product=PRODUCT))[1] == []


@pytest.mark.parametrize(
    "event",
    [
        Event("a", date(2026, 1, 2), date(2026, 1, 2), "", AT),
        Event("a", date(2026, 1, 2), date(2026, 1, 1), "", AT),
        Event("a", date(2026, 1, 1), date(2026, 1, 2), "", datetime(2026, 1, 1)),  # noqa: DTZ001
    ],
)
def test_what_cannot_be_is_not_written(event: Event) -> None:
    with pytest.raises(ValueError, match=r"ends after|naive"):
        calendar_file("Verlof", [event], product=PRODUCT)


words = st.text(st.characters(exclude_categories=("Cs",)), max_size=120)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@st.composite
def events_of(draw: Any) -> Event:
    if draw(st.booleans()):
        start: Any = draw(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
        end = start + timedelta(days=draw(st.integers(1, 400)))
    else:
        start = draw(moments)
        end = start + timedelta(seconds=draw(st.integers(1, 10**6)))
    return Event(draw(words), start, end, draw(words), draw(moments), draw(words), draw(st.booleans()))


def writable(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if sign in "\n\t" or not (sign < " " or sign == "\x7f"))


@given(words, st.lists(events_of(), max_size=4))
def test_whatever_is_written_is_read_back(name: str, events: list[Event]) -> None:
    own, found = read(calendar_file(name, events, product=PRODUCT))
    assert text_of(own["NAME"]) == writable(name)
    assert len(found) == len(events)
    for event, line in zip(events, found, strict=True):
        assert text_of(line["UID"]) == writable(event.uid)
        assert text_of(line["SUMMARY"]) == writable(event.summary)
        assert text_of(line.get("DESCRIPTION", "")) == writable(event.description)
        assert (line["TRANSP"] == "OPAQUE") is event.busy
        if isinstance(event.start, datetime):
            assert line["DTSTART"] == f"{event.start:%Y%m%dT%H%M%SZ}"
            assert line["DTEND"] == f"{event.end:%Y%m%dT%H%M%SZ}"
        else:
            assert line["DTSTART;VALUE=DATE"] == f"{event.start:%Y%m%d}"
            assert line["DTEND;VALUE=DATE"] == f"{event.end:%Y%m%d}"
