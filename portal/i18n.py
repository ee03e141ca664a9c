"""Language: English is written in the code, Dutch comes from the catalogue; numbers and dates by Babel.

The reader's language is a context variable, so that the web (per request) and the mail (per recipient) translate
with the same functions. Catalogues are read from their .po files: nothing has to be compiled to install or run.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal
from babel.support import NullTranslations, Translations

from portal.clock import AMSTERDAM, local_date
from workflows.currencies import CURRENCIES
from workflows.hours import hours_text

LANGUAGES = ("nl", "en")
DEFAULT = "nl"
CATALOGUES = Path(__file__).parent / "translations"

_language: ContextVar[str] = ContextVar("language", default=DEFAULT)


def language() -> str:
    """The language of whoever reads what is being made."""
    return _language.get()


@contextmanager
def reading_in(code: str) -> Iterator[None]:
    """Speak this language within the block; an unknown one becomes the default."""
    token = _language.set(code if code in LANGUAGES else DEFAULT)
    try:
        yield
    finally:
        _language.reset(token)


@lru_cache
def _catalogue(code: str) -> NullTranslations:
    file = CATALOGUES / f"{code}.po"
    if not file.exists():
        return NullTranslations()
    compiled = io.BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=code))
    compiled.seek(0)
    return Translations(compiled)


def gettext(message: str, **values: Any) -> str:
    """The sentence in the reader's language, with its values filled in."""
    text = _sentence(message, language()) if message else ""
    return text % values if values else text


@lru_cache(maxsize=8192)
def _sentence(message: str, code: str) -> str:
    text: str = _catalogue(code).gettext(message)
    return text


def ngettext(one: str, many: str, count: int, **values: Any) -> str:
    """The sentence for this count in the reader's language."""
    text: str = _catalogue(language()).ngettext(one, many, count)
    return text % {"num": count, "count": count, **values}


def say(sentence: str, values: Mapping[str, Any]) -> str:
    """A sentence of a rule: values named `…_cents` are amounts, `…_minutes` hours, and dates are written out.

    `%(amount)s` in the sentence is filled by `amount_cents`.
    """
    shown: dict[str, Any] = {}
    for key, value in values.items():
        if key.endswith("_cents"):
            shown[key.removesuffix("_cents")] = euro(int(value))
        elif key.endswith("_minutes"):
            shown[key.removesuffix("_minutes")] = hours(int(value))
        elif isinstance(value, date):
            shown[key] = day(value)
        else:
            shown[key] = value
    return gettext(sentence, **shown)


def euro(cents: int | None) -> str:
    """An amount for people: € 1.234,56 in Dutch, €1,234.56 in English."""
    return "" if cents is None else _euro(cents, language())


@lru_cache(maxsize=4096)
def _euro(cents: int, code: str) -> str:
    text: str = format_currency(Decimal(cents) / 100, "EUR", locale=code)
    return text


def foreign(minor: int, code: str) -> str:
    """An amount in another currency, in its smallest unit, for people: USD 45,00 in Dutch, USD 45.00 in English."""
    digits = CURRENCIES[code].digits
    pattern = f"#,##0{'.' if digits else ''}{'0' * digits}"
    text: str = format_decimal(Decimal(minor).scaleb(-digits), pattern, locale=language())
    return f"{code} {text}"


def hours(minutes: int) -> str:
    """Minutes as hours: 7,2 in Dutch, 7.2 in English; 7:13 where that would not be exact."""
    return hours_text(minutes, decimal_comma=language() == "nl")


@lru_cache(maxsize=2048)
def _number(value: Decimal | int, code: str) -> str:
    text: str = format_decimal(value, locale=code)
    return text


def number(value: Decimal | int) -> str:
    """A number in the reader's notation."""
    return _number(value, language())


def decimal(value: object) -> str:
    """A number as it is kept, digit by digit, with the decimal sign of the reader."""
    return str(value).replace(".", ",") if language() == "nl" else str(value)


@lru_cache(maxsize=4096)
def _day(value: date, form: str, code: str) -> str:
    text: str = format_date(value, form, locale=Locale.parse(code))
    return text


def day(value: date | datetime | str | None, form: str = "d MMMM y") -> str:
    """A day in words: 3 maart 2026. A moment is shown as its day in the Netherlands."""
    if not value:
        return ""
    if isinstance(value, str):
        value = date.fromisoformat(value)
    return _day(local_date(value) if isinstance(value, datetime) else value, form, language())


@lru_cache(maxsize=4096)
def _moment(minute: datetime, code: str) -> str:
    form = "d MMM y 'om' HH:mm" if code == "nl" else "d MMM y 'at' HH:mm"
    text: str = format_datetime(minute, form, tzinfo=AMSTERDAM, locale=Locale.parse(code))
    return text


def moment(value: datetime | None) -> str:
    """A moment in words, in Dutch time: 3 mrt 2026 om 14:05."""
    return "" if value is None else _moment(value.replace(second=0, microsecond=0), language())
