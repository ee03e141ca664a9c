"""On which line of a TOML file something stands: `tomllib` reads values and forgets where they were."""

from __future__ import annotations

import re
from collections.abc import Mapping

Path = tuple[str | int, ...]
_TABLE = re.compile(r"^\s*+\[(?!\[)([^\[\]]++)\]\s*+(#.*)?$")
_ARRAY = re.compile(r"^\s*+\[\[([^\[\]]++)\]\]\s*+(#.*)?$")
_KEY = re.compile(r"""^\s*("[^"]*"|'[^']*'|[\w.-]+)\s*=\s*(.*)$""")
_FENCES = ('"""', "'''")


def places(text: str) -> Mapping[Path, int]:
    """The line (from 1) of each table, of each element of an array of tables, and of each key in them."""
    return _Finder().run(text)


def nearest(found: Mapping[Path, int], path: Path) -> int | None:
    """The line of this, or else of what it is in; None when nothing is known of it."""
    while path:
        if path in found:
            return found[path]
        path = path[:-1]
    return None


class _Finder:
    """Goes through the lines, and knows in which table it is."""

    def __init__(self) -> None:
        self._found: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}
        self._here: Path = ()
        self._fence = ""

    def run(self, text: str) -> Mapping[Path, int]:
        for number, line in enumerate(text.splitlines(), start=1):
            if self._fence:
                if self._fence in line:
                    self._fence = ""
            elif match := _ARRAY.match(line):
                self._here = self._element(_split(match[1]))
                self._found[self._here] = number
            elif match := _TABLE.match(line):
                self._here = self._within(_split(match[1]))
                self._found[self._here] = number
            elif match := _KEY.match(line):
                self._found[(*self._here, *_split(match[1]))] = number
                self._fence = next((one for one in _FENCES if match[2].count(one) == 1), "")
        return self._found

    def _within(self, names: list[str]) -> Path:
        """The path of a table, through the last element of each array that it passes."""
        path: Path = ()
        for name in names:
            path = (*path, name)
            if path in self._counts:
                path = (*path, self._counts[path] - 1)
        return path

    def _element(self, names: list[str]) -> Path:
        array = (*self._within(names[:-1]), names[-1])
        self._counts[array] = self._counts.get(array, 0) + 1
        return (*array, self._counts[array] - 1)


def _split(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in dotted.split(".")]
