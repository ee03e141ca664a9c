"""The event log as XES (IEEE 1849-2016 and its revision of 2023): a trace a case, an event each step that was done.

`org:resource` is a pseudonym. From when a step could be taken and when work on it began are attributes of its own
event: the lifecycle of a step is not cut into several events, so all formats count the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.sax.saxutils import quoteattr

from portal.interfaces.event_log.plain import amount, moment
from portal.interfaces.event_log.stories import Happening, Story
from portal.interfaces.event_log.words import Names

AT_ONCE = 64 * 1024
EXTENSIONS = (("Concept", "concept"), ("Time", "time"), ("Lifecycle", "lifecycle"), ("Organizational", "org"))
TRACE_GLOBALS = (
    ("string", "concept:name", "unknown"), ("string", "case_type", "unknown"),
    ("string", "municipality", "unknown"), ("float", "amount", "0.00"),
)  # fmt: skip
EVENT_GLOBALS = (
    ("string", "concept:name", "unknown"), ("date", "time:timestamp", "1970-01-01T00:00:00.000Z"),
    ("string", "lifecycle:transition", "complete"), ("string", "org:resource", "unknown"),
    ("string", "org:role", "unknown"), ("string", "activity_key", "unknown"),
    ("date", "start_timestamp", "1970-01-01T00:00:00.000Z"),
    ("date", "enabled_timestamp", "1970-01-01T00:00:00.000Z"),
)  # fmt: skip
CLASSIFIERS = (("Activity", "concept:name"), ("Key", "activity_key"), ("Role", "org:role"))


def pieces(stories: Iterable[Story], names: Names) -> Iterator[bytes]:
    """The file in pieces."""
    kept, size = [_head()], 0
    for story in stories:
        kept.append(_trace(story, names))
        size += len(kept[-1])
        if size > AT_ONCE:
            yield "".join(kept).encode()
            kept, size = [], 0
    yield "".join([*kept, "</log>\n"]).encode()


def _head() -> str:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<log xes.version="1849.2023" xes.features="">']
    lines += [
        f'  <extension name="{name}" prefix="{prefix}" uri="http://www.xes-standard.org/{prefix}.xesext"/>'
        for name, prefix in EXTENSIONS
    ]
    for scope, given in (("trace", TRACE_GLOBALS), ("event", EVENT_GLOBALS)):
        lines += [f'  <global scope="{scope}">', *(f"    {_said(*one)}" for one in given), "  </global>"]
    lines += [f'  <classifier name="{name}" scope="event" keys="{keys}"/>' for name, keys in CLASSIFIERS]
    lines += [f"  {_said('string', 'concept:name', 'SSC portal')}", ""]
    return "\n".join(lines)


def _said(kind: str, key: str, value: str) -> str:
    return f'<{kind} key="{key}" value={quoteattr(value)}/>'


def _trace(story: Story, names: Names) -> str:
    said = [
        ("string", "concept:name", story.case), ("string", "case_type", story.case_type),
        ("string", "case_type_name", names.types[story.case_type]), ("string", "municipality", story.municipality),
        ("float", "amount", amount(story.claimed_cents)), ("float", "granted", amount(story.granted_cents)),
        ("string", "result", story.result),
    ]  # fmt: skip
    events = "".join(_event(story, event, names) for event in story.events)
    return f"  <trace>\n    {''.join(_said(*one) for one in said)}\n{events}  </trace>\n"


def _event(story: Story, event: Happening, names: Names) -> str:
    said = (
        ("string", "concept:name", names.activities[story.case_type, event.action]),
        ("date", "time:timestamp", moment(event.completed)), ("string", "lifecycle:transition", "complete"),
        ("string", "org:resource", event.resource), ("string", "org:role", event.role),
        ("string", "activity_key", event.action), ("date", "start_timestamp", moment(event.started)),
        ("date", "enabled_timestamp", moment(event.enabled)), ("string", "from_state", event.from_state),
        ("string", "to_state", event.to_state), ("string", "channel", event.channel),
    )  # fmt: skip
    return f"    <event>{''.join(_said(*one) for one in said)}</event>\n"
