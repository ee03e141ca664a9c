"""What is printed, as one PDF to keep: PDF/A-2a and PDF/UA-1 together, set by typst in a process of its own.

What is said comes in as data only and never as markup; see `paper.typ`, which knows how it looks and no words.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import typst

from portal.interfaces.confined import run
from portal.interfaces.dossier_pictures import LIMITS, MOST_BYTES, draw

TEMPLATE = Path(__file__).with_name("paper.typ")
PATIENCE = 120.0
"""Seconds that drawing the documents may take, and setting the text."""
WIDTH, HEIGHT = 16.4, 21.0
"""Centimetres within which a picture stays, its caption under it."""
DOTS = 140 / 2.54
"""Dots of a picture in a centimetre, when it fits."""
LONGEST_WORD, LONGEST_IN_TABLE = 64, 22
"""Signs after which a word without an end is broken, so that it stays on the paper."""


class PdfFailed(RuntimeError):
    """The PDF could not be made, or not in time."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a list: what it is, about it, a hash, what was said, and points under it."""

    head: str
    meta: str = ""
    code: str = ""
    quotes: Sequence[str] = ()
    points: Sequence[str] = ()
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Attached:
    """A document to show: how it is called, and its words for one picture of it and for what is not shown.

    `picture` holds `%d` for the page and for the number of pages where there are several.
    """

    name: str
    sha256: str
    media_type: str
    pages: int
    picture: str
    about: str
    not_shown: Mapping[str, str]


@dataclass
class Section:
    """A heading with parts under it."""

    title: str
    parts: list[dict[str, Any]] = field(default_factory=list)
    level: int = 2

    def facts(self, rows: Sequence[tuple[str, str]]) -> Section:
        """Labels with their values; what is empty is left out."""
        known = [[label, value] for label, value in rows if value]
        if known:
            self.parts.append({"kind": "facts", "rows": known})
        return self

    def rows(self, head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float],
             numbers: Sequence[int] = ()) -> Section:  # fmt: skip
        """A table; `numbers` are the columns that stand to the right."""
        cells = [list(row) for row in rows]
        self.parts.append({"kind": "rows", "head": list(head), "rows": cells, "widths": list(widths),
                           "numbers": list(numbers)})  # fmt: skip
        return self

    def entries(self, entries: Sequence[Entry]) -> Section:
        """A list of things."""
        if entries:
            self.parts.append({"kind": "entries", "entries": [asdict(entry) for entry in entries]})
        return self

    def chart(self, svg: str, alt: str, caption: str = "") -> Section:
        """A drawing (SVG) as wide as the text, in words for who does not see it."""
        self.parts.append({"kind": "charts", "svg": svg, "alt": alt, "caption": caption})
        return self

    def text(self, said: str) -> Section:
        """A paragraph."""
        self.parts.append({"kind": "text", "text": said})
        return self


@dataclass(frozen=True)
class Paper:
    """All that the PDF says, in one language."""

    title: str
    author: str
    running: str
    made: str
    made_at: datetime
    lang: str
    sections: Sequence[Section]
    attached: Sequence[Attached] = ()


def written(paper: Paper, store: Path, patience: float = PATIENCE, most_bytes: int = MOST_BYTES) -> IO[bytes]:
    """The PDF as an open file, which is gone when it is closed. Raises PdfFailed."""
    with tempfile.TemporaryDirectory(prefix="paper-") as name:
        folder = Path(name)
        wanted = [{"sha256": one.sha256, "media_type": one.media_type} for one in paper.attached]
        drawn = draw(folder, store, wanted, patience, most_bytes) if wanted else {}
        sections = [*paper.sections, *(_shown(one, drawn.get(one.sha256)) for one in paper.attached)]
        _charts_apart(folder, sections)
        (folder / "told.json").write_text(json.dumps(_told(paper, sections)))
        done = run("portal.interfaces.paper", folder, limits=LIMITS, patience=patience)
        if done.failed:
            raise PdfFailed(done.failed)
        return (folder / "paper.pdf").open("rb")


def _charts_apart(folder: Path, sections: Sequence[Section]) -> None:
    """Each chart in a file of its own; what is told names the file."""
    charts = (part for section in sections for part in section.parts if "svg" in part)
    for at, part in enumerate(charts, 1):
        part["file"] = f"chart-{at}.svg"
        (folder / part["file"]).write_text(part.pop("svg"))


def _shown(one: Attached, drawn: Mapping[str, Any] | None) -> Section:
    section = Section(one.name, level=3).text(one.about)
    row = drawn or {"pictures": [], "why": "not_drawn"}
    pictures = [
        {"file": picture["file"], "alt": words, "caption": words, "width": _width(picture["width"], picture["height"])}
        for at, picture in enumerate(row["pictures"], 1)
        for words in (one.picture % (at, one.pages) if one.pages > 1 else one.picture,)
    ]
    if pictures:
        section.parts.append({"kind": "pictures", "pictures": pictures})
    return section.text(one.not_shown[row["why"]]) if row["why"] else section


def _width(width: int, height: int) -> float:
    return round(min(width / DOTS, WIDTH, HEIGHT * width / height), 2)


def _told(paper: Paper, sections: Sequence[Section]) -> Any:
    at = paper.made_at
    told = {
        "title": paper.title, "author": paper.author, "running": paper.running, "made": paper.made,
        "sections": [asdict(section) for section in sections],
    }  # fmt: skip
    on = [at.year, at.month, at.day, at.hour, at.minute, at.second]
    return _printable(told, paper.lang) | {"lang": paper.lang, "made_on": on, "made_stamp": int(at.timestamp())}


PRINTED = re.compile(
    "[^\n\u0020-\u007e\u00a0-\u00ac\u00ae-\u024f\u02b0-\u02ff\u0391-\u03a1\u03a3-\u03ce\u0400-\u04ff\u1e00-\u1eff"
    "\u2010-\u2027\u202f-\u203a\u2070\u2074-\u208e\u20a0-\u20bf\u2190-\u21ff\u2200-\u22ff\u2500-\u25ff\u2713\u2717]"
)
"""Signs that the letters in the PDF do not have: an archive of this kind may not show a box instead."""


def _printable(value: Any, lang: str, longest: int = LONGEST_WORD) -> Any:
    """The same with every sign that cannot be printed written as its code, and every endless word broken."""
    match value:
        case str():
            plain = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\t", " "))
            plain = PRINTED.sub(lambda sign: f"[U+{ord(sign[0]):04X}]", plain)
            return re.sub(rf"\S{{{longest}}}(?=\S)", lambda word: word[0] + "\n", plain)
        case dict():
            longest = LONGEST_IN_TABLE if value.get("kind") == "rows" else LONGEST_WORD
            # Every list entry says its own language; without one it is that of the whole.
            return {
                key: _printable(each, lang, longest) or (lang if key == "lang" else each) for key, each in value.items()
            }
        case list() | tuple():
            return [_printable(each, lang, longest) for each in value]
        case _:
            return value


def _set(folder: Path) -> None:
    fonts = typst.Fonts(include_system_fonts=False)
    told = (folder / "told.json").read_text()
    main = folder / TEMPLATE.name
    main.write_bytes(TEMPLATE.read_bytes())
    pdf = typst.compile(
        str(main),
        root=str(folder),
        font_paths=fonts,
        sys_inputs={"told": told},
        pdf_standards=["a-2a", "ua-1"],
        timestamp=json.loads(told)["made_stamp"],
    )
    (folder / "paper.pdf").write_bytes(pdf)


if __name__ == "__main__":
    _set(Path(sys.argv[1]))
