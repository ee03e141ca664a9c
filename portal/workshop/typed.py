"""Reading a table of a file as somebody wrote it who is no programmer: each value is judged, all that is wrong is told
at once, with where it stands and, for a word that does not exist, the one that was probably meant."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any

from portal.workshop.places import Path, nearest
from portal.workshop.scenario import Words
from workflows.money import MoneyError, parse_euro
from workflows.parties import N_


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something wrong in a file: where, on which line when that is known, and a sentence with its values."""

    where: str
    line: int | None
    sentence: str
    values: Mapping[str, Any] = field(default_factory=dict)
    path: Path = ()


class BadScenario(Exception):
    """A file is no scenario; `wrongs` says all that is wrong with it."""

    def __init__(self, wrongs: Collection[Wrong]) -> None:
        self.wrongs = tuple(wrongs)
        super().__init__("; ".join(f"{one.where}: {one.sentence % dict(one.values)}" for one in self.wrongs))


@dataclass
class Findings:
    """What was found wrong so far, and where things stand in the file."""

    lines: Mapping[Path, int]
    wrongs: list[Wrong] = field(default_factory=list)

    def add(self, path: Path, sentence: str, /, **values: Any) -> None:
        """Something is wrong here."""
        self.wrongs.append(Wrong(spoken(path), nearest(self.lines, path), sentence, values, path))


def spoken(path: Path) -> str:
    """A path as people read it: `cards 3, title`."""
    words: list[str] = []
    for part in path:
        if isinstance(part, int) and words:
            words[-1] = f"{words[-1]} {part + 1}"
        else:
            words.append(str(part))
    return ", ".join(words)


def meant(word: str, known: Collection[str]) -> str:
    """The known word that looks most like this one; empty when none does."""
    return next(iter(get_close_matches(word, list(known), 1, 0.6)), "")


_MISSING = object()


class Table:
    """One table of the file. What is asked of it is judged; what nobody asked for is told by `rest`."""

    def __init__(self, found: Any, path: Path, findings: Findings) -> None:
        self.path, self.findings = path, findings
        self._asked: dict[str, None] = {}
        if not isinstance(found, dict):
            findings.add(path, N_("Here a table of names and values must stand."))
            found = {}
        self.found: dict[str, Any] = found

    def tell(self, name: str, sentence: str, /, **values: Any) -> None:
        """This value is wrong."""
        self.findings.add((*self.path, name) if name else self.path, sentence, **values)

    def _take(self, key: str, default: Any = _MISSING) -> Any:
        self._asked[key] = None
        if key not in self.found:
            if default is _MISSING:
                self.tell(key, N_("“%(key)s” is missing."), key=key)
                return None
            return default
        return self.found[key]

    def text(self, key: str, default: Any = _MISSING, most: int = 2000) -> str:
        """Some text."""
        value = self._take(key, default)
        if isinstance(value, str) and (not value.strip() and default is _MISSING):
            self.tell(key, N_("“%(key)s” is empty. Write some text between the quotes."), key=key)
        elif value is not None and not isinstance(value, str):
            self.tell(key, N_("“%(key)s” must be text: put it between quotes."), key=key)
            return ""
        elif value and len(value) > most:
            self.tell(key, N_("“%(key)s” is too long: use %(most)s characters at most."), key=key, most=most)
        return (value or "").strip()

    def words(self, key: str, default: Any = _MISSING) -> Words:
        """Some text in Dutch, and under the same name with `_en` in English."""
        return Words(self.text(key, default), self.text(f"{key}_en", ""))

    def whole(self, key: str, least: int, most: int, default: Any = _MISSING) -> int:
        """A whole number."""
        value = self._take(key, default)
        if value is None:
            return least
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.tell(
                key, N_("“%(key)s” must be a whole number from %(least)s to %(most)s."), key=key, least=least, most=most
            )
            return most  # what is held against it is then not found wrong because of this as well
        return value

    def number(self, key: str, least: float, most: float, default: Any = _MISSING) -> float:
        """A number, perhaps with a point."""
        value = self._take(key, default)
        if value is None:
            return least
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            self.tell(
                key, N_("“%(key)s” must be a number from %(least)s to %(most)s, with a point: 2.5."),
                key=key, least=least, most=most,
            )  # fmt: skip
            return least
        return float(value)

    def flag(self, key: str) -> bool:
        """True or false; left out is false."""
        value = self._take(key, False)
        if not isinstance(value, bool):
            self.tell(key, N_("“%(key)s” must be true or false, without quotes."), key=key)
            return False
        return value

    def hour(self, key: str, default: str, least: float = 0, most: float = 24) -> float:
        """An hour as people write it: "9:30"."""
        value = self._take(key, default)
        hours, _, minutes = value.partition(":") if isinstance(value, str) else ("", "", "")
        if hours.isdigit() and (minutes or "0").isdigit() and int(minutes or 0) < 60:
            at = int(hours) + int(minutes or 0) / 60
            if least <= at <= most:
                return at
        self.tell(key, N_('“%(key)s” must be an hour in office time between quotes, such as "9:30".'), key=key)
        return least

    def date(self, key: str) -> date | None:
        """A day as TOML writes it."""
        value = self._take(key)
        if value is not None and type(value) is not date:
            self.tell(key, N_("“%(key)s” must be a day without quotes, such as 2026-11-02."), key=key)
            return None
        return value

    def day(self, key: str, least: int, most: int, default: Any = _MISSING) -> Any:
        """So many working days from the card's day, or a day."""
        value = self._take(key, default)
        if type(value) is date or value is None:
            return value
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.tell(
                key, N_("“%(key)s” must be a number of working days from the day of the card, from %(least)s to "
                        "%(most)s, or a day such as 2026-11-02."), key=key, least=least, most=most,
            )  # fmt: skip
            return least
        return value

    def amount(self, key: str, default: Any = _MISSING) -> int | None:
        """An amount as people write it: "12,50"."""
        value = self._take(key, default)
        return None if value is None else self.cents(value, key)

    def cents(self, value: Any, key: str) -> int | None:
        """The amount in this text."""
        try:
            return parse_euro(value, decimal_comma=True)
        except (MoneyError, AttributeError, TypeError):
            self.tell(key, N_('“%(key)s” must be an amount between quotes, such as "12,50".'), key=key)
            return None

    def choice(self, key: str, known: Collection[str], default: Any = _MISSING) -> str:
        """One of these words."""
        value = self.text(key, default)
        if value and value not in known:
            self.unknown(key, value, known)
            return ""
        return value

    def unknown(self, key: str, value: str, known: Collection[str]) -> None:
        """This word is none of those that exist: say which was meant, or which there are."""
        if near := meant(value, known):
            self.tell(key, N_("“%(value)s” does not exist. Did you mean “%(near)s”?"), value=value, near=near)
        else:
            self.tell(
                key, N_("“%(value)s” does not exist. Choose from: %(known)s."), value=value, known=", ".join(known)
            )

    def choices(self, key: str, known: Collection[str]) -> tuple[str, ...]:
        """A list of these words; left out is none."""
        value = self._take(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.tell(key, N_('“%(key)s” must be a list of words, such as ["one", "two"].'), key=key)
            return ()
        for one in value:
            if one not in known:
                self.unknown(key, one, known)
        return tuple(one for one in value if one in known)

    def rows(self, key: str, width: int, default: Any = _MISSING) -> list[list[Any]]:
        """A list of lists of so many values."""
        value = self._take(key, default)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(row, list) and len(row) == width for row in value):
            self.tell(
                key, N_("“%(key)s” must be a list of rows with %(width)s values each between square brackets."),
                key=key, width=width,
            )  # fmt: skip
            return []
        return value

    def table(self, key: str, *, needed: bool = True) -> Table:
        """A table in this one; empty where it may be left out."""
        return Table(self._take(key, _MISSING if needed else {}) or {}, (*self.path, key), self.findings)

    def tables(self, key: str, least: int = 0) -> Iterator[Table]:
        """Every table of a list of tables."""
        value = self._take(key, [])
        if not isinstance(value, list):
            self.tell(key, N_("“%(key)s” must be written as [[%(key)s]], one for each."), key=key)
            value = []
        if len(value) < least:
            self.tell(key, N_("There must be at least %(least)s of “%(key)s”."), key=key, least=least)
        for place, one in enumerate(value):
            yield Table(one, (*self.path, key, place), self.findings)

    def rest(self) -> None:
        """Tell of every name that nobody asked for."""
        for key in self.found:
            if key not in self._asked:
                near = meant(key, self._asked)
                if near:
                    self.tell(key, N_("“%(value)s” does not exist. Did you mean “%(near)s”?"), value=key, near=near)
                else:
                    self.tell(
                        key, N_("“%(value)s” is not known here. Known are: %(known)s."),
                        value=key, known=", ".join(self._asked),
                    )  # fmt: skip
