"""Logs of other systems: CSV or XES, gzipped or not, read row by row.

XES is read as what comes from outside: no document type, no entities, no network. Of each case only moments, numbers
of activities and of resources are kept, so a log of millions of events fits in memory.
"""

from __future__ import annotations

import csv
import gzip
import io
import math
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

from lxml import etree

from portal.whatif.log_map import NO_ZONE, LogMap, found_columns
from portal.whatif.log_model import Columns
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

NOT_A_LOG = Refusal("whatif_no_log", N_("This is no CSV or XES that can be read: %(why)s."))
NO_MOMENT = Refusal("whatif_no_moment", N_("Row %(row)s has no moment that can be read: %(said)s."))
EMPTY = Refusal("whatif_log_empty", N_("There are no events in this log."))

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - of the clock on the wall
MINUTE = timedelta(minutes=1)
PATTERNS = (
    "%d-%m-%Y %H:%M:%S.%f", "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M", "%d/%m/%Y %H:%M:%S.%f", "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M", "%Y/%m/%d %H:%M:%S.%f", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%d.%m.%Y %H:%M:%S",
)  # fmt: skip
FEW_VALUES = 50
"""A column with more values than this is not told again."""
LONGEST_LINE = 1_000_000
LIFECYCLE = "\x1f"
"""Between an activity and its transition, where a log has several of these."""


@dataclass(slots=True)
class LogCase:
    """A case of a log: for each event its moment in minutes, its activity and who did it, by number."""

    key: str
    at: list[float] = field(default_factory=list)
    activity: list[int] = field(default_factory=list)
    start: list[float] = field(default_factory=list)
    resource: list[int] = field(default_factory=list)
    amount: float | None = None
    type: str = ""


@dataclass(slots=True)
class Log:
    """A whole log, by case; moments are minutes since 1970 by the clock on the wall."""

    cases: list[LogCase]
    activities: list[str]
    resources: list[str]
    columns: Columns
    without: int = 0
    """How many events had no moment at all, and were left out."""


def read_log(path: Path, log_map: LogMap) -> Log:
    """Read a log. Raises Refused for what cannot be read, with the row."""
    try:
        zone = ZoneInfo(log_map.zone)
    except (KeyError, ValueError, OSError):
        raise Refused(Refusal(NO_ZONE.code, NO_ZONE.sentence, {"zone": log_map.zone})) from None
    try:
        try:
            return _read(path, log_map, zone, "utf-8-sig")
        except UnicodeDecodeError:
            # Old systems write as Windows does; every byte means something there.
            return _read(path, log_map, zone, "cp1252")
    except (OSError, EOFError, zlib.error, csv.Error, etree.XMLSyntaxError) as error:
        raise Refused(Refusal(NOT_A_LOG.code, NOT_A_LOG.sentence, {"why": str(error)[:200]})) from None


def _read(path: Path, log_map: LogMap, zone: ZoneInfo, encoding: str) -> Log:
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        stream: IO[bytes] = gzip.GzipFile(fileobj=raw) if packed else raw  # type: ignore[assignment]
        beginning = stream.read(4096)
        stream.seek(0)
        reader = _Reader(log_map, zone)
        if beginning.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
            return reader.read(*_xes(stream, beginning), ",")
        errors = "strict" if encoding.startswith("utf") else "replace"
        with io.TextIOWrapper(stream, encoding, errors, newline="") as text:
            return reader.read(*_csv(text, log_map, beginning))


Rows = Iterator[Sequence[str]]


def _csv(text: io.TextIOWrapper, log_map: LogMap, beginning: bytes) -> tuple[list[str], Rows, str]:
    first = beginning.decode("utf-8-sig", errors="replace").splitlines()
    separator = log_map.separator or max(",;\t|", key=lambda one: first[0].count(one) if first else 0)
    rows = csv.reader(_lines(text), delimiter=separator)
    return next(rows, []), rows, separator


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Line by line: a packed file of one endless line would fill the memory."""
    while line := text.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE and not line.endswith(("\n", "\r")):
            raise csv.Error(f"a line of more than {LONGEST_LINE} signs")
        yield line


def _xes(stream: IO[bytes], beginning: bytes) -> tuple[list[str], Rows]:
    if b"<!DOCTYPE" in beginning:
        raise Refused(Refusal(NOT_A_LOG.code, NOT_A_LOG.sentence, {"why": "a document type"}))
    found = _events(stream)
    # Which attributes there are shows from the first cases.
    ahead = list(islice(found, 2000))
    names = list(dict.fromkeys(name for event in ahead for name in event))

    def rows() -> Rows:
        for event in ahead:
            yield [event.get(name, "") for name in names]
        for event in found:
            yield [event.get(name, "") for name in names]

    return names, rows()


def _events(stream: IO[bytes]) -> Iterator[dict[str, str]]:
    """Each event with its attributes and, as `case:…`, those of its case."""
    parsed = etree.iterparse(
        stream, events=("end",), tag=("{*}trace",), resolve_entities=False, no_network=True, load_dtd=False,
        huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    for _, trace in parsed:
        if trace.getroottree().docinfo.doctype:
            raise Refused(Refusal(NOT_A_LOG.code, NOT_A_LOG.sentence, {"why": "a document type"}))
        own = {f"case:{name}": value for name, value in _attributes(trace)}
        for event in trace.iterchildren("{*}event"):
            yield {**own, **dict(_attributes(event))}
        trace.clear()
        while trace.getprevious() is not None:
            del trace.getparent()[0]


def _attributes(element: Any) -> Iterator[tuple[str, str]]:
    for child in element:
        key = child.get("key")
        if key is not None and child.get("value") is not None:
            yield key, child.get("value")


class _Reader:
    """Takes rows in. What kind of moments the log has shows from the first."""

    def __init__(self, log_map: LogMap, zone: ZoneInfo) -> None:
        self.map, self.zone = log_map, zone
        self.pattern, self.aware = log_map.time, False
        self.cases: dict[str, LogCase] = {}
        self.activities: dict[str, int] = {}
        self.resources: dict[str, int] = {}
        self.example = ""
        self.whole_amounts = True
        self.without = 0

    def read(self, names: list[str], rows: Rows, separator: str) -> Log:
        uses = found_columns(self.map.columns, names)
        place = {use: names.index(name) for use, name in uses.items()}
        others = {name: nth for nth, name in enumerate(names) if nth not in place.values()}
        said: dict[str, dict[int, Counter[str]]] = {name: {} for name in others}
        many: set[str] = set()
        for number, row in enumerate(rows, 2):
            if not row:
                continue
            activity = self._event(place, row, number)
            if activity < 0:
                continue
            for name, nth in others.items():
                if name not in many and nth < len(row):
                    counted = said[name].setdefault(activity, Counter())
                    counted[row[nth]] += 1
                    if len(counted) > FEW_VALUES:
                        many.add(name)
        if not self.cases:
            raise Refused(EMPTY)
        clock, zone = self._settle()
        activities = list(self.activities)
        values = {
            name: {activities[nth]: counted.most_common(1)[0][0] for nth, counted in found.items()}
            for name, found in said.items()
            if name not in many and found
        }
        _, _, fraction = self.example.partition(".")
        columns = Columns(
            tuple(names), uses["case"], uses["activity"], uses["timestamp"], uses.get("start", ""),
            uses.get("resource", ""), uses.get("amount", ""), uses.get("type", ""), uses.get("lifecycle", ""),
            separator, self.pattern, " " if " " in self.example[:11] else "T",
            len(fraction) - len(fraction.lstrip("0123456789")), clock, zone, 0 if self.whole_amounts else 2, values,
        )  # fmt: skip
        return Log(list(self.cases.values()), activities, list(self.resources), columns, self.without)

    def _event(self, place: dict[str, int], row: Sequence[str], number: int) -> int:
        def of(use: str) -> str:
            nth = place.get(use, -1)
            return row[nth].strip() if 0 <= nth < len(row) else ""

        if not of("timestamp"):
            self.without += 1
            return -1
        name = of("activity")
        transition = of("lifecycle")
        if transition and transition.lower() != "complete":
            name = f"{name}{LIFECYCLE}{transition}"
        activity = self.activities.setdefault(name, len(self.activities))
        key = of("case")
        case = self.cases.get(key)
        if case is None:
            case = self.cases[key] = LogCase(key)
        case.at.append(self._moment(of("timestamp"), number))
        case.activity.append(activity)
        if "start" in place:
            case.start.append(self._moment(of("start"), number) if of("start") else case.at[-1])
        if "resource" in place:
            case.resource.append(self.resources.setdefault(of("resource"), len(self.resources)))
        if amount := of("amount"):
            plain = amount.replace(",", ".") if amount.count(",") == 1 and "." not in amount else amount
            with suppress(ValueError):
                said = float(plain)
                if math.isfinite(said):
                    case.amount, self.whole_amounts = said, self.whole_amounts and said.is_integer()
        case.type = of("type") or case.type
        return activity

    def _moment(self, said: str, number: int) -> float:
        """Minutes since 1970: in UTC where the moment has an offset, else as it stands there."""
        if not self.example:
            self._learn(said)
        try:
            at = datetime.strptime(said, self.pattern) if self.pattern else datetime.fromisoformat(said)  # noqa: DTZ007
            if at.tzinfo is not None:
                self.aware = True
                at = at.astimezone(UTC).replace(tzinfo=None)
        except (ValueError, OverflowError):
            values = {"row": str(number), "said": said[:60]}
            raise Refused(Refusal(NO_MOMENT.code, NO_MOMENT.sentence, values)) from None
        return (at - EPOCH) / MINUTE

    def _learn(self, said: str) -> None:
        self.example = said
        if self.pattern:
            return
        try:
            datetime.fromisoformat(said)
        except ValueError:
            for pattern in PATTERNS:
                try:
                    datetime.strptime(said, pattern)  # noqa: DTZ007
                except ValueError:
                    continue
                self.pattern = pattern
                return

    def _settle(self) -> tuple[str, str]:
        """Put all moments on the clock on the wall: of UTC or of the zone, whichever the working day keeps to."""
        if not self.aware:
            return "naive", self.map.zone
        shifts: dict[int, float] = {}

        def shifted(minutes: float) -> float:
            hour = int(minutes // 60)
            if hour not in shifts:
                at = (EPOCH + timedelta(hours=hour)).replace(tzinfo=UTC)
                shifts[hour] = (at.astimezone(self.zone).replace(tzinfo=None) - at.replace(tzinfo=None)) / MINUTE
            return minutes + shifts[hour]

        in_utc = self.example.endswith(("Z", "+00:00", "+0000"))
        if in_utc and self._spread(lambda minutes: minutes) <= self._spread(shifted):
            return self._utc(), "UTC"
        for case in self.cases.values():
            case.at = [shifted(minutes) for minutes in case.at]
            case.start = [shifted(minutes) for minutes in case.start]
        return self._utc() if in_utc else "offset", self.map.zone

    def _utc(self) -> str:
        return "zulu" if self.example.endswith("Z") else "utc"

    def _spread(self, clock: Any) -> float:
        """How evenly the hours of the day are used; the right clock shows the sharpest working day."""
        hours = Counter(
            int(clock(minutes) // 30) % 48 for case in islice(self.cases.values(), 20_000) for minutes in case.at
        )
        total = sum(hours.values())
        return -sum((n / total) ** 2 for n in hours.values())
