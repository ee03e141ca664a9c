"""Searching without minding capitals and diacritics, in the same way on both databases.

SQLite knows the capitals of ASCII only, and a function of our own would have to be called for every row. So what
people search in is kept folded, in a column beside it.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, and_, true

MOST_WORDS = 8
# Letters that Unicode does not take apart into a base letter and a mark.
_SPELLED = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i", "ħ": "h", "ŧ": "t", "ŋ": "n"}
)


def folded(text: str) -> str:
    """A text as it is searched: "Zoë ÇELİK-Straße" is found by "zoe celik-strasse"."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).translate(_SPELLED)


_BEHIND = frozenset({"bv", "nv", "vof", "cv", "ua", "gmbh", "ag", "ltd", "limited", "inc", "sa", "bvba", "sprl"})
_BEFORE = frozenset({"stichting", "vereniging", "cooperatie"})
_NO_LETTER = re.compile(r"[^a-z0-9]+")


def bare_name(text: str) -> str:
    """The name of an organisation as it is compared: "Bakkerij De Vries B.V." is "bakkerij de vries"."""
    words = _NO_LETTER.sub(" ", folded(text).replace(".", "").replace("'", "")).split()
    while len(words) > 1 and words[-1] in _BEHIND:
        words.pop()
    while len(words) > 1 and words[0] in _BEFORE:
        words.pop(0)
    return " ".join(words)


def words_of(text: str) -> list[str]:
    """The words of a text that are searched for, folded."""
    return folded(text).split()[:MOST_WORDS]


def matching(column: Any, text: str) -> ColumnElement[bool]:
    """The SQL condition that each word of a text occurs in a folded column, in any order."""
    return and_(true(), *(column.contains(word, autoescape=True) for word in words_of(text)))


def patterns(text: str) -> list[str]:
    """What each word of a text is compared with by `like`: for statements that are kept, and filled in later."""
    marks = str.maketrans({sign: f"/{sign}" for sign in "/%_"})
    return [f"%{word.translate(marks)}%" for word in words_of(text)]


def like(column: Any, pattern: Any) -> ColumnElement[bool]:
    """The SQL condition that one of the `patterns` fits a folded column."""
    return column.like(pattern, escape="/")  # type: ignore[no-any-return]
