"""Models as TOML: written so that people can read and change them, read strictly, and judged."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from portal.whatif.inputs import Input, Law, Spread
from portal.whatif.model import DONE, PRIORITIES, Flow, Model, Odds, Resource
from portal.whatif.plain import NOT_OFFERED, NOT_READ, UNKNOWN_NAME, from_plain, refused, to_plain
from workflows import CASE_TYPES
from workflows.kernel import Refusal, Refused
from workflows.parties import N_
from workflows.policy_keys import POLICY_KEYS, WHOLE, Kind, PolicyKey, read

BELOW_ZERO = Refusal("whatif_below_zero", N_("Here %(place)s must be zero or more."))
NOT_A_SHARE = Refusal("whatif_no_share", N_("Here %(place)s must be from 0 to 1."))
NOT_AN_HOUR = Refusal("whatif_no_hour", N_("Here %(place)s must be from 0 to 1440, in minutes of the day."))
WRONG_LENGTH = Refusal("whatif_wrong_length", N_("Here %(place)s must have %(count)s numbers."))
NOTHING_IN_IT = Refusal("whatif_nothing_in_it", N_("Here %(place)s must not be empty, nor all zero."))
WRONG_WEEKDAY = Refusal("whatif_wrong_weekday", N_("Here %(place)s must be weekdays: 0 for Monday up to 6 for Sunday."))
CLOSES_EARLY = Refusal("whatif_closes_early", N_("Here %(place)s must be later than when it opens."))
FALLING = Refusal("whatif_falling", N_("Here %(place)s must not fall: they are quantiles."))
BAD_POLICY = Refusal("whatif_bad_policy", N_("Here %(place)s has a value that this policy cannot have."))

_BARE = re.compile(r"[A-Za-z0-9_-]+")
WIDE = 110


def dumps(model: Model) -> str:
    """The model as TOML."""
    return "\n".join(_tables(to_plain(model), ())).strip() + "\n"


def loads(text: str) -> Model:
    """The model in this TOML. Raises Refused that says where it is wrong."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Refused(Refusal(NOT_READ.code, NOT_READ.sentence, {"why": str(error)})) from None
    model = from_plain(Model, data)
    judge(model)
    return model


def _tables(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """Lines of TOML: what fits on a line first, then what is a table of its own."""
    apart = {key: one for key, one in table.items() if _is_apart(one)}
    for key, one in table.items():
        if key not in apart:
            yield f"{_key(key)} = {_value(one)}"
    for key, one in apart.items():
        name = ".".join(map(_key, (*path, key)))
        for row in one if isinstance(one, list) else (one,):
            yield ""
            yield f"[[{name}]]" if isinstance(one, list) else f"[{name}]"
            yield from _tables(row, (*path, key))


def _is_apart(one: Any) -> bool:
    if isinstance(one, list):
        return bool(one) and all(isinstance(row, dict) for row in one) and len(_value(one)) > WIDE
    return (
        isinstance(one, dict) and any(isinstance(row, dict | list) for row in one.values()) and len(_value(one)) > WIDE
    )


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _value(value: Any) -> str:
    match value:
        case bool():
            text = "true" if value else "false"
        case float():
            text = f"{int(value)}.0" if value == int(value) and abs(value) < 1e15 else repr(value)
        case int():
            text = str(value)
        case date():
            text = value.isoformat()
        case Mapping():
            text = "{" + ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items()) + "}"
        case list():
            text = "[" + ", ".join(map(_value, value)) + "]"
        case _:
            text = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return text


def judge(model: Model) -> None:
    """Refuse a model whose values cannot be. Raises Refused with everything that is wrong."""
    wrong = [
        *_hours("opens", "closes", model.opens, model.closes),
        *_days("runs.weekdays", model.runs.weekdays),
        *(_least("mandate_cents", model.mandate_cents.value)),
        *(w for name in ("cut_off", "at") for w in _minute(f"runs.{name}", getattr(model.runs, name).value)),
        *_offered("priority", model.priority.value, PRIORITIES),
        *_policies(model),
    ]
    for nth, resource in enumerate(model.resources):
        wrong += _resource(f"resources[{nth}]", resource)
    for nth, flow in enumerate(model.flows):
        wrong += _flow(f"flows[{nth}]", flow)
    if wrong:
        raise Refused(*wrong)


def _say(refusal: Refusal, place: str, **values: str) -> Refusal:
    return refused(refusal, place, **values).refusals[0]


def _least(place: str, value: float) -> Iterator[Refusal]:
    if value < 0:
        yield _say(BELOW_ZERO, place)


def _share(place: str, value: float) -> Iterator[Refusal]:
    if not 0 <= value <= 1:
        yield _say(NOT_A_SHARE, place)


def _minute(place: str, value: int) -> Iterator[Refusal]:
    if not 0 <= value <= 1440:
        yield _say(NOT_AN_HOUR, place)


def _offered(place: str, value: str, choices: Iterable[str]) -> Iterator[Refusal]:
    if value not in choices:
        yield _say(NOT_OFFERED, place, choices=", ".join(choices))


def _days(place: str, days: Input[tuple[int, ...]]) -> Iterator[Refusal]:
    if not days.value or not set(days.value) <= set(range(7)):
        yield _say(WRONG_WEEKDAY, place)


def _hours(opens: str, closes: str, first: Input[int], last: Input[int]) -> Iterator[Refusal]:
    yield from _minute(opens, first.value)
    yield from _minute(closes, last.value)
    if last.value <= first.value:
        yield _say(CLOSES_EARLY, closes)


def _policies(model: Model) -> Iterator[Refusal]:
    for key, given in model.policies.items():
        place = f"policies.{key}"
        if key not in POLICY_KEYS:
            yield _say(UNKNOWN_NAME, place)
            continue
        if not _fits(POLICY_KEYS[key], given.value):
            yield _say(BAD_POLICY, place)


def _fits(row: PolicyKey, value: str) -> bool:
    """Whether a policy can have this value, as it is kept: cents, minutes, or what its own reading allows."""
    if row.kind in (*WHOLE, Kind.AMOUNT, Kind.HOURS, Kind.RATE, Kind.PERCENT):
        return re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,4})?", value) is not None
    try:
        read(row, value)
    except Refused:
        return False
    return True


def _resource(place: str, resource: Resource) -> Iterator[Refusal]:
    yield from _least(f"{place}.count", resource.count.value)
    yield from _least(f"{place}.cost_cents", resource.cost_cents.value)
    yield from _share(f"{place}.absence", resource.absence.value)
    yield from _share(f"{place}.share", resource.share.value)
    if resource.share.value == 0:
        yield _say(NOTHING_IN_IT, f"{place}.share")
    yield from _hours(f"{place}.opens", f"{place}.closes", resource.opens, resource.closes)
    yield from _days(f"{place}.weekdays", resource.weekdays)


def _flow(place: str, flow: Flow) -> Iterator[Refusal]:
    yield from _arrivals(f"{place}.arrivals", flow)
    if not flow.mix.value or sum(one.weight for one in flow.mix.value) <= 0:
        yield _say(NOTHING_IN_IT, f"{place}.mix")
    yield from (wrong for like in flow.mix.value for wrong in _least(f"{place}.mix", like.weight))
    for name in ("touch", "reaction"):
        for state, given in getattr(flow, name).items():
            yield from _known_state(f"{place}.{name}.{state}", flow, state)
            yield from _spread(f"{place}.{name}.{state}", given.value)
    for state, odds in flow.outcomes.items():
        yield from _known_state(f"{place}.outcomes.{state}", flow, state)
        for one in odds.value:
            yield from _odds(f"{place}.outcomes.{state}", flow, one)
    if not flow.stations and flow.type not in CASE_TYPES:
        yield _say(UNKNOWN_NAME, f"{place}.type")


def _arrivals(place: str, flow: Flow) -> Iterator[Refusal]:
    arrivals = flow.arrivals
    yield from _least(f"{place}.per_week", arrivals.per_week.value)
    yield from _least(f"{place}.burst", arrivals.burst.value)
    for name, given, count in (("week", arrivals.week, 168), ("season", arrivals.season, 12)):
        if len(given.value) != count:
            yield _say(WRONG_LENGTH, f"{place}.{name}", count=str(count))
        elif min(given.value) < 0:
            yield _say(BELOW_ZERO, f"{place}.{name}")
        elif sum(given.value) <= 0:
            yield _say(NOTHING_IN_IT, f"{place}.{name}")


def _spread(place: str, spread: Spread) -> Iterator[Refusal]:
    if not spread.numbers:
        yield _say(NOTHING_IN_IT, place)
        return
    yield from _least(place, min(spread.numbers))
    if spread.law is Law.TABLE and list(spread.numbers) != sorted(spread.numbers):
        yield _say(FALLING, place)


def _known_state(place: str, flow: Flow, state: str) -> Iterator[Refusal]:
    known: Iterable[str] = flow.stations
    if not flow.stations and flow.type in CASE_TYPES:
        known = [one.key for one in CASE_TYPES[flow.type].states]
    if state not in known:
        yield _say(UNKNOWN_NAME, place)


def _odds(place: str, flow: Flow, odds: Odds) -> Iterator[Refusal]:
    if sum(odds.shares.values()) <= 0:
        yield _say(NOTHING_IN_IT, place)
    for key, share in odds.shares.items():
        yield from _share(f"{place}.{key}", share)
        known: Iterable[str] = (*flow.stations, DONE)
        if not flow.stations and flow.type in CASE_TYPES:
            known = [one.key for one in CASE_TYPES[flow.type].actions]
        if key not in known:
            yield _say(UNKNOWN_NAME, f"{place}.{key}")
