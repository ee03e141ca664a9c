"""An agreement in words: what it says, part by part, for the page and for paper; and what differs between versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from portal import i18n
from portal.interfaces.paper import Paper, Section
from portal.models.agreements import Agreement
from portal.models.catalogue import Service
from portal.web.catalogue import target_said
from workflows.agreements import (
    DAP,
    DFA,
    DVO,
    KINDS,
    SIDES,
    TEXTS,
    VARIANTS,
    Difference,
    Point,
    differences,
    steps_of,
)
from workflows.parties import N_
from workflows.services import INDICATORS, UNITS


@dataclass(frozen=True)
class Part:
    """One part: a text, facts or a table, of which `numbers` are the columns to the right. `own` are words of the
    agreement itself, which are Dutch whoever reads it."""

    title: str
    text: str = ""
    facts: Sequence[tuple[str, str]] = ()
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    widths: Sequence[float] = ()
    numbers: Sequence[int] = ()
    own: bool = False


Services = Mapping[str, Service]
Value = TypeVar("Value")


def _t(text: str, **values: object) -> str:
    return i18n.gettext(text, **values)


def name_of(services: Services, key: str) -> str:
    """What a service is called."""
    found = services.get(key)
    return (found.name_en if i18n.language() == "en" else found.name) if found else key


def valid_said(row: Agreement) -> str:
    """For when it is agreed."""
    return period(row.valid_from, row.valid_to)


def period(first: date, last: date | None) -> str:
    """From when, and until when if that is known."""
    if last is None:
        return _t(N_("From %(first)s on"), first=i18n.day(first))
    return _t(N_("From %(first)s up to and including %(last)s"), first=i18n.day(first), last=i18n.day(last))


def title_of(row: Agreement) -> str:
    """What it is called for short."""
    return f"{row.kind.upper()} {row.municipality.name}"


def parts_of(row: Agreement, services: Services) -> list[Part]:
    """All that it says."""
    content = row.content
    made = {DVO: _dvo, DFA: _dfa, DAP: _dap}[row.kind](content, services)
    texts = [Part(_t(label), content["texts"][key], own=True) for key, label in TEXTS[row.kind].items()]
    return [*made, *(part for part in texts if part.text)]


def _dvo(content: Mapping[str, Any], services: Services) -> list[Part]:
    chosen: Mapping[str, int] = content["services"]
    targets: Mapping[str, str] = content["targets"]
    return [
        Part(
            _t(N_("Which services")), widths=(5, 1.2, 2.5),
            head=(_t(N_("Service")), _t(N_("A year")), _t(N_("Counted"))),
            rows=[(name_of(services, key), i18n.number(volume), _counted(services, key))
                  for key, volume in _by_name(chosen, services)], numbers=(1,),
        ),
        Part(
            _t(N_("At which norm")), head=(_t(N_("Indicator")), _t(N_("At least"))), widths=(5, 1.2), numbers=(1,),
            rows=[(_t(label), target_said(key, targets[key])) for key, label in INDICATORS.items() if key in targets],
        ),
        Part(
            _t(N_("What happens when a norm is not met")), own=True, widths=(2.5, 2.3, 3.3, 1.4), numbers=(3,),
            head=(_t(N_("When")), _t(N_("Who")), _t(N_("What")), _t(N_("Working days"))),
            rows=[(f"{place}. {step.when}", step.who, step.what, str(step.days))
                  for place, step in enumerate(steps_of(content), 1)],
        ),
    ]  # fmt: skip


def _dfa(content: Mapping[str, Any], services: Services) -> list[Part]:
    prices: Mapping[str, Mapping[str, int]] = content["prices"]
    total = sum(row["cents"] * row["volume"] for row in prices.values())
    rows = [(name_of(services, key), i18n.euro(row["cents"]), _counted(services, key), i18n.number(row["volume"]),
             i18n.euro(row["cents"] * row["volume"])) for key, row in _by_name(prices, services)]  # fmt: skip
    return [
        Part(
            _t(N_("What it costs")), widths=(3.6, 1.3, 2.2, 1.1, 1.6), numbers=(1, 3, 4),
            head=(_t(N_("Service")), _t(N_("Price")), _t(N_("Counted")), _t(N_("A year")), _t(N_("Amount"))),
            rows=[*rows, (_t(N_("Together")), "", "", "", i18n.euro(total))],
        ),
        Part(
            _t(N_("How it is settled")),
            facts=[
                (_t(N_("Way of settling")), _t(VARIANTS[str(content["variant"])])),
                (_t(N_("Advance each quarter")), i18n.euro(content["advance_cents"])),
                (_t(N_("Start-up cost, once")), i18n.euro(content["startup_cents"] or None)),
            ],
        ),
    ]  # fmt: skip


def _dap(content: Mapping[str, Any], _services: Services) -> list[Part]:
    rows: Sequence[Mapping[str, str]] = content["procedures"]
    return [Part(row["title"], row["text"], own=True) for row in rows]


def _by_name(chosen: Mapping[str, Value], services: Services) -> list[tuple[str, Value]]:
    return sorted(chosen.items(), key=lambda pair: name_of(services, pair[0]))


def _counted(services: Services, key: str) -> str:
    return _t(UNITS[services[key].unit]) if key in services else ""


@dataclass(frozen=True)
class Change:
    """What another version says otherwise, in words; empty is what it does not say."""

    about: str
    before: str
    after: str


ABOUT: Mapping[str, str] = {
    "until": N_("Last day"), "variant": N_("Way of settling"), "advance_cents": N_("Advance each quarter"),
    "startup_cents": N_("Start-up cost, once"),
}  # fmt: skip


def changes_of(before: Agreement, row: Agreement, services: Services) -> list[Change]:
    """What differs from the version before it."""
    return [_change(row.kind, one, services) for one in differences(before.content, row.content)]


def _change(kind: str, one: Difference, services: Services) -> Change:
    before, after = (_value(one.point, value) for value in (one.before, one.after))
    return Change(_about(kind, one.point, services), before, after)


def _about(kind: str, point: Point, services: Services) -> str:
    match point:
        case (("services" | "prices"), key):
            return name_of(services, key)
        case ("targets", key):
            return _t(INDICATORS[key])
        case ("steps", place):
            return _t(N_("Step %(place)s of escalation"), place=place)
        case ("texts", key):
            return _t(TEXTS[kind][key])
        case ("procedures", title):
            return title
        case _:
            return _t(ABOUT[point[0]])


def _step(value: Sequence[Any]) -> str:
    days = i18n.ngettext("%(num)s working day", "%(num)s working days", value[3])
    return f"{value[0]}. {value[1]}: {value[2]} ({days})"


SAID: Mapping[str, Callable[[Any], str]] = {
    "services": lambda value: _t(N_("%(count)s a year"), count=i18n.number(value)),
    "prices": lambda value: _t(
        N_("%(amount)s, %(count)s a year"), amount=i18n.euro(value[0]), count=i18n.number(value[1])
    ),
    "steps": _step,
    "variant": lambda value: _t(VARIANTS[value]),
    "until": lambda value: i18n.day(value) or _t(N_("for the time being")),
    "advance_cents": i18n.euro,
    "startup_cents": i18n.euro,
}


def _value(point: Point, value: Any) -> str:
    if value is None:
        return ""
    return target_said(point[1], value) if point[0] == "targets" else SAID.get(point[0], str)(value)


def signatures_of(row: Agreement) -> list[tuple[str, str, str, datetime | None]]:
    """Of each side: its key, its name, who signed and when."""
    signed = {
        "ssc": (row.ssc_signed_by, row.ssc_signed_at),
        "municipality": (row.municipality_signed_by, row.municipality_signed_at),
    }
    names = {
        "ssc": _t(SIDES["ssc"]),
        "municipality": _t(N_("Municipality of %(name)s"), name=row.municipality.name),
    }
    return [(side, names[side], who.name if who else "", at) for side, (who, at) in signed.items()]


def paper_of(row: Agreement, before: Agreement | None, services: Services, partnership: str, at: datetime) -> Paper:
    """The agreement as it is printed, for a council to read."""
    facts = [
        (_t(N_("Between")), f"{partnership}; {_t(N_('Municipality of %(name)s'), name=row.municipality.name)}"),
        (_t(N_("Version")), str(row.number)), (_t(N_("Holds")), valid_said(row)),
        (_t(N_("State")),
         _t(N_("Signed by both sides") if row.signed else N_("Draft: does not hold until both signed"))),
    ]  # fmt: skip
    sections = [Section(_t(N_("What this is"))).facts(facts), *(_section(part) for part in parts_of(row, services))]
    if before is not None and (changed := changes_of(before, row, services)):
        differs = Section(_t(N_("What differs from version %(number)s"), number=before.number))
        head = (_t(N_("About")), _t(N_("It was")), _t(N_("It becomes")))
        rows = [(one.about, one.before or "–", one.after or "–") for one in changed]
        sections.append(differs.rows(head, rows, (2, 3, 3)))
    signed = Section(_t(N_("Signatures")))
    signed.facts([
        (name, _t(N_("%(who)s, on %(moment)s"), who=who, moment=i18n.moment(at)) if who else _t(N_("not signed yet")))
        for _side, name, who, at in signatures_of(row)
    ])  # fmt: skip
    signed.text(_t(N_("Digest of what was signed: %(digest)s"), digest=row.digest))
    title = f"{_t(KINDS[row.kind])} – {row.municipality.name}"
    running = f"{title_of(row)} · {_t(N_('version %(version)s'), version=row.number)}"
    made = _t(N_("Printed on %(moment)s"), moment=i18n.moment(at))
    return Paper(title, partnership, running, made, at, i18n.language(), [*sections, signed])


def _section(part: Part) -> Section:
    section = Section(part.title)
    if part.text:
        section.text(part.text)
    if part.rows:
        section.rows(part.head, part.rows, part.widths, part.numbers)
    return section.facts(list(part.facts))
