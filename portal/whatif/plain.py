"""Dataclasses to plain data and back, by what their fields say they are: for files, for storage, for other processes.

Reading is strict: what is missing, of another kind or unknown is refused by the place where it stands.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from datetime import date
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from workflows.kernel import Refusal, Refused
from workflows.parties import N_

T = TypeVar("T")
NOT_READ = Refusal("whatif_not_read", N_("This is no TOML that can be read: %(why)s."))
MISSING = Refusal("whatif_missing", N_("Here %(place)s is missing."))
UNKNOWN_NAME = Refusal("whatif_unknown_name", N_("The name %(place)s is not known here."))
NOT_A_NUMBER = Refusal("whatif_no_number", N_("Here %(place)s must be a number."))
NOT_WHOLE = Refusal("whatif_no_whole", N_("Here %(place)s must be a whole number."))
NOT_A_TEXT = Refusal("whatif_no_text", N_("Here %(place)s must be a text."))
NOT_A_DAY = Refusal("whatif_no_day", N_("Here %(place)s must be a day, as 2026-10-31."))
NOT_A_SWITCH = Refusal("whatif_no_switch", N_("Here %(place)s must be true or false."))
NOT_A_LIST = Refusal("whatif_no_list", N_("Here %(place)s must be a list."))
NOT_A_TABLE = Refusal("whatif_no_table", N_("Here %(place)s must be a table."))
NOT_OFFERED = Refusal("whatif_not_offered", N_("Here %(place)s must be one of %(choices)s."))


def refused(refusal: Refusal, place: str, **values: str) -> Refused:
    """The refusal of what stands at this place."""
    return Refused(Refusal(refusal.code, refusal.sentence, {"place": place, **values}))


def to_plain(value: Any) -> Any:
    """The same as tables, lists, numbers and texts; what is None or as it would be anyway is left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: to_plain(found)
            for field in dataclasses.fields(value)
            if (found := getattr(value, field.name)) is not None and not _as_usual(field, found)
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): to_plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(one) for one in value]
    return value


def _as_usual(field: dataclasses.Field[Any], found: Any) -> bool:
    # How a value is known is always said.
    return field.name != "basis" and field.default is not dataclasses.MISSING and field.default == found


def from_plain(kind: type[T], data: Any, place: str = "") -> T:
    """An object of this kind from plain data. Raises Refused with the place of the first thing that is wrong."""
    found: T = _read(kind, data, place)
    return found


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, data: Any, place: str) -> Any:
    origin = get_origin(kind)
    if origin is UnionType or str(origin) == "typing.Union":
        inner = next(one for one in get_args(kind) if one is not type(None))
        return None if data is None else _read(inner, data, place)
    if dataclasses.is_dataclass(origin or kind):
        return _table(kind, origin or kind, data, place)
    if origin is tuple:
        if not isinstance(data, list | tuple):
            raise refused(NOT_A_LIST, place)
        return tuple(_read(get_args(kind)[0], one, f"{place}[{nth}]") for nth, one in enumerate(data))
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(data, Mapping):
            raise refused(NOT_A_TABLE, place)
        return {str(key): _read(get_args(kind)[1], one, f"{place}.{key}") for key, one in data.items()}
    return _single(kind, data, place)


def _table(kind: Any, made: Any, data: Any, place: str) -> Any:
    if not isinstance(data, Mapping):
        raise refused(NOT_A_TABLE, place)
    hints = dict(_hints(made))
    if arguments := get_args(kind):
        # A generic: its one parameter stands where the class says it.
        parameter = made.__parameters__[0]
        hints = {name: arguments[0] if hint is parameter else hint for name, hint in hints.items()}
    fields = {field.name: field for field in dataclasses.fields(made) if field.init}
    for name in data:
        if name not in fields:
            raise refused(UNKNOWN_NAME, _at(place, name))
    values = {}
    for name, field in fields.items():
        if name in data:
            values[name] = _read(hints[name], data[name], _at(place, name))
        elif type(None) in get_args(hints[name]):
            values[name] = None
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise refused(MISSING, _at(place, name))
    return made(**values)


def _at(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _single(kind: Any, data: Any, place: str) -> Any:
    number = isinstance(data, int | float) and not isinstance(data, bool)
    if kind is float and (not number or not math.isfinite(data)):
        raise refused(NOT_A_NUMBER, place)
    if kind is int and (not number or not math.isfinite(data) or data != int(data)):
        raise refused(NOT_WHOLE, place)
    if kind is str and not isinstance(data, str):
        raise refused(NOT_A_TEXT, place)
    if kind is bool and not isinstance(data, bool):
        raise refused(NOT_A_SWITCH, place)
    if kind is date:
        return _day(data, place)
    if isinstance(kind, type) and issubclass(kind, Enum):
        choices = [one.value for one in kind]
        if data not in choices:
            raise refused(NOT_OFFERED, place, choices=", ".join(map(str, choices)))
    return data if kind is Any else kind(data)


def _day(data: Any, place: str) -> date:
    if type(data) is date:
        return data
    try:
        return date.fromisoformat(data)
    except (TypeError, ValueError):
        raise refused(NOT_A_DAY, place) from None
