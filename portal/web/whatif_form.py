"""A question of one's own: every input of the model as a field, with how it is known, and what was typed as changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import request

from portal import i18n
from portal.web.admin.forms import Form
from portal.web.whatif_words import number, people, state_label, type_label
from portal.whatif.inputs import BASIS_LABELS, FEW, Basis, Input
from portal.whatif.model import PRIORITIES, Flow, Model, Resource
from portal.whatif.saying import time_said, weekdays_said
from portal.whatif.scenarios import Change, What
from workflows.kernel import Refused
from workflows.parties import N_
from workflows.policy_keys import POLICY_KEYS, Kind, read, typed_as

NOT_A_NUMBER = N_("Fill in a number, such as 12 or 2.5.")
OUT_OF_REACH = N_("Fill in a number from %(low)s to %(high)s.")
NOT_A_TIME = N_("Write a time as 9:30.")
NO_DAY = N_("Choose at least one day.")
PAYING_DAYS = range(5)
MOST_STEPS = 30
"""So many steps can be changed: those of the kinds of case that come most."""


@dataclass(frozen=True)
class Field:
    """An input as it is shown: its place in the form, label, the value as typed, how it is known, and how it is read.

    `kind`: number, money, time, days or choice. `made` gives the change for what was typed, None for nothing; it raises
    ValueError with a sentence.
    """

    name: str
    label: str
    present: str
    known: str
    made: Callable[[str], Change]
    kind: str = "number"
    warns: bool = False
    unit: str = ""


@dataclass(frozen=True)
class Group:
    """Fields that belong together."""

    title: str
    fields: Sequence[Field]


def known_as(given: Input[Any], *, sampled: bool = True) -> tuple[str, bool]:
    """How an input is known, in words, and whether it was measured on too few; what was counted whole is no sample."""
    label = i18n.gettext(BASIS_LABELS[given.basis])
    if given.basis is not Basis.MEASURED:
        return label, False
    if not sampled:
        return label, False
    said = f"{label} (n = {i18n.number(given.n)})"
    if given.pooled:
        said = i18n.gettext(N_("%(said)s, with similar steps taken along"), said=said)
    if given.few:
        said = i18n.gettext(N_("%(said)s: fewer than %(few)s, so take care"), said=said, few=FEW)
    return said, given.few


def groups_of(model: Model) -> list[Group]:
    """All inputs of a model that can be changed."""
    flows = sorted(model.flows, key=lambda flow: -flow.arrivals.per_week.value)
    found = [
        Group(i18n.gettext(N_("People")), [one for each in model.resources for one in _people(each)]),
        Group(i18n.gettext(N_("What comes in, as a percentage of now")), [_volume(flow) for flow in flows]),
        Group(i18n.gettext(N_("Paying")), list(_paying(model))),
        Group(i18n.gettext(N_("Agreements and order")), list(_agreed(model))),
        Group(i18n.gettext(N_("Work on a step, in minutes")),
              [one for flow in flows for one in _spreads(flow, What.TOUCH)][:MOST_STEPS]),
        Group(i18n.gettext(N_("How long a step lies with who does other work too, in hours")),
              [one for flow in flows for one in _spreads(flow, What.REACTION)][:MOST_STEPS]),
    ]  # fmt: skip
    return [group for group in found if group.fields]


def _people(one: Resource) -> Iterator[Field]:
    who = people(one.key)
    for what, given, label, size, high in (
        (What.COUNT, one.count, N_("%(who)s: how many"), 1, 500),
        (What.ABSENCE, one.absence, N_("%(who)s: percentage of days not there"), 100, 95),
        (What.SHARE, one.share, N_("%(who)s: percentage of the day for this work"), 100, 100),
        (What.COST, one.cost_cents, N_("%(who)s: costs of an hour"), 1, 100_000),
    ):
        known, warns = known_as(given, sampled=what is not What.COUNT)
        money = what is What.COST
        present = number(float(given.value) * size / (100 if money else 1), 2)
        yield Field(f"{what}-{one.key}", i18n.gettext(label, who=who), present, known,
                    _scaled(what, one.key, size, 1 if what is What.SHARE else 0, high, money=money),
                    "money" if money else "number", warns)  # fmt: skip


def _scaled(what: What, key: str, size: int, low: int, high: int, *, money: bool = False) -> Callable[[str], Change]:
    def made(text: str) -> Change:
        value = amount(text, low, 1000 if money else high)
        if money:
            return Change(what, round(value * 100), key)
        if size == 1:
            if value != int(value):
                raise ValueError(i18n.gettext(NOT_A_NUMBER))
            return Change(what, int(value), key)
        return Change(what, float(value) / size, key)

    return made


def _volume(flow: Flow) -> Field:
    known, warns = known_as(flow.arrivals.per_week)
    each = i18n.gettext(N_("now %(count)s a week"), count=number(flow.arrivals.per_week.value))

    def made(text: str) -> Change:
        return Change(What.VOLUME, float(amount(text, 0, 1000)) / 100, flow.type)

    return Field(f"volume-{flow.type}", type_label(flow.type), "100", f"{each}; {known}", made, warns=warns)


def _spreads(flow: Flow, what: What) -> Iterator[Field]:
    minutes = what is What.TOUCH
    for state, given in (flow.touch if minutes else flow.reaction).items():
        mean = given.value.mean / (1 if minutes else 60)
        if mean <= 0:
            continue
        known, warns = known_as(given)
        yield Field(f"{what}-{flow.type}.{state}", f"{type_label(flow.type)}: {state_label(flow.type, state)}",
                    number(mean, 2), known, _times(what, f"{flow.type}.{state}", mean), warns=warns)  # fmt: skip


def _times(what: What, key: str, mean: float) -> Callable[[str], Change]:
    return lambda text: Change(what, float(amount(text, 0, 100_000)) / mean, key)


def _paying(model: Model) -> Iterator[Field]:
    known, warns = known_as(model.runs.weekdays)
    days = ",".join(map(str, model.runs.weekdays.value))
    said = weekdays_said(list(model.runs.weekdays.value))
    yield Field("runs", i18n.gettext(N_("Days on which is paid")), days,
                i18n.gettext(N_("now %(days)s"), days=said) + "; " + known, _days, "days", warns)  # fmt: skip
    known, warns = known_as(model.runs.cut_off)
    yield Field("cut_off", i18n.gettext(N_("Until when a request goes along with the run of that day")),
                time_said(model.runs.cut_off.value), known, _time, "time", warns)  # fmt: skip


def _days(text: str) -> Change:
    days = [int(one) for one in text.split(",") if one.isdigit() and int(one) in PAYING_DAYS]
    if not days:
        raise ValueError(i18n.gettext(NO_DAY))
    return Change(What.RUNS, days)


def _time(text: str) -> Change:
    hour, _, minute = text.strip().replace(".", ":").partition(":")
    if not (hour.isdecimal() and minute.isdecimal() and len(minute) == 2 and int(hour) < 24 and int(minute) < 60):
        raise ValueError(i18n.gettext(NOT_A_TIME))
    return Change(What.CUT_OFF, int(hour) * 60 + int(minute))


def _agreed(model: Model) -> Iterator[Field]:
    comma = i18n.language() == "nl"
    for key, given in model.policies.items():
        row = POLICY_KEYS[key]
        yield Field(f"policy-{key}", i18n.gettext(row.label), typed_as(row, given.value, decimal_comma=comma),
                    known_as(given, sampled=False)[0], _policy(key, comma=comma),
                    "money" if row.kind is Kind.AMOUNT else "number")  # fmt: skip
    yield Field("mandate", i18n.gettext(N_("Up to which amount one approval is enough")),
                number(model.mandate_cents.value / 100, 2), known_as(model.mandate_cents, sampled=False)[0],
                lambda text: Change(What.MANDATE, round(amount(text, 0, 10_000_000) * 100)), "money")  # fmt: skip
    known = known_as(model.priority, sampled=False)[0]
    yield Field("priority", i18n.gettext(N_("What goes first")), model.priority.value, known,
                lambda text: Change(What.PRIORITY, text), "choice")  # fmt: skip


def _policy(key: str, *, comma: bool) -> Callable[[str], Change]:
    def made(text: str) -> Change:
        try:
            return Change(What.POLICY, read(POLICY_KEYS[key], text, decimal_comma=comma), key)
        except Refused as refused:
            raise ValueError(" ".join(i18n.say(one.sentence, one.values) for one in refused.refusals)) from None

    return made


def amount(text: str, low: int, high: int) -> Decimal:
    """The number that was typed. Raises ValueError with a sentence."""
    plain = text.strip().removesuffix("%").removeprefix("€").strip()
    if i18n.language() == "nl":
        plain = plain.replace(".", "") if "," in plain else plain
        plain = plain.replace(",", ".")
    else:
        plain = plain.replace(",", "")
    try:
        found = Decimal(plain)
    except InvalidOperation:
        raise ValueError(i18n.gettext(NOT_A_NUMBER)) from None
    if not found.is_finite():
        raise ValueError(i18n.gettext(NOT_A_NUMBER))
    if not low <= found <= high:
        raise ValueError(i18n.gettext(OUT_OF_REACH, low=i18n.number(low), high=i18n.number(high)))
    return found


def filled(groups: Sequence[Group]) -> Form:
    """The form with every input as it is now, or as it was typed; what was to be put back is as it is now."""
    form = Form("own", begins="design", holds="scenario", seed="1",
                **{field.name: field.present for group in groups for field in group.fields})  # fmt: skip
    back = request.form.get("reset", "")
    for group in groups:
        for field in group.fields:
            box = form[field.name]
            if form.sent and field.kind == "days":
                box.data = ",".join(request.form.getlist(field.name))
            if back in (field.name, "*") or (form.sent and not box.data.strip() and field.kind != "days"):
                box.data = field.present
            if field.kind == "choice":
                box.choices = [(key, i18n.gettext(label)) for key, label in PRIORITIES.items()]
    return form


def changes_in(form: Form, groups: Sequence[Group]) -> list[Change]:
    """What was typed that is otherwise than now. What is wrong stands beside its field."""
    found = []
    for group in groups:
        for field in group.fields:
            text = form.text(field.name).strip()
            if text == field.present:
                continue
            try:
                found.append(field.made(text))
            except ValueError as wrong:
                form[field.name].errors.append(str(wrong))
    return found


def days_ticked(form: Form) -> Mapping[int, bool]:
    """The days of the week with whether they are chosen."""
    chosen = form.text("runs").split(",")
    return {day: str(day) in chosen for day in PAYING_DAYS}
