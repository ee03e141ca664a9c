"""The event log as one table: a row an event, for spreadsheets and most tools of process mining."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from portal.interfaces.event_log.plain import amount, moment
from portal.interfaces.event_log.stories import BATCH, DOCUMENT, INVOICE, LINE, PAYMENT, Happening, Story
from portal.interfaces.event_log.words import Names

OBJECTS = (LINE, DOCUMENT, PAYMENT, BATCH, INVOICE)
COLUMNS = (
    "case", "case_type", "case_type_name", "activity_key", "activity", "from_state", "to_state", "enabled", "start",
    "complete", "role", "resource", "channel", "municipality", "amount", "granted", "result", *OBJECTS,
)  # fmt: skip
AT_ONCE = 64 * 1024


def pieces(stories: Iterable[Story], names: Names) -> Iterator[bytes]:
    """The file in pieces: commas, UTF-8, moments in UTC, amounts with a point; several things with a space between."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for story in stories:
        for event in story.events:
            writer.writerow(_row(story, event, names))
        if out.tell() > AT_ONCE:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def _row(story: Story, event: Happening, names: Names) -> tuple[str, ...]:
    kinds = dict.fromkeys(OBJECTS, "")
    for relation in event.relations:
        kind = relation.thing.rpartition("-")[0]
        if kind in kinds:
            kinds[kind] = f"{kinds[kind]} {relation.thing}".lstrip()
    return (
        story.case, story.case_type, names.types[story.case_type], event.action,
        names.activities[story.case_type, event.action], event.from_state, event.to_state, moment(event.enabled),
        moment(event.started), moment(event.completed), event.role, event.resource, event.channel, story.municipality,
        amount(story.claimed_cents), amount(story.granted_cents), story.result, *kinds.values(),
    )  # fmt: skip
